"""Maps between images: 3 x 3 matrices on pixel coordinates (column vectors, x right, y down), and bends."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster
from ocr.elements import Bend, Transform

Matrix: TypeAlias = npt.NDArray[np.float64]

# Rows whose places are worked out in one go, few enough to stay in the cache.
_ROWS_AT_ONCE: Final = 128


def turned(width: int, height: int, clockwise: int) -> Matrix:
    """Map from an image turned clockwise by a quarter, half or three quarters back to the original.

    Args:
        width: of the original.
        height: of the original.
        clockwise: 0, 90, 180 or 270 degrees by which the result was turned.
    """
    back = {
        0: ((1, 0, 0), (0, 1, 0)),
        90: ((0, 1, 0), (-1, 0, height)),
        180: ((-1, 0, width), (0, -1, height)),
        270: ((0, -1, width), (1, 0, 0)),
    }[clockwise % 360]
    return np.array([*back, (0, 0, 1)], np.float64)


def turn(image: Raster, clockwise: int) -> Raster:
    """Turn an image clockwise by a multiple of 90 degrees."""
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    code = turns.get(clockwise % 360)
    return image if code is None else np.asarray(cv2.rotate(image, code), np.uint8)


def shifted(left: float, top: float) -> Matrix:
    """Map from a crop back to the image it was cut from."""
    return np.array([(1, 0, left), (0, 1, top), (0, 0, 1)], np.float64)


def rotated(width: int, height: int, degrees: float) -> Matrix:
    """Map from an image deskewed about its centre back to the slanted one.

    Args:
        width: of both images.
        height: of both images.
        degrees: by which the text lines fall to the right in the slanted image.
    """
    turn_back = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return np.vstack([turn_back, (0.0, 0.0, 1.0)]).astype(np.float64)


def pulled(image: Raster, to_source: Matrix, width: int, height: int, paper: tuple[int, int, int]) -> Raster:
    """Resample `image` through a map from result pixels to `image` pixels, filling up with paper colour."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if np.allclose(to_source[2], (0.0, 0.0, 1.0), rtol=0.0, atol=1e-12):
        # Without perspective, in half the time.
        affine = to_source[:2]
        return np.asarray(
            cv2.warpAffine(
                image, affine, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
            ),
            np.uint8,
        )
    return np.asarray(
        cv2.warpPerspective(
            image, to_source, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
        ),
        np.uint8,
    )


def unbent(image: Raster, to_source: Matrix, bend: Bend, paper: tuple[int, ...]) -> Raster:
    """Resample `image` once through a bend and the map behind it, filling up with paper colour.

    Args:
        image: BGR or gray.
        to_source: pixels of the bent region to `image` pixels.
        bend: of the region; the result has its size.
        paper: a level for every channel.
    """
    result = np.empty((bend.height, bend.width, *image.shape[2:]), np.uint8)
    across = np.arange(bend.width, dtype=np.float32)
    down = _downs(bend)
    m = to_source.astype(np.float32)
    flat = np.allclose(to_source[2], (0.0, 0.0, 1.0), rtol=0.0, atol=1e-12)
    for top in range(0, bend.height, _ROWS_AT_ONCE):
        rows = down[top : top + _ROWS_AT_ONCE]
        rows = rows + np.arange(top, top + len(rows), dtype=np.float32)[:, None]
        x, y = (m[k, 0] * across + m[k, 2] + m[k, 1] * rows for k in (0, 1))
        if not flat:
            away = m[2, 0] * across + m[2, 2] + m[2, 1] * rows
            x, y = x / away, y / away
        cv2.remap(
            image,
            x,
            y,
            cv2.INTER_LINEAR,
            dst=result[top : top + len(rows)],
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=paper,
        )
    return result


def _downs(bend: Bend) -> npt.NDArray[np.float32]:
    """`Bend.at` for every pixel of the region."""
    size = bend.width, bend.height
    return np.asarray(cv2.resize(np.array(bend.down, np.float32), size, interpolation=cv2.INTER_LINEAR))


def as_transform(matrix: Matrix, bend: Bend | None = None) -> Transform:
    """The same map as the contract's frozen nine numbers, with the last one 1, behind a bend."""
    a, b, c, d, e, f, g, h, i = (float(v) for v in (matrix / matrix[2, 2]).ravel())
    return Transform((a, b, c, d, e, f, g, h, i), bend)
