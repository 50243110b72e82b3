"""Upright strips of a leaf, and how what is seen in one goes on in the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster

Floats: TypeAlias = npt.NDArray[np.float64]
Profiles: TypeAlias = npt.NDArray[np.float32]
"""A row for every row of the leaf, a column for every strip: how inked it is against the rows around."""

STRIP_INCHES: Final = 0.25
BLOCK_INCHES: Final = 0.4
"""Height of the blocks of rows that are compared, each with its neighbours above and below."""

_PAPER_ABOVE: Final = 225
# Taller than letters, lower than two lines of them: what is darker than its surroundings by this measure.
_SURROUNDINGS_INCHES: Final = 0.25
# The edge of the leaf against the scanner's bed is darker than any line of text, and need not run like one.
_EDGE_INCHES: Final = 0.2
_LEAST_LIKENESS: Final = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen of lines going from strip to strip.

    Attributes:
        lag: how many strips lie between the compared ones.
        rows: middles of the blocks that were compared, as shares of the height.
        fall: by how much lines fall from a strip to the other, pixels of the leaf; a row for every block.
        weight: of each fall, 0 to 1.
    """

    lag: int
    rows: Floats
    fall: Floats
    weight: Floats


def strips_across(width: int, dpi: float) -> int:
    """How many strips a leaf is cut into."""
    return max(1, round(width / (STRIP_INCHES * dpi)))


def profiles(gray: Raster, dpi: float, count: int) -> Profiles:
    """How inked every row of every strip is against the rows around it.

    Args:
        gray: light evened, paper white, at layout scale.
        dpi: of `gray`.
        count: of strips, see `strips_across`.
    """
    height = len(gray)
    ink = np.asarray(cv2.subtract(np.full_like(gray, _PAPER_ABOVE), gray), np.uint8)
    rows = cv2.resize(ink, (count, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    rows = cv2.sepFilter2D(rows, -1, np.ones(1), cv2.getGaussianKernel(5, dpi / 120))  # type: ignore[assignment]
    edge = round(_EDGE_INCHES * dpi)
    rows[:edge] = rows[height - edge :] = 0
    around = cv2.blur(rows, (1, round(_SURROUNDINGS_INCHES * dpi) | 1))
    return np.asarray(rows - around, np.float32)


def followed(level: Profiles, dpi: float, lag: int, reach_inches: float) -> Seen:
    """Seek what makes rows in one strip in the strip `lag` further right.

    Args:
        level: see `profiles`; may be squeezed or moved up and down.
        dpi: of the rows of `level`; falls are told in these rows.
        lag: strips.
        reach_inches: how far a line may have moved up or down.
    """
    reach, block = max(2, round(reach_inches * dpi)), block_rows(dpi)
    height = len(level)
    left, right = level[:, :-lag], np.pad(level[:, lag:], ((reach, reach), (0, 0)))
    inked = _in_blocks(level * level, block)
    floor = 0.1 * np.median(inked) + 1e-6
    usual = np.sqrt((inked[:, :-lag] + floor) * (inked[:, lag:] + floor))
    moved = range(2 * reach + 1)
    alike = np.stack([_in_blocks(left * right[m : m + height], block) for m in moved]) / usual
    best = np.clip(alike.argmax(axis=0), 1, 2 * reach - 1)[None]
    before, there, after = (np.take_along_axis(alike, best + step, 0)[0] for step in (-1, 0, 1))
    hollow = 2 * there - before - after
    exact = np.where(hollow > 1e-9, (after - before) / (2 * np.maximum(hollow, 1e-9)), 0.0)
    peak = (there >= before) & (there >= after)
    weight = np.where(peak, np.square(np.clip(there - _LEAST_LIKENESS, 0, None)), 0.0)
    rows = (np.arange(len(inked)) + 0.5) * block / height
    fall = best[0] - reach + exact
    return Seen(lag, rows, np.asarray(fall, np.float64), np.asarray(weight, np.float64))


def likeness(left: Profiles, right: Profiles, dpi: float) -> Floats:
    """Correlation of strips with others, a row for every block."""
    block = block_rows(dpi)
    own = _in_blocks(left * left, block) * _in_blocks(right * right, block)
    return _in_blocks(left * right, block) / np.sqrt(own + 1e-6)


def block_rows(dpi: float) -> int:
    """Rows of a block."""
    return max(4, round(BLOCK_INCHES * dpi))


def _in_blocks(values: Profiles, block: int) -> Floats:
    """Sums over blocks of rows, each taken together with the blocks above and below it."""
    whole = len(values) // block
    sums = values[: whole * block].reshape(whole, block, -1).sum(axis=1)
    padded = np.pad(sums, ((1, 1), (0, 0)))
    return np.asarray(padded[:-2] + padded[1:-1] + padded[2:], np.float64)
