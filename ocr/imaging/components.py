"""Connected pieces of a mask."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster

Labels: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.uint16]
Stats: TypeAlias = npt.NDArray[np.int32]


def components(mask: Raster, *, connectivity: int = 8) -> tuple[Labels, Stats]:
    """What `cv2.connectedComponentsWithStats` tells, with labels of 16 bits where they are enough.

    Those take a third of the time on a page at 300 dpi; OpenCV refuses when it runs out of them.

    Returns:
        The number of its piece for every pixel, and left, top, width, height and area of each piece; the
        first row is what belongs to none.
    """
    try:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(
            mask, connectivity=connectivity, ltype=cv2.CV_16U
        )
        return np.asarray(labels, np.uint16), np.asarray(stats, np.int32)
    except cv2.error:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=connectivity)
        return np.asarray(labels, np.int32), np.asarray(stats, np.int32)
