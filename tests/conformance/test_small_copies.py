"""Small copies stay legible: read again, they lose next to nothing against the archive copy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRINTED = ("sample-003-gks", "sample-013-land-decision")


def test_printed_pages_of_a_hundred_kilobytes_are_read_as_well_as_their_archive_copies(tmp_path: Path):
    items = tmp_path / "items"
    items.mkdir()
    for name in PRINTED:
        (items / name).symlink_to(ROOT / "samples" / "items" / name)
    done = subprocess.run(
        [sys.executable, "scripts/measure_pages.py", str(tmp_path), "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["pages"] == len(PRINTED)
    assert told["small_over_110000"] == 0
    read = told["read_print"]
    assert read["characters"] > 400
    assert read["archive_cer"] < 0.05
    # one letter in a hundred; the figures of whole folders are in `scripts/measure_pages`
    assert read["small_cer"] <= read["archive_cer"] + 0.01
