"""Defects are drawn the same way every time, leave their source alone, and tell where they move things."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from defect_shapes import side_by_side
from defects import DEFECTS

ALL = [(name, strength) for name, (_, strengths) in DEFECTS.items() for strength in strengths]
DPI = 100.0
DOTS = np.array([(300.0, 300.0), (520.0, 840.0), (180.0, 620.0)])
NEAR = 4.0
"""Pixels; a bent line is followed to the first order."""


def _page() -> np.ndarray:
    page = np.full((1169, 827, 3), 240, np.uint8)
    for x, y in DOTS:
        cv2.circle(page, (int(x), int(y)), 6, (10, 10, 10), -1)
    return page


@pytest.mark.parametrize(("name", "strength"), ALL)
def test_a_defect_is_the_same_for_the_same_seed_and_leaves_its_source_alone(name, strength):
    page = _page()
    drawn, again = (DEFECTS[name][0](page, DPI, strength, 3).image for _ in range(2))
    assert np.array_equal(drawn, again)
    assert np.array_equal(page, _page())
    assert drawn.dtype == np.uint8
    assert drawn.ndim == 3


@pytest.mark.parametrize(("name", "strength"), ALL)
def test_what_stood_on_the_clean_page_stands_where_the_defect_says(name, strength):
    defective = DEFECTS[name][0](_page(), DPI, strength, 3)
    gray = cv2.cvtColor(defective.image, cv2.COLOR_BGR2GRAY)
    for x, y in defective.moved(DOTS):
        left, top = int(x) - 12, int(y) - 12
        around = gray[top : top + 25, left : left + 25].astype(float)
        ink = np.clip(np.percentile(around, 90) - around - 12, 0, None)
        assert ink.sum() > 0, name
        rows, columns = np.indices(ink.shape)
        at = np.average(columns, weights=ink) + left, np.average(rows, weights=ink) + top
        assert np.hypot(at[0] - x, at[1] - y) < NEAR, name


def test_two_sheets_lie_side_by_side_where_it_is_told():
    page = _page()
    table, origins = side_by_side(page, page, DPI, 1)
    for origin in origins:
        x, y = (origin + DOTS[:1])[0].astype(int)
        assert table[y, x].max() < 40
