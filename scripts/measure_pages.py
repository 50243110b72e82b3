"""Bytes per page of archive and small copies, and how legible the small ones are against truth."""

from __future__ import annotations

import argparse
import io
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import pikepdf
import pypdfium2
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ocr.errors import ScanError  # noqa: E402
from ocr.scans import PageError, ScanLimits, open_scan  # noqa: E402
from pipeline.evaluation.comparing import plain  # noqa: E402
from storage.pdfa import A4_AREA, SealPage, build_pdfa, small_copy  # noqa: E402
from storage.xmp import SealMetadata  # noqa: E402

READ_DPI = 300.0
INKS = ("print", "type")
"""Whose truth is read again; nobody reads handwriting with this engine."""
MARGIN = 0.25
"""Of a line's height, around it; Tesseract wants some paper."""
CLEAR = 0.05
"""Character error below which a page's archive copy is clear: what the small one adds is then its own."""

_LEADERS = re.compile(r"[.…_]{2,}")

Row: TypeAlias = dict[str, Any]


def main() -> int:
    """Print the figures of one folder."""
    asked = argparse.ArgumentParser()
    asked.add_argument("corpus", nargs="?", type=Path, default=ROOT / "samples")
    asked.add_argument("--sizes", action="store_true", help="do not read the pages again")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    metadata = SealMetadata("Trang", "urn:trang", "Cơ quan", datetime(2026, 1, 1, tzinfo=UTC))
    rows: list[Row] = []
    for item, number, page in _pages(options.corpus):
        archive = build_pdfa([page], b"{}", metadata, block=None)
        start = time.perf_counter()
        small = small_copy([page], metadata)
        seconds = time.perf_counter() - start
        with pikepdf.open(io.BytesIO(small)) as pdf:
            box = pdf.pages[0].MediaBox
            sheets = max(1.0, float(box[2]) * float(box[3]) / A4_AREA)
        row: Row = {"page": f"{item.name}#{number}", "small_seconds": seconds}
        rows.append(row | {"archive": len(archive) / sheets, "small": len(small) / sheets})
        if not options.sizes:
            rows[-1]["read"] = _compared(archive, small, _lines(item, number))
    result = _figures(rows)
    print(json.dumps(result, ensure_ascii=False, indent=1) if options.json else result)
    return 0


def _figures(rows: Sequence[Row]) -> Row:
    def spread(key: str, digits: int | None = None) -> Row:
        values = [row[key] for row in rows]
        told = {"median": statistics.median(values), "least": min(values), "most": max(values)}
        return {name: round(value, digits) for name, value in told.items()}

    figures: Row = {
        "pages": len(rows),
        "archive_bytes_per_a4": spread("archive"),
        "small_bytes_per_a4": spread("small"),
        "small_over_110000": sum(row["small"] > 110_000 for row in rows),
        "small_seconds": spread("small_seconds", 3),
    }
    read = [(row["page"], *line) for row in rows for line in row.get("read", ())]
    groups = {ink: [line for line in read if line[1] == ink] for ink in INKS}
    clear = {row["page"] for row in rows if _error(row.get("read", ())) < CLEAR}
    for name, lines in (groups | {"both": read, "clear": [r for r in read if r[0] in clear]}).items():
        letters, archive, small = (sum(line[n] for line in lines) for n in (2, 3, 4))
        if not letters:
            continue
        figures[f"read_{name}"] = {
            "pages": len({page for page, *_ in lines}),
            "lines": len(lines),
            "characters": letters,
            "archive_cer": round(archive / letters, 5),
            "small_cer": round(small / letters, 5),
            "relative": round(small / archive - 1, 4) if archive else None,
            "read_worse": sum(after > before for *_, before, after in lines),
            "read_better": sum(after < before for *_, before, after in lines),
        }
    return figures


def _error(lines: Sequence[tuple[str, int, int, int]]) -> float:
    """Character error of a page's archive copy; 1 where nothing was read."""
    return sum(line[2] for line in lines) / letters if (letters := sum(line[1] for line in lines)) else 1.0


def _pages(corpus: Path) -> Iterator[tuple[Path, int, SealPage]]:
    """Item, page number, and the page as a copy takes it: as delivered where possible, else its pixels."""
    for path in sorted(corpus.glob("items/*/scan.*")):
        try:
            with open_scan(path, ScanLimits()) as scan:
                for number in range(1, scan.page_count + 1):
                    page = scan.page(number)
                    if isinstance(page, PageError):
                        print(f"{path.parent.name}#{number}: {page.code}", file=sys.stderr)
                        continue
                    whole = scan.original(number) or page
                    if whole.encoded is not None:
                        given = whole.encoded
                        data, kind, turn = given.data, given.media_type, given.orientation
                    else:
                        data, kind, turn = cv2.imencode(".png", page.image)[1].tobytes(), "image/png", 1
                    yield (
                        path.parent,
                        number,
                        SealPage(data, kind, page.width, page.height, page.dpi, turn),
                    )
        except ScanError as error:  # a corpus holds broken files on purpose
            print(f"{path.parent.name}: {error.code}", file=sys.stderr)


Line: TypeAlias = tuple[str, str, int, tuple[float, float, float, float]]
"""Ink, what is written, on how many lines, and where: shares of the page's width and height."""


def _lines(item: Path, number: int) -> list[Line]:
    """Fields in print or type on one upright page."""
    truth = json.loads((item / "truth.json").read_text(encoding="utf-8"))
    page = next(p for p in truth["pagesInfo"] if p["page"] == number)
    if page["rotation"] or page["state"] != "ok":
        return []
    wide, high = page["width"], page["height"]
    found = []
    for key, field in (pair for record in truth["records"] for pair in record["fields"].items()):
        if field["page"] != number or field["ink"] not in INKS or not field["written"]:
            continue
        if key == "maVach" or field.get("struck"):  # bars, and words crossed out
            continue
        left, top, right, bottom = field["box"]
        place = (left / wide, top / high, right / wide, bottom / high)
        lines = max(len(field.get("lines", ())), 1 + field["written"].count("\n"))
        found.append((field["ink"], field["written"], lines, place))
    # a heading is said of every record of a table
    return list(dict.fromkeys(found))


def _compared(archive: bytes, small: bytes, lines: Sequence[Line]) -> list[tuple[str, int, int, int]]:
    """Of each line: ink, letters of the truth, edits from the archive copy, edits from the small one."""
    both = (_read(copy, lines) for copy in (archive, small))
    return [
        (ink, len(truth := plain(written)), *(missed(truth, told) for told in texts))
        for (ink, written, *_), *texts in zip(lines, *both, strict=True)
    ]


def missed(truth: str, told: str) -> int:
    """Fewest edits that turn some part of what was read into the truth (Sellers 1980).

    So labels, dotted lines and neighbours that stand in the same box count for nothing.
    """
    text = plain(_LEADERS.sub(" ", told))
    row = [0] * (len(text) + 1)
    for above, letter in enumerate(truth, 1):
        next_row = [above]
        for at, seen in enumerate(text, 1):
            next_row.append(min(row[at - 1] + (letter != seen), row[at] + 1, next_row[-1] + 1))
        row = next_row
    return min(row)


def _read(pdf: bytes, lines: Sequence[Line]) -> list[str]:
    """What Tesseract reads in each place of a PDF's first page."""
    if not lines:
        return []
    with pypdfium2.PdfDocument(pdf) as document:
        image: Image.Image = document[0].render(scale=READ_DPI / 72).to_pil()
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for n, (_, _, rows, (left, top, right, bottom)) in enumerate(lines):
            edge = MARGIN * (bottom - top) * image.height / rows
            box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
            spread = (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge)
            names.append(f"{folder}/{n}.png")
            image.crop(tuple(map(round, spread))).save(names[-1], dpi=(READ_DPI, READ_DPI))
        listed = Path(folder) / "lines.txt"
        listed.write_text("\n".join(names), encoding="utf-8")
        command = ["tesseract", str(listed), "-", "-l", "vie", "--psm", "6"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.split("\f")[: len(lines)]


if __name__ == "__main__":
    sys.exit(main())
