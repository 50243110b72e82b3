"""Pictures of delivered pages for the eye: whole pages shrunk to a screen, fields at full resolution."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ocr.scans import PageError, ScanLimits, open_scan
from pipeline.models import Scan
from pipeline.vault import Vault

Picture = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

SCREEN = 1700
"""Longer side of a whole page in pixels: an A4 page at about 145 dpi, still legible when zoomed twice."""
_FIELD = 1400
_QUALITY = 72
_PAINT = 90
_AROUND = 0.35
"""What is shown around a field, in heights of its box: officers read a word by its neighbours."""


class PageLost(Exception):  # noqa: N818 - says what happened
    """The page cannot be decoded."""


def page_jpeg(
    vault: Vault, limits: ScanLimits, scan: Scan, number: int, *, hide: Sequence[Box] = ()
) -> bytes:
    """A delivered page, at most `SCREEN` pixels long.

    Args:
        hide: parts to paint over, in delivered pixels.

    Raises:
        PageLost: there is nothing to show.
    """
    image = _pixels(vault, limits, scan, number)
    if hide:
        image = image.copy()  # the pixels are kept for the next one who asks
    for left, top, right, bottom in hide:
        pad = max(8, int(_AROUND * (bottom - top)))
        image[max(0, top - pad) : bottom + pad, max(0, left - pad) : right + pad] = _PAINT
    return _packed(image, SCREEN)


def field_jpeg(vault: Vault, limits: ScanLimits, scan: Scan, number: int, box: Box) -> bytes:
    """The part of a page where a field stands, with a little around it.

    Args:
        box: left, top, right, bottom in delivered pixels; cut to the page.

    Raises:
        PageLost: there is nothing to show.
    """
    image = _pixels(vault, limits, scan, number)
    height, width = image.shape[:2]
    left, top, right, bottom = box
    pad = max(8, int(_AROUND * (bottom - top)))
    left, right = max(0, left - pad), min(width, right + pad)
    top, bottom = max(0, top - pad), min(height, bottom + pad)
    if right <= left or bottom <= top:
        raise PageLost(f"{box} is not on page {number}")
    return _packed(image[top:bottom, left:right], _FIELD)


def _packed(image: Picture, longest: int) -> bytes:
    scale = longest / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise PageLost("cannot be packed")
    return data.tobytes()


def _pixels(vault: Vault, limits: ScanLimits, scan: Scan, number: int) -> Picture:
    return _decoded(_Source(vault, limits, scan), scan.sha256, number)


class _Source:
    """Equal to every other one, so that the cache goes by digest and page alone."""

    def __init__(self, vault: Vault, limits: ScanLimits, scan: Scan) -> None:
        self.vault, self.limits, self.scan = vault, limits, scan

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=3)
def _decoded(source: _Source, sha256: str, number: int) -> Picture:
    """Pixels of a page; a reviewer asks for many fields of the same one."""
    with source.vault.original(source.scan) as path, open_scan(path, source.limits, read_before=True) as scan:
        if not 1 <= number <= scan.page_count:
            raise PageLost(f"page {number} of {scan.page_count}")
        page = scan.page(number)
    if isinstance(page, PageError):
        raise PageLost(page.code)
    return page.image
