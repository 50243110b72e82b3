"""How far the lines of a leaf leave the straight: paper that curls into a gutter, or has been wet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.elements import Bend
from ocr.imaging.strips import (
    BLOCK_INCHES,
    STRIP_INCHES,
    Floats,
    Profiles,
    Seen,
    block_rows,
    followed,
    likeness,
    profiles,
    strips_across,
)

# Pieces of the spline across the leaf; a gutter bends the lines over an inch and a half.
_PIECE_INCHES: Final = 0.75
_DEGREE_DOWN: Final = 2
_STIFFNESS: Final = 0.02
_ROUNDS: Final = 6
# How far apart strips are compared, and how far a line is sought up and down, in inches.
_FIRST_LOOK: Final = ((1, 0.10),)
_CLOSER_LOOKS: Final = (
    ((1, 0.05), (2, 0.06)),
    ((1, 0.05), (2, 0.06)),
    ((1, 0.04), (2, 0.05), (4, 0.06)),
)
_COMPARED: Final = (1, 2, 4)
_MOVED_INCHES: Final = 0.01

# A bend that is worth resampling the page for, and beyond doubt.
# Readers bear lines that wave gently by a third of the height of print, and stumble over half as much at
# a gutter, where words stand askew.
_LEAST_BEND_INCHES: Final = 0.045
_LEAST_STEEP_BEND_INCHES: Final = 0.022
_STEEP: Final = 0.04
_FIRST_GUESS: Final = 0.9
# Handwriting that rises on its own agrees with no field; what flattening gains tells then.
_LEAST_AGREEMENT: Final = 0.6
_LEAST_AGREEMENT_WITH_GAIN: Final = 0.4
_GREAT_GAIN: Final = 0.13
_LEAST_STEEP_AGREEMENT: Final = 0.8
_LEAST_GAIN: Final = 0.08
_LEAST_STRIPS: Final = 0.5
_LEAST_COUNT: Final = 12
_LEAST_BLOCKS: Final = 5
# Share of all turning that goes the same way on a leaf that curls on one side only.
_ONE_WAY: Final = 0.7
# Weight of forty quarter inches of a rule, and the share of all that is seen which runs with them.
_LEAST_UPRIGHTS: Final = 8.0
_AGREEING_UPRIGHTS: Final = 0.6
_MOST_LEAN_INCHES: Final = 0.03
_NODES_PER_STRIP: Final = 2
_NODES_DOWN: Final = 7
_MOST_ADDED_INCHES: Final = 0.4


@dataclass(frozen=True, slots=True)
class Flattening:
    """How to lay a curled region flat.

    Attributes:
        turn: degrees to hand to `homography.rotated` first: the curl misled those who levelled the leaf.
        above: rows to add on top, region pixels, so that nothing is pushed out of the picture.
        below: rows to add at the bottom.
        bend: of the region turned and enlarged so.
    """

    turn: float
    above: int
    below: int
    bend: Bend


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A field of displacements and how far it may be relied on.

    Attributes:
        field: see `Field`.
        inches: greatest departure of a line from the straight, where lines were seen.
        steep: greatest slope of a line against its usual slope, pixels down per pixel to the right.
        slope: of the level part of the leaf, pixels down per pixel to the right.
        agreement: share of what was seen that lies on the field, 0 to 1.
        gain: by how much strips fit each other better after flattening, as a difference of correlations.
        strips: share of the width over which lines were seen.
        blocks: rows of the leaf, each `BLOCK_INCHES` high, in which lines were seen.
    """

    field: Field
    inches: float
    steep: float
    slope: float
    agreement: float
    gain: float
    strips: float
    blocks: int

    @property
    def sure(self) -> bool:
        """Whether the lines are bent beyond doubt, and by enough to matter."""
        if self.strips < _LEAST_STRIPS or self.blocks < _LEAST_BLOCKS or self.gain < _LEAST_GAIN:
            return False
        much_gained = self.gain >= _GREAT_GAIN
        if self.inches >= _LEAST_BEND_INCHES:
            return self.agreement >= (_LEAST_AGREEMENT_WITH_GAIN if much_gained else _LEAST_AGREEMENT)
        askew = self.inches >= _LEAST_STEEP_BEND_INCHES and self.steep >= _STEEP
        return askew and much_gained and self.agreement >= _LEAST_STEEP_AGREEMENT


def flattening(gray: Raster, dpi: float, width: int, height: int) -> Flattening | None:
    """Measure how the lines of a leaf are bent.

    Args:
        gray: the upright leaf at layout scale, light evened, paper white.
        dpi: of `gray`.
        width: of the region in its own pixels.
        height: of the region in its own pixels.

    Returns:
        ``None`` where lines are straight, or bent by less than matters for reading, or where too little
        was seen to be sure.
    """
    found = measured(gray, dpi)
    if found is None or not found.sure:
        return None
    lean = upright_lean(gray, dpi)
    angle = float(np.arctan(found.slope if lean is None else -lean))
    scale = height / gray.shape[0]

    def down(columns: Floats, rows: Floats) -> Floats:
        """Displacement on the turned region; the point is looked up where it was before turning."""
        x, y = columns[None, :] - width / 2, rows[:, None] - height / 2
        before = (x - np.sin(angle) * y + width / 2) / width
        fall = scale * np.stack(
            [found.field.at(c, r)[0] for c, r in zip(before, rows[:, None] / height, strict=True)]
        )
        return np.asarray((y + fall - np.sin(angle) * x) / np.cos(angle) - y, np.float64)

    columns = _middles(_NODES_PER_STRIP * found.field.strips) * width
    most = _MOST_ADDED_INCHES * dpi * scale
    top, bottom = down(columns, np.array([0.0, float(height)]))
    above, below = (int(np.ceil(np.clip(v, 0, most))) for v in (top.max(), -bottom.min()))
    whole = height + above + below
    nodes = down(columns, _middles(_NODES_DOWN) * whole - above)
    rounded = tuple(tuple(round(float(v), 2) for v in row) for row in nodes)
    return Flattening(float(np.degrees(angle)), above, below, Bend(width, whole, rounded))


def _middles(cells: int) -> Floats:
    return (np.arange(cells) + 0.5) / cells


def upright_lean(gray: Raster, dpi: float) -> float | None:
    """How upright rules and margins lean, which no curl of the lines changes.

    Args:
        gray: the upright leaf at layout scale, light evened, paper white.
        dpi: of `gray`.

    Returns:
        Pixels to the right per pixel down; ``None`` where too few are seen.
    """
    bands = profiles(np.ascontiguousarray(gray.T), dpi, strips_across(len(gray), dpi))
    seen = followed(bands, dpi, 1, _MOST_LEAN_INCHES)
    shift, weight = seen.fall[seen.weight > 0], seen.weight[seen.weight > 0]
    if not len(shift):
        return None
    order = np.argsort(shift)
    usual = float(shift[order][np.searchsorted(weight[order].cumsum(), weight.sum() / 2)])
    agreeing = weight[np.abs(shift - usual) < dpi / 240]
    if agreeing.sum() < _LEAST_UPRIGHTS or agreeing.sum() < _AGREEING_UPRIGHTS * weight.sum():
        return None
    return float(usual * bands.shape[1] / gray.shape[0])


def measured(gray: Raster, dpi: float) -> Measured | None:
    """The field of displacements of the lines of a leaf; ``None`` where a first look finds them straight.

    Args:
        gray: the upright leaf at layout scale, light evened, paper white.
        dpi: of `gray`.
    """
    height, width = gray.shape
    count = strips_across(width, dpi)
    if count < _LEAST_COUNT or height < 2 * _LEAST_BLOCKS * BLOCK_INCHES * dpi:
        return None
    field = Field.straight(count, height, dpi)
    # Half as large is fine enough to see that a leaf is straight, as most are.
    small = cv2.resize(gray, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    half = profiles(np.asarray(small, np.uint8), dpi / 2, count)
    seen = [field.with_known(followed(half, dpi / 2, lag, reach), 2.0) for lag, reach in _FIRST_LOOK]
    field = field.fitted(seen)
    if _departure(field, seen) < _FIRST_GUESS * _LEAST_STEEP_BEND_INCHES * dpi:
        return None
    strips = profiles(gray, dpi, count)
    for looks in _CLOSER_LOOKS:
        level = _levelled(strips, field)
        seen = [field.with_known(followed(level, dpi, lag, reach)) for lag, reach in looks]
        field = field.fitted(seen)
    weight = sum(float(s.weight.sum()) for s in seen)
    agreeing = sum(float(s.weight[np.abs(field.left_over(s)) < dpi / 120].sum()) for s in seen)
    near = seen[0].weight > 0
    return Measured(
        field,
        _departure(field, seen) / dpi,
        _steepest(field, seen[0]) * count / width,
        _slope(field, seen[0]) * count / width,
        agreeing / max(weight, 1e-9),
        _gain(strips, field, dpi),
        float(near.any(axis=0).mean()),
        int(near.any(axis=1).sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Displacement of lines: cubic splines across the leaf whose weights are polynomials down the leaf.

    Attributes:
        weights: a row for every piece of the spline, a column for every power.
        strips: how many strips the leaf was cut into.
        height: of the leaf, pixels.
        scale: pixels by which a line may be misjudged.
        seen: first and last share of the height at which lines were seen; beyond, the field goes on as it
            was there.
    """

    weights: Floats
    strips: int
    height: int
    scale: float
    seen: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def straight(cls, strips: int, height: int, dpi: float) -> Field:
        """The field of a leaf whose lines are level."""
        pieces = max(3, int(np.ceil(strips * STRIP_INCHES / _PIECE_INCHES)))
        return cls(np.zeros((pieces + 3, _DEGREE_DOWN + 1)), strips, height, dpi / 120)

    def at(self, columns: Floats, rows: Floats) -> Floats:
        """Displacement in pixels, a row for every one of `rows`; both are shares of width and height."""
        down = self._down(np.clip(rows, *self.seen))
        return np.asarray(down @ self.weights.T @ self._across(columns).T, np.float64)

    def at_strips(self, rows: Floats) -> Floats:
        """`at` the middle of every strip."""
        return self.at((np.arange(self.strips) + 0.5) / self.strips, rows)

    def left_over(self, seen: Seen) -> Floats:
        """What the field does not explain, pixels."""
        here = self.at_strips(seen.rows)
        return np.asarray(seen.fall - (here[:, seen.lag :] - here[:, : -seen.lag]), np.float64)

    def with_known(self, seen: Seen, scale: float = 1.0) -> Seen:
        """What was seen on a leaf that had been levelled with this field, as it is on the leaf itself.

        Args:
            seen: on the levelled leaf.
            scale: pixels of the leaf for each of those in which `seen` tells falls.
        """
        known = self.at_strips(seen.rows)
        return replace(seen, fall=seen.fall * scale + known[:, seen.lag :] - known[:, : -seen.lag])

    def fitted(self, seen: Sequence[Seen]) -> Field:
        """The smooth field that most of what was seen agrees with."""
        across = self._across((np.arange(self.strips) + 0.5) / self.strips)
        terms, falls, weights = [], [], []
        for one in seen:
            steps = across[one.lag :] - across[: -one.lag]
            block, strip = np.nonzero(one.weight)
            down = self._down(one.rows[block])
            terms.append((steps[strip][:, :, None] * down[:, None, :]).reshape(len(block), -1))
            falls.append(one.fall[block, strip])
            weights.append(one.weight[block, strip])
        term, fall, weight = np.concatenate(terms), np.concatenate(falls), np.concatenate(weights)
        stiff = self._stiffness(across) * np.sqrt(weight.sum() + 1.0)
        stiff = stiff.T @ stiff
        trusted = weight
        solution = np.zeros(self.weights.size)
        for _ in range(_ROUNDS):
            weighted = term * trusted[:, None]
            solution = np.linalg.solve(weighted.T @ term + stiff, weighted.T @ fall)
            trusted = weight / np.square(1 + np.square((fall - term @ solution) / self.scale))
        rows = [one.rows[one.weight.any(axis=1)] for one in seen if one.weight.any()]
        ends = (min(r[0] for r in rows), max(r[-1] for r in rows)) if rows else (0.0, 1.0)
        return Field(solution.reshape(self.weights.shape), self.strips, self.height, self.scale, ends)

    def _across(self, columns: Floats) -> Floats:
        pieces = len(self.weights) - 3
        away = np.abs(columns[:, None] * pieces - np.arange(-1, pieces + 2))
        near, far = (4 - 6 * away**2 + 3 * away**3) / 6, np.clip(2 - away, 0, None) ** 3 / 6
        return np.asarray(np.where(away < 1, near, far), np.float64)

    def _down(self, rows: Floats) -> Floats:
        return np.asarray((2 * rows[:, None] - 1) ** np.arange(_DEGREE_DOWN + 1), np.float64)

    def _stiffness(self, across: Floats) -> Floats:
        """Equations that keep the field smooth, level where nothing is seen, and on the leaf."""
        pieces, powers = self.weights.shape
        unit = np.eye(pieces)
        rules = np.vstack(
            [
                _STIFFNESS * np.diff(unit, n=2, axis=0),
                0.1 * _STIFFNESS * np.diff(unit, axis=0),
                across.mean(axis=0)[None],
            ]
        )
        # The higher the power, the stiffer.
        return np.vstack([np.kron(rules, (1.0 + k) * np.eye(powers)[k : k + 1]) for k in range(powers)])


def _levelled(strips: Profiles, field: Field) -> Profiles:
    height, count = strips.shape
    rows = np.arange(height, dtype=np.float32)[:, None]
    down = rows + field.at_strips((rows[:, 0] + 0.5) / height).astype(np.float32)
    across = np.broadcast_to(np.arange(count, dtype=np.float32), strips.shape)
    return np.asarray(cv2.remap(strips, across, down, cv2.INTER_LINEAR), np.float32)


def _gain(strips: Profiles, field: Field, dpi: float) -> float:
    """By how much strips fit each other better after flattening, where flattening moves them at all.

    Returns:
        Difference of two correlations, mean over the blocks where strips move against each other.
    """
    level, block = _levelled(strips, field), block_rows(dpi)
    gains = []
    for lag in _COMPARED:
        before, after = (likeness(s[:, :-lag], s[:, lag:], dpi) for s in (strips, level))
        down = field.at_strips((np.arange(len(before)) + 0.5) * block / len(strips))
        moved = np.abs(down[:, lag:] - down[:, :-lag]) >= _MOVED_INCHES * dpi
        gains.append((after - before)[moved & (np.maximum(before, after) > 0)])
    found = np.concatenate(gains)
    return float(found.mean()) if found.size else 0.0


def _slope(field: Field, seen: Seen) -> float:
    """By how much lines fall from strip to strip where the leaf lies flat, pixels.

    A leaf that curls into its gutter lies flat on the other side. One that waves lies flat nowhere, and its
    lines rise as often as they fall.
    """
    steps = np.diff(field.at_strips(seen.rows), axis=1)
    known = seen.weight.any(axis=0)
    if not known.any():
        return 0.0
    steps = np.median(steps[seen.weight.any(axis=1)], axis=0)[known]
    turns = np.diff(steps)
    third = max(1, len(turns) // 3)
    if abs(turns.sum()) < _ONE_WAY * np.abs(turns).sum():
        return float(np.median(steps))
    ends = steps[:third], steps[-third:]
    return float(np.median(min(ends, key=np.ptp)))


def _steepest(field: Field, seen: Seen) -> float:
    """By how much more than usual lines fall or rise from strip to strip where they do so most, pixels."""
    rows = seen.weight.any(axis=1)
    if not rows.any():
        return 0.0
    steps = np.diff(field.at_strips(seen.rows[rows]), axis=1)
    away = np.abs(steps - np.median(steps, axis=1, keepdims=True))
    return float(np.median(np.where(seen.weight.any(axis=0), away, 0.0).max(axis=1)))


def _departure(field: Field, seen: Sequence[Seen]) -> float:
    """Greatest departure from the straight of any line that was seen, pixels from crest to trough."""
    rows = seen[0].rows
    down = field.at_strips(rows)
    across = np.stack([np.ones(field.strips), np.arange(field.strips)], axis=1)
    level = across @ np.linalg.lstsq(across, down.T, rcond=None)[0]
    known = np.zeros(down.shape, bool)
    for one in seen:
        known[:, : -one.lag] |= one.weight > 0
        known[:, one.lag :] |= one.weight > 0
    bent = np.where(known, down - level.T, np.nan)
    full = known.mean(axis=1) >= 0.5
    if not full.any():
        return 0.0
    return float(np.median(np.nanmax(bent[full], axis=1) - np.nanmin(bent[full], axis=1)))
