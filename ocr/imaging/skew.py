"""How far lines of text fall or rise."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster

_STEEPEST: Final = 6.0
_COARSE: Final = 0.5
_FINE: Final = 0.1
_SEARCH_SIDE: Final = 900
_COARSE_COLUMNS: Final = 64
_FINE_COLUMNS: Final = 128
_WORTHY_GAIN: Final = 1.02
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
    width = small.shape[1]
    rough, exact = (_narrowed(small, columns) for columns in (_COARSE_COLUMNS, _FINE_COLUMNS))
    coarse = np.arange(-_STEEPEST, _STEEPEST + _COARSE / 2, _COARSE)
    best = max(coarse, key=lambda angle: _levelness(rough, width, angle))
    fine = best + np.arange(-_COARSE, _COARSE + _FINE / 2, _FINE)
    best = max(fine, key=lambda angle: _levelness(exact, width, angle))
    # A page that gains nothing worth speaking of from being turned is level or has no lines.
    gain = _levelness(exact, width, best) / max(1.0, _levelness(exact, width, 0.0))
    return float(best) if gain > _WORTHY_GAIN else 0.0


def _narrowed(mask: Raster, columns: int) -> Raster:
    """The mask squeezed to few columns, which is all that the ink of each row is summed over."""
    if mask.shape[1] <= columns:
        return mask
    size = columns, mask.shape[0]
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def _levelness(narrow: Raster, width: int, angle: float) -> float:
    """How sharply rows of ink part when every column is shifted as turning the page would shift it.

    Args:
        narrow: squeezed from `width` columns.
        width: see above.
        angle: degrees.
    """
    height, columns = narrow.shape
    sheared = narrow
    if angle:
        fall = np.tan(np.deg2rad(angle)) * width / columns
        matrix = np.array([[1, 0, 0], [fall, 1, -fall * columns / 2]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        sheared = np.asarray(cv2.warpAffine(narrow, matrix, (columns, height), flags=flags), np.uint8)
    profile = cv2.reduce(sheared, 1, cv2.REDUCE_SUM, dtype=cv2.CV_64F)
    return float(np.square(np.diff(profile, axis=0)).sum())
