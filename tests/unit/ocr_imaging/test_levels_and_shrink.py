"""The quick ways of measuring and shrinking a picture give what the plain ways give."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.imaging.levels import grey_percentile
from ocr.imaging.ruling import without_ruling
from ocr.imaging.shrink import shrunk
from tests.unit.ocr_imaging import drawings


@given(st.integers(0, 2**32 - 1), st.sampled_from((0.05, 0.7, 1.0, 50.0, 80.0, 99.9, 100.0)))
def test_a_percentile_from_the_histogram_is_numpys(seed: int, percent: float) -> None:
    chance = np.random.default_rng(seed)
    gray = chance.integers(0, chance.integers(1, 257), chance.integers(1, 40, 2), np.uint8)
    assert grey_percentile(gray, percent) == pytest.approx(np.percentile(gray, percent))
    assert grey_percentile(gray[::3, ::2], percent) == pytest.approx(np.percentile(gray[::3, ::2], percent))


@pytest.mark.parametrize("scale", [1.0, 0.73, 0.5, 0.26, 0.1])
@pytest.mark.parametrize("size", [(351, 248), (350, 247)])
def test_a_picture_shrunk_in_steps_is_the_picture_shrunk_at_once(size: tuple[int, int], scale: float) -> None:
    image = cv2.resize(drawings.sheet(), size[::-1], interpolation=cv2.INTER_AREA)
    plain = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    stepped = shrunk(image, scale)
    assert stepped.shape == plain.shape
    assert np.abs(stepped.astype(int) - plain).mean() < 3


def test_leaders_and_rules_go_and_letters_with_their_marks_stay() -> None:
    plain = drawings.sheet()[:, :, 1].copy()
    ruled = plain.copy()
    ruled[157:159, 120:1120:5] = 40
    cv2.rectangle(ruled, (60, 60), (1180, 1700), 30, 3)
    clean = without_ruling(ruled, drawings.DPI)
    added, left = (ruled < 120) & (plain > 200), (clean < 120) & (plain > 200)
    assert left.sum() < 0.02 * added.sum()
    assert (clean[plain < 120] < 120).mean() > 0.98
    assert np.array_equal(without_ruling(plain, drawings.DPI), plain)
