"""Pixels are read once, and the answer is the same ever after."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocr.engine_cache import EngineCache, answer_key, kept_or_asked, model_digest
from ocr.errors import EngineError
from tests.unit.ocr_engines.caches import ASKED, DAY, PICTURE, ROOMY, Clock, Engine, key, noise, rows, told


def test_the_second_time_nobody_is_asked(cache: EngineCache):
    engine = Engine("Nguyễn Thị Hồng Nhung".encode())
    assert [told(cache, engine) for _ in range(3)] == ["Nguyễn Thị Hồng Nhung"] * 3
    assert engine.asked == 1


def test_an_empty_answer_is_an_answer(cache: EngineCache):
    engine = Engine(b"")
    assert [told(cache, engine), told(cache, engine)] == ["", ""]
    assert engine.asked == 1


@pytest.mark.parametrize("part", range(len(ASKED)))
def test_another_engine_version_model_or_parameter_is_asked_anew(cache: EngineCache, part: int):
    engine = Engine()
    told(cache, engine)
    told(cache, engine, asked=(*ASKED[:part], "another", *ASKED[part + 1 :]))
    assert engine.asked == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda p: np.where(np.arange(600).reshape(20, 30) == 599, p ^ 1, p).astype(np.uint8),
        lambda p: p.reshape(30, 20),
        lambda p: np.ascontiguousarray(p.T),
        lambda p: p[:-1],
        lambda p: p.astype(np.uint16),
    ],
    ids=["one bit", "shape", "turned", "cut", "depth"],
)
def test_another_picture_is_read_anew(cache: EngineCache, change: Callable[[np.ndarray], np.ndarray]):
    engine = Engine()
    told(cache, engine)
    told(cache, engine, picture=change(PICTURE))
    assert engine.asked == 2


def test_the_same_pixels_are_the_same_picture_however_they_lie_in_memory(cache: EngineCache):
    engine = Engine()
    told(cache, engine)
    wide = np.zeros((20, 60), np.uint8)
    wide[:, ::2] = PICTURE
    told(cache, engine, picture=wide[:, ::2])
    assert engine.asked == 1


def test_parts_of_a_key_do_not_run_into_each_other():
    assert answer_key(PICTURE, "a", "bc") != answer_key(PICTURE, "ab", "c")


def test_failures_are_not_kept(cache: EngineCache):
    engine = Engine(None)
    for _ in range(2):
        with pytest.raises(EngineError, match="too long"):
            told(cache, engine)
    rubbish = Engine(b"\xff")
    for _ in range(2):
        with pytest.raises(UnicodeDecodeError):
            told(cache, rubbish)
    assert (engine.asked, rubbish.asked) == (2, 2)


def test_a_kept_answer_that_makes_no_sense_is_asked_for_again(cache: EngineCache):
    cache.put(answer_key(PICTURE, *ASKED), b"\xff")
    engine = Engine()
    assert [told(cache, engine), told(cache, engine)] == ["answer"] * 2
    assert engine.asked == 1


def test_without_a_cache_the_engine_is_always_asked():
    engine = Engine()
    for _ in range(2):
        kept_or_asked(None, PICTURE, ASKED, engine, bytes.decode)
    assert engine.asked == 2


def test_the_folder_is_closed_to_other_users_and_passed_over_by_backups(cache: EngineCache, folder: Path):
    folder.mkdir(parents=True, mode=0o755)
    cache.put(key(1), b"x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_what_was_used_longest_ago_makes_room(folder: Path):
    clock = Clock()
    cache = EngineCache(folder, 2 * 2**20, clock=clock)
    for n in range(800):
        cache.put(key(n), noise(n))
        clock.now += 60
        if n % 50 == 0:
            assert cache.get(key(0)) == noise(0)
    assert cache.get(key(799)) == noise(799)
    assert cache.get(key(0)) == noise(0)
    assert cache.get(key(1)) is None
    assert 100 < rows(folder) < 300
    del cache
    assert (folder / "answers.sqlite").stat().st_size < 2.5 * 2**20


def test_a_smaller_size_gives_the_disk_back(folder: Path):
    large = EngineCache(folder, ROOMY)
    for n in range(400):
        large.put(key(n), noise(n))
    EngineCache(folder, 2**20).tidy(30 * DAY)
    assert (folder / "answers.sqlite").stat().st_size < 1.2 * 2**20


def test_old_answers_go_however_often_they_are_used_and_nothing_of_them_stays_on_the_disk(folder: Path):
    clock = Clock()
    cache = EngineCache(folder, ROOMY, clock=clock)
    cache.put(key(1), b"Ksor H'Bin " + noise(1))
    clock.now += 20 * DAY
    cache.put(key(2), noise(2))
    clock.now += 10 * DAY
    assert cache.get(key(1))
    assert cache.tidy(30 * DAY) == 1
    assert (cache.get(key(1)), cache.get(key(2))) == (None, noise(2))
    on_disk = b"".join(path.read_bytes() for path in folder.iterdir())
    assert noise(1)[:64] not in on_disk
    assert noise(2)[:64] in on_disk


def test_tidying_makes_no_cache_where_there_is_none(cache: EngineCache, folder: Path):
    assert cache.tidy(DAY) == 0
    cache.erase()
    assert not folder.exists()


def test_an_erased_cache_leaves_nothing_and_may_be_used_again(cache: EngineCache, folder: Path):
    cache.put(key(1), b"x")
    cache.erase()
    assert not folder.exists()
    cache.put(key(2), b"y")
    assert (cache.get(key(1)), cache.get(key(2))) == (None, b"y")


def test_a_deleted_folder_is_noticed(folder: Path):
    cache = EngineCache(folder, ROOMY)
    cache.put(key(0), b"x")
    shutil.rmtree(folder)
    for n in range(100):
        cache.put(key(n), b"x")
    assert rows(folder) > 30


def test_a_model_is_known_by_its_bytes(tmp_path: Path):
    model = tmp_path / "model"
    model.write_bytes(b"one")
    first = model_digest(model)
    model.write_bytes(b"two!")
    assert model_digest(model) != first
    with pytest.raises(EngineError, match="install Sohoa again"):
        model_digest(tmp_path / "missing")
