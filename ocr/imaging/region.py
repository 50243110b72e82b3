"""One upright leaf cut from a delivered page."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.delivery import Raster
from ocr.elements import PageReport, Transform


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One upright, flattened leaf: the page itself or one half of a spread.

    Attributes:
        page: number of the delivered page, from 1.
        index: place among the page's regions in reading order, from 0.
        image: BGR, text running left to right.
        reading: gray of the same size with even light and red seals suppressed; what readers should see.
        transform: region pixels to delivered pixels.
        dpi: declared or, for photographs, estimated from the leaf being A4.
    """

    page: int
    index: int
    image: Raster
    reading: Raster
    transform: Transform
    dpi: float

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A delivered page made ready for reading.

    Attributes:
        report: what became of the page.
        regions: in reading order; present even for blank or unreadable pages, so that a person can look.
    """

    report: PageReport
    regions: tuple[Region, ...]
