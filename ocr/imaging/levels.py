"""Grey levels of a whole picture."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.delivery import Raster


def grey_percentile(gray: Raster, percent: float, where: Raster | None = None) -> float:
    """What `numpy.percentile` gives, from the histogram: a tenth of the time on a page.

    Args:
        gray: the picture.
        percent: 0 to 100.
        where: only its pixels above 0 count.
    """
    counts = cv2.calcHist([np.ascontiguousarray(gray)], [0], where, [256], [0, 256]).ravel()
    return percentile_of(counts.astype(np.int64), percent)


def percentile_of(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]], percent: float) -> float:
    """Percentile of whole numbers from 0 of which `counts` tells how often each occurs."""
    upto = np.cumsum(counts)
    if not upto.size or not upto[-1]:
        return 0.0
    place = percent / 100 * float(upto[-1] - 1)
    below = int(place)
    low, high = np.searchsorted(upto, (below, min(below + 1, int(upto[-1]) - 1)), side="right")
    return float(low + (high - low) * (place - below))
