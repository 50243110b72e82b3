"""`sohoa process` from files on a disk to locked copies, with bad files among the good ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.exit_codes import ExitCode
from pipeline.models import Event, Record, SealedCopy
from tests.faults import hostile
from tests.stages.conftest import ROOT

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

DECISION = ROOT / "samples" / "items" / "sample-013-land-decision" / "scan.pdf"


@pytest.fixture
def process(servers, broker):
    def run(*arguments: object) -> tuple[int, dict, str]:
        start = [sys.executable, "-c", "from pipeline.cli import main; main()", "process"]
        done = subprocess.run(
            [*start, *map(str, arguments), "--json"],
            env=servers.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr

    return run


def test_a_folder_with_bad_files_is_carried_to_locked_copies_and_a_second_time_changes_nothing(
    process, tmp_path: Path
):
    (tmp_path / "1-quyet-dinh.pdf").write_bytes(DECISION.read_bytes())
    (tmp_path / "2-torn.jpg").write_bytes(hostile.jpeg()[:3000])
    (tmp_path / "3-empty.pdf").write_bytes(b"")
    code, told, said = process(tmp_path, "--approve-all")
    assert code == ExitCode.OK, said
    good, torn, empty = sorted(told["items"], key=lambda item: item["path"])
    assert good["code"] is None
    assert {r["state"] for r in good["records"]} == {"STORED"}
    assert all(r["sealed"]["version_id"] for r in good["records"])
    assert (torn["code"], empty["code"]) == ("TRUNCATED", "EMPTY_FILE")
    assert all(item["message"].endswith(".") for item in (torn, empty))
    assert told["totals"]["files"] == 3
    copies = set(SealedCopy.objects.values_list("version_id", flat=True))
    approvals = Event.objects.filter(verb="record.approved")
    assert "--approve-all" in approvals.get().purpose, "nobody takes a bulk approval for a careful one"

    code, again, said = process(tmp_path, "--approve-all")
    assert code == ExitCode.OK, said
    assert {item["code"] for item in again["items"] if item["path"] == good["path"]} == {"DUPLICATE"}
    assert set(SealedCopy.objects.values_list("version_id", flat=True)) == copies
    assert Record.objects.count() == len(good["records"])


def test_a_path_that_is_not_there_is_an_input_error_told_in_words(process, tmp_path: Path):
    code, told, said = process(tmp_path / "khong-co.pdf")
    assert code in (ExitCode.INPUT, ExitCode.USAGE)
    assert "khong-co.pdf" in json.dumps(told) + said
