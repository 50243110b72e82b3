"""Ten bits tell scores finely enough, and what is kept of them comes back bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.engines.frame_codes import codes_of, packed, scores_of, unpacked


def scores(steps: int = 40, letters: int = 244) -> np.ndarray:
    raw = np.random.default_rng(1).normal(0, 6, (steps, letters)).astype(np.float32)
    return raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))


def test_likely_letters_are_told_to_a_hundredth_and_all_others_to_a_thirtieth():
    given = scores()
    error = np.abs(scores_of(codes_of(given)) - np.maximum(given, np.log(1e-9)))
    assert error[given > -1].max() < 0.005
    assert error[given > -5].max() < 0.011
    assert error.max() < 0.021


def test_certainty_and_impossibility_stay_what_they_are():
    given = np.array([[0.0, -1000.0, -np.inf, np.nan, 1e-6]], np.float32)
    got = scores_of(codes_of(given))
    assert got[0, 0] == 0
    assert got[0, 4] == 0
    assert np.allclose(got[0, 1:4], np.log(1e-9), atol=1e-4)


def test_scores_that_went_through_once_change_no_more():
    once = scores_of(codes_of(scores()))
    assert np.array_equal(scores_of(codes_of(once)), once)
    assert once.dtype == np.float32


@pytest.mark.parametrize("steps", [0, 1, 57])
def test_packed_codes_come_back(steps: int):
    codes = codes_of(scores(steps))
    assert np.array_equal(unpacked(packed(codes), 244), codes)


def test_bytes_that_are_no_codes_are_refused():
    data = packed(codes_of(scores(5)))
    for broken in (b"", data[:7], data[:-1], data + b"x", data[:8] + b"\xff" * (len(data) - 8)):
        with pytest.raises(ValueError, match="codes"):
            unpacked(broken, 244)
    with pytest.raises(ValueError, match="codes"):
        unpacked(data, 243)
