"""Times Sohoa from scan file to stored copy, and OCRmyPDF on the same pages, in turn on the same cores."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import img2pdf
import pikepdf

from pipeline.configuration import load_settings
from pipeline.embedded import Embedded
from pipeline.embedded.supervisor import ALL_PARTS

REGISTERS = {"KS", "KH", "KT", "CMC", "HN"}
"""Forms whose pages are handwritten; certificates and decisions are printed or typed."""


def groups(corpus: Path) -> dict[str, list[Path]]:
    """Scans of a corpus folder by kind of ink; pages without a record belong to neither."""
    items = json.loads((corpus / "manifest.json").read_text("utf-8"))["items"]
    found: dict[str, list[Path]] = {"printed": [], "handwritten": []}
    for item in items:
        if item["form"] != "NONE":
            found["handwritten" if item["form"] in REGISTERS else "printed"].append(corpus / item["scan"])
    return found


def merged_pdf(scans: Sequence[Path], target: Path) -> int:
    """Put all scans into one PDF, images untouched; returns its number of pages."""
    with pikepdf.new() as whole:
        for scan in scans:
            data = scan.read_bytes()
            if not data.startswith(b"%PDF"):
                data = img2pdf.convert(data, rotation=img2pdf.Rotation.ifvalid)
            with pikepdf.open(BytesIO(data)) as part:
                whole.pages.extend(part.pages)
        whole.save(target)
        return len(whole.pages)


def timed(command: Sequence[str], environment: dict[str, str]) -> float:
    """Wall seconds of a command; its exit code 3 (some files held for a person) counts as done."""
    start = time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode not in (0, 3):
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.decode()[-2000:]}")
    return time.monotonic() - start


def measure(scans: Sequence[Path], jobs: int, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Time both programs on one group of scans."""
    pages = merged_pdf(scans, folder / "pages.pdf")
    ours = timed(["sohoa", "process", *map(str, scans), "--approve-all", "--json"], environment)
    peer = ["ocrmypdf", "-q", "-l", "vie", "--jobs", str(jobs), "--skip-text", "--output-type", "pdf"]
    theirs = timed([*peer, str(folder / "pages.pdf"), str(folder / "searchable.pdf")], environment)
    return {
        "pages": pages,
        "pages_per_minute": round(60 * pages / ours, 1),
        "ocrmypdf_pages_per_minute": round(60 * pages / theirs, 1),
        "ratio_to_ocrmypdf": round(theirs / ours, 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=Path("samples"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        settings = load_settings(data_dir=folder / "data", worker_processes=given.jobs, retention_days=1)
        environment = {**os.environ, "SOHOA_DATA_DIR": str(settings.data_dir)}
        with Embedded(settings, set(ALL_PARTS) - {"web"}, lasting=True):
            result = {
                kind: measure(scans, given.jobs, folder, environment)
                for kind, scans in groups(given.corpus).items()
                if scans
            }
    if given.as_json:
        print(json.dumps(result, indent=1))
        return
    for kind, figures in result.items():
        print(
            f"{kind}: {figures['pages']} pages, {figures['pages_per_minute']} a minute; OCRmyPDF "
            f"{figures['ocrmypdf_pages_per_minute']}; ratio {figures['ratio_to_ocrmypdf']}"
        )


if __name__ == "__main__":
    main()
