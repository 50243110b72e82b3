"""A scanner's folder is emptied into the system; nothing in it is ever deleted."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.models import Delivery, Scan
from pipeline.receive import ReceiveLimits, Reception
from pipeline.watching import WatchedFolder
from tests.stages.conftest import ROOT
from tests.stages.holdings import make_batch, make_office, picture

TODAY = date(2026, 3, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "máy quét"
    made.mkdir()
    return made


@pytest.fixture
def reception(equipment, broker) -> Reception:
    return Reception(make_batch(), make_office(), "lan", equipment.vault, ReceiveLimits())


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_file_is_taken_only_when_it_has_stopped_growing(folder):
    watched = WatchedFolder(folder, 10)
    scan = folder / "trang 1.jpg"
    scan.write_bytes(b"a")
    assert watched.at_rest(0) == []
    scan.write_bytes(b"ab")
    assert watched.at_rest(9) == []
    assert watched.at_rest(18) == []
    assert watched.at_rest(19) == [scan]


def test_half_written_hidden_and_side_files_and_links_are_left_alone(folder, tmp_path):
    for name in (".a.jpg", "b.jpg.part", "~c.jpg", "d.xml"):
        (folder / name).write_bytes(b"x")
    (folder / "link.jpg").symlink_to(tmp_path)
    watched = WatchedFolder(folder, 0)
    assert watched.at_rest(0) == []
    assert not watched.is_waiting


def test_what_was_received_is_moved_aside_with_its_folder_and_keeps_earlier_files(folder, reception):
    watched = WatchedFolder(folder, 0)
    for seed in (21, 22):
        (folder / "sổ").mkdir(exist_ok=True)
        (folder / "sổ" / "1.jpg").write_bytes(picture(seed))
        receipts = list(watched.take(watched.at_rest(0), reception, TODAY))
        assert [(r.path, r.code) for r in receipts] == [("sổ/1.jpg", "")]
    assert names(folder) == {"da-nhan/2026-03-01/sổ/1.jpg", "da-nhan/2026-03-01/sổ/1 (2).jpg"}
    assert watched.at_rest(0) == []


def test_a_file_of_which_nothing_is_kept_goes_to_a_folder_of_its_own(folder, reception):
    (folder / "0.jpg").write_bytes(b"")
    watched = WatchedFolder(folder, 0)
    assert [r.code for r in watched.take(watched.at_rest(0), reception, TODAY)] == ["EMPTY_FILE"]
    assert names(folder) == {"khong-nhan-duoc/2026-03-01/0.jpg"}


def test_a_file_written_again_while_it_was_received_stays_for_the_next_look(folder, reception, monkeypatch):
    scan = folder / "1.jpg"
    scan.write_bytes(picture(23))
    watched = WatchedFolder(folder, 0)
    ready = watched.at_rest(0)
    taken = watched.take(ready, reception, TODAY)
    next(taken)
    scan.write_bytes(picture(24) + b"more")
    assert list(taken) == []
    assert names(folder) == {"1.jpg"}
    assert watched.at_rest(1) == [scan]


def test_a_kill_before_the_move_leads_to_a_repeat_and_not_to_a_second_scan(folder, reception):
    (folder / "1.jpg").write_bytes(picture(25))
    first = WatchedFolder(folder, 0)
    next(first.take(first.at_rest(0), reception, TODAY))  # and never goes on
    second = WatchedFolder(folder, 0)
    assert [r.code for r in second.take(second.at_rest(0), reception, TODAY)] == ["DUPLICATE"]
    assert Scan.objects.count() == 1
    assert names(folder) == {"da-nhan/2026-03-01/1.jpg"}


@pytest.mark.django_db(transaction=True)
def test_the_command_receives_what_lies_there_and_ends_when_asked_to(servers, equipment, broker, folder):
    (folder / "1.jpg").write_bytes(picture(26))
    start = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    done = subprocess.run(
        [*start, "watch", str(folder), "--once", "--quiet", "0.2", "--json"],
        env=servers.environment(), cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["path"], told["code"]) == ("1.jpg", None)
    assert Delivery.objects.get().scan_id is not None
    assert not (folder / "1.jpg").exists()
