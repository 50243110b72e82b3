"""What worker and desk have in common: they are this product, run with the supervisor's settings."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pipeline.configuration import BESIDE_SETTINGS, PREFIX, Settings
from pipeline.one_thread import ONE_THREAD


def application_environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """Give the environment in which a child process loads exactly these settings.

    Args:
        settings: the supervisor's settings.
        inherited: the supervisor's own environment; its SOHOA variables are replaced.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.startswith(PREFIX) or name in BESIDE_SETTINGS
    }
    return {
        **kept,
        **settings.as_environment(),
        "DJANGO_SETTINGS_MODULE": "pipeline.settings",
        **ONE_THREAD,
        "PYTHONUNBUFFERED": "1",
        "PATH": inherited.get("PATH", os.defpath),
    }
