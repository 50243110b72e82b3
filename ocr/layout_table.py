"""Ruled tables: columns, rows and the cells they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from ocr.elements import Box, Word, hull
from ocr.forms.schema import Column
from ocr.labels import fold, squash
from ocr.leaf import Leaf

_TELLING = 0.7
_OUT_OF_ORDER = 0.8
"""Columns stand in another order than in the form if that explains so much more: one heading well read."""
_SCRAP, _WELL_READ = 4, 6
"""A heading of so few letters says nothing, one of so many more speaks with full weight."""
_SCRAPS = 0.1
"""Headings out of order that count for nothing, as a share of the columns."""
_WORN = 6.0
"""Rules are worn away over at most so many heights of print."""
_BESIDE = 0.75
_NUMBERING = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table in region pixels.

    Attributes:
        columns: x of the upright rules, left to right.
        rows: y of the lying rules, top to bottom; the first two enclose the header.
    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]

    def cell(self, row: int, column: int) -> Box:
        """The inside of a cell."""
        return self.columns[column], self.rows[row], self.columns[column + 1], self.rows[row + 1]


def find_grid(leaf: Leaf, *, least_columns: int = 3) -> Grid | None:
    """The largest ruled table of a face; ``None`` if there is none."""
    left, _, right, _ = leaf.frame
    uprights = [b for b in leaf.ink.uprights if left <= (b[0] + b[2]) / 2 < right]
    if len(uprights) < least_columns + 1:
        return None
    group = _standing_together(_joined(uprights, leaf.height))
    top, bottom = min(b[1] for b in group) - leaf.height, max(b[3] for b in group) + leaf.height
    columns = _clusters([(b[0] + b[2]) / 2 for b in group], leaf.height)
    long = [b for b in leaf.ink.leaders if left <= (b[0] + b[2]) / 2 < right and top <= b[1] <= bottom]
    if len(columns) < least_columns + 1:
        return None
    width = columns[-1] - columns[0]
    rows = _clusters(
        [
            (b[1] + b[3]) / 2
            for b in long
            if min(b[2], columns[-1] + leaf.height) - max(b[0], columns[0] - leaf.height) > 0.6 * width
        ],
        leaf.height,
    )
    if len(rows) < 3:
        return None
    return Grid(tuple(round(x) for x in columns), tuple(round(y) for y in rows))


def _joined(uprights: Sequence[Box], height: float) -> list[Box]:
    """Rules whose pieces, where they are worn away in between, are put together again."""
    joined: list[Box] = []
    for box in sorted(uprights, key=lambda b: b[1]):
        middle = (box[0] + box[2]) / 2
        for n, above in enumerate(joined):
            aside = abs((above[0] + above[2]) / 2 - middle)
            if aside < 0.6 * height and -height < box[1] - above[3] < _WORN * height:
                joined[n] = hull([above, box])
                break
        else:
            joined.append(box)
    return joined


def _standing_together(uprights: Sequence[Box]) -> list[Box]:
    """The most rules that stand beside one another; the frame of the page is longer than a table."""
    best: list[Box] = []
    for one in uprights:
        group = [b for b in uprights if _shared_height(one, b) >= _BESIDE]
        if (len(group), one[3] - one[1]) > (len(best), best[0][3] - best[0][1] if best else 0):
            best = [one, *(b for b in group if b != one)]
    return best


def _shared_height(a: Box, b: Box) -> float:
    """What two rules share of the height that they cover together."""
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return shared / max(1, max(a[3], b[3]) - min(a[1], b[1]))


def _clusters(values: Sequence[float], width: float) -> list[float]:
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] < width:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(g) / len(g) for g in groups]


def match_columns(
    leaf: Leaf, grid: Grid, columns: Sequence[Column], *, sure: bool = False
) -> list[Column | None]:
    """Which form column stands in each ruled column, as their headings tell.

    Columns mostly follow one another as in the form; where headings plainly say otherwise, they
    count. A header that reading lost takes the form column left between its neighbours if the
    counts agree, unless only `sure` ones are wanted.
    """
    count = len(grid.columns) - 1
    heads = [heading_of(leaf, grid, c) for c in range(count)]
    scores = [[column_likeness(head, column) for column in columns] for head in heads]
    weights = [min(1.0, max(0, len(head.replace(" ", "")) - _SCRAP) / _WELL_READ) for head in heads]
    named = _named(scores)
    ordered = _in_order(scores, len(columns))
    if _worth(scores, weights, named) > _worth(scores, weights, ordered) + _OUT_OF_ORDER:
        left = [j for j in range(len(columns)) if j not in named.values()]
        blank = [i for i in range(count) if i not in named]
        if len(left) == len(blank) and not sure:
            named |= dict(zip(blank, left, strict=True))
        return [columns[named[i]] if i in named else None for i in range(count)]
    if count == len(columns) and not sure:
        told = [n for n in range(count) if max(scores[n], default=0.0) >= _TELLING]
        against = [n for n in told if scores[n][n] < max(scores[n]) - 0.1]
        # Scraps of a heading that reading lost are like some other heading by chance.
        if sum(weights[n] for n in against) <= max(0.5 * len(told), _SCRAPS * count):
            return list(columns)
    return [
        columns[ordered[i]]
        if i in ordered and (scores[i][ordered[i]] >= 0.5 or (count == len(columns) and not sure))
        else None
        for i in range(count)
    ]


def _worth(scores: Sequence[Sequence[float]], weights: Sequence[float], pairs: Mapping[int, int]) -> float:
    """How much the headings say for an assignment, each as much as it has letters."""
    return sum(weights[i] * scores[i][j] for i, j in pairs.items() if scores[i][j] >= _TELLING)


def _named(scores: Sequence[Sequence[float]]) -> dict[int, int]:
    """Ruled column to form column by headings alone, the likest first."""
    pairs = sorted(((s, i, j) for i, row in enumerate(scores) for j, s in enumerate(row)), reverse=True)
    found: dict[int, int] = {}
    for score, i, j in pairs:
        if score >= _TELLING and i not in found and j not in found.values():
            found[i] = j
    return found


def _in_order(scores: Sequence[Sequence[float]], width: int) -> dict[int, int]:
    """Ruled column to form column, keeping the order of both."""
    count = len(scores)
    best = [[0.0] * (width + 1) for _ in range(count + 1)]
    step = [[0] * (width + 1) for _ in range(count + 1)]
    for i in range(count - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            options = (scores[i][j] + 0.05 + best[i + 1][j + 1], best[i + 1][j], best[i][j + 1])
            best[i][j] = max(options)
            step[i][j] = options.index(best[i][j])
    found: dict[int, int] = {}
    i = j = 0
    while i < count and j < width:
        if step[i][j] == 0:
            found[i] = j
            i, j = i + 1, j + 1
        elif step[i][j] == 1:
            i += 1
        else:
            j += 1
    return found


def below_column_numbers(leaf: Leaf, grid: Grid) -> tuple[Grid, int]:
    """The grid and its first row of entries; the line that numbers the columns is no entry.

    Some printings rule that line off, in others it stands at the head of the first entry's row.
    """
    heights = [b - a for a, b in pairwise(grid.rows)]
    row = 1
    while row < len(heights) - 1 and heights[row] < 0.4 * max(heights[row:]):
        row += 1
    foot = _foot_of_numbers(leaf, grid, row)
    if foot is None:
        return grid, row
    if foot > grid.rows[row + 1] - 1.2 * leaf.height:
        return grid, row + 1
    return Grid(grid.columns, (*grid.rows[:row], foot, *grid.rows[row + 1 :])), row


def _foot_of_numbers(leaf: Leaf, grid: Grid, row: int) -> int | None:
    """Foot of the words "1", "2", "3" … at the head of a row's cells."""
    found: list[Box] = []
    for column in range(len(grid.columns) - 1):
        words = sorted(leaf.words_in(grid.cell(row, column)), key=lambda w: w.box[1])
        numbers = [w for w in words[:2] if _NUMBERING.sub("", w.text) in {str(column), str(column + 1)}]
        found += [w.box for w in numbers[:1]]
    for box in found:
        level = [b for b in found if abs(b[1] - box[1]) < 0.8 * leaf.height]
        if len(level) >= max(3, len(grid.columns) // 4):
            return max(b[3] for b in level) + 2
    return None


def _reading_order(word: Word) -> tuple[int, int]:
    box = word.box
    return round(((box[1] + box[3]) / 2) / max(1, box[3] - box[1])), box[0]


def heading_of(leaf: Leaf, grid: Grid, column: int) -> str:
    """What was read in a cell of the header, squashed."""
    words = sorted(leaf.words_in(grid.cell(0, column)), key=_reading_order)
    return squash(" ".join(w.text for w in words))


def column_likeness(head: str, column: Column) -> float:
    """How like a form's column a heading is: 0, or from 0.5 to 1."""
    if not head:
        return 0.0
    best = max(fuzz.token_sort_ratio(head, fold(label)) / 100 for label in column.label)
    return best if best >= 0.5 else 0.0
