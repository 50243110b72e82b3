"""From a delivered page to upright, flat, evenly lit leaves."""

from __future__ import annotations

from ocr.delivery import DeliveredPage
from ocr.elements import PageReport, Transform
from ocr.engines.base import Engine
from ocr.imaging.light import reading_image
from ocr.imaging.region import PreparedPage, Region


def prepare_page(page: DeliveredPage, *, engine: Engine | None = None) -> PreparedPage:
    """Make a page ready for reading."""
    dpi = page.dpi or max(page.width, page.height) / 11.69
    report = PageReport(page.number, page.width, page.height)
    region = Region(page.number, 0, page.image, reading_image(page.image, dpi), Transform.identity(), dpi)
    return PreparedPage(report, (region,))
