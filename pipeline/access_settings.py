"""The settings of who gets in."""

from __future__ import annotations

from typing import Literal

RoleName = Literal["scanner", "keyer", "verifier", "registrar", "supervisor", "auditor", "administrator"]
"""Values of `pipeline.people.models.Role`, which can be imported only once Django has these settings."""
