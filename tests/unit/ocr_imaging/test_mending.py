"""Streaks of the feeder and noise of dim light go; ruling, frames and sound pictures stay as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.imaging.mending import mended, noise, streaks

PAPER = 225


def page(border: int = 0) -> np.ndarray:
    """A form with lines of print, a frame and a ruled table; `border` pixels of dark scanner bed around."""
    image = np.full((1754, 1240, 3), PAPER, np.uint8)
    for n in range(30):
        text = f"Ho ten {n}: Nguyen Van Hoa, sinh nam 19{50 + n}"
        cv2.putText(image, text, (120, 150 + 50 * n), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (40, 40, 40), 2)
    cv2.rectangle(image, (45, 45), (1195, 1709), (50, 50, 50), 2)
    for x in (500, 800):
        cv2.line(image, (x, 400), (x, 1300), (50, 50, 50), 2)
    return cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_CONSTANT, value=(15, 15, 15))


@pytest.mark.parametrize("border", [0, 60])
@pytest.mark.parametrize("turn", [False, True])
def test_a_streak_from_edge_to_edge_is_taken_out_whichever_way_the_page_lies(border: int, turn: bool):
    clean = page(border)
    dirty = clean.copy()
    x = 640 + border
    dirty[:, x : x + 2] = (dirty[:, x : x + 2] * 0.4 + 40).astype(np.uint8)
    if turn:
        clean, dirty = (np.ascontiguousarray(np.rot90(image)) for image in (clean, dirty))
    fixed = mended(dirty)
    bare = cv2.absdiff(dirty, clean).max(axis=2) > 60
    bare &= cv2.erode(clean, np.ones((9, 9), np.uint8)).max(axis=2) == PAPER
    assert bare.sum() > 1000
    assert cv2.absdiff(fixed, clean).max(axis=2)[bare].max() < 5


def test_frames_rules_and_the_edge_of_the_bed_are_no_streaks():
    for image in (page(), page(60)):
        assert streaks(image) == []
        assert mended(image) is image


def test_a_wide_dark_band_is_no_streak():
    image = page()
    image[:, 300:330] = 90
    assert streaks(image) == []


def test_a_noisy_photograph_is_smoothed_and_a_sound_scan_is_not():
    rng = np.random.default_rng(3)
    noisy = np.clip(page() * 0.6 + 20 + rng.normal(0, 12, page().shape), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", page(), (cv2.IMWRITE_JPEG_QUALITY, 30))
    assert noise(page()) < 0.01
    assert noise(cv2.imdecode(data, cv2.IMREAD_COLOR)) < 0.02
    assert noise(noisy) > 0.05
    assert noise(mended(noisy)) < 0.5 * noise(noisy)


def test_tiny_pictures_are_left_alone():
    tiny = np.full((20, 15, 3), 255, np.uint8)
    assert mended(tiny) is tiny
