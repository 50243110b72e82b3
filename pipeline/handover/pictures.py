"""The small PDF of one case, from its delivered scan."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.scans import PageError, Scan, ScanLimits, open_scan
from pipeline.models import Record
from pipeline.vault import Vault
from storage.errors import SealError
from storage.pdfa import A3_LONG_SIDE, A4_LONG_SIDE, SealPage, small_copy
from storage.xmp import SealMetadata

_MARGIN = 0.02
"""Of the page's longer side, around a case that shares its page: a signature may hang over its line."""
_JPEG_QUALITY = 95


def small_pdf(record: Record, vault: Vault, limits: ScanLimits) -> bytes:
    """Pages of a case as one small, unsigned PDF; of a page with several cases only its own part.

    Raises:
        SealError: ``PAGE_UNREADABLE``.
        StorageError: the store does not give the scan back.
    """
    office = record.office.name
    assert record.approved_at is not None
    metadata = SealMetadata(
        title=f"{record.form} {record.entry}".strip(),
        identifier=f"urn:uuid:{record.pk}:v{record.version}:small",
        creator=office,
        created=record.approved_at.replace(microsecond=0),
    )
    with vault.original(record.scan) as path, open_scan(path, limits, read_before=True) as scan:
        return small_copy([_page(record, scan, number) for number in record.pages], metadata)


def _page(record: Record, scan: Scan, number: int) -> SealPage:
    page = scan.page(number)
    if isinstance(page, PageError):
        raise SealError("PAGE_UNREADABLE", f"page {number} of the original cannot be decoded")
    stored = record.scan.pages.filter(number=number).first()
    rotation = int(stored.report.get("rotation", 0)) % 360 if stored else 0
    if _shared(record, number):
        # a part is not taken for a whole sheet: its size on paper follows from the page's
        sheet = A4_LONG_SIDE if page.height >= page.width else A3_LONG_SIDE
        dpi = page.dpi or 72 * max(page.width, page.height) / sheet
        return _pixels(_part(page.image, record.box), dpi, rotation)
    if page.encoded is None:
        return _pixels(page.image, page.dpi, rotation)
    given = page.encoded
    return SealPage(
        given.data, given.media_type, page.width, page.height, page.dpi, given.orientation, rotation=rotation
    )


def _shared(record: Record, number: int) -> bool:
    """Whether the box of a case tells it apart from others on its page."""
    others = Record.objects.filter(scan_id=record.scan_id).exclude(pk=record.pk).exclude(state="SUPERSEDED")
    return number == record.page and any(number in pages for pages in others.values_list("pages", flat=True))


def _part(image: np.ndarray, box: list[int]) -> np.ndarray:
    height, width = image.shape[:2]
    margin = round(_MARGIN * max(height, width))
    left, top, right, bottom = (int(v) for v in box)
    part = image[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]
    return part if part.size else image


def _pixels(image: np.ndarray, dpi: float | None, rotation: int) -> SealPage:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise SealError("IMAGE_UNREADABLE", "a part of a page cannot be packed")
    height, width = image.shape[:2]
    return SealPage(data.tobytes(), "image/jpeg", width, height, dpi, rotation=rotation)
