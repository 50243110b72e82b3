"""How far lines of text fall or rise."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.imaging.homography import rotated

_STEEPEST: Final = 6.0
_COARSE: Final = 0.5
_FINE: Final = 0.1
_SEARCH_SIDE: Final = 900
# Turning by less resamples the whole page for nothing a reader would notice.
WORTH_TURNING: Final = 0.2


def skew_angle(mask: Raster) -> float:
    """Degrees to hand to `homography.rotated` so that text lines come out level.

    The right angle is the one at which rows of pixels are either full of ink or empty.

    Args:
        mask: 255 where letters are, rules removed, text running roughly left to right.
    """
    scale = min(1.0, _SEARCH_SIDE / max(mask.shape))
    small = np.asarray(cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if cv2.countNonZero(small) < 200:
        return 0.0
    coarse = np.arange(-_STEEPEST, _STEEPEST + _COARSE / 2, _COARSE)
    tiny = np.asarray(cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    best = max(coarse, key=lambda angle: _levelness(tiny, angle))
    fine = best + np.arange(-_COARSE, _COARSE + _FINE / 2, _FINE)
    best = max(fine, key=lambda angle: _levelness(small, angle))
    # A page that gains nothing worth speaking of from being turned is level or has no lines.
    return float(best) if _levelness(small, best) > 1.02 * _levelness(small, 0.0) else 0.0


def _levelness(mask: Raster, angle: float) -> float:
    height, width = mask.shape
    turned = mask
    if angle:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        turn = rotated(width, height, angle)[:2]
        turned = np.asarray(cv2.warpAffine(mask, turn, (width, height), flags=flags), np.uint8)
    profile = cv2.reduce(turned, 1, cv2.REDUCE_SUM, dtype=cv2.CV_64F)
    return float(np.square(np.diff(profile, axis=0)).sum())
