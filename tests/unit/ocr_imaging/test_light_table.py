"""A sheet photographed on light wood is found by its colour, a scanned one by its brightness alone."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.imaging.leaf import find_leaf

SHEET = np.array([(190, 240), (1010, 205), (1060, 1400), (150, 1430)])
WOOD = (115, 165, 215)
PAPER = (205, 208, 210)


def photograph() -> np.ndarray:
    """A dim sheet on wood that is as bright as it in red, with grain and noise."""
    rng = np.random.default_rng(5)
    grain = cv2.resize(rng.normal(0, 8, (260, 6)).astype(np.float32), (1200, 1600))
    picture = np.clip(np.array(WOOD) + grain[:, :, None], 0, 255)
    picture = np.ascontiguousarray(picture, np.uint8)
    cv2.fillPoly(picture, [SHEET], PAPER)
    for y in range(400, 1300, 60):
        cv2.putText(picture, "Ho va ten: Nguyen Van Hoa", (260, y), 0, 1.2, (60, 60, 60), 2)
    return picture


def test_a_sheet_on_light_wood_is_found():
    leaf = find_leaf(photograph(), photographed=True)
    assert leaf is not None
    assert np.abs(leaf.corners - SHEET).max() < 15
    assert leaf.flatten


def test_a_scan_of_yellow_paper_is_not_cut_at_its_white_parts():
    scan = np.full((1600, 1200, 3), WOOD, np.uint8)
    cv2.rectangle(scan, (150, 200), (1050, 1400), PAPER, -1)
    assert find_leaf(scan, photographed=False) is None
