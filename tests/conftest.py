"""Every test may ask for a real server; it is started when the first test asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

pytest_plugins = ["tests.servers.fixtures"]

_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep tests away from a data folder in which someone works; hash their passwords in no time."""
    from django.conf import settings
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    from pipeline.configuration import load_settings

    PBKDF2PasswordHasher.iterations = 1000

    folder = Path(tempfile.mkdtemp(prefix="sohoa-test-data-"))
    config.stash[_FOLDER] = folder
    os.environ["SOHOA_DATA_DIR"] = str(folder)
    settings.SOHOA = load_settings(data_dir=folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)
