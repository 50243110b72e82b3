"""Find the sheet of paper on the scanner glass or the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster
from ocr.imaging.homography import Matrix, shifted
from ocr.imaging.shrink import shrunk

_SEARCH_SIDE: Final = 600
# Paper must outshine what it lies on by this much, else its edge is a guess.
_LEAST_STEP: Final = 45.0
_MOST_RELATIVE_DARKNESS: Final = 0.70
_LEAST_SHARE: Final = 0.30
_WHOLE_FRAME_SHARE: Final = 0.985
_LEAST_QUAD_FIT: Final = 0.94
# A scanner shows a sheet as a rectangle; sides that differ more were seen from an angle.
_PERSPECTIVE: Final = 0.012

Corners = npt.NDArray[np.float64]
"""Four rows of x, y: top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A sheet on its background.

    Attributes:
        corners: in pixels of the image it was found in.
        flatten: whether it was seen at an angle or from afar and should be pulled straight.
    """

    corners: Corners
    flatten: bool

    def frame(self) -> tuple[Matrix, int, int]:
        """Map from the straightened or cropped leaf to the image, with the leaf's width and height."""
        if self.flatten:
            (tl, tr, br, bl) = self.corners
            width = round(float(np.linalg.norm(tr - tl) + np.linalg.norm(br - bl)) / 2)
            height = round(float(np.linalg.norm(bl - tl) + np.linalg.norm(br - tr)) / 2)
            flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
            matrix = cv2.getPerspectiveTransform(flat, self.corners.astype(np.float32))
            return np.asarray(matrix, np.float64), width, height
        left, top = np.floor(self.corners.min(axis=0))
        right, bottom = np.ceil(self.corners.max(axis=0))
        return shifted(left, top), int(right - left), int(bottom - top)


def find_leaf(image: Raster, *, photographed: bool) -> Leaf | None:
    """Find the sheet if it surely ends inside the image.

    Args:
        image: BGR.
        photographed: true where no scanner set the scale, so the sheet is flattened however it lies.
    """
    height, width = image.shape[:2]
    scale = _SEARCH_SIDE / max(height, width)
    small = shrunk(image, scale)
    corners = _sheet_in(np.asarray(small.max(axis=2), np.uint8))
    if corners is None and photographed:
        # Wood and skin may be as bright as paper in one colour, never in all three.
        corners = _sheet_in(np.asarray(small.min(axis=2), np.uint8))
    if corners is None:
        return None
    limit = np.array([small.shape[1], small.shape[0]], np.float64)
    corners = np.clip(corners, 0, limit) / scale
    return Leaf(corners, flatten=photographed or _seen_at_an_angle(corners))


def _sheet_in(light: Raster) -> Corners | None:
    """The corners of a sheet that surely outshines all around it, in a small picture of one channel."""
    bright = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    bright = cv2.medianBlur(bright, 5)
    level, paper = cv2.threshold(bright, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    del level
    inside, outside = bright[paper > 0], bright[paper == 0]
    if not outside.size or not inside.size:
        return None
    step = float(np.median(inside)) - float(np.median(outside))
    if step < _LEAST_STEP or np.median(outside) > _MOST_RELATIVE_DARKNESS * np.median(inside):
        return None
    corners = _corners(np.asarray(paper, np.uint8))
    if corners is None:
        return None
    share = cv2.contourArea(corners.astype(np.float32)) / light.size
    return corners if _LEAST_SHARE <= share <= _WHOLE_FRAME_SHARE else None


def _corners(paper: Raster) -> Corners | None:
    """The four corners of the bright area, or ``None`` if it is not one quadrilateral."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    if count < 2:
        return None
    big = stats[:, cv2.CC_STAT_AREA] >= 0.1 * stats[1:, cv2.CC_STAT_AREA].max()
    big[0] = False
    contours, _ = cv2.findContours(big[labels].astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(np.vstack(contours))
    area = cv2.contourArea(hull)
    filled = sum(cv2.contourArea(c) for c in contours)
    if area <= 0 or filled / area < 0.90:
        return None
    perimeter = cv2.arcLength(hull, True)
    for tolerance in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06):
        found = cv2.approxPolyDP(hull, tolerance * perimeter, True)
        if len(found) == 4:
            fit = cv2.contourArea(found) / area
            return (
                _in_reading_order(found.reshape(4, 2).astype(np.float64)) if fit >= _LEAST_QUAD_FIT else None
            )
        if len(found) < 4:
            break
    return None


def _in_reading_order(points: Corners) -> Corners:
    total, difference = points.sum(axis=1), points[:, 0] - points[:, 1]
    order = [total.argmin(), difference.argmax(), total.argmax(), difference.argmin()]
    return np.asarray(points[order], np.float64)


def _seen_at_an_angle(corners: Corners) -> bool:
    (tl, tr, br, bl) = corners
    across = np.linalg.norm(tr - tl), np.linalg.norm(br - bl)
    down = np.linalg.norm(bl - tl), np.linalg.norm(br - tr)
    unequal = max(abs(a - b) / max(a, b) for a, b in (across, down))
    return bool(unequal > _PERSPECTIVE * 2)
