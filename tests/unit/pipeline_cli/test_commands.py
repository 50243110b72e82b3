"""What the command line tells people and the scripts that call it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from pipeline.cli import COMMANDS, group, main
from pipeline.exit_codes import ExitCode
from tests.faults import hostile

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "samples" / "items" / "sample-013-land-decision" / "scan.pdf"
VIETNAMESE = set("ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ")


@pytest.fixture
def sohoa(tmp_path: Path):
    """Run the command as a shell does, with a data folder of its own."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SOHOA_")}
        return subprocess.run(
            [sys.executable, "-c", "from pipeline.cli import main; main()", *map(str, arguments)],
            env=clean | {"SOHOA_DATA_DIR": str(tmp_path / "data"), "OMP_THREAD_LIMIT": "1"} | environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
        )

    return run


def in_vietnamese(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and bool(VIETNAMESE & set(text.lower()))


def test_read_prints_one_object_per_file_and_goes_on_after_a_bad_one(sohoa, tmp_path: Path):
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(hostile.jpeg()[:3000])
    done = sohoa("read", SAMPLE, torn, "--jobs", 1, "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    good, bad = json.loads(done.stdout)
    assert (good["file"], good["error"]) == (str(SAMPLE), None)
    assert [r["form"] for r in good["records"]] == ["GCN"]
    assert (bad["file"], bad["error"], bad["pages"], bad["records"]) == (str(torn), "TRUNCATED", [], [])
    assert bad["sha256"] == hashlib.sha256(torn.read_bytes()).hexdigest()
    assert in_vietnamese(bad["message"])


def test_read_says_by_its_exit_code_that_nothing_could_be_read(sohoa, tmp_path: Path):
    (tmp_path / "empty.pdf").write_bytes(b"")
    done = sohoa("read", tmp_path / "empty.pdf", "--json")
    assert done.returncode == ExitCode.INPUT
    assert json.loads(done.stdout)[0]["error"] == "EMPTY_FILE"


def test_doctor_tells_machines_what_is_there_and_what_to_type(sohoa):
    done = sohoa("doctor", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == (ExitCode.OK if told["ok"] else ExitCode.SERVICES)
    checks = {check["key"]: check for check in told["checks"]}
    assert {"python", "tesseract", "postgres", "redis", "store", "settings"} <= set(checks)
    assert told["ok"] == all(c["ok"] for c in told["checks"] if c["needed"])
    assert all(c["ok"] or c["next_step"] for c in told["checks"])
    assert checks["running"]["next_step"] == "sohoa up"


def test_doctor_finds_a_mistyped_setting(sohoa):
    done = sohoa("doctor", "--json", SOHOA_RETENTION_MONTHS="10")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (ExitCode.SERVICES, False)
    (settings,) = [c for c in told["checks"] if c["key"] == "settings"]
    assert "SOHOA_RETENTION_MONTHS" in settings["found"]


@pytest.mark.parametrize("command", ["status", "verify"])
def test_a_mistyped_setting_stops_a_command_with_its_name(sohoa, command: str):
    done = sohoa(command, *(["--all"] if command == "verify" else []), SOHOA_RETENTION_MONTHS="10")
    assert done.returncode == ExitCode.CONFIG
    assert "SOHOA_RETENTION_MONTHS" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_without_servers_says_what_to_type(sohoa):
    done = sohoa("status")
    assert done.returncode == ExitCode.SERVICES
    assert "sohoa up" in done.stderr
    assert in_vietnamese(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["read"],
        ["read", "/no/such/file.jpg"],
        ["process", "/no/such/file.jpg"],
        ["read", "--frobnicate", "x.jpg"],
        ["verify"],
        ["evaluate", "/no/such/folder"],
    ],
)
def test_a_wrong_command_line_ends_with_the_usage_code_and_no_traceback(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert in_vietnamese(said.err), said.err


def test_a_fault_of_the_program_is_told_kindly_and_by_its_own_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from pipeline.cli import doctor

    def broken() -> list:
        raise ZeroDivisionError("x")

    monkeypatch.setattr(doctor, "examine", broken)
    with pytest.raises(SystemExit) as left:
        main(["doctor"])
    assert left.value.code == ExitCode.INTERNAL
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "sohoa --debug" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_vietnamese_help_and_an_answer_for_machines(name: str):
    import click

    context = click.Context(group)
    command = group.get_command(context, name)
    if command is None:
        pytest.skip(f"sohoa {name} is not there yet")
    assert command.help
    assert in_vietnamese(command.help)
    leaves = [command]
    while groups := [c for c in leaves if isinstance(c, click.Group)]:
        leaves = [c for c in leaves if c not in groups] + [c for g in groups for c in g.commands.values()]
    for leaf in leaves:
        assert "--json" in {o for p in leaf.params for o in p.opts}, leaf.name
