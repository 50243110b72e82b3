"""Whether a page carries something that can be read at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.elements import PageState
from ocr.imaging.ink import LAYOUT_DPI, Boxes, InkMap, line_boxes
from ocr.imaging.levels import grey_percentile, percentile_of

_SMEAR_DPI: Final = 50.0
_MARGIN: Final = 0.06
# A blank page still carries a printed note or two, stains and what shines through from behind.
_MOST_LINES_OF_BLANK: Final = 2
_RELIEF_OF_BLANK: Final = 2.5
_FIRM_INK_BELOW: Final = 204
_FIRM_SHARE: Final = 0.55
_FIRMEST: Final = 238
_NOTE_HEIGHT_INCHES: Final = 0.25
# Steepest edges in grey levels per pixel at layout scale: sharp print has 60 and more. Below 20 a page
# of print yields no word, from 30 on it yields some (four pages, blurred step by step). Large letters
# may survive a little longer, so lines that can still be told apart speak against giving up early.
_EDGE_OF_HOPELESS: Final = 13.0
_EDGE_OF_UNREADABLE: Final = 20.0
_EDGE_OF_BLURRED: Final = 34.0
_MOST_LINES_OF_UNREADABLE: Final = 8
_FAINT_INK: Final = 150.0
_LOWEST_DPI: Final = 110.0


@dataclass(frozen=True, slots=True)
class Quality:
    """Verdict on one page.

    Attributes:
        state: OK, BLANK or UNREADABLE; covers are for the reader of words to tell.
        reasons: BLANK, BLURRED, LOW_CONTRAST, LOW_RESOLUTION, NO_TEXT; `wholeness` adds GLARE and CUT_OFF.
        edge: steepest edges, grey levels per pixel at layout scale.
        relief: unevenness of the page at the scale of words, grey levels; blank paper has about 1.
    """

    state: PageState
    reasons: tuple[str, ...]
    edge: float
    relief: float


def judge(gray: Raster, ink: InkMap, dpi: float) -> Quality:
    """Judge an evened page.

    A merely bad page stays OK with its reasons: a false alarm sends an officer back to the shelf.

    Args:
        gray: evened, at the scale of `ink`.
        ink: letters and lines on it.
        dpi: of the delivered page.
    """
    edge, relief = _edge(gray), _relief(gray, ink.dpi)
    darkest = grey_percentile(gray, 0.7)
    reasons = []
    # Faint stains and what shines through may look like lines; firm ink alone speaks for a page.
    level = 255 - _FIRM_SHARE * (255 - grey_percentile(gray, 0.05))
    firm = np.where(gray < min(max(level, _FIRM_INK_BELOW), _FIRMEST), ink.mask, 0).astype(np.uint8)
    boxes = line_boxes(firm, ink.dpi)
    lines = len(boxes)
    if lines <= _MOST_LINES_OF_BLANK and (
        _relief(_without_notes(gray, boxes, ink.dpi), ink.dpi) < _RELIEF_OF_BLANK
    ):
        return Quality(PageState.BLANK, ("BLANK",), edge, relief)
    if edge < _EDGE_OF_BLURRED:
        reasons.append("BLURRED")
    if darkest > _FAINT_INK:
        reasons.append("LOW_CONTRAST")
    if dpi < _LOWEST_DPI:
        reasons.append("LOW_RESOLUTION")
    if not len(ink.lines):
        reasons.append("NO_TEXT")
    unreadable = edge < _EDGE_OF_HOPELESS or (
        edge < _EDGE_OF_UNREADABLE and lines <= _MOST_LINES_OF_UNREADABLE
    )
    return Quality(PageState.UNREADABLE if unreadable else PageState.OK, tuple(reasons), edge, relief)


def _without_notes(gray: Raster, lines: Boxes, dpi: float) -> Raster:
    """The page with its low lines of print wiped out; large titles stay."""
    wiped = gray.copy()
    margin = round(0.04 * dpi)
    for left, top, right, bottom in lines:
        if bottom - top <= _NOTE_HEIGHT_INCHES * dpi:
            wiped[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin] = 255
    return wiped


def _inner(gray: Raster) -> Raster:
    height, width = gray.shape
    y, x = round(_MARGIN * height), round(_MARGIN * width)
    return gray[y : height - y, x : width - x]


def _edge(gray: Raster) -> float:
    smooth = cv2.GaussianBlur(_inner(gray), (0, 0), 0.8)
    across, down = (np.abs(cv2.Sobel(smooth, cv2.CV_16S, dx, 1 - dx, ksize=3)) for dx in (1, 0))
    return percentile_of(np.bincount(cv2.add(across, down).ravel()), 99.9) / 8


def _relief(gray: Raster, dpi: float) -> float:
    scale = min(1.0, _SMEAR_DPI / dpi)
    small = cv2.resize(_inner(gray), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(
        np.float32
    )
    band = cv2.GaussianBlur(small, (0, 0), 1.0) - cv2.GaussianBlur(small, (0, 0), 8.0)
    return float(band.std())


assert LAYOUT_DPI == 120.0, "the edge thresholds above were measured at this scale"
