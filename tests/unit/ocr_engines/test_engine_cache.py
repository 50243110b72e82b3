"""Pixels are read once, the answer is the same ever after, and no trouble of the cache stops reading."""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ocr.engine_cache import EngineCache, answer_key, kept_or_asked, model_digest
from ocr.errors import EngineError

PICTURE = np.arange(600, dtype=np.uint8).reshape(20, 30)
ASKED = ("tesseract-vie", "5.3.0", "digest of the model", "psm 7")
DAY = 86_400.0
ROOMY = 64 * 2**20


class Engine:
    """Counts how often it is asked; fails where it has nothing to say."""

    def __init__(self, answer: bytes | None = b"answer") -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if self.answer is None:
            raise EngineError("took too long")
        return self.answer


class Clock:
    """Seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "engines"


@pytest.fixture
def cache(folder: Path) -> EngineCache:
    return EngineCache(folder, ROOMY)


def told(cache: EngineCache, engine: Engine, picture: np.ndarray = PICTURE, asked: tuple[str, ...] = ASKED):
    return kept_or_asked(cache, picture, asked, engine, bytes.decode)


def key(number: int) -> bytes:
    return answer_key(PICTURE, str(number))


def noise(number: int, size: int = 8192) -> bytes:
    return np.random.default_rng(number).bytes(size)


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "answers.sqlite") as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        return int(connection.execute("select count(*) from answers").fetchone()[0])


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


WRITER = """
import sys
from pathlib import Path
from tests.unit.ocr_engines.test_engine_cache import EngineCache, key, noise
cache = EngineCache(Path(sys.argv[1]), 1 << 26)
print("begun", flush=True)
for n in range(int(sys.argv[2]), int(sys.argv[3])):
    cache.put(key(n), noise(n, 500))
    assert cache.get(key(n)) == noise(n, 500), n
"""


def writer(folder: Path, first: int, last: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(folder), str(first), str(last)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


def test_two_processes_write_at_once_and_lose_nothing(folder: Path):
    both = [writer(folder, 0, 600), writer(folder, 300, 900)]
    assert [process.wait(60) for process in both] == [0, 0]
    cache = EngineCache(folder, ROOMY)
    assert all(cache.get(key(n)) == noise(n, 500) for n in range(900))


def test_a_killed_writer_leaves_a_sound_file(folder: Path):
    process = writer(folder, 0, 1_000_000)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    kept = rows(folder)
    cache = EngineCache(folder, ROOMY)
    assert kept > 10
    assert all(cache.get(key(n)) == noise(n, 500) for n in range(kept))


def test_threads_forks_and_pickles_share_the_answers(cache: EngineCache):
    cache.put(key(1), b"x")
    found: list[bytes | None] = []
    thread = threading.Thread(target=lambda: found.append(cache.get(key(1))))
    thread.start()
    thread.join()
    assert [*found, pickle.loads(pickle.dumps(cache)).get(key(1))] == [b"x", b"x"]
    if (child := os.fork()) == 0:
        cache.put(key(2), b"y")
        os._exit(0 if cache.get(key(1)) == b"x" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert cache.get(key(2)) == b"y"


@pytest.mark.parametrize("damage", ["rubbish", "cut", "middle"])
def test_a_damaged_file_is_told_once_and_begun_anew(
    folder: Path, damage: str, caplog: pytest.LogCaptureFixture
):
    cache = EngineCache(folder, ROOMY)
    for n in range(200):
        cache.put(key(n), noise(n))
    cache.tidy(DAY)
    cache = EngineCache(folder, ROOMY)
    file = folder / "answers.sqlite"
    data = file.read_bytes()
    harmed = {
        "rubbish": b"no database at all " * 1000,
        "cut": data[: len(data) // 3],
        "middle": data[:4096] + noise(1, 200_000) + data[204_096:],
    }
    file.write_bytes(harmed[damage])
    for n in range(200):
        assert cache.get(key(n)) in (None, noise(n))
        cache.put(key(n), noise(n))
    assert all(cache.get(key(n)) == noise(n) for n in range(190, 200))
    assert rows(folder) > 0
    assert sum("reading goes on without it" in r.message for r in caplog.records) <= 2
    assert caplog.records


def test_a_file_of_another_layout_is_begun_anew(cache: EngineCache, folder: Path):
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / "answers.sqlite") as connection:
        connection.executescript("create table answers (other text); pragma user_version = 99;")
    cache.put(key(1), b"x")
    assert cache.get(key(1)) == b"x"


def test_an_answer_that_rotted_on_the_disk_is_asked_for_again(cache: EngineCache, folder: Path):
    engine = Engine(noise(1).hex().encode())
    told(cache, engine)
    with sqlite3.connect(folder / "answers.sqlite") as connection:
        (answer,) = connection.execute("select answer from answers").fetchone()
        connection.execute("update answers set answer = ?", (answer[:-9] + bytes(9),))
    assert told(cache, engine) == noise(1).hex()
    assert engine.asked == 2


@pytest.fixture
def reached_by_all() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sohoa-cache-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


NOBODY = """
import logging, os, resource, sys
from pathlib import Path
from tests.unit.ocr_engines.test_engine_cache import *
logging.basicConfig(format="%(message)s")
"""


def outside(program: str, *arguments: str, **how: object) -> subprocess.CompletedProcess[str]:
    """Run a program of its own; its logs are on its standard error."""
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", NOBODY + program, *arguments],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        **how,
    )


def test_reading_goes_on_where_the_folder_may_not_be_written_and_says_so_once(reached_by_all: Path):
    program = """
if os.geteuid() == 0:
    os.setuid(65534)
cache, engine = EngineCache(Path(sys.argv[1]), ROOMY), Engine()
assert [told(cache, engine) for _ in range(3)] == ["answer"] * 3
assert engine.asked == 3
"""
    reached_by_all.chmod(0o555)
    done = outside(program, str(reached_by_all))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("reading goes on without it") == 1
    assert not list(reached_by_all.iterdir())


def test_reading_goes_on_where_the_folder_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").write_bytes(b"")
    cache, engine = EngineCache(tmp_path / "file" / "cache", ROOMY), Engine()
    assert [told(cache, engine) for _ in range(3)] == ["answer"] * 3
    assert engine.asked == 3
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert cache.tidy(DAY) == 0


def test_reading_goes_on_where_the_disk_takes_no_more_and_what_was_kept_stays(folder: Path):
    program = """
cache = EngineCache(Path(sys.argv[1]), ROOMY)
cache.put(key(0), b"kept")
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
for n in range(1, 600):
    engine = Engine(str(n).encode() + noise(n).hex().encode())
    assert told(cache, engine, asked=(str(n),)).startswith(str(n))
"""
    done = outside(program, str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("reading goes on without it") == 1
    assert EngineCache(folder, ROOMY).get(key(0)) == b"kept"
    assert rows(folder) > 10


def test_a_cache_that_failed_is_tried_again_later(folder: Path, monkeypatch: pytest.MonkeyPatch):
    folder.parent.mkdir()
    folder.write_bytes(b"in the way")
    cache = EngineCache(folder, ROOMY)
    cache.put(key(1), b"x")
    folder.unlink()
    cache.put(key(1), b"x")
    assert not folder.exists()
    later = time.monotonic() + 3600
    monkeypatch.setattr("ocr.engine_cache.time.monotonic", lambda: later)
    cache.put(key(1), b"x")
    assert cache.get(key(1)) == b"x"


def test_a_model_is_known_by_its_bytes(tmp_path: Path):
    model = tmp_path / "model"
    model.write_bytes(b"one")
    first = model_digest(model)
    model.write_bytes(b"two!")
    assert model_digest(model) != first
    with pytest.raises(EngineError, match="install Sohoa again"):
        model_digest(tmp_path / "missing")
