"""The data folder is destroyed; store, index and events come back from the backup, and everything proves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.exit_codes import ExitCode
from tests.servers.fixtures import server_folder

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(590)]

SAMPLES = Path(__file__).parents[2] / "samples"


def sohoa(data: Path, *arguments: object) -> tuple[int, Any, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SOHOA_")}
    start = [sys.executable, "-c", "from pipeline.cli import main; main()", "--data-dir", str(data)]
    done = subprocess.run(
        [*start, *map(str, arguments), "--json"], env=kept, capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_a_destroyed_installation_comes_back_from_its_backup_and_proves():
    sample = next(path for path in sorted(SAMPLES.rglob("*")) if path.suffix in {".jpg", ".png"})
    with server_folder() as folder:
        data, kept = folder / "data", folder / "backup"
        code, _, said = sohoa(data, "process", sample, "--approve-all")
        assert code == ExitCode.OK, said
        code, told, said = sohoa(data, "backup", kept, "--check")
        assert (code, told["problems"]) == (ExitCode.OK, []), said
        assert told["counts"]["copied"] >= 2
        code, again, said = sohoa(data, "backup", kept)
        assert (code, again["counts"].get("copied", 0)) == (ExitCode.OK, 0), said

        code, drill, said = sohoa(data, "restore", kept, "--drill")
        assert (code, drill["clean"], drill["unequal"]) == (ExitCode.OK, True, 0), said
        assert drill["records"] >= 1
        assert drill["objects"] + drill["left_out"] >= told["counts"]["copied"]

        shutil.rmtree(data)
        code, back, said = sohoa(data, "restore", kept)
        assert (code, back["problems"], back["unequal"]) == (ExitCode.OK, [], 0), said
        assert back["records"] >= 1
        assert back["events"] == told["counts"]["events"] + again["counts"]["events"]
        code, proof, said = sohoa(data, "verify", "--all", "--trust", kept / "trust.pem")
        assert (code, proof["totals"]["FAILED"]) == (ExitCode.OK, 0), said

        code, _, said = sohoa(data, "backup", kept)
        assert code == ExitCode.OK, said
        damaged = next(path for path in (kept / "objects").rglob("*") if path.is_file())
        damaged.write_bytes(b"damaged")
        code, found, said = sohoa(data, "backup", kept, "--check")
        assert (code, found["problems"][0][0]) == (ExitCode.INTEGRITY, "CONTENT_CHANGED"), said
