"""A sample read clean and with a defect gives one row each, scored against truth that moved along."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PRINTED = "sample-013-land-decision"


def test_an_item_is_read_clean_and_turned_and_both_are_scored(tmp_path: Path):
    manifest = json.loads((ROOT / "samples" / "manifest.json").read_text("utf-8"))
    entries = [entry for entry in manifest["items"] if entry["id"] == PRINTED]
    (tmp_path / "manifest.json").write_text(json.dumps({"items": entries}), encoding="utf-8")
    shutil.copytree(ROOT / "samples" / "items" / PRINTED, tmp_path / "items" / PRINTED)
    command = [sys.executable, "scripts/evaluate_defects.py", str(tmp_path), "--defect", "turned"]
    done = subprocess.run(
        [*command, "--jobs", "1", "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=True,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    assert [(row["defect"], row["strength"]) for row in rows] == [
        ("clean", 0), ("turned", 90), ("turned", 180), ("turned", 270),
    ]  # fmt: skip
    for row in rows:
        assert row["records"] == {"expected": 1, "found": 1, "wrong_form": 0, "missed": 0, "spurious": 0}
        assert row["accepted"]["wrong"] == 0
        assert not row["stray_accepted"]
        assert row["clean"] == rows[0]["exact"]
        # scanned print reads as well whichever way it lies; the drawn page is born digital
        assert row["exact"]["print"] > 0.7
