"""Line pictures as the reader wants them: dark ink on white, cut to the ink, 32 pixels high.

The steps are those of the measured crop cleaning: the paper is divided out, rules and
specks are dropped, the picture is cut to its ink and its contrast stretched.
"""

from __future__ import annotations

import cv2
import numpy as np
from model import FRAMES, HEIGHT

Gray = np.ndarray

_WORKING_HEIGHT = 80
_LEAST_INK = 12


def flatten(gray: Gray) -> Gray:
    """Divide the paper out: a dilated and blurred background becomes white."""
    paper = cv2.medianBlur(cv2.dilate(gray, np.ones((9, 9), np.uint8)), 31)
    return np.clip(255.0 * gray / np.maximum(paper, 1), 0, 255).astype(np.uint8)


def cut_to_ink(gray: Gray) -> Gray:
    """Handwritten or typed field: flattened, without rules and specks, cut to the ink, contrast stretched."""
    if gray.shape[0] > _WORKING_HEIGHT:
        factor = _WORKING_HEIGHT / gray.shape[0]
        width = max(1, round(gray.shape[1] * factor))
        gray = cv2.resize(gray, (width, _WORKING_HEIGHT), interpolation=cv2.INTER_AREA)
    height, width = gray.shape
    flat = flatten(gray)
    ink = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1]
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(60, width // 20)), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((height - 2, 1), np.uint8))
    rules = cv2.dilate(across, np.ones((5, 1), np.uint8)) | cv2.dilate(down, np.ones((1, 7), np.uint8))
    flat[rules > 0] = 255
    ink[rules > 0] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, 8)
    top, tall, area = stats[:, 1], stats[:, 3], stats[:, 4]
    sliver = ((top <= 1) | (top + tall >= height - 1)) & (tall < 0.2 * height)
    keep = (area >= _LEAST_INK) & ~sliver
    keep[0] = False
    ys, xs = np.where(keep[labels])
    if len(xs) > 20:
        low, high = np.percentile(ys, [0.2, 99.8])
        flat = flat[int(max(0, low - 3)) : int(high + 4), max(0, xs.min() - 6) : xs.max() + 7]
    dark = np.percentile(flat, 1)
    return np.clip((flat - dark) * 255.0 / max(1.0, 245 - dark), 0, 255).astype(np.uint8)


def without_slivers(gray: Gray) -> Gray:
    """Printed line: pieces of neighbouring lines at the upper and lower edge painted over."""
    paper = int(np.percentile(gray, 85))
    ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1]
    height = gray.shape[0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, 8)
    top, tall = stats[:, 1], stats[:, 3]
    sliver = ((top <= 1) & (top + tall < 0.28 * height)) | ((top + tall >= height - 1) & (top > 0.8 * height))
    sliver[0] = False
    out = gray.copy()
    out[cv2.dilate(sliver[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = paper
    return out


def strip(gray: Gray, pad: int = 2) -> Gray:
    """The picture 32 pixels high with white beside it, its width a multiple of four."""
    height, width = gray.shape
    wide = min(max(8, round(width * HEIGHT / height)), 4 * FRAMES - 2 * pad - 4)
    method = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_LINEAR
    small = cv2.resize(gray, (wide, HEIGHT), interpolation=method)
    right = pad + (-(wide + 2 * pad)) % 4
    return cv2.copyMakeBorder(small, 0, 0, pad, right, cv2.BORDER_CONSTANT, value=(255,))
