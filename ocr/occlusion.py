"""Things that lie on a page and hide what is written there: a thumb, a clip, a coloured slip."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.elements import Box
from ocr.imaging.levels import grey_percentile
from ocr.imaging.shrink import shrunk
from ocr.leaf import Leaf

_DPI: Final = 40.0
_LEAST_INCHES: Final = 0.45
"""Narrower things are strokes, seals and the edges of stains."""
_LEAST_AREA: Final = 0.5
_OTHER_COLOUR: Final = 16
"""Distance from the paper in the colour plane of Lab; skin keeps 20 and more, yellowed paper 8."""
_BLACK: Final = 0.3
_MOST_LETTERS: Final = 3
"""Under a stain letters still show; under a thumb none do."""


def covered_areas(leaf: Leaf) -> tuple[Box, ...]:
    """Boxes of things that hide part of a face, region pixels; print under them is not legible."""
    region = leaf.source.region
    if leaf.born_digital or region.image.ndim != 3:
        return ()
    scale = min(1.0, _DPI / region.dpi)
    small = shrunk(region.image, scale)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    light, *plane = (np.asarray(channel, np.uint8) for channel in cv2.split(lab))
    bright = np.where(light >= grey_percentile(light, 50), np.uint8(1), np.uint8(0))
    middle, *centre = (grey_percentile(channel, 50, bright) for channel in (light, *plane))
    away = np.hypot(*(c.astype(np.float32) - m for c, m in zip(plane, centre, strict=True)))
    other = (away > _OTHER_COLOUR) | (light < _BLACK * middle)
    side = max(3, round(_LEAST_INCHES * region.dpi * scale))
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    solid = cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_OPEN, shape)
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    inch = region.dpi * scale
    areas: list[Box] = []
    for x, y, w, h, pixels in stats[1:count].tolist():
        box = (round(x / scale), round(y / scale), round((x + w) / scale), round((y + h) / scale))
        if pixels >= _LEAST_AREA * inch**2 and _letters(leaf, box) < _MOST_LETTERS:
            areas.append(box)
    return tuple(areas)


def _letters(leaf: Leaf, box: Box) -> int:
    """Letters well inside a box."""
    inset = round(0.1 * min(box[2] - box[0], box[3] - box[1]))
    found = leaf.ink.inside((box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset))
    tall = found[:, 3] - found[:, 1]
    return int(((tall > 0.5 * leaf.height) & (tall < 2 * leaf.height)).sum())
