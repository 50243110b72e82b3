"""Whether all of a page came into the picture: no glare over its lines, no edge cut off."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.imaging.components import components
from ocr.imaging.homography import Matrix
from ocr.imaging.ink import Boxes, InkMap
from ocr.imaging.levels import grey_percentile

# A lamp's reflection saturates the sensor; paper that is as white all over cannot show one.
_BLOWN_OUT: Final = 250
_LIGHTEST_PAPER: Final = 236.0
_LEAST_GLARE_INCHES: Final = 0.45
_BESIDE_INCHES: Final = 0.25
_LEAST_INTERRUPTED: Final = 3
# The white strip beside a sheet on the glass runs along most of a side of the picture.
_STRIP: Final = 0.6
_AT_EDGE_INCHES: Final = 0.035
# Scraps of the neighbouring page are shorter than the lines of a page that is cut off itself.
_LEAST_LINE_INCHES: Final = 0.8
_LEAST_LINES_CUT: Final = 3
_LEAST_LETTERS_CUT: Final = 10
_LETTER_INCHES: Final = (0.04, 0.35)


def has_glare(raw: Raster, ink: InkMap) -> bool:
    """Whether a reflection lies over lines of text: they end at its rim on the left or right.

    Args:
        raw: gray as delivered, light not evened, at the scale of `ink`.
        ink: letters and lines.
    """
    if grey_percentile(raw, 70) > _LIGHTEST_PAPER:
        return False
    height, width = raw.shape
    side = max(3, round(0.06 * ink.dpi))
    blown = cv2.morphologyEx(
        (raw >= _BLOWN_OUT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)
    )
    _, stats = components(np.asarray(blown, np.uint8))
    for left, top, w, h, area in stats[1:].tolist():
        if area < (_LEAST_GLARE_INCHES * ink.dpi) ** 2 or w > _STRIP * width or h > _STRIP * height:
            continue
        if _interrupted(ink.lines, (left, top, left + w, top + h), ink.dpi) >= _LEAST_INTERRUPTED:
            return True
    return False


def _interrupted(lines: Boxes, spot: tuple[int, int, int, int], dpi: float) -> int:
    """How many ends of lines lie at the left and right rim of a spot."""
    left, top, right, bottom = spot
    near = _BESIDE_INCHES * dpi
    middle = (lines[:, 1] + lines[:, 3]) / 2
    level = (middle > top) & (middle < bottom)
    inner = max(near, (right - left) / 2)
    ends = level & (lines[:, 2] > left - near) & (lines[:, 2] < left + inner) & (lines[:, 0] < left - near)
    starts = (
        level & (lines[:, 0] < right + near) & (lines[:, 0] > right - inner) & (lines[:, 2] > right + near)
    )
    return int(ends.sum() + starts.sum())


def is_cut_off(ink: InkMap, to_page: Matrix, page: tuple[int, int], scale: float) -> bool:
    """Whether text runs out of the picture.

    Args:
        ink: letters and lines of the upright page.
        to_page: full-size upright pixels to delivered pixels.
        page: width and height of the delivered page.
        scale: pixels of `ink` per full-size pixel.
    """
    lines = ink.lines[ink.lines[:, 2] - ink.lines[:, 0] >= _LEAST_LINE_INCHES * ink.dpi]
    middle = (lines[:, 1] + lines[:, 3]) / 2
    near = _AT_EDGE_INCHES * ink.dpi / scale
    for x in (lines[:, 0], lines[:, 2]):
        if _at_edge(np.stack([x, middle], axis=1) / scale, to_page, page, near) >= _LEAST_LINES_CUT:
            return True
    _, stats = components(ink.mask)
    low, high = (v * ink.dpi for v in _LETTER_INCHES)
    wide, tall = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letters = stats[(np.minimum(wide, tall) >= low) & (np.maximum(wide, tall) <= high)]
    across = letters[:, 0] + letters[:, 2] / 2
    for y in (letters[:, 1], letters[:, 1] + letters[:, 3]):
        if _at_edge(np.stack([across, y], axis=1) / scale, to_page, page, near) >= _LEAST_LETTERS_CUT:
            return True
    return False


def _at_edge(points: Matrix, to_page: Matrix, page: tuple[int, int], near: float) -> int:
    """Most points that lie at one side of the delivered page."""
    if not len(points):
        return 0
    x, y = cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), to_page)[0].T
    return max(int(side.sum()) for side in (x < near, y < near, x > page[0] - near, y > page[1] - near))
