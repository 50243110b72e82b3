"""Affine maps between image pixels, upright page pixels and PDF points."""

from __future__ import annotations

import math
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
Affine: TypeAlias = tuple[float, float, float, float, float, float]
"""``(a, b, c, d, e, f)`` in PDF order: x' = a x + c y + e, y' = b x + d y + f."""


def then(first: Affine, second: Affine) -> Affine:
    """The map that applies `first`, then `second`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def apply(matrix: Affine, point: Point) -> Point:
    """Image of one point."""
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f


def exif_upright(orientation: int, width: int, height: int) -> Affine:
    """Stored pixels to displayed pixels for an EXIF orientation of 1 to 8.

    Args:
        orientation: EXIF tag 0x0112.
        width: stored, before orientation.
        height: stored, before orientation.
    """
    w, h = float(width), float(height)
    maps: dict[int, Affine] = {
        1: (1, 0, 0, 1, 0, 0),
        2: (-1, 0, 0, 1, w, 0),
        3: (-1, 0, 0, -1, w, h),
        4: (1, 0, 0, -1, 0, h),
        5: (0, 1, 1, 0, 0, 0),
        6: (0, 1, -1, 0, h, 0),
        7: (0, -1, -1, 0, h, w),
        8: (0, -1, 1, 0, 0, w),
    }
    return maps[orientation]


def unturn(rotation: int, width: int, height: int) -> Affine:
    """Undo a clockwise turn of 0, 90, 180 or 270 degrees of a page of `width` x `height` pixels."""
    w, h = float(width), float(height)
    maps: dict[int, Affine] = {
        0: (1, 0, 0, 1, 0, 0),
        90: (0, -1, 1, 0, 0, w),
        180: (-1, 0, 0, -1, w, h),
        270: (0, 1, -1, 0, h, 0),
    }
    return maps[rotation]


def distance(p: Point, q: Point) -> float:
    """Euclidean distance."""
    return math.hypot(q[0] - p[0], q[1] - p[1])


def number(value: float) -> str:
    """A PDF number: at most four decimals, no exponent, no negative zero."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text
