"""Scores of line recognisers in ten bits: fine enough to decode, small enough to keep.

The code of a score is the root of its distance from certainty: steps of a hundredth and less where a letter
is likely, of a thirtieth where it is all but impossible. Below one in 10^9 all are alike.
"""

from __future__ import annotations

import math
import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from ocr.engines.ctc import Scores

Codes = npt.NDArray[np.uint16]

CODING: Final = "root 10 bit to 1e-9"
"""For the keys of caches; changes when the same code comes to mean another score."""
_HIGHEST: Final = 1023
_LEAST: Final = -math.log(1e-9)
_PER_ROOT: Final = _HIGHEST / math.sqrt(_LEAST)
_SCORES: Final = (-((np.arange(_HIGHEST + 1) / _PER_ROOT) ** 2)).astype(np.float32)
_SHAPE: Final = struct.Struct("<II")


def codes_of(scores: Scores) -> Codes:
    """Codes of natural logarithms of probabilities; what is no number counts as impossible."""
    distance = np.maximum(np.fmin(-scores, np.float32(_LEAST)), 0)
    return np.rint(np.sqrt(distance) * np.float32(_PER_ROOT)).astype(np.uint16)


def scores_of(codes: Codes) -> Scores:
    """Natural logarithms of probabilities, the same for the same codes on every machine."""
    return np.asarray(_SCORES[codes], np.float32)


def packed(codes: Codes) -> bytes:
    """Codes of shape steps x letters as bytes that compress well: upper halves first, then the lower."""
    upper, lower = (codes >> 8).astype(np.uint8), codes.astype(np.uint8)
    return _SHAPE.pack(*codes.shape) + upper.tobytes() + lower.tobytes()


def unpacked(data: bytes, letters: int) -> Codes:
    """The codes that `packed` was given.

    Raises:
        ValueError: the bytes are no codes of so many letters.
    """
    if len(data) < _SHAPE.size:
        raise ValueError("no codes")
    steps, columns = _SHAPE.unpack_from(data)
    halves = np.frombuffer(data, np.uint8, offset=_SHAPE.size)
    if columns != letters or len(halves) != 2 * steps * columns:
        raise ValueError(f"codes of {steps} x {columns} in {len(halves)} bytes")
    upper, lower = halves.reshape(2, steps, columns).astype(np.uint16)
    codes = (upper << 8 | lower).astype(np.uint16)
    if codes.size and codes.max() > _HIGHEST:
        raise ValueError("codes beyond ten bits")
    return codes
