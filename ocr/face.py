"""All fields of one face of a form."""

from __future__ import annotations

import statistics
from dataclasses import replace
from itertools import pairwise

from ocr.blocks import letterhead, margin, signature
from ocr.elements import Box, FieldReading, Ink, hull
from ocr.engines.base import Engine
from ocr.forms.schema import Form, FormLibrary, Layout, Part, Slot
from ocr.labels import LabelMatch, fold
from ocr.layout import PlacedRow, Placement, leaders_at, place_rows
from ocr.layout_table import find_grid
from ocr.leaf import Leaf
from ocr.pen import as_written_with, page_ink
from ocr.values import (
    Value,
    reading_of,
    split_value,
    unread_field,
    value_in,
    without_label_rest,
)
from ocr.wording import chosen_option, told_by_wording

Fields = dict[str, FieldReading]

_BELOW = 0.40
"""A written line reaches so far below the foot of its label, as share of the step to the next line."""


def read_face(leaf: Leaf, form: Form, face: str, library: FormLibrary, reader: Engine | None) -> Fields:
    """Read what one face carries.

    Fields that this face should show but whose place was not found come back UNREADABLE without a box.
    """
    placement = place_rows(form.rows_of(face), leaf.labels, leaf.ink)
    return _Face(leaf, form, face, library, reader, placement).read()


_WHOLE_CELL = 9
"""More written lines than this mean the whole cell under a heading."""


class _Face:
    def __init__(
        self,
        leaf: Leaf,
        form: Form,
        face: str,
        library: FormLibrary,
        reader: Engine | None,
        placement: Placement,
    ) -> None:
        self.leaf, self.form, self.face, self.library, self.reader = leaf, form, face, library, reader
        self.rows = placement.rows
        self.printed: set[str] = set()
        self.erased = [m.box for p in self.rows for m in p.matches if m]
        steps = [b.base - a.base for a, b in zip(self.rows, self.rows[1:], strict=False) if b.base > a.base]
        self.pitch = min(statistics.median(steps) if steps else 3 * leaf.height, 6 * leaf.height)
        self.right = self._right_border()
        self.left = self._left_border()
        self.floor = self._signatures_top()

    def read(self) -> Fields:
        told = self._told_by_wording()
        fields: Fields = {}
        for i, placed in enumerate(self.rows):
            if placed.row.choice:
                part = Part(placed.row.choice.key, placed.row.choice.kind)
                fields[part.key] = chosen_option(self.leaf, placed, placed.row.choice)
                self.printed.add(part.key)
            elif placed.row.cells:
                self._cells(i, fields)
            elif placed.row.slots:
                self._slots(i, fields)
        filled_in = {k: v for k, v in fields.items() if k not in self.printed}
        ink = None
        if self.form.layout is Layout.SHEET and not self.leaf.born_digital:
            ink = page_ink(filled_in.values())
            fields |= as_written_with(ink, filled_in)
        form = self.form
        if form.letterhead and form.letterhead.face == self.face:
            block = form.letterhead
            fields[block.key] = letterhead(self.leaf, block, self._title_top(), self.erased)
        if form.margin and form.margin.face == self.face:
            fields[form.margin.key] = margin(self.leaf, form.margin, self.reader)
        fields.update(told)
        for sign in form.signatures:
            if sign.face == self.face:
                signed = signature(self.leaf, sign, self.reader)
                if ink is Ink.HAND:
                    signed |= as_written_with(ink, {sign.key: signed[sign.key]})
                fields.update(signed)
        for row in form.rows_of(self.face):
            for slot in row.slots:
                if slot.copy_to and slot.key in fields and fields.get(slot.copy_when):
                    fields[slot.copy_to] = replace(fields[slot.key], key=slot.copy_to)
        return fields

    def _told_by_wording(self) -> Fields:
        """Fields told by their wording; no labelled value reaches into the line of such a one."""
        told: Fields = {}
        for pattern in self.form.patterns:
            if pattern.face == self.face or self.form.layout is Layout.PROSE:
                fields, boxes = told_by_wording(self.leaf, pattern)
                told.update(fields)
                self.erased += boxes
                if self.form.layout is Layout.CERTIFICATE:
                    lowest = max((p.base for p in self.rows if p.seen), default=self.leaf.frame[3])
                    below = [b[1] for b in boxes if b[1] > lowest - 0.5 * self.leaf.height]
                    self.floor = min([self.floor, *below])
        return told

    def _title_top(self) -> int:
        for placed in self.rows:
            if placed.row.heading and placed.seen:
                return min(m.box[1] for m in placed.matches if m) - 2
        first = [p.base for p in self.rows if p.seen]
        return int(min(first) - 3 * self.leaf.height) if first else self.leaf.frame[3] // 4

    def _left_border(self) -> float:
        lefts = [
            p.matches[0].box[0] for p in self.rows if p.seen and p.row.slots and p.matches and p.matches[0]
        ]
        return statistics.median(lefts) if lefts else self.leaf.frame[0]

    def _right_border(self) -> int:
        """Left of the margin column, or where the leaders end, or the edge of the face."""
        leaf = self.leaf
        left, top, right, bottom = leaf.frame
        rules = [
            b
            for b in leaf.ink.uprights
            if left + 0.6 * (right - left) < b[0] < right - leaf.height
            and b[3] - b[1] > 0.35 * (bottom - top)
        ]
        rule = min(rules, key=lambda b: b[0], default=None)
        self.rule_top = rule[1] if rule else bottom
        return (rule[0] if rule else right) - round(0.2 * leaf.height)

    def _right_at(self, base: float) -> int:
        return self.right if base > self.rule_top - self.leaf.height else self.leaf.frame[2]

    def _signatures_top(self) -> float:
        """Where the signers' titles begin; no value reaches below it."""
        tops = [
            m.box[1]
            for sign in self.form.signatures
            for n, line in enumerate(self.leaf.lines)
            if line.box[1] > self.leaf.frame[3] * 0.45
            and (m := self.leaf.labels.find(n, sign.under)) is not None
            and m.likeness > 0.85
            and m.weight > 6
        ]
        seen = [p.base for p in self.rows if p.seen]
        return min((t for t in tops if not seen or t > max(seen) - self.leaf.height), default=self.leaf.foot)

    def _band(self, i: int) -> tuple[int, int, int]:
        """Top, foot of the first written line, and foot of the last one of row `i`."""
        placed, height = self.rows[i], self.leaf.height
        before = [p.base for p in self.rows[:i] if p.base < placed.base - 0.5 * height]
        after = [p.base for p in self.rows[i + 1 :] if p.base > placed.base + 0.5 * height]
        step_up = min(
            placed.base - before[-1] if before else self.pitch, max(self.pitch * 1.25, 2.4 * height)
        )
        step_down = after[0] - placed.base if after else self.pitch * max(1, min(placed.row.lines, 3))
        single = min(step_down, max(self.pitch, 1.6 * height))
        top = placed.base - min((1 - _BELOW) * step_up, 3.0 * height)
        foot = placed.base + min(_BELOW * single, 1.3 * height)
        last = foot
        if placed.row.lines > 1 and step_down > 1.35 * single:
            reach = placed.base + (placed.row.lines - 1 + _BELOW) * single
            last = min(
                placed.base + step_down - (1 - _BELOW) * single, reach if placed.row.lines < 9 else 1e9
            )
        elif placed.row.lines > 1:
            last = foot = placed.base + _BELOW * single
        if last > self.floor:
            last = max(foot, self.floor - 0.2 * height)
        return round(top), round(foot), round(max(foot, last))

    def _slot_spans(self, placed: PlacedRow) -> list[tuple[int, int, int]]:
        """For each slot: where the value starts, where it ends, and where further lines start."""
        slots, height = placed.row.slots, self.leaf.height
        matches: list[LabelMatch | None] = [*placed.matches] or [None] * len(slots)
        leaders = leaders_at(placed.base, self.leaf.ink, self.left, self._right_at(placed.base))
        leaders = [b for b in leaders if b[2] - b[0] > 1.5 * height]
        starts: list[int] = []
        labels: list[int] = []
        for k, slot in enumerate(slots):
            match = matches[k]
            if match is not None:
                starts.append(match.box[2])
                labels.append(match.box[0])
                continue
            longest = min((len(v) for v in slot.label), default=4)
            if len(leaders) == len(slots):
                starts.append(max(self.leaf.frame[0], leaders[k][0] - 2))
            else:
                origin = self.left + (self.right - self.left) * k / len(slots)
                starts.append(round(origin + 0.42 * height * longest))
            labels.append(round(max(self.left, starts[-1] - 0.5 * height * longest)))
        ends = []
        for k in range(len(slots)):
            following = [labels[n] for n in range(k + 1, len(slots)) if labels[n] > starts[k]]
            ends.append((min(following) if following else self._right_at(placed.base)) - 2)
        return list(zip(starts, ends, labels, strict=True))

    def _slots(self, i: int, fields: Fields) -> None:
        placed = self.rows[i]
        top, foot, last = self._band(i)
        for k, (slot, (start, end, label)) in enumerate(
            zip(placed.row.slots, self._slot_spans(placed), strict=True)
        ):
            match = placed.matches[k] if placed.matches else None
            if slot.optional and match is None:
                continue
            if not slot.fields:
                continue
            if placed.row.lines > _WHOLE_CELL and match is not None:
                self._under_heading(slot, match, fields)
                continue
            zones = [(start, top, end, foot)]
            if last > foot + 0.6 * self.leaf.height:
                zones += self._further_lines(label - round(0.5 * self.leaf.height), foot, end, last)
            value = value_in(self.leaf, zones, self.erased, self.reader)
            if value.box is None and not placed.seen:
                # Nothing stands where the line was only supposed to be: that tells nothing.
                fields.update({part.key: unread_field(part, self.leaf) for part in slot.fields})
                continue
            self._deliver(slot, value, fields)
            if slot.label_part and match is not None:
                self._label_part(slot.label_part, placed, match, fields)

    def _under_heading(self, slot: Slot, match: LabelMatch, fields: Fields) -> None:
        """Notes that fill the ruled cell below their heading; a blank cell gives no field."""
        left, _, right, bottom = match.box
        height = self.leaf.height
        beside = [
            b for b in self.leaf.ink.uprights if b[1] < bottom + 6 * height and b[3] > bottom + 2 * height
        ]
        start = max((b[2] for b in beside if b[2] <= left), default=self.leaf.frame[0])
        end = min((b[0] for b in beside if b[0] >= right), default=self.right)
        floor = min((b[3] for b in beside if b[0] in (end,)), default=self.leaf.foot)
        zone = (start + 3, bottom + round(0.8 * height), end - 2, floor - 2)
        value = value_in(self.leaf, [zone], self.erased, None)
        if value.box is not None:
            self._deliver(slot, value, fields)

    def _further_lines(self, left: int, top: int, right: int, bottom: int) -> list[Box]:
        """Zones of the written lines below the first."""
        lines = max(1, round((bottom - top) / self.pitch)) if self.pitch else 1
        if bottom - top > 6 * self.pitch:
            return [(left, top, right, bottom)]
        step = (bottom - top) / lines
        return [(left, round(top + n * step), right, round(top + (n + 1) * step)) for n in range(lines)]

    def _label_part(self, part: Part, placed: PlacedRow, match: LabelMatch, fields: Fields) -> None:
        assert placed.line is not None
        words = self.leaf.lines[placed.line].words[match.start : match.end]
        kept = [w for w in words if fold(w.text).strip(" .:") not in {"so", "s0"}]
        if kept:
            value = Value(
                self.leaf, tuple(kept), hull([w.box for w in kept]), Ink.PRINT, self.leaf.source.text.engine
            )
            fields[part.key] = reading_of(value, part, kept)
            self.printed.add(part.key)

    def _deliver(self, slot: Slot, value: Value, fields: Fields) -> None:
        if slot.split:
            fields.update(
                split_value(
                    value,
                    slot.parts,
                    self.library.splits[slot.split],
                    self.library.places.get(slot.split, {}),
                )
            )
        elif slot.key:
            value = without_label_rest(value, slot.kind)
            fields[slot.key] = reading_of(value, Part(slot.key, slot.kind, slot.optional))

    def _cells(self, i: int, fields: Fields) -> None:
        """One row of a two-way table: the columns were named by a row above."""
        placed = self.rows[i]
        head = next((p for p in reversed(self.rows[:i]) if p.row.columns), None)
        order = list(range(len(placed.row.cells)))
        bounds = self._column_bounds(placed, head)
        if head and all(head.matches) and len(head.matches) == len(order):
            order.sort(key=lambda n: head.matches[n].box[0])  # type: ignore[union-attr]
        top, bottom = self._cell_band(i)
        for place, n in enumerate(order):
            cell = placed.row.cells[n]
            left, right = bounds[place], bounds[place + 1]
            self._deliver(
                cell,
                value_in(self.leaf, self._split_cell(left, top, right, bottom), self.erased, self.reader),
                fields,
            )

    def _split_cell(self, left: int, top: int, right: int, bottom: int) -> list[Box]:
        return [(left + 2, top, right - 2, bottom)]

    def _column_bounds(self, placed: PlacedRow, head: PlacedRow | None) -> list[int]:
        """Bounds: the rules between the columns, or half way between their headings."""
        count = len(placed.row.cells)
        label_end = placed.matches[0].box[2] if placed.matches and placed.matches[0] else self.left
        grid = find_grid(self.leaf, least_columns=count)
        if grid is not None:
            rules = [x for x in grid.columns if x > label_end - self.leaf.height]
            if len(rules) >= count + 1:
                return list(rules[: count + 1])
        centres = sorted((m.box[0] + m.box[2]) / 2 for m in head.matches if m) if head else []
        if len(centres) == count and count > 1:
            half = (centres[1] - centres[0]) / 2
            return [
                round(centres[0] - half),
                *(round((a + b) / 2) for a, b in pairwise(centres)),
                round(centres[-1] + half),
            ]
        start = label_end + self.leaf.height
        return [round(start + (self.right - start) * n / count) for n in range(count + 1)]

    def _cell_band(self, i: int) -> tuple[int, int]:
        placed, height = self.rows[i], self.leaf.height
        grid = find_grid(self.leaf, least_columns=2)
        if grid is not None:
            middle = placed.base - 0.5 * height
            above = [y for y in grid.rows if y <= middle]
            below = [y for y in grid.rows if y > middle]
            if above and below and below[0] - above[-1] < 12 * height:
                return above[-1] + 2, below[0] - 2
        top, foot, _ = self._band(i)
        return top, foot
