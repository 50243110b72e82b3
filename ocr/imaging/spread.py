"""Tell an open book from a wide table or an unfolded certificate."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster

_SEARCH_SIDE: Final = 1000
_BANDS: Final = 12
_CENTRE: Final = (0.40, 0.60)
# The shadow of a sewn gutter; folds and stains of single sheets stay above 0.93 (measured on 14 sheets).
_GUTTER_BELOW: Final = 0.88
_BANDS_WITH_GUTTER: Final = 0.85
_STRAIGHTNESS: Final = 0.012
_PROPORTION: Final = (1.15, 1.75)


def find_gutter(gray: Raster) -> float | None:
    """Where the gutter of an open book lies, as a share of the width; ``None`` unless it is sure.

    A wrongly bisected table or map costs an officer more than a missed split, so only the shadow that
    runs from top to bottom near the middle counts, not a gap in the text.

    Args:
        gray: upright, level page as scanned (light not evened), without scanner border.
    """
    height, width = gray.shape
    if not _PROPORTION[0] <= width / height <= _PROPORTION[1]:
        return None
    scale = min(1.0, _SEARCH_SIDE / width)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    rows = np.array_split(np.arange(round(0.06 * paper.shape[0]), round(0.94 * paper.shape[0])), _BANDS)
    left, right = (round(share * paper.shape[1]) for share in _CENTRE)
    near = slice(round(0.25 * paper.shape[1]), round(0.75 * paper.shape[1]))
    places, depths = [], []
    for band in rows:
        profile = np.median(paper[band], axis=0)
        usual = float(np.median(profile[near])) or 1.0
        places.append(left + int(np.argmin(profile[left:right])))
        depths.append(float(profile[left:right].min()) / usual)
    shaded = np.array(depths) < _GUTTER_BELOW
    if shaded.mean() < _BANDS_WITH_GUTTER:
        return None
    at, where = np.flatnonzero(shaded), np.array(places)[shaded]
    line = np.polyval(np.polyfit(at, where, 1), at)
    if float(np.abs(where - line).max()) > _STRAIGHTNESS * paper.shape[1]:
        return None
    return float(np.median(where) / paper.shape[1])
