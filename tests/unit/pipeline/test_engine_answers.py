"""An installation keeps what its engines answered as its settings say, and reads the same from it."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ocr.engine_cache import EngineCache
from ocr.engines import InProcessTesseract, Tesseract
from ocr.errors import EngineError
from pipeline import sweeper
from pipeline.configuration import Settings, load_settings
from pipeline.engine_answers import cache_folder, open_cache, tidy_cache
from pipeline.reading import ScanReading, open_reader, read_scan
from pipeline.reading_pool import read_files

SAMPLES = Path(__file__).parents[3] / "samples" / "items"
REGISTER_PAGE = SAMPLES / "sample-008-kh-sheet" / "scan.jpg"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return load_settings(data_dir=tmp_path / "data")


def age(cache: EngineCache, days: int) -> None:
    made = int(time.time() - days * 86_400)
    cache._connection().execute("update answers set made = ?", (made,))


def read(settings: Settings) -> ScanReading:
    reader = open_reader(settings, open_cache(settings))
    return replace(read_scan(REGISTER_PAGE, name="page", reader=reader), seconds={})


def test_a_page_read_again_gives_the_same_records_and_asks_no_engine(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    fresh, first = read(settings.model_copy(update={"engine_cache_mb": 0})), read(settings)

    def silent(*_: object, **__: object) -> str:
        raise EngineError("asked again")

    for kind in (Tesseract, InProcessTesseract):
        monkeypatch.setattr(kind, "_run", silent)
    monkeypatch.setattr("ocr.engines.line_net._run", silent)
    again = read(settings)
    assert first.records
    assert any(field.value for field in first.records[0].fields.values())
    assert fresh == first == again


def test_the_folder_lies_in_the_data_folder_and_is_this_users_alone(settings: Settings):
    cache = open_cache(settings)
    assert cache is not None
    cache.put(b"key", b"answer")
    assert cache_folder(settings).is_relative_to(settings.data_dir)
    assert stat.S_IMODE(cache_folder(settings).stat().st_mode) == 0o700


def test_no_data_folder_is_made_for_the_sake_of_the_cache(tmp_path: Path):
    settings = load_settings(data_dir=tmp_path / "none")
    assert open_cache(settings) is None
    tidy_cache(settings)
    tidy_cache(settings.model_copy(update={"engine_cache_mb": 0}))
    assert not settings.data_dir.exists()


def test_old_answers_are_forgotten_and_young_ones_stay(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    cache = open_cache(settings)
    assert cache is not None
    cache.put(b"key", b"answer")
    tidy_cache(settings)
    assert cache.get(b"key") == b"answer"
    tidy_cache(settings.model_copy(update={"engine_cache_days": 1}))
    assert cache.get(b"key") == b"answer"
    age(cache, days=31)
    tidy_cache(settings)
    assert cache.get(b"key") is None


def test_what_is_switched_off_leaves_nothing_behind(settings: Settings):
    cache = open_cache(settings)
    assert cache is not None
    cache.put(b"key", b"answer")
    off = settings.model_copy(update={"engine_cache_mb": 0})
    assert open_cache(off) is None
    tidy_cache(off)
    assert not cache_folder(settings).exists()


@pytest.mark.parametrize("fresh", [True, False])
def test_files_are_read_through_the_cache_unless_they_are_to_be_read_fresh(
    settings: Settings, fresh: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOHOA_DATA_DIR", str(settings.data_dir))
    (reading,) = read_files([REGISTER_PAGE], jobs=1, fresh=fresh)
    assert reading.records
    assert (cache_folder(settings) / "answers.sqlite").exists() is not fresh


def test_the_sweeper_forgets_what_is_old(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    cache = open_cache(settings)
    assert cache is not None
    cache.put(b"key", b"answer")
    age(cache, days=31)
    monkeypatch.setattr(sweeper.settings, "SOHOA", settings)
    monkeypatch.setattr(sweeper, "sweep", sweeper.Sweep)
    monkeypatch.setattr(sweeper.outbox, "forget_sent", int)
    monkeypatch.setattr(sweeper, "forget_delivered", int)
    monkeypatch.setattr(os, "getppid", iter([1, 2]).__next__)
    sweeper.run_forever(1, sleep=lambda _: None)
    assert cache.get(b"key") is None
