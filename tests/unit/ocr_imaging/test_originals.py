"""A kept file gives its compressed images without being decoded again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from ocr.errors import ScanError
from ocr.scans import DeliveredPage, PageError, open_scan
from tests.unit.ocr_imaging import drawings

SAMPLES = Path(__file__).parents[3] / "samples" / "items"


def jpeg(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture = Image.fromarray(drawings.sheet()[:, :, ::-1])
    picture.save(buffer, "JPEG", dpi=(150, 150), exif=exif)
    return buffer.getvalue()


def in_pdf(data: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).save(buffer, "PDF", resolution=150)
    return buffer.getvalue()


@pytest.mark.parametrize("data", [jpeg(), jpeg(6), in_pdf(jpeg())], ids=["jpeg", "turned jpeg", "pdf"])
def test_the_original_is_what_the_decoded_page_carries(data: bytes) -> None:
    with open_scan(data) as scan, open_scan(data, read_before=True) as kept:
        page, original = scan.page(1), kept.original(1)
        assert isinstance(page, DeliveredPage)
        assert original is not None
        assert original.encoded == page.encoded
        assert (original.number, original.width, original.height, original.dpi) == (
            page.number,
            page.width,
            page.height,
            page.dpi,
        )
        assert (kept.page(1).image == page.image).all()


def test_a_page_that_is_more_than_one_image_has_no_original() -> None:
    tiff, png = io.BytesIO(), io.BytesIO()
    picture = Image.fromarray(drawings.sheet())
    picture.save(tiff, "TIFF")
    picture.save(png, "PNG")
    for data in (tiff.getvalue(), png.getvalue()):
        with open_scan(data, read_before=True) as kept:
            assert kept.original(1) is None
            assert isinstance(kept.page(1), DeliveredPage)
    drawn = SAMPLES / "sample-013-land-decision" / "scan.pdf"
    with open_scan(drawn, read_before=True) as kept:
        assert kept.original(1) is None
        page = kept.page(1)
        assert page.digital
        assert page.text is None


def test_a_broken_picture_that_was_kept_is_told_when_its_page_is_asked_for() -> None:
    broken = jpeg()[:5000]
    with pytest.raises(ScanError):
        open_scan(broken)
    with open_scan(broken, read_before=True) as kept:
        assert isinstance(kept.page(1), PageError)


def test_a_page_that_is_not_there_has_no_original_either() -> None:
    with open_scan(jpeg()) as scan, pytest.raises(IndexError):
        scan.original(2)
