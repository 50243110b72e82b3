"""Whether the servers of a data folder run is told by the folder's own lock."""

from pathlib import Path

import pytest

from pipeline import doctor
from pipeline.embedded import lock


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SOHOA_DATA_DIR", str(tmp_path))
    # programs are not what is looked for here, and asking each for its version takes seconds
    monkeypatch.setattr(doctor, "_told", lambda argv, pattern: "")
    return tmp_path


def running() -> tuple[bool, str, str]:
    (line,) = [c for c in doctor.examine() if c.key == "running"]
    return line.ok, line.found, line.next_step


def test_the_lock_tells_that_servers_run_and_its_end_that_they_do_not(data: Path):
    stopped = (False, "", "sohoa up")
    assert running() == stopped
    with lock.acquire(data):
        assert running() == (True, "đang chạy", "")
    assert (data / "run" / "lock").exists()
    assert running() == stopped
