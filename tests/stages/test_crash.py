"""Kill worker, store and desk at random moments; nothing acknowledged is lost, nothing is sealed twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from pipeline.configuration import load_settings
from pipeline.embedded import ALL_PARTS, Embedded
from pipeline.embedded.application import application_environment
from tests.servers.fixtures import server_folder

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

ROOT = Path(__file__).resolve().parents[2]
DECISION = ROOT / "samples" / "items" / "sample-013-land-decision" / "scan.pdf"
FILES = 10
KILLS = 9
SECONDS = 200.0

PROOF = """
import json, django
django.setup()
from pipeline.equipment import equipment
from pipeline.events import verify_chain
from pipeline.models import Record, Scan, SealedCopy
vault = equipment().vault
scans = {str(s.pk): vault.store.digest(s.bucket, s.key, s.version_id) == s.sha256 for s in Scan.objects.all()}
copies = list(SealedCopy.objects.all())
print(json.dumps({
    "scans": scans,
    "states": sorted(set(Record.objects.values_list("state", flat=True))),
    "records": Record.objects.count(),
    "copies": len(copies),
    "sound": all(vault.store.digest(c.bucket, c.key, c.version_id) == c.sha256 for c in copies),
    "versions": sum(1 for _ in vault.store.list_versions(vault.sealed, "sealed/")),
    "chain": verify_chain().sound,
}))
"""


class Killer(threading.Thread):
    """Sends SIGKILL to one process of a random part every few seconds."""

    def __init__(self, instance: Embedded, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.instance, self.chance, self.killed = instance, chance, []

    def run(self) -> None:
        order = ["worker", "store", "web"] * (KILLS // 3)
        self.chance.shuffle(order)
        for part in order:
            time.sleep(self.chance.uniform(1.0, 5.0))
            pid = self.instance.pids.get(part)
            if pid is None:
                continue
            victims = [pid, *(c.pid for c in psutil.Process(pid).children())] if part == "worker" else [pid]
            os.kill(self.chance.choice(victims), signal.SIGKILL)
            self.killed.append(part)


def carry(environment: dict[str, str], folder: Path) -> tuple[int, dict]:
    program = "from pipeline.cli import main; main()"
    command = [sys.executable, "-c", program, "process", str(folder), "--approve-all", "--json"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {
        "said": done.stderr[-800:]
    }


@pytest.mark.skipif(not DECISION.is_file(), reason="the samples are not there")
def test_kill_9_at_random_moments_loses_nothing_and_seals_nothing_twice(tmp_path: Path):
    chance = random.Random(20261122)
    content = DECISION.read_bytes()
    for number in range(FILES):
        (tmp_path / f"{number:02}.pdf").write_bytes(content + b"\n%% copy %d\n" % number)
    with server_folder() as data:
        settings = load_settings(
            data_dir=data / "data", lease_seconds=10, retention_days=1, worker_processes=2
        )
        environment = application_environment(settings, os.environ) | {"PYTHONPATH": str(ROOT)}
        instance = Embedded(settings, ALL_PARTS, lasting=True)
        with instance:
            killer = Killer(instance, chance)
            killer.start()
            deadline = time.monotonic() + SECONDS
            code, result = carry(environment, tmp_path)
            # a kill may take the receiving command along; handing the same folder in again is all it takes
            while code not in (0, 3) and time.monotonic() < deadline:
                code, result = carry(environment, tmp_path)
            killer.join()
            assert code in (0, 3), result
            proof = subprocess.run(
                [sys.executable, "-c", PROOF],
                env=environment,
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert proof.returncode == 0, proof.stderr
    told = json.loads(proof.stdout)
    acknowledged = {item["scan"] for item in result["items"]}
    assert len(acknowledged) == FILES
    assert len(killer.killed) >= KILLS - 3
    assert acknowledged == set(told["scans"])
    assert all(told["scans"].values())
    assert told["states"] == ["STORED"]
    assert told["records"] == told["copies"] == told["versions"] >= FILES
    assert told["sound"]
    assert told["chain"]
