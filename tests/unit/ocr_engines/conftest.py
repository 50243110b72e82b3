"""A cache for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.engine_cache import EngineCache
from tests.unit.ocr_engines.caches import ROOMY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "engines"


@pytest.fixture
def cache(folder: Path) -> EngineCache:
    return EngineCache(folder, ROOMY)
