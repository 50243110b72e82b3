"""Connected pieces of a mask."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster

Labels: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.uint16]
Stats: TypeAlias = npt.NDArray[np.int32]


_AT_ONCE: Final = 65_536
"""Pixels whose labels are looked up in one go, few enough to stay in the cache: a third of the time."""


def components(mask: Raster) -> tuple[Labels, Stats]:
    """What `cv2.connectedComponentsWithStats` tells, with labels of 16 bits where they are enough.

    Those take a third of the time on a page at 300 dpi; OpenCV refuses when it runs out of them.

    Returns:
        The number of its piece for every pixel, and left, top, width, height and area of each piece; the
        first row is what belongs to none.
    """
    try:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
        return np.asarray(labels, np.uint16), np.asarray(stats, np.int32)
    except cv2.error:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def chosen(labels: Labels, keep: npt.NDArray[np.bool_]) -> Raster:
    """Mask of some pieces: 255 on every pixel whose piece is to be kept.

    Args:
        labels: as `components` gives them.
        keep: one answer for every piece.
    """
    levels = keep * np.uint8(255)
    mask = np.empty(labels.shape, np.uint8)
    rows = max(1, _AT_ONCE // labels.shape[1])
    for top in range(0, len(labels), rows):
        # a mode other than "raise" spares a copy; no label is out of range
        np.take(levels, labels[top : top + rows], out=mask[top : top + rows], mode="clip")
    return mask
