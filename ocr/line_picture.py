"""The picture of one line as line recognisers want it: dark ink on white, cut to the ink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.imaging.levels import grey_percentile

_TALLEST: Final = 80
_WHITE: Final = 245
_INK_MARGIN: Final = 3
_SPECK: Final = 10
_DARK: Final = 160


@dataclass(frozen=True, slots=True, eq=False)
class LinePicture:
    """One written line in the two forms that readers want.

    Attributes:
        ink: cut to the ink, paper white, contrast stretched.
        paper: the same place with the paper as it is.
        left: where column 0 of `ink` lies, region pixels.
        top: likewise for row 0.
        scale: region pixels per pixel of `ink`.
        height: of the line on the page, region pixels.
    """

    ink: Raster
    paper: Raster
    left: float
    top: float
    scale: float
    height: int


def line_picture(strokes: Raster, paper: Raster, left: int, top: int) -> LinePicture:
    """Prepare a line for its readers.

    Contrast matters most on pale scans; a wide margin costs recognisers a fifth of their accuracy
    (29 % against 23 % character error on real handwriting).

    Args:
        strokes: gray crop, rules and leaders taken out.
        paper: gray crop of the same size as scanned.
        left: place of the crop's corner, region pixels.
        top: likewise.
    """
    rows, columns = strokes.shape[:2]
    scale = max(1.0, rows / _TALLEST)
    small = strokes
    if scale > 1:
        size = (max(1, round(columns / scale)), _TALLEST)
        small = np.asarray(cv2.resize(strokes, size, interpolation=cv2.INTER_AREA), np.uint8)
    dark = grey_percentile(small, 1)
    span = max(1.0, _WHITE - dark)
    even = np.clip((small.astype(np.float32) - dark) * 255 / span, 0, 255).astype(np.uint8)
    x0, y0, x1, y1 = _ink_box(even)
    return LinePicture(
        ink=np.ascontiguousarray(even[y0:y1, x0:x1]),
        paper=paper,
        left=left + x0 * scale,
        top=top + y0 * scale,
        scale=scale,
        height=rows,
    )


def _ink_box(picture: Raster) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    ink = (picture < _DARK).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    big = stats[1:count][stats[1:count, cv2.CC_STAT_AREA] >= _SPECK]
    if not len(big):
        return 0, 0, width, height
    left, top = int(big[:, 0].min()) - _INK_MARGIN, int(big[:, 1].min()) - _INK_MARGIN
    right = int((big[:, 0] + big[:, 2]).max()) + _INK_MARGIN
    bottom = int((big[:, 1] + big[:, 3]).max()) + _INK_MARGIN
    return max(0, left), max(0, top), min(width, right), min(height, bottom)
