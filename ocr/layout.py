"""Where the lines of a form stand on a page.

The lines of a form come in a fixed order; reading gives lines with damaged labels, and misses some.
An alignment of the two in order finds what belongs to what, although the same label ("Họ, chữ đệm,
tên") stands in several sections. Lines that reading missed are placed between their neighbours, on
the dotted leader nearest to where they are expected.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocr.elements import Line
from ocr.forms.schema import Row
from ocr.ink import InkPage
from ocr.labels import EXACT, LabelMatch, find_label, worth_searching

Score = tuple[float, tuple[LabelMatch | None, ...]]
"""How well a line read fits a line of the form, with the label of each slot."""

_FAULTLESS = 1.3
"""How much more a label counts that was read without a fault."""
_STEP_WORTH = 5.0
_SAME_LINE = 0.3
"""Rows whose feet differ by less than this share of a label's height stand on one line."""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A form line on the page.

    Attributes:
        row: the form's line.
        line: index of the line read there; ``None`` where reading missed it.
        matches: label found for each slot, or ``None``.
        base: foot of the printed text, region pixels.
        weight: letters of labels that were recognised.
    """

    row: Row
    line: int | None
    matches: tuple[LabelMatch | None, ...]
    base: float
    weight: float

    @property
    def seen(self) -> bool:
        """Whether the line was read, not inferred."""
        return self.line is not None

    @property
    def by_slot(self) -> list[LabelMatch | None]:
        """The label found for each slot, also where none was."""
        return [*self.matches] or [None] * len(self.row.slots)


@dataclass(frozen=True, slots=True)
class Placement:
    """All lines of one face on the page, from top to bottom, without optional ones not seen.

    Attributes:
        weight: letters of labels recognised.
        share: labels recognised among those that the form always prints.
    """

    rows: tuple[PlacedRow, ...]
    weight: float
    share: float


def label_count(row: Row) -> int:
    """How many labels a line of the form prints."""
    options = row.choice.options if row.choice else ()
    return len(row.slots) + bool(row.heading) + len(options) + len(row.columns)


class LabelIndex:
    """Labels of one page, each looked for once however many forms ask."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)
        self._texts = [line.text for line in self.lines]
        self._near: dict[tuple[str, ...], dict[int, tuple[str, ...]]] = {}
        self._found: dict[tuple[int, tuple[str, ...], int, bool], LabelMatch | None] = {}

    def near(self, variants: tuple[str, ...]) -> Mapping[int, tuple[str, ...]]:
        """The lines that could hold a label, with the variants of it that they could hold."""
        if variants not in self._near:
            worth = worth_searching(self._texts, variants)
            self._near[variants] = {
                int(line): tuple(v for v, near in zip(variants, worth[line], strict=True) if near)
                for line in np.flatnonzero(worth.any(axis=1))
            }
        return self._near[variants]

    def find(
        self, line: int, variants: tuple[str, ...], *, start: int = 0, starts_line: bool = False
    ) -> LabelMatch | None:
        """`find_label` on one line."""
        key = (line, variants, start, starts_line)
        if key not in self._found:
            near = self.near(variants).get(line)
            words = self.lines[line].words
            self._found[key] = find_label(words, near, start=start, starts_line=starts_line) if near else None
        return self._found[key]


def labels_of(row: Row) -> tuple[tuple[str, ...], ...]:
    """Variants of each label by which a line of the form is told."""
    if row.heading:
        return (row.heading,)
    if row.choice or row.columns:
        return row.choice.options if row.choice else row.columns
    return tuple(slot.label for slot in row.slots)


def match_row(row: Row, index: LabelIndex, at_line: int, rivals: Sequence[tuple[str, ...]] = ()) -> Score:
    """How well a line read fits a line of the form, with the label of each slot.

    Args:
        rivals: all labels of the form; a damaged match is none where another label was read without a fault.
    """
    words = index.lines[at_line].words
    if row.heading:
        found = index.find(at_line, row.heading, starts_line=True)
        if found is None:
            return 0.0, ()
        rest = sum(len(w.text) for w in words[found.end :])
        return (found.weight if rest <= 6 else found.weight * 0.6), (found,)
    if row.choice or row.columns:
        matches = _apart([index.find(at_line, option) for option in labels_of(row)])
        return sum(m.weight for m in matches if m), matches
    _, matches = _best_labels(row, index, at_line, 0, 0, rivals)
    return sum(m.weight for m in matches if m), matches


def _apart(matches: Sequence[LabelMatch | None]) -> tuple[LabelMatch | None, ...]:
    """Matches of which no two share a word; of those that do, the likelier one is kept.

    "Người cha" is also a little like "Người mẹ": where only one of the two was read, it is not both.
    """
    kept: list[LabelMatch] = []
    for match in sorted((m for m in matches if m is not None), key=lambda m: -m.likeness):
        if all(match.end <= other.start or match.start >= other.end for other in kept):
            kept.append(match)
    return tuple(m if m is not None and any(m is k for k in kept) else None for m in matches)


def _best_labels(
    row: Row, index: LabelIndex, at_line: int, slot: int, start: int, rivals: Sequence[tuple[str, ...]]
) -> Score:
    """Labels of the slots from `slot` on, in order, that together match most letters.

    A label read without a fault counts for more: "Ngày đăng ký" is not "Số đăng ký" and something behind it.
    """
    if slot == len(row.slots):
        return 0.0, ()
    skipped, rest = _best_labels(row, index, at_line, slot + 1, start, rivals)
    best: Score = (skipped, (None, *rest))
    alone = len(row.slots) == 1
    found = index.find(at_line, row.slots[slot].label, start=start, starts_line=alone)
    if found is not None and not _is_another(found, row.slots[slot].label, index, at_line, rivals):
        worth, rest = _best_labels(row, index, at_line, slot + 1, found.end, rivals)
        worth += found.weight * (_FAULTLESS if found.likeness >= EXACT else 1.0)
        if worth >= best[0]:
            best = (worth, (found, *rest))
    return best


def _is_another(
    found: LabelMatch,
    label: tuple[str, ...],
    index: LabelIndex,
    at_line: int,
    rivals: Sequence[tuple[str, ...]],
) -> bool:
    """Whether the words of a damaged match are another label of the form: the mother's, not the father's."""
    if found.likeness >= EXACT:
        return False
    return any(
        other.start <= found.start and other.end >= found.end and other.likeness >= EXACT
        for rival in rivals
        if rival != label and (other := index.find(at_line, rival, start=found.start)) is not None
    )


def place_rows(
    rows: Sequence[Row],
    index: LabelIndex,
    ink: InkPage | None,
    *,
    in_step: bool = False,
    floor: float = math.inf,
) -> Placement:
    """Align the form's lines with the lines read, keeping order on both sides.

    Args:
        rows: of one face, from top to bottom.
        index: labels of the page.
        ink: where lines that reading missed are looked for; without it they are only expected.
        in_step: the lines follow one another at an even pitch, so a match far from its place is none.
        floor: lines below it are none of the form's: the ruled table with its entries begins there.
    """
    lines = len(index.lines) if floor == math.inf else sum(line.box[1] < floor for line in index.lines)
    rivals = list(dict.fromkeys(slot.label for row in rows for slot in row.slots if slot.label))
    scores = [_scores(row, index, lines, rivals) for row in rows]
    found = _in_order(scores, lines)
    if in_step:
        found = _in_step(rows, scores, found)
    found = _without_repeats(rows, scores, found)
    placed = _with_missing(rows, scores, found, ink)
    weight = sum(scores[i][j][0] for i, j in found.items())
    possible = sum(label_count(row) for row in rows if not row.optional)
    seen = sum(m is not None for i, j in found.items() if not rows[i].optional for m in scores[i][j][1])
    return Placement(tuple(placed), weight, seen / possible if possible else 0.0)


def _scores(row: Row, index: LabelIndex, lines: int, rivals: Sequence[tuple[str, ...]]) -> list[Score]:
    """How well each of the first lines read fits one line of the form."""
    scores: list[Score] = [(0.0, ())] * lines
    for line in set().union(*(index.near(label) for label in labels_of(row))):
        if line < lines:
            scores[line] = match_row(row, index, line, rivals)
    return scores


def _in_order(scores: Sequence[Sequence[Score]], height: int) -> dict[int, int]:
    """The line of each row of the form, so that both keep their order and most letters match."""
    seen = [i for i, row in enumerate(scores) if any(weight > 0 for weight, _ in row)]
    weights = [[weight for weight, _ in scores[i]] for i in seen]
    best = [[0.0] * (height + 1) for _ in range(len(seen) + 1)]
    for i in range(len(seen) - 1, -1, -1):
        here, below, row = best[i], best[i + 1], weights[i]
        for j in range(height - 1, -1, -1):
            skip = below[j] if below[j] > here[j + 1] else here[j + 1]
            take = row[j] + below[j + 1] if row[j] > 0 else -1.0
            here[j] = take if take > skip else skip
    found: dict[int, int] = {}
    i = j = 0
    while i < len(seen) and j < height:
        weight = weights[i][j]
        if weight > 0 and abs(best[i][j] - weight - best[i + 1][j + 1]) < 1e-9:
            found[seen[i]] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _without_repeats(
    rows: Sequence[Row],
    scores: Sequence[Sequence[Score]],
    found: dict[int, int],
) -> dict[int, int]:
    """The same alignment without optional rows at the height of another: one printed line read in two pieces.

    Taken for rows of their own, the pieces would give a second owner with the first one's name.
    """
    bases = {i: _base(scores[i][j][1]) for i, j in found.items()}

    def repeats(i: int) -> bool:
        tall = [m.box[3] - m.box[1] for m in scores[i][found[i]][1] if m is not None]
        near = _SAME_LINE * statistics.median(tall)
        return rows[i].optional and any(k != i and abs(bases[k] - bases[i]) < near for k in found)

    return {i: j for i, j in found.items() if not repeats(i)}


def _in_step(
    rows: Sequence[Row],
    scores: Sequence[Sequence[Score]],
    found: dict[int, int],
) -> dict[int, int]:
    """The same alignment, with matches given up that would stand where their row cannot stand.

    Between two rows lie at least the rows that the form always prints and at most all its written lines.
    """
    bases = {i: _base(scores[i][j][1]) for i, j in found.items()}
    steps = sorted(
        bases[b] - bases[a]
        for a, b in pairwise(sorted(bases))
        if b == a + 1 and bases[b] > bases[a] and not (rows[a].heading or rows[b].heading)
    )
    if len(steps) < 3:
        return found
    least, usual = steps[len(steps) // 4], steps[len(steps) // 2]
    cells = [
        (i, j, weight, _base(matches))
        for i, row in enumerate(scores)
        for j, (weight, matches) in enumerate(row)
        if weight > 0
    ]
    best: list[float] = []
    back: list[int] = []
    for n, (i, j, weight, base) in enumerate(cells):
        top, came = 0.0, -1
        for m in range(n):
            a, b, _, above = cells[m]
            if a < i and b < j and base > above:
                gain = best[m] - _out_of_step(rows, a, i, base - above, least, usual)
                if gain > top:
                    top, came = gain, m
        best.append(weight + top)
        back.append(came)
    chain: dict[int, int] = {}
    n = max(range(len(cells)), key=lambda c: best[c], default=-1)
    while n >= 0:
        chain[cells[n][0]] = cells[n][1]
        n = back[n]
    return chain


def _out_of_step(rows: Sequence[Row], a: int, b: int, fall: float, least: float, usual: float) -> float:
    """Letters of labels that a match must be worth to stand so far below another."""
    between = rows[a + 1 : b]
    fewest = 1 + sum(not row.optional for row in between)
    most = 2.5 + max(0, rows[a].lines - 1) + sum(max(1, min(row.lines, 9)) for row in between)
    short = (fewest - 0.6) - fall / least
    long = fall / usual - most
    return _STEP_WORTH * (max(0.0, short) + max(0.0, long))


def _base(matches: Sequence[LabelMatch | None]) -> float:
    return statistics.median(m.box[3] for m in matches if m is not None)


def _with_missing(
    rows: Sequence[Row],
    scores: Sequence[Sequence[Score]],
    found: dict[int, int],
    ink: InkPage | None,
) -> list[PlacedRow]:
    bases = {i: _base(scores[i][j][1]) for i, j in found.items()}
    pitch = _pitch(bases, rows)
    placed: list[PlacedRow] = []
    known = sorted(found)
    for i, row in enumerate(rows):
        if i in found:
            weight, matches = scores[i][found[i]]
            placed.append(PlacedRow(row, found[i], matches, bases[i], weight))
            continue
        if row.optional:
            continue
        before = max((k for k in known if k < i), default=None)
        after = min((k for k in known if k > i), default=None)
        base = _expected(i, before, after, bases, rows, pitch)
        if base is None:
            continue
        if ink is not None:
            base = _snap(base, ink, pitch, [*bases.values(), *(p.base for p in placed)])
        placed.append(PlacedRow(row, None, tuple(None for _ in row.slots), base, 0.0))
    return sorted(placed, key=lambda p: rows.index(p.row))


def _pitch(bases: dict[int, float], rows: Sequence[Row]) -> float:
    steps = [
        bases[b] - bases[a] for a, b in zip(sorted(bases), sorted(bases)[1:], strict=False) if b == a + 1
    ]
    steps = [s for s in steps if s > 0]
    return statistics.median(steps) if steps else 60.0


def _expected(
    i: int, before: int | None, after: int | None, bases: dict[int, float], rows: Sequence[Row], pitch: float
) -> float | None:
    def needed(first: int, last: int) -> list[int]:
        return [k for k in range(first, last) if not rows[k].optional]

    if before is not None and after is not None:
        between = needed(before + 1, after)
        return bases[before] + (bases[after] - bases[before]) * (between.index(i) + 1) / (len(between) + 1)
    if before is not None and i - before <= 3:
        return bases[before] + pitch * (needed(before + 1, len(rows)).index(i) + 1)
    if after is not None and after - i <= 3:
        return bases[after] - pitch * (len(needed(i, after)))
    return None


def _snap(base: float, ink: InkPage, pitch: float, taken: Sequence[float]) -> float:
    """The free leader nearest to an expected line, or the expectation itself."""
    nearest, distance = base, 0.5 * pitch
    for leader in ink.leaders:
        if leader[2] - leader[0] < 3 * ink.height:
            continue
        foot = leader[3] - 0.1 * ink.height
        if any(abs(foot - t) < 0.5 * pitch for t in taken):
            continue
        if abs(foot - base) < distance:
            nearest, distance = foot, abs(foot - base)
    return nearest
