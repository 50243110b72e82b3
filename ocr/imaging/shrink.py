"""Make pictures smaller, quickly."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.delivery import Raster


def shrunk(image: Raster, scale: float) -> Raster:
    """The picture at `scale` (at most 1) of its size, every pixel nearly the mean of what it covers.

    Halving is several times faster than any other step, so it comes first; the last row or column of an
    odd number of them is left out of it. In the step that remains no pixel covers four, and those nearest
    to its middle say what all would, in a seventh of the time.
    """
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    while scale <= 0.5 and min(image.shape[:2]) > 1:
        half = image.shape[1] // 2, image.shape[0] // 2
        even = image[: 2 * half[1], : 2 * half[0]]
        image = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
        scale *= 2
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
