"""Tesseract answers alike whether it runs as a program or inside this process."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.delivery import Raster
from ocr.engines import Engine, InProcessTesseract, Tesseract, TesseractReader, default_tesseract
from ocr.engines.tesseract_inprocess import find_data
from ocr.errors import EngineError
from ocr.imaging import Region, prepare_page
from tests.unit.ocr_imaging import drawings

Maker = Callable[..., TesseractReader]
NAME = "Nguyễn Thị Hồng Nhung"


@pytest.fixture(scope="module")
def region() -> Region:
    (found,) = prepare_page(drawings.delivered(drawings.sheet())).regions
    return found


@pytest.fixture
def line(region: Region) -> Raster:
    return np.ascontiguousarray(region.reading[382:430, 100:760])


@pytest.fixture(params=[Tesseract, InProcessTesseract], ids=["program", "library"])
def maker(request: pytest.FixtureRequest) -> Maker:
    return request.param


def test_words_of_a_page_lie_around_their_ink_and_are_nfc(maker: Maker, region: Region) -> None:
    engine: Engine = maker()
    text = engine.read_page(region)
    assert NAME in text.text
    assert unicodedata.is_normalized("NFC", text.text)
    assert text.engine == f"{engine.name} {engine.version}"
    assert (text.width, text.height) == (region.width, region.height)
    word = next(w for w in text.words() if w.text == "Nhung")
    left, top, right, bottom = word.box
    assert 500 < left < right < 720
    assert 380 < top < bottom < 430
    assert region.reading[top:bottom, left:right].min() < 80
    assert 0.5 < word.confidence <= 1


def test_a_fine_scan_is_read_smaller_and_its_boxes_are_still_the_scans(maker: Maker, region: Region) -> None:
    fine = cv2.resize(region.reading, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    large = replace(region, image=cv2.merge([fine] * 3), reading=fine, dpi=region.dpi * 3)
    text = maker().read_page(large)
    assert NAME in text.text
    left, top, right, bottom = next(w for w in text.words() if w.text == "Nhung").box
    assert 1500 < left < right < 2160
    assert 1140 < top < bottom < 1290
    assert fine[top:bottom, left:right].min() < 80
    assert all(w.box[2] <= large.width and w.box[3] <= large.height for w in text.words())


def test_what_is_typed_on_dotted_leaders_is_not_skipped(maker: Maker) -> None:
    image = drawings.sheet()
    for row in range(len(drawings.LINES)):
        image[150 + 90 * row, 120:1120:5] = 40
        image[151 + 90 * row, 120:1120:5] = 40
    (region,) = prepare_page(drawings.delivered(image)).regions
    text = maker().read_page(region).text
    assert sum(line in text for line in drawings.LINES) >= len(drawings.LINES) - 3


def test_a_line_is_read_with_confidence_and_boxes_in_its_own_pixels(maker: Maker, line: Raster) -> None:
    reading = maker().read_line(line)
    assert NAME in reading.text
    assert 0.5 < reading.confidence <= 1
    assert all(0 <= w.box[0] < w.box[2] <= line.shape[1] for w in reading.words)


def test_a_picture_of_lines_is_read_one_way_up_only(maker: Maker, region: Region) -> None:
    engine = maker()
    sheet = np.ascontiguousarray(region.reading[300:800])
    upside_down = np.asarray(cv2.rotate(sheet, cv2.ROTATE_180), np.uint8)
    assert engine.letters_surely_read(sheet) > 60
    assert engine.letters_surely_read(sheet) > 5 * engine.letters_surely_read(upside_down)


def test_the_answer_does_not_depend_on_what_was_read_before(
    maker: Maker, region: Region, line: Raster
) -> None:
    engine = maker()
    first = engine.read_page(region), engine.read_line(line)
    engine.read_line(np.ascontiguousarray(region.reading[560:600]))
    assert (engine.read_page(region), engine.read_line(line)) == first


def test_an_empty_line_is_nothing_and_an_empty_page_has_no_words(maker: Maker, region: Region) -> None:
    engine = maker()
    assert engine.read_line(np.full((40, 300), 240, np.uint8)).text == ""
    assert not list(engine.read_page(replace(region, reading=np.full_like(region.reading, 255))).words())


def test_a_page_that_takes_too_long_is_an_engine_error(maker: Maker, region: Region) -> None:
    with pytest.raises(EngineError, match="1240x1754"):
        maker(timeout=0.01).read_page(region)


def test_after_an_error_the_next_page_is_read(maker: Maker, region: Region, line: Raster) -> None:
    engine = maker(timeout=0.2)
    with pytest.raises(EngineError):
        engine.read_page(replace(region, reading=np.vstack([region.reading] * 8)))
    engine = maker()
    assert NAME in engine.read_line(line).text


def test_a_missing_model_is_an_engine_error(maker: Maker, line: Raster) -> None:
    with pytest.raises(EngineError):
        maker("xxx").read_line(line)


def test_both_read_nearly_the_same_words(region: Region) -> None:
    words = [
        [w.text for w in engine().read_page(region).words()] for engine in (Tesseract, InProcessTesseract)
    ]
    assert SequenceMatcher(None, *words).ratio() > 0.95


def _read(engine: TesseractReader, line: Raster) -> str:
    return engine.read_line(line).text


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_library_can_be_handed_to_another_process_after_use(method: str, line: Raster) -> None:
    engine = InProcessTesseract()
    here = engine.read_line(line).text
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(_read, (engine, line)) == here


def test_the_library_survives_pickling_and_threads(line: Raster) -> None:
    engine = pickle.loads(pickle.dumps(InProcessTesseract()))
    told: list[str] = []
    threads = [
        threading.Thread(target=lambda: told.extend(_read(engine, line) for _ in range(20))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [engine.read_line(line).text] * 60


def test_the_library_is_preferred_and_the_program_is_there_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert isinstance(default_tesseract(), InProcessTesseract)

    def missing() -> None:
        raise EngineError("tesserocr cannot be loaded")

    monkeypatch.setattr("ocr.engines.tesseract_inprocess._library", missing)
    assert type(default_tesseract()) is Tesseract


def test_the_models_are_found_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vie.traineddata").write_bytes(b"")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert find_data("vie") == tmp_path
    with pytest.raises(EngineError, match="apt-get install tesseract-ocr-xyz"):
        find_data("xyz")
    # a broken model is told when it is first used
    with pytest.raises(EngineError):
        InProcessTesseract().read_line(np.tile(np.arange(0, 250, 5, np.uint8), (40, 4)))
