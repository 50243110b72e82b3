"""Processes that share a cache, crash, and find it broken read on as if there were none."""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr.engine_cache import EngineCache
from tests.unit.ocr_engines.caches import DAY, ROOMY, Engine, key, noise, rows, told

WRITER = """
import sys
from pathlib import Path
from ocr.engine_cache import EngineCache
from tests.unit.ocr_engines.caches import key, noise
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
from ocr.engine_cache import EngineCache
from tests.unit.ocr_engines.caches import *
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
