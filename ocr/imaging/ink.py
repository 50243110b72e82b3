"""Where ink is on a page, at the coarse scale that layout decisions need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster
from ocr.imaging.components import chosen, components
from ocr.imaging.levels import grey_percentile
from ocr.imaging.runs import long_runs

LAYOUT_DPI: Final = 120.0
"""Fine enough to tell letters from specks, coarse enough to look at a page in milliseconds."""

_INK_BELOW: Final = 0.80
_INK_BELOW_FAINT: Final = 0.94
_RULE_INCHES: Final = 0.55
_LINE_HEIGHT_INCHES: Final = (0.05, 0.34)
_LINE_WIDTH_INCHES: Final = 0.55
_GAP_INCHES: Final = 0.13

Boxes: TypeAlias = npt.NDArray[np.int64]
"""Rows of left, top, right, bottom."""


@dataclass(frozen=True, slots=True, eq=False)
class InkMap:
    """Letters of a page without the ruling.

    Attributes:
        mask: 255 where ink is.
        lines: boxes of what looks like lines of text running left to right.
        dpi: of `mask`.
    """

    mask: Raster
    lines: Boxes
    dpi: float


def layout_gray(gray: Raster, dpi: float) -> tuple[Raster, float]:
    """Shrink an evened page to `LAYOUT_DPI`; returns it with the dpi it then has."""
    scale = min(1.0, LAYOUT_DPI / dpi)
    if scale == 1.0:
        return gray, dpi
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), dpi * scale


def letters(gray: Raster, dpi: float) -> Raster:
    """Mask of ink on an evened page, rules and specks removed."""
    # On very faint pages ink is what is a third as dark as the darkest there is.
    faint = 255 - 0.35 * (255 - grey_percentile(gray, 0.7))
    level = min(max(faint, 255 * _INK_BELOW), 255 * _INK_BELOW_FAINT)
    _, ink = cv2.threshold(gray, int(np.ceil(level)) - 1, 255, cv2.THRESH_BINARY_INV)
    length = max(15, round(_RULE_INCHES * dpi))
    for upright, thick in ((False, (3, 1)), (True, (1, 3))):
        rules = long_runs(np.asarray(ink, np.uint8), length, upright=upright)
        ink = np.asarray(cv2.subtract(ink, cv2.dilate(rules, np.ones(thick, np.uint8))), np.uint8)
    labels, stats = components(np.asarray(ink, np.uint8))
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = (size >= 0.025 * dpi) & (size <= 0.9 * dpi)
    keep[0] = False
    if len(stats) < 2:
        return np.zeros_like(ink)
    return chosen(labels, keep)


def line_boxes(mask: Raster, dpi: float) -> Boxes:
    """Boxes of lines of text running left to right."""
    gap = max(3, round(_GAP_INCHES * dpi))
    smeared = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    _, stats = components(np.asarray(smeared, np.uint8))
    low, high = (v * dpi for v in _LINE_HEIGHT_INCHES)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    good = (height >= low) & (height <= high) & (width >= _LINE_WIDTH_INCHES * dpi) & (width >= 3 * height)
    good[0] = False
    left, top = stats[good, cv2.CC_STAT_LEFT], stats[good, cv2.CC_STAT_TOP]
    return np.stack([left, top, left + width[good], top + height[good]], axis=1).astype(np.int64)


def ink_map(gray: Raster, dpi: float) -> InkMap:
    """Look at an evened page: its letters and lines at layout scale."""
    small, small_dpi = layout_gray(gray, dpi)
    mask = letters(small, small_dpi)
    return InkMap(mask, line_boxes(mask, small_dpi), small_dpi)
