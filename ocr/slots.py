"""Where on a face each value may stand: between its label and the next, on the line of its row.

Rows are followed along the slope of the page, and the written lines of a value are told by the ink itself:
cursive writing rises above its leader and two lines may be squeezed into the place of one.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocr.elements import Box
from ocr.forms.schema import Row
from ocr.labels import LabelMatch, squash
from ocr.layout import PlacedRow
from ocr.leaf import Leaf
from ocr.writing import written_lines

_BELOW = 0.40
"""A written line reaches so far below the foot of its label, as share of the step to the next line."""
_ABOVE_FOOT = 1.35
_UNDER_FOOT = 0.4
"""A label's print reaches so far above and below its foot, in heights of a printed word."""
_GAP = 0.3
"""Least gap between a label and what follows, in heights of a printed word."""
_LETTER_WIDTH = 0.45
_LONGER = 0.5
"""A label so many heights longer than its letters take holds something else as well."""
_LABEL_FITS = 0.25
"""A label that was not read is as wide as its letters within this share."""
_LEANING, _NEIGHBOURS = 4.0, 2
_STRETCHED, _STRETCHED_WORD, _ONE_WORD = 1.3, 1.15, 4
_USUAL_WORD = 0.5
_WIDE_GAP, _COMPACT_GAP = 7.0, 2.5
"""Gaps in heights of a printed word behind which nothing belongs to a value any more."""
_NEAR_ABOVE, _NEAR_BELOW = 0.35, 0.4
"""A line so near to the foot of a neighbouring row, in steps between rows, is that row's."""


@dataclass(frozen=True, slots=True)
class Span:
    """The place of one value on its line, region pixels.

    Attributes:
        label: left end of the label.
        start: right end of the label.
        end: where the next label or the margin begins.
    """

    label: int
    start: int
    end: int


class Slots:
    """The places of values on one face."""

    def __init__(self, leaf: Leaf, rows: Sequence[PlacedRow], floor: float) -> None:
        self.leaf, self.rows, self.floor = leaf, rows, floor
        steps = [b.base - a.base for a, b in pairwise(rows) if b.base > a.base]
        self.pitch = min(statistics.median(steps) if steps else 3 * leaf.height, 6 * leaf.height)
        self.letter = self._letter_width()
        self.right, self.rule_top = self._right_border()
        self.labels = [[self._label_box(m, p.line) if m else None for m in p.matches] for p in rows]
        self.left = self._left_border()
        self.feet = [self._foot(i) for i in range(len(rows))]

    @property
    def erased(self) -> list[Box]:
        """Boxes of the labels, never part of a value."""
        return [box for boxes in self.labels for box in boxes if box]

    def base(self, i: int, x: float) -> float:
        """Foot of the printed text of row `i` at `x`."""
        at, foot = min(self.feet[i], key=lambda f: abs(f[0] - x))
        return foot + self.leaf.slope * (x - at)

    def right_at(self, base: float) -> int:
        """Where values end: at the margin column, above it at the edge of the face."""
        return self.right if base > self.rule_top - self.leaf.height else self.leaf.frame[2]

    def spans(self, i: int) -> list[Span]:
        """Label and value of each slot of row `i`, from left to right."""
        placed, height = self.rows[i], self.leaf.height
        slots = placed.row.slots
        boxes: list[Box | None] = [*self.labels[i]] or [None] * len(slots)
        base = self.base(i, self.left)
        border = self._border_near(base)
        leaders = [
            b
            for b in self.leaf.ink.leaders_at(placed.base, self.left, self.right_at(base))
            if b[2] - b[0] > 1.5 * height
        ]
        starts: list[int] = []
        labels: list[int] = []
        for k, slot in enumerate(slots):
            box = boxes[k]
            if box is not None:
                labels.append(box[0])
                starts.append(box[2])
                continue
            wordings = [v for v in slot.label if v] or ["    "]
            column = self._column(i, k)
            if k and column is None and len(leaders) == len(slots):
                start = max(self.leaf.frame[0], leaders[k][0] - 2)
                width = self.letter * min(map(len, wordings))
                labels.append(round(max(border, start - width)))
            else:
                origin = border + (self.right - border) * k / len(slots) if column is None else column
                start = self.label_end(origin, self.base(i, origin), wordings)
                labels.append(round(origin))
            starts.append(start)
        spans = []
        for k in range(len(slots)):
            following = [labels[n] for n in range(k + 1, len(slots)) if labels[n] > starts[k]]
            end = (min(following) if following else self.right_at(base)) - 2
            spans.append(Span(labels[k], starts[k], end))
        return spans

    def lines(self, i: int, span: Span, erased: Sequence[Box], *, compact: bool = False) -> list[Box]:
        """The written lines of one value of row `i`, from top to bottom.

        Args:
            i: number of the row.
            span: of the value.
            erased: labels, never part of a value.
            compact: the value has no wide gaps within; what stands behind one is dirt.
        """
        if self.leaf.born_digital:
            return self._bands(i, span)
        many = self.rows[i].row.lines > 1
        middle = (span.start + span.end) / 2
        base = self.base(i, span.start)
        top, bottom = self.reach(i, middle)
        left = span.label - round(0.5 * self.leaf.height) if many else span.start
        if not self._has_label(i, span):
            erased = [*erased, self._print_box(span.label, span.start, base)]
        zone = (left, top, span.end, bottom)
        gap = _COMPACT_GAP if compact else _WIDE_GAP
        found = written_lines(self.leaf.ink, zone, erased, slope=self.leaf.slope, gap=gap)
        if not many and len(found) > 1:
            level = base - _USUAL_WORD * self.leaf.height
            own = min(found, key=lambda b: abs((b[1] + b[3]) / 2 - level - self._drop(b, span)))
            above = [b for b in found if b[3] < own[3] and self._is_ours(i, b)]
            return above[-1:] if above and self._is_struck(own) else [own]
        return [box for box in found if self._is_ours(i, box)]

    def _is_struck(self, box: Box) -> bool:
        """Whether a rule runs through the middle of a line: it was crossed out, and corrected above."""
        tall = box[3] - box[1]
        return any(
            box[1] + 0.2 * tall < (rule[1] + rule[3]) / 2 < box[3] - 0.3 * tall
            and min(rule[2], box[2]) - max(rule[0], box[0]) > 0.6 * (box[2] - box[0])
            for rule in self.leaf.ink.leaders
        )

    def _drop(self, box: Box, span: Span) -> float:
        return self.leaf.slope * ((box[0] + box[2]) / 2 - span.start)

    def _has_label(self, i: int, span: Span) -> bool:
        return any(box is not None and box[0] == span.label for box in self.labels[i])

    def _is_ours(self, i: int, box: Box) -> bool:
        """Whether a line stands nearer to row `i` than to its neighbours, for the lines it may have."""
        x = (box[0] + box[2]) / 2
        level = (box[1] + box[3]) / 2 + _USUAL_WORD * self.leaf.height
        own = abs(level - self.base(i, x))
        if own <= 0.6 * self.leaf.height:
            return True
        for j, near in ((i - 1, _NEAR_ABOVE), (i + 1, _NEAR_BELOW)):
            if 0 <= j < len(self.rows):
                away = abs(level - self.base(j, x))
                if away < near * self.pitch and away < own:
                    return False
        return True

    def reach(self, i: int, x: float) -> tuple[int, int]:
        """Between which heights the middles of a value's strokes may lie, at `x`."""
        height = self.leaf.height
        base = self.base(i, x)
        row = self.rows[i].row
        before = [j for j in range(i) if self.base(j, x) < base - 0.5 * height]
        after = [j for j in range(i + 1, len(self.rows)) if self.base(j, x) > base + 0.5 * height]
        up = base - self.base(before[-1], x) if before else self.pitch
        up = min(up, max(1.25 * self.pitch, 2.4 * height))
        top = base - min((1 - _BELOW) * up, 3.0 * height)
        if row.lines > 1 and before and self.rows[before[-1]].row.lines == 1:
            top = min(top, base - up + 0.1 * height)
        if before and self.rows[before[-1]].row.heading and self.rows[before[-1]].seen:
            top = max(top, self.base(before[-1], x) + 0.1 * height)
        down = self.base(after[0], x) - base if after else self.pitch * max(1, min(row.lines, 3))
        single = min(down, max(self.pitch, 1.6 * height))
        bottom = base + min(_BELOW * single, 1.3 * height)
        if row.lines > 1:
            lines = row.lines - 1 if row.lines < 9 else 99
            if after and len(row.slots) > 1 and self.rows[after[0]].seen:
                # Narrow columns take more lines than the form file tells; the next label ends them.
                lines = max(lines, round(down / single) - 1)
            bottom = base + (lines + _BELOW) * single
            if after:
                bottom = min(bottom, base + down - 1.2 * height)
        if bottom > self.floor - 0.2 * height:
            bottom = max(base + min(_BELOW * single, 1.3 * height), self.floor - 0.2 * height)
        return round(top), round(bottom)

    def _bands(self, i: int, span: Span) -> list[Box]:
        """Zones of equal height, for pages whose words tell where they stand."""
        top, bottom = self.reach(i, span.start)
        first = round(self.rows[i].base + _BELOW * self.leaf.height)
        first = min(max(first, top + 1), bottom)
        zones = [(span.start, top, span.end, first)]
        if bottom > first + 0.6 * self.leaf.height:
            left = span.label - round(0.5 * self.leaf.height)
            zones.append((left, first, span.end, bottom))
        return zones

    def _letter_width(self) -> float:
        widths = [
            (m.box[2] - m.box[0]) / m.letters
            for p in self.rows
            for m in p.matches
            if m and m.likeness > 0.9 and m.letters > 5
        ]
        usual = _LETTER_WIDTH * self.leaf.height
        return min(max(statistics.median(widths), 0.7 * usual), 1.6 * usual) if widths else usual

    def _label_box(self, match: LabelMatch, line: int | None) -> Box:
        """The box of a label, cut and stretched to its own ink where reading drew it too large or small."""
        if self.leaf.born_digital:
            return match.box
        left, top, right, bottom = match.box
        height = self.leaf.height
        behind = self.leaf.lines[line].words[match.end :] if line is not None else ()
        if behind and left < behind[0].box[0] < right:
            # The box reaches into the next word; the label ends before the gap between them.
            right = max(left + 1, behind[0].box[0] - round(_GAP * height))
        foot = self.foot_of_print(match.box)
        width = match.letters * self.letter
        if match.end - match.start <= 1 and right - left - width > _LONGER * height:
            # Read as one word, a label may have the first word of its value in it.
            right = self._gap_after(left, round(left + width), foot, reach=1.2 * height, otherwise=right)
        # A label of one word has no gap within at which it could be cut short.
        ease, spare = (_STRETCHED, 1.0) if match.letters > _ONE_WORD else (_STRETCHED_WORD, 0.5)
        if match.letters > 1 and right - left > ease * width + spare * height:
            right = round(left + width)
        right = self._gap_after(left, right, foot, reach=1.2 * height)
        dots = self.leaf.ink.inside((right, round(foot - height), round(right + 0.5 * height), round(foot)))
        dots = dots[dots[:, 3] - dots[:, 1] < 0.3 * height]
        right = max(right, int(dots[:, 2].max(initial=0)))
        if bottom - top > 1.8 * height:
            top, bottom = round(foot - _ABOVE_FOOT * height), round(foot + _UNDER_FOOT * height)
        return left, top, right, bottom

    def foot_of_print(self, box: Box) -> float:
        """Foot of the letters in the box of a label, robust against tails and writing above."""
        found = self.leaf.ink.inside((box[0], box[1] - 4, box[2], box[3] + 4))
        tall = found[:, 3] - found[:, 1]
        letters = found[(tall > 0.35 * self.leaf.height) & (tall < 1.5 * self.leaf.height)]
        if len(letters) < 2 or self.leaf.born_digital:
            return float(box[3])
        return float(np.percentile(letters[:, 3], 40))

    def _gap_after(
        self, left: int, right: int, foot: float, *, reach: float, otherwise: int | None = None
    ) -> int:
        """The end of print nearest to `right`: where a gap follows in the print's own height.

        Without such a gap it is `otherwise`, by default `right` itself.
        """
        none = right if otherwise is None else otherwise
        height = self.leaf.height
        zone = (
            left,
            round(foot - 1.2 * height),
            round(right + 3 * height),
            round(foot + 0.3 * height),
        )
        found = self.leaf.ink.inside(zone)
        found = found[found[:, 3] - found[:, 1] > 0.2 * height]
        if not len(found):
            return none
        found = found[np.argsort(found[:, 0])]
        ends = np.maximum.accumulate(found[:, 2])
        gaps = [
            int(end)
            for end, following in zip(ends, [*found[1:, 0], 10**9], strict=True)
            if following - end >= _GAP * height and abs(end - right) <= reach
        ]
        return min(gaps, key=lambda end: abs(end - right)) if gaps else none

    def _border_near(self, base: float) -> float:
        """Where labels begin at some height; a bent or leaning page moves them."""
        firsts = [
            (abs(placed.base - base), boxes[0][0])
            for placed, boxes in zip(self.rows, self.labels, strict=True)
            if placed.row.slots and boxes and boxes[0]
        ]
        near = [x for _, x in sorted(firsts) if abs(x - self.left) < _LEANING * self.leaf.height]
        return statistics.median(near[:_NEIGHBOURS]) if near else self.left

    def _column(self, i: int, k: int) -> float | None:
        """Where slot `k` begins in rows whose slots are all alike: husband and wife stand in columns."""

        def repeats(row: Row) -> bool:
            return len(row.slots) > 1 and len({slot.label for slot in row.slots}) == 1

        if not repeats(self.rows[i].row):
            return None
        count = len(self.rows[i].row.slots)
        seen = [
            box[0]
            for placed, boxes in zip(self.rows, self.labels, strict=True)
            if repeats(placed.row) and len(boxes) == count and (box := boxes[k])
        ]
        return statistics.median(seen) if len(seen) > 1 else None

    def label_end(self, origin: float, base: float, wordings: Sequence[str]) -> int:
        """Where a label that was not read ends: at the gap that fits the first of its wordings.

        The usual wordings come first: the rest of a longer label is dropped later, the first word of a
        value taken for a label is lost.
        """
        for wording in wordings:
            width = self.letter * (len(squash(wording)) + 1)
            end = round(origin + width)
            reach = max(_LABEL_FITS * width, 0.6 * self.leaf.height)
            right = self._gap_after(round(origin - 0.3 * self.leaf.height), end, base, reach=reach)
            if right != end:
                return right
        return round(origin + self.letter * min(map(len, wordings)))

    def _print_box(self, left: float, right: float, base: float) -> Box:
        height = self.leaf.height
        return (
            round(left - 0.3 * height),
            round(base - _ABOVE_FOOT * height),
            round(right),
            round(base + _UNDER_FOOT * height),
        )

    def _left_border(self) -> float:
        lefts = [
            boxes[0][0]
            for placed, boxes in zip(self.rows, self.labels, strict=True)
            if placed.seen and placed.row.slots and boxes and boxes[0]
        ]
        return statistics.median(lefts) if lefts else self.leaf.frame[0]

    def _right_border(self) -> tuple[int, int]:
        """Left of the margin column or the edge of the face, and where the column's rule begins."""
        leaf = self.leaf
        left, top, right, bottom = leaf.frame
        rules = [
            b
            for b in leaf.ink.uprights
            if left + 0.6 * (right - left) < b[0] < right - leaf.height
            and b[3] - b[1] > 0.35 * (bottom - top)
        ]
        rule = min(rules, key=lambda b: b[0], default=None)
        return (rule[0] if rule else right) - round(0.2 * leaf.height), rule[1] if rule else bottom

    def _foot(self, i: int) -> list[tuple[float, float]]:
        placed = self.rows[i]
        feet = [
            ((m.box[0] + m.box[2]) / 2, self.foot_of_print(m.box)) for m in placed.matches if m is not None
        ]
        return feet or [(self.left, placed.base)]
