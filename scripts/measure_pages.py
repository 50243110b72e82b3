"""Bytes per page of archive and small copies, and how legible the small ones are."""

from __future__ import annotations

import argparse
import difflib
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ocr.scans import OriginalPage, ScanLimits, open_scan  # noqa: E402
from storage.pdfa import A4_AREA, SealPage, build_pdfa, small_copy  # noqa: E402
from storage.xmp import SealMetadata  # noqa: E402

SCANS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".pdf", ".heic"})
READ_DPI = 300.0


def main() -> int:
    """Print the figures of one folder."""
    asked = argparse.ArgumentParser()
    asked.add_argument("corpus", nargs="?", type=Path, default=ROOT / "samples")
    asked.add_argument("--read", type=int, default=12, help="how many pages are read again")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    metadata = SealMetadata("Trang", "urn:trang", "Cơ quan", datetime(2026, 1, 1, tzinfo=UTC))
    rows: list[dict[str, Any]] = []
    for name, page in _pages(options.corpus):
        archive = build_pdfa([page], b"{}", metadata, block=None)
        start = time.perf_counter()
        small = small_copy([page], metadata)
        seconds = time.perf_counter() - start
        with pikepdf.open(io.BytesIO(small)) as pdf:
            box = pdf.pages[0].MediaBox
            sheets = max(1.0, float(box[2]) * float(box[3]) / A4_AREA)
        row = {"page": name, "delivered": len(page.image), "archive": len(archive) / sheets}
        row |= {"small": len(small) / sheets, "small_seconds": seconds}
        rows.append(row | {"copies": (archive, small)})
    step = max(1, len(rows) // options.read) if options.read else len(rows) + 1
    for row in rows[::step] if options.read else []:
        before, after = (_read(pdf) for pdf in row["copies"])
        row["alike"] = difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()
        row["letters"] = len(before)
    result = _figures(rows)
    print(json.dumps(result, ensure_ascii=False, indent=1) if options.json else result)
    return 0


def _figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def spread(key: str, digits: int = 0) -> dict[str, float]:
        values = [row[key] for row in rows if key in row]
        told = {"median": statistics.median(values), "least": min(values), "most": max(values)}
        return {k: round(v, digits) if digits else round(v) for k, v in told.items()}

    read = [row for row in rows if row.get("letters", 0) > 100]
    return {
        "pages": len(rows),
        "archive_bytes_per_a4": spread("archive"),
        "small_bytes_per_a4": spread("small"),
        "small_over_110000": sum(row["small"] > 110_000 for row in rows),
        "small_seconds": spread("small_seconds", 3),
        "read_again": len(read),
        "letters_read_alike": {
            "median": round(statistics.median(r["alike"] for r in read), 4) if read else None,
            "least": round(min(r["alike"] for r in read), 4) if read else None,
        },
    }


def _pages(corpus: Path) -> Iterator[tuple[str, SealPage]]:
    for path in sorted(p for p in corpus.rglob("*") if p.suffix.lower() in SCANS):
        try:
            with open_scan(path, ScanLimits()) as scan:
                for number in range(1, scan.page_count + 1):
                    page = scan.original(number)
                    if isinstance(page, OriginalPage):
                        image = page.encoded
                        yield (
                            f"{path.parent.name}/{path.name}#{number}",
                            SealPage(
                                image.data,
                                image.media_type,
                                page.width,
                                page.height,
                                page.dpi,
                                image.orientation,
                            ),
                        )
        except Exception as error:  # a corpus holds broken files on purpose
            print(f"{path.name}: {type(error).__name__}", file=sys.stderr)


def _read(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        image: Image.Image = document[0].render(scale=READ_DPI / 72).to_pil()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        image.save(path)
        command = ["tesseract", str(path), "-", "-l", "vie", "--psm", "3"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return " ".join(told.split())


if __name__ == "__main__":
    sys.exit(main())
