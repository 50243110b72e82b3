"""A book of many pages needs no more memory than a few of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest

PAGES = 60
MOST_GROWTH_MB = 1000
A4_AT_200_DPI = (2339, 1654)

READ = """
import json, resource, sys
import pipeline.reading as reading

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

reader = reading.default_reader()
before = peak_mb()
read = reading.read_scan(__import__("pathlib").Path(sys.argv[1]), name="book.pdf", reader=reader)
print(json.dumps({"pages": len(read.pages), "error": read.error, "growth": peak_mb() - before}))
"""


def book_of(folder: Path, pages: int) -> Path:
    """A PDF of scanned pages, each with a few printed lines and its own number."""
    pdf = pikepdf.new()
    for number in range(1, pages + 1):
        page = np.full((*A4_AT_200_DPI, 3), 245, np.uint8)
        for row in range(6):
            text = f"UBND XA HOA AN - TRANG {number} - DONG {row}"
            cv2.putText(page, text, (150, 300 + 90 * row), cv2.FONT_HERSHEY_DUPLEX, 1.3, (20, 20, 20), 2)
        encoded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
        pdf.add_blank_page(page_size=(595, 842))
        image = pikepdf.Stream(
            pdf,
            encoded,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=A4_AT_200_DPI[1],
            Height=A4_AT_200_DPI[0],
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        pdf.pages[-1].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
        pdf.pages[-1].Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
    path = folder / "book.pdf"
    pdf.save(path)
    return path


@pytest.mark.slow
def test_sixty_pages_are_read_without_keeping_their_pictures(tmp_path: Path) -> None:
    book = book_of(tmp_path, PAGES)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(book)], capture_output=True, text=True, timeout=550, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["error"] is None
    assert told["pages"] == PAGES
    assert told["growth"] < MOST_GROWTH_MB
