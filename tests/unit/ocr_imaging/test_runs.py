"""Long runs of ink against OpenCV's opening with a kernel one pixel wide."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.imaging.runs import long_runs


def strokes(height: int, width: int) -> np.ndarray:
    """Rules of all lengths, some beyond the edges, with holes and specks."""
    draw = np.random.default_rng(5)
    mask = np.zeros((height, width), np.uint8)
    for n in range(120):
        left, top = draw.integers(-40, width), draw.integers(-40, height)
        long, thick = draw.integers(1, 120), draw.integers(1, 4)
        wide, tall = (long, thick) if n % 2 else (thick, long)
        mask[max(0, top) : max(0, top + tall), max(0, left) : max(0, left + wide)] = 255
    mask[draw.random(mask.shape) < 0.01] = 0
    mask[draw.random(mask.shape) < 0.01] = 255
    return mask


@pytest.mark.parametrize("length", [1, 2, 3, 15, 16, 40, 63])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("ink", [1, 255])
def test_the_same_pixels_stay_as_after_an_opening(length, upright, ink):
    mask = np.minimum(strokes(203, 331), ink)
    kernel = np.ones((length, 1) if upright else (1, length), np.uint8)
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    assert np.array_equal(long_runs(mask, length, upright=upright) > 0, opened > 0)


@pytest.mark.parametrize("upright", [False, True])
def test_a_picture_smaller_than_the_run_has_only_what_fills_it(upright):
    mask = np.zeros((9, 9), np.uint8)
    assert not long_runs(mask, 40, upright=upright).any()
    kernel = np.ones((40, 1) if upright else (1, 40), np.uint8)
    mask[4, :] = mask[:, 4] = 255
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    assert np.array_equal(long_runs(mask, 40, upright=upright), opened)
