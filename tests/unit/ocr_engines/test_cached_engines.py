"""Every engine answers from the cache exactly as it answered itself."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr.delivery import Raster
from ocr.engine_cache import EngineCache
from ocr.engines import InProcessTesseract, Tesseract, TesseractReader
from ocr.engines.ctc import Frames
from ocr.engines.line_net import WEIGHTS, LineNet, PaddleLine
from ocr.engines.tesseract_inprocess import find_data
from ocr.errors import EngineError
from ocr.imaging import Region, prepare_page
from ocr.line_picture import line_picture
from tests.unit.ocr_imaging import drawings

TesseractMaker = Callable[..., TesseractReader]
NetMaker = Callable[..., LineNet | PaddleLine]


@pytest.fixture(scope="module")
def region() -> Region:
    (found,) = prepare_page(drawings.delivered(drawings.sheet())).regions
    return found


@pytest.fixture
def line(region: Region) -> Raster:
    return np.ascontiguousarray(region.reading[382:430, 100:760])


@pytest.fixture(params=[Tesseract, InProcessTesseract], ids=["program", "library"])
def maker(request: pytest.FixtureRequest) -> TesseractMaker:
    return request.param


@pytest.fixture(params=[LineNet, PaddleLine])
def net(request: pytest.FixtureRequest) -> NetMaker:
    return request.param


def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> str:
        raise EngineError("asked again")

    for kind in (Tesseract, InProcessTesseract):
        monkeypatch.setattr(kind, "_run", silent)


def test_tesseract_is_asked_once_for_a_page_a_line_and_a_probe(
    maker: TesseractMaker, cache: EngineCache, region: Region, line: Raster, monkeypatch: pytest.MonkeyPatch
):
    def answers(engine: TesseractReader) -> tuple[object, ...]:
        return engine.read_page(region), engine.read_line(line), engine.letters_surely_read(line)

    without, first = answers(maker()), answers(maker(cache=cache))
    again = maker(cache=cache)
    silence(monkeypatch)
    assert without == first == answers(again)


def test_tesseract_is_asked_anew_where_anything_differs(
    cache: EngineCache, region: Region, line: Raster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    engine = InProcessTesseract(cache=cache)
    engine.read_page(region)
    engine.read_line(line)
    shutil.copy(find_data("vie") / "vie.traineddata", tmp_path)
    (tmp_path / "vie.traineddata").open("ab").write(b"\0")
    other_model = InProcessTesseract(cache=cache, data=tmp_path)
    silence(monkeypatch)
    assert engine.read_line(line).text
    for ask in (
        lambda: engine.read_page(region, mode=6),
        lambda: engine.read_page(replace(region, dpi=140.0)),
        lambda: engine.read_line(line[1:]),
        lambda: other_model.read_line(line),
        lambda: Tesseract(cache=cache).read_line(line),
    ):
        with pytest.raises(EngineError, match="asked again"):
            ask()
    monkeypatch.setattr("ocr.engines.tesseract_inprocess._library_version", lambda: "9.9")
    with pytest.raises(EngineError, match="asked again"):
        engine.read_line(line)


def test_a_page_that_took_too_long_is_read_the_next_time(cache: EngineCache, region: Region):
    with pytest.raises(EngineError):
        InProcessTesseract(timeout=0.01, cache=cache).read_page(region)
    assert InProcessTesseract(cache=cache).read_page(region).lines


def test_an_engine_takes_its_cache_along_to_another_process(cache: EngineCache, line: Raster):
    engine = pickle.loads(pickle.dumps(InProcessTesseract(cache=cache)))
    told = engine.read_line(line)
    engine._run = None
    assert engine.read_line(line) == told


def same(a: Frames, b: Frames) -> bool:
    told = [(f.alphabet, f.step, f.origin, f.scores.dtype, f.greedy()) for f in (a, b)]
    return told[0] == told[1] and np.array_equal(a.scores, b.scores)


def test_line_recognisers_give_the_same_scores_fresh_kept_and_without_a_cache(
    net: NetMaker, cache: EngineCache, line: Raster, monkeypatch: pytest.MonkeyPatch
):
    prepared = line_picture(line, line, 0, 0)
    shown = [prepared.ink, prepared.paper, np.full((40, 300), 255, np.uint8)]
    without, first = net().recognise(shown), net(cache=cache).recognise(shown)
    again = net(cache=cache)

    def silent(*_: object) -> None:
        raise EngineError("asked again")

    monkeypatch.setattr("ocr.engines.line_net._run", silent)
    kept = again.recognise(shown)
    assert all(map(same, without, first))
    assert all(map(same, first, kept))
    with pytest.raises(EngineError, match="asked again"):
        again.recognise([shown[0][:-1]])


def test_other_weights_are_asked_anew(cache: EngineCache, line: Raster, tmp_path: Path):
    for ending in (".onnx", ".json"):
        shutil.copy(WEIGHTS / f"line_reader{ending}", tmp_path)
    LineNet(cache=cache).recognise([line])
    before = cache_rows(tmp_path)
    with (tmp_path / "line_reader.onnx").open("ab") as model:
        model.write(b"\x12\x01x")  # another name of the program that made it
    LineNet(tmp_path / "line_reader.onnx", cache=cache).recognise([line])
    assert cache_rows(tmp_path) == before + 1


def cache_rows(folder: Path) -> int:
    with sqlite3.connect(folder / "cache" / "engines" / "answers.sqlite") as connection:
        return int(connection.execute("select count(*) from answers").fetchone()[0])
