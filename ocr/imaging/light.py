"""Even light, quiet seals, readable greys: what readers should see instead of the paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.imaging.levels import grey_percentile
from ocr.imaging.shrink import shrunk

_BACKGROUND_SIDE: Final = 700
# A letter stem is about 0.5 mm, a seal stroke 1 mm: wider dark areas belong to the paper.
_STROKE_INCHES: Final = 0.10
_SMALLEST_SEAL_INCHES: Final = 0.7
_RED_ABOVE_PAPER: Final = 28
# Ink darker than this is left as it is; fainter ink is pulled down towards it.
_WELL_INKED: Final = 70


def paper_light(channel: Raster, dpi: float) -> Raster:
    """Brightness of the bare paper under every pixel, same size as `channel`."""
    height, width = channel.shape[:2]
    scale = min(1.0, _BACKGROUND_SIDE / max(height, width))
    small = shrunk(channel, scale)
    reach = max(3, round(_STROKE_INCHES * dpi * scale)) | 1
    bright = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    bright = cv2.medianBlur(bright, min(31, 4 * reach + 1 | 1))
    return np.asarray(cv2.resize(bright, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def evened(channel: Raster, dpi: float) -> Raster:
    """Divide by the paper's own brightness, so that paper is white wherever it lies."""
    return np.asarray(cv2.divide(channel, paper_light(channel, dpi), scale=255.0), np.uint8)


def stretched(gray: Raster) -> Raster:
    """Darken faint ink: pull the darkest inked pixels of an evened page down to print black."""
    darkest = grey_percentile(gray[::3, ::3], 0.7)
    if darkest <= _WELL_INKED:
        return gray
    darkest = min(darkest, 215.0)
    table = np.clip((np.arange(256) - darkest) * (250 - _WELL_INKED) / (250 - darkest) + _WELL_INKED, 0, 255)
    return np.asarray(cv2.LUT(gray, table.astype(np.uint8)), np.uint8)


def reading_image(image: Raster, dpi: float) -> Raster:
    """Gray picture for readers: light evened, red seals suppressed, faint ink darkened.

    Red ink vanishes in the red channel, pink paper and guilloche turn even. Red ink that is no seal
    (titles, serial numbers) is taken from the green channel instead, where it is dark.

    Args:
        image: BGR.
        dpi: of `image`.
    """
    green, red = (np.asarray(cv2.extractChannel(image, c), np.uint8) for c in (1, 2))
    plain = evened(red, dpi)
    redness = cv2.subtract(plain, evened(green, dpi))
    text = _red_text(np.asarray(redness, np.uint8), dpi)
    if text is not None:
        plain[text] = cv2.subtract(plain, redness)[text]
    return stretched(plain)


def _red_text(redness: Raster, dpi: float) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]] | None:
    """Where red strokes form lines of text rather than seals; ``None`` where there is no red at all."""
    scale = min(1.0, 75.0 / dpi)
    small = shrunk(redness, scale)
    mask = (small > _RED_ABOVE_PAPER).astype(np.uint8)
    if cv2.countNonZero(mask) < 20:
        return None
    reach = max(3, round(0.06 * dpi * scale)) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    side = _SMALLEST_SEAL_INCHES * dpi * scale
    is_text = (stats[:, cv2.CC_STAT_HEIGHT] < side) | (stats[:, cv2.CC_STAT_WIDTH] < side)
    is_text[0] = False
    if count < 2 or not is_text.any():
        return None
    # What lies inside a seal belongs to the seal, however small.
    for box in stats[1:][~is_text[1:]]:
        x, y, w, h = (int(v) for v in box[:4])
        if max(w, h) < 2.2 * min(w, h):
            inner = np.unique(labels[y : y + h, x : x + w])
            is_text[inner] = False
    height, width = redness.shape
    chosen = cv2.dilate(is_text[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return cv2.resize(chosen, (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
