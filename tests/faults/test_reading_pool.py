"""One file that takes its reader along never costs the others of the batch."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline import reading_pool
from tests.faults.readers import read_or_be_killed

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize(("jobs", "names"), [(2, ["a", "poison-b", "c"]), (1, ["poison-a", "b", "poison-c"])])
def test_a_killed_reader_is_told_and_all_other_files_are_read(
    names: list[str], jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading_pool, "_read", read_or_be_killed)
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_bytes(path.name.encode())
    told: list[str] = []
    readings = reading_pool.read_files(paths, jobs=jobs, on_done=lambda r: told.append(r.name))
    assert [r.name for r in readings] == [str(p) for p in paths]
    assert sorted(told) == sorted(r.name for r in readings)
    for reading, path in zip(readings, paths, strict=True):
        if "poison" in path.name:
            assert reading.error is not None
            assert reading.error[0] == "READER_CRASHED"
            assert reading.error[1].endswith(".")
        else:
            assert reading.error is None
        assert reading.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_no_files_are_read_to_nothing():
    assert reading_pool.read_files([], jobs=4) == []
