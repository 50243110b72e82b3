"""Reads the tables that stand beside the code in ``data/``."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``data/<name>`` (UTF-8 CSV with a header)."""
    text = (resources.files("validators") / "data" / name).read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))
