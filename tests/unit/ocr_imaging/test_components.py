"""Pieces of a mask are told alike, however many there are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.imaging.components import components


@pytest.mark.parametrize("share", [0.0, 0.02, 0.12])
def test_pieces_are_those_of_opencv_few_or_more_than_small_labels_can_count(share: float):
    mask = (np.random.default_rng(1).random((1400, 1000)) < share).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    ours, told = components(mask)
    assert np.array_equal(told, stats)
    assert np.array_equal(ours, labels)
    assert (share > 0.1) == (count > np.iinfo(np.uint16).max)
