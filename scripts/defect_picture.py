"""A picture with a defect, and the light and softness that most defects are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Picture: TypeAlias = npt.NDArray[np.uint8]
"""Height x width x 3, BGR."""
Points: TypeAlias = npt.NDArray[np.float64]
"""Rows of x, y in pixels."""
Field: TypeAlias = npt.NDArray[np.float32]
"""One number per pixel."""

INCH: Final = 25.4
"""Millimetres."""


def unmoved(points: Points) -> Points:
    """Every point where it was."""
    return points


@dataclass(frozen=True, slots=True)
class Defective:
    """A picture with a defect.

    Attributes:
        image: BGR, of any size.
        dpi: ``None`` as of a photograph.
        moved: where points of the clean picture lie now.
    """

    image: Picture
    dpi: float | None
    moved: Callable[[Points], Points] = unmoved


Defect: TypeAlias = Callable[[Picture, float, float, int], Defective]
"""Of a BGR picture, its dpi, a strength in the unit that the docstring tells, and a seed."""


def clipped(values: npt.NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def lit(image: Picture, light: npt.NDArray[np.floating]) -> Picture:
    """The picture under light of 0 to 1 per pixel."""
    return clipped(image * np.asarray(light, np.float32)[:, :, None])


def shares(image: Picture) -> tuple[Field, Field]:
    """Of every pixel, where it lies between left and right, top and bottom; to be broadcast."""
    height, width = image.shape[:2]
    x, y = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)
    return x[None, :], y[:, None]


def soft(mask: Field, mm: float, dpi: float) -> Field:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.4, mm * dpi / INCH)), np.float32)
