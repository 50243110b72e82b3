"""Ways in which paper bends, each known exactly: where the ink of a flat page comes to lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster

Floats: TypeAlias = npt.NDArray[np.float64]
Curl: TypeAlias = Callable[[Floats, Floats], Floats]
"""Pixels by which ink at x, y of the flat page comes to lie lower."""


def gutter(width: int, height: int, amplitude: float, reach: float, *, left: bool = True) -> Curl:
    """A cylinder at one side of the leaf, seen from above the middle of it.

    Args:
        width: of the page, pixels.
        height: of the page, pixels.
        amplitude: rise of the lines at the gutter, pixels; a third more at the head, less at the foot.
        reach: how far from the gutter the paper begins to lie flat, pixels.
        left: whether the gutter is on the left.
    """

    def fall(x: Floats, y: Floats) -> Floats:
        away = x if left else width - 1 - x
        return -amplitude * np.clip(1 - away / reach, 0, 1) ** 2 * (1 + 0.35 * (1 - 2 * y / height))

    return fall


def wave(width: int, height: int, amplitude: float, length: float) -> Curl:
    """Paper that got wet: `amplitude` from the middle to a crest, `length` from crest to crest, pixels."""

    def fall(x: Floats, y: Floats) -> Floats:
        return amplitude * np.sin(2 * np.pi * x / length + 1.0 + 1.6 * y / height) + 0 * width

    return fall


def curled(image: Raster, curl: Curl) -> Raster:
    """The page bent so."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    where = y
    # what lies at y came from where that falls to y
    for _ in range(5):
        where = y - curl(x, where)
    return cv2.remap(
        image,
        x.astype(np.float32),
        where.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
