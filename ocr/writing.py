"""Which strokes are the writing of one line, and which are dirt, leaders' rests and other lines' tails.

The strokes of the page are settled once (`ocr.strokes`); then each place is asked for its written lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ocr.elements import Box
from ocr.ink import InkPage
from ocr.strokes import LETTER, LINE_STEP, ONE_LINE, Strokes, are_spots, cut_under_lines, letters_in, smooth

_LETTER_AREA = 0.02
_LEAST_INK = 0.10
_NEAR = 0.45
"""A dot, a tone mark or a comma is so near to its letter."""
_WORD_GAP = 1.5
_LONE_SHARE = 0.15
_WIDE_GAP = 7.0
_FIRST_SHARE = 0.12
_LIKE = 0.6
_LETTER_AWAY = 3.0
"""A single letter belongs to words that stand within so many heights of it."""
_SPRAWLING = 3.6
"""Taller strokes are no letters but signatures, stains and seals."""
_ENOUGH_LETTERS = 4
_FADED = 0.02
_FULL_LINE, _SHORT_LINE = 0.12, 0.04
"""Ink of a line, and of a last line of one short word, as share of the fullest line of a value."""
_VALLEY, _CLEAR_VALLEY = 0.65, 0.2
"""Ink between two lines, as share of the fainter one's; a short line has to stand clear."""
_FULL_STEP, _CLEAR_STEP, _STEP_GAP = 2.0, 1.4, 3.0
_WELL_ABOVE, _UNDER, _SQUEEZED = 0.75, 0.4, 3.0
"""A stroke of a squeezed line has full-sized letters over this share; all are so many heights wide."""
_OVER_STRIKE = 0.8
"""Middles of a correction stand so many heights above the stroke that crosses out what it replaces."""
_TOUCHING, _STRUCK_LETTERS = 4, 3
_AMONG = 0.5
"""A stroke that shares so much of the height of a line's small letters stands among them."""
_LINE, _SCRAP, _CLEAR = 4.0, 2, 2.0
"""Beside a line so many heights long, so few letters standing so many heights off are no line."""


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Letters that stand together."""

    letters: Strokes

    @property
    def left(self) -> int:
        return int(self.letters[:, 0].min())

    @property
    def right(self) -> int:
        return int(self.letters[:, 2].max())

    @property
    def ink(self) -> int:
        return int(self.letters[:, 4].sum())

    @property
    def height(self) -> float:
        return float((self.letters[:, 3] - self.letters[:, 1]).max())


def writing_of(found: Strokes, height: float, *, gap: float = _WIDE_GAP) -> Box | None:
    """Box around the writing of one line; ``None`` where nothing but dirt stands.

    Args:
        found: settled strokes of which some may be the line's.
        height: of a printed word, pixels.
        gap: behind so many heights of blank paper nothing belongs to the line any more.
    """
    tall = found[:, 3] - found[:, 1]
    letters = found[
        (tall >= LETTER * height) & (tall <= _SPRAWLING * height) & (found[:, 4] >= _LETTER_AREA * height**2)
    ]
    if not len(letters) or letters[:, 4].sum() < _LEAST_INK * height**2:
        return None
    runs = _kept(_nearest(_runs(letters, _WORD_GAP * height), height, gap), height)
    if not runs:
        return None
    core = np.vstack([run.letters for run in runs])
    spans = [(run.left - _NEAR * height, run.right + _NEAR * height) for run in runs]
    top, bottom = core[:, 1].min() - _NEAR * height, core[:, 3].max() + _NEAR * height
    near = np.zeros(len(found), bool)
    for left, right in spans:
        near |= (found[:, 2] > left) & (found[:, 0] < right)
    near &= (found[:, 3] > top) & (found[:, 1] < bottom) & (found[:, 4] >= 0.008 * height**2)
    near &= found[:, 2] - found[:, 0] < 3 * np.maximum(0.4 * height, tall)
    whole = np.vstack((core, found[near]))
    return (
        int(whole[:, 0].min()),
        int(whole[:, 1].min()),
        int(whole[:, 2].max()),
        int(whole[:, 3].max()),
    )


def _runs(letters: Strokes, gap: float) -> list[_Run]:
    groups: list[list[npt.NDArray[np.int32]]] = []
    right = 0.0
    for letter in letters[np.argsort(letters[:, 0], kind="stable")]:
        if groups and letter[0] - right <= gap:
            groups[-1].append(letter)
            right = max(right, float(letter[2]))
        else:
            groups.append([letter])
            right = float(letter[2])
    return [_Run(np.array(group, np.int32)) for group in groups]


def _nearest(runs: Sequence[_Run], height: float, gap: float) -> list[_Run]:
    """Runs up to the first very wide gap: far behind a value only stains and the page's edge stand."""
    chains: list[list[_Run]] = []
    for run in runs:
        if chains and run.left - chains[-1][-1].right <= gap * height:
            chains[-1].append(run)
        else:
            chains.append([run])
    most = max(sum(run.ink for run in chain) for chain in chains)
    for chain in chains:
        spot = len(chain) == 1 and len(chain[0].letters) == 1 and _is_spot(chain[0], height)
        if not spot and sum(run.ink for run in chain) >= _FIRST_SHARE * most:
            return chain
    return list(runs)


def _kept(runs: Sequence[_Run], height: float) -> list[_Run]:
    """Runs that are words: the heaviest one, all like it, and single letters that stand near."""
    main = max(runs, key=lambda run: run.ink)
    if len(main.letters) == 1 and _is_spot(main, height):
        return []
    words = [
        run
        for run in runs
        if run is main or (run.height >= _LIKE * main.height and (len(run.letters) > 1 or _heavy(run, main)))
    ]
    left, right = min(run.left for run in words), max(run.right for run in words)
    kept = []
    for run in runs:
        away = max(left - run.right, run.left - right)
        if run in words or (away <= _LETTER_AWAY * height and not _is_spot(run, height)):
            kept.append(run)
    return kept


def _heavy(run: _Run, main: _Run) -> bool:
    return run.ink >= _LONE_SHARE * main.ink


def _is_spot(run: _Run, height: float) -> bool:
    left, _, right, _, _ = (int(v) for v in run.letters[0])
    return bool(are_spots(run.letters[:1], height)[0]) and right - left > 0.3 * height


def written_lines(
    ink: InkPage,
    zone: Box,
    erased: Sequence[Box] = (),
    *,
    slope: float = 0.0,
    gap: float = _WIDE_GAP,
) -> list[Box]:
    """Boxes of the written lines in a zone, from top to bottom.

    Each stroke belongs to the line in which its middle lies; lines are told by the rows where ink gathers.

    Args:
        ink: settled strokes.
        zone: where the middles of the strokes lie.
        erased: labels, never part of a value.
        slope: of the lines, pixels down per pixel to the right.
        gap: behind so many heights of blank paper nothing belongs to a line any more.
    """
    if zone[2] <= zone[0] or zone[3] <= zone[1]:
        return []
    found = cut_under_lines(ink, ink.inside(zone, erased))
    level = found.copy()
    shift = np.round(slope * ((found[:, 0] + found[:, 2]) / 2 - (zone[0] + zone[2]) / 2)).astype(np.int32)
    level[:, 1] -= shift
    level[:, 3] -= shift
    bounds = line_bounds(level, zone, ink.height)
    boxes = []
    middle = (level[:, 1] + level[:, 3]) / 2
    for here in _of_lines(level, [(middle >= top) & (middle < bottom) for top, bottom in bounds], ink.height):
        below = np.zeros(len(found), bool)
        below[here] = _squeezed_under(level[here], ink.height)
        for line in (here & ~below, below):
            box = writing_of(found[line], ink.height, gap=gap)
            if box is not None:
                boxes.append(box)
    return _without_scraps(ink, boxes)


def lines_of_cell(ink: InkPage, zone: Box) -> list[Box]:
    """The written lines of a table cell; where one was crossed out, what was written above it instead."""
    lines = written_lines(ink, zone)
    for rule in ink.leaders:
        if zone[0] <= rule[0] and zone[1] < rule[1] and rule[2] <= zone[2] and rule[3] < zone[3]:
            if not _crosses_out(ink, rule):
                continue
            middle = (rule[1] + rule[3]) / 2
            above = written_lines(ink, (*zone[:3], round(middle - _OVER_STRIKE * ink.height)))
            if above:
                return [*above, *(line for line in lines if line[1] > middle + _OVER_STRIKE * ink.height)]
    return lines


def _crosses_out(ink: InkPage, rule: Box) -> bool:
    """Whether a rule runs through letters: it parts them into pieces that touch it from above and below."""
    left, top, right, bottom = rule
    near = ink.inside((left, round(top - 2 * ink.height), right, round(bottom + 2 * ink.height)))
    over, under = near[abs(near[:, 3] - top) <= _TOUCHING], near[abs(near[:, 1] - bottom) <= _TOUCHING]
    return letters_in(over, ink.height) >= _STRUCK_LETTERS and len(under) > 0


def _of_lines(
    strokes: Strokes, lines: list[npt.NDArray[np.bool_]], height: float
) -> list[npt.NDArray[np.bool_]]:
    """Strokes given to the line among whose small letters they stand: tails and risers move their middle."""
    tall = strokes[:, 3] - strokes[:, 1]
    letters = (tall >= LETTER * height) & (tall <= ONE_LINE * height)
    feet = [_foot(strokes[line & letters]) for line in lines if (line & letters).any()]
    if len(lines) < 2 or len(feet) < len(lines):
        return lines
    shared = np.stack(
        [np.minimum(strokes[:, 3], foot) - np.maximum(strokes[:, 1], foot - height) for foot in feet]
    )
    own, most = shared.argmax(axis=0), shared.max(axis=0)
    moved = letters & (most >= _AMONG * height)
    return [np.where(moved, own == n, line) for n, line in enumerate(lines)]


def _foot(letters: Strokes) -> float:
    """Foot of a line: that of its letters by the ink in each, so that marks and tails do not move it."""
    order = np.argsort(letters[:, 3], kind="stable")
    inked = np.cumsum(letters[order, 4])
    return float(letters[order[np.searchsorted(inked, 0.4 * inked[-1])], 3])


def _squeezed_under(strokes: Strokes, height: float) -> npt.NDArray[np.bool_]:
    """Which strokes are a value's end, written so close under its beginning that no row of paper parts them.

    They reach below the foot of the line and have letters of it above them, which tails of its own have not.
    """
    tall = strokes[:, 3] - strokes[:, 1]
    middle = (strokes[:, 1] + strokes[:, 3]) / 2
    letters = (tall >= LETTER * height) & (tall <= ONE_LINE * height)
    under = np.zeros(len(strokes), bool)
    if letters.sum() < 2 * _ENOUGH_LETTERS:
        return under
    foot = np.percentile(strokes[letters, 3], 40)
    low = letters & (middle > foot)
    # The tone marks of large writing are as tall as small print.
    above = strokes[letters & ~low & (tall > _WELL_ABOVE * max(height, float(np.median(tall[letters]))))]
    for n in np.flatnonzero(low):
        left, _, right, bottom, _ = strokes[n]
        over = above[above[:, 3] < bottom - 0.5 * height]
        shared = np.clip(np.minimum(over[:, 2], right) - np.maximum(over[:, 0], left), 0, None).sum()
        under[n] = shared > _UNDER * (right - left)
    squeezed = strokes[under]
    if not len(squeezed) or (squeezed[:, 2] - squeezed[:, 0]).sum() < _SQUEEZED * height:
        return np.zeros(len(strokes), bool)
    left, right = squeezed[:, 0].min() - height, squeezed[:, 2].max() + height
    beside = (strokes[:, 0] > left) & (strokes[:, 2] < right)
    under |= beside & (middle > foot) & (strokes[:, 1] > foot - height)
    return under


def _without_scraps(ink: InkPage, lines: Sequence[Box]) -> list[Box]:
    """Written lines without what stains, seals and ends of rules leave clear above or below them."""
    height = ink.height

    def letters(box: Box) -> int:
        strokes = ink.inside(box)
        tall, wide = strokes[:, 3] - strokes[:, 1] >= LETTER * height, strokes[:, 2] - strokes[:, 0]
        return letters_in(strokes[tall & (wide <= _LINE * height)], height) + int(
            (tall & (wide > _LINE * height)).sum()
        )

    long = [box for box in lines if box[2] - box[0] >= _LINE * height and letters(box) > _SCRAP]
    words = [box for box in lines if not long or letters(box) > 1 or box[2] - box[0] > height]
    return [
        box
        for box in words
        if letters(box) > _SCRAP
        or min((max(box[1] - b[3], b[1] - box[3]) for b in long), default=0) <= _CLEAR * height
    ]


def line_bounds(found: Strokes, zone: Box, height: float) -> list[tuple[float, float]]:
    """Upper and lower bound of each written line among some strokes."""
    tall = found[:, 3] - found[:, 1]
    letters = found[(tall >= LETTER * height) & (tall < 3.5 * height)]
    if not len(letters):
        return [(zone[1], zone[3])]
    profile = np.zeros(zone[3] - zone[1] + 1, np.float64)
    for _, top, _, bottom, inked in letters.tolist():
        # A letter's weight lies around its middle: tails and risers reach into other lines.
        inner = 0.25 * (bottom - top)
        first = min(max(0, round(top + inner - zone[1])), len(profile) - 2)
        last = min(len(profile) - 1, max(first + 1, round(bottom - inner - zone[1])))
        profile[first:last] += inked / (last - first)
    bounds = [(zone[1] + a, zone[1] + b) for a, b in _bounds(profile, height)]
    return _without_steps(bounds, letters, height)


def _without_steps(
    bounds: Sequence[tuple[float, float]], letters: Strokes, height: float
) -> list[tuple[float, float]]:
    """The same bounds, with those joined that are one rising or falling line, nothing above anything."""
    middle = (letters[:, 1] + letters[:, 3]) / 2
    joined: list[tuple[float, float]] = []
    for top, bottom in bounds:
        here = letters[(middle >= top) & (middle < bottom)]
        if joined and len(here):
            above = letters[(middle >= joined[-1][0]) & (middle < joined[-1][1])]
            if len(above) and not _above_one_another(above, here, height):
                joined[-1] = (joined[-1][0], bottom)
                continue
        joined.append((top, bottom))
    return joined


def _above_one_another(above: Strokes, below: Strokes, height: float) -> bool:
    step = float(np.median(below[:, 1] + below[:, 3]) - np.median(above[:, 1] + above[:, 3])) / 2
    apart = max(above[:, 0].min() - below[:, 2].max(), below[:, 0].min() - above[:, 2].max())
    if step > (_FULL_STEP if apart <= _STEP_GAP * height else _CLEAR_STEP) * height:
        return True  # the end of a value stands under its label, far from where it began
    shared = sum(
        float(np.clip(np.minimum(above[:, 2], right) - np.maximum(above[:, 0], left), 0, None).max())
        for left, _, right, _, _ in below.tolist()
    )
    return shared > 0.3 * float((below[:, 2] - below[:, 0]).sum())


def _bounds(profile: npt.NDArray[np.float64], height: float) -> list[tuple[int, int]]:
    heavy = smooth(profile, 0.8 * height)
    step = round(LINE_STEP * height)
    peaks: list[int] = []
    for n in np.argsort(-heavy, kind="stable"):
        if heavy[n] < _SHORT_LINE * heavy.max():
            break
        if all(abs(int(n) - p) >= step for p in peaks) and (
            heavy[n] >= heavy[max(0, n - 2) : n + 3].max() - 1e-9
        ):
            peaks.append(int(n))
    peaks.sort()
    cuts = []
    for a, b in pairwise(peaks):
        low = a + int(np.argmin(heavy[a : b + 1]))
        less = min(heavy[a], heavy[b])
        if heavy[low] <= (_VALLEY if less >= _FULL_LINE * heavy.max() else _CLEAR_VALLEY) * less:
            cuts.append(low)
    bounds = []
    reach = round(0.6 * height)
    edges = [0, *cuts, len(profile)]
    for first, last in pairwise(edges):
        peak = first + int(np.argmax(heavy[first:last]))
        inked = heavy[first:last] > _FADED * heavy[peak]
        # What stands clear of the letters is not of their line: only marks may, close above and below.
        blank = np.flatnonzero(~inked) + first
        above, below = blank[blank < peak], blank[blank > peak]
        top = max(first, int(above[-1]) - reach) if len(above) else first
        bottom = min(last, int(below[0]) + reach) if len(below) else last
        bounds.append((top, bottom))
    return bounds


def on_whole_strokes(ink: InkPage, box: Box) -> Box:
    """A box of words, widened to the strokes that stand mostly within it and drawn back from the others."""
    left, top, right, bottom = box
    strokes = ink.boxes
    level = (strokes[:, 1] < bottom) & (strokes[:, 3] > top)
    strokes = strokes[level & (strokes[:, 3] - strokes[:, 1] <= _SPRAWLING * ink.height)]
    width = np.maximum(1, strokes[:, 2] - strokes[:, 0])
    shared = np.minimum(strokes[:, 2], right) - np.maximum(strokes[:, 0], left)
    middle = (strokes[:, 1] + strokes[:, 3]) / 2
    mostly = strokes[(shared > 0.5 * width) & (middle > top) & (middle < bottom)]
    if not len(mostly):
        return box
    return (
        int(mostly[:, 0].min()),
        min(top, int(mostly[:, 1].min())),
        int(mostly[:, 2].max()),
        max(bottom, int(mostly[:, 3].max())),
    )
