"""All fields of one face of a form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.blocks import margin
from ocr.elements import Box, FieldReading, Ink, hull
from ocr.forms.schema import Form, FormLibrary, Layout, Part, Slot
from ocr.label_strips import was_read, with_missing_labels
from ocr.labels import LabelMatch, fold
from ocr.layout import PlacedRow, Placement, place_rows
from ocr.layout_table import find_grid
from ocr.leaf import Leaf, written_lines_of
from ocr.letterhead import letterhead
from ocr.occlusion import covered_areas
from ocr.pen import page_ink, written_with
from ocr.printed_rows import printed_rows
from ocr.row_order import best_placed
from ocr.signatures import signature
from ocr.slots import Slots, Span
from ocr.value_parts import split_value
from ocr.value_reader import ValueReader
from ocr.values import reading_of, unread_field, without_label_rest
from ocr.wording import chosen_option, told_by_wording
from ocr.written_value import Value, value_in

Fields = dict[str, FieldReading]


def read_face(leaf: Leaf, form: Form, face: str, library: FormLibrary, reader: ValueReader | None) -> Fields:
    """Read what one face carries.

    Fields that this face should show but whose place was not found come back UNREADABLE without a box.
    """
    grid = find_grid(leaf) if form.layout is Layout.TABLE else None
    placement = best_placed(
        form.rows_of(face),
        lambda rows: place_rows(
            rows,
            leaf.labels,
            leaf.ink,
            in_step=form.layout is Layout.SHEET,
            floor=grid.rows[0] if grid else math.inf,
        ),
    )
    return _Face(leaf, form, face, library, reader, placement).read()


_COMPACT = frozenset("page_number book_number entry_number sex ethnicity nationality".split())
"""Kinds of values that have no wide gaps within."""
_UNSEEN_ROWS = 3
_FAR = 3.0
"""A value that begins so many heights behind its label may have lost its beginning."""
_USUAL_VALUE = 12
_HIDDEN = 0.15
"""A value of which so much is covered, counted over its usual width in heights of print, is not read."""
_WHOLE_CELL = 9
"""More written lines than this mean the whole cell under a heading."""


class _Face:
    def __init__(
        self,
        leaf: Leaf,
        form: Form,
        face: str,
        library: FormLibrary,
        reader: ValueReader | None,
        placement: Placement,
    ) -> None:
        self.leaf, self.form, self.face, self.library, self.reader = leaf, form, face, library, reader
        rows: Sequence[PlacedRow] = placement.rows
        if form.layout is Layout.SHEET:
            rows = printed_rows(leaf, rows, library.labels.get("other", ()))
        self.rows = with_missing_labels(leaf, rows, reader.printed if reader else None)
        self.found: list[tuple[Slot, Value]] = []
        signers = self._signers()
        self.floor: float = min((box[1] for box in signers), default=leaf.foot)
        """Where the signers' titles begin; no value reaches below it."""
        self.places = Slots(leaf, self.rows, self.floor)
        self.erased = [*self.places.erased, *signers]
        self.covered = covered_areas(leaf)

    def read(self) -> Fields:
        told = self._told_by_wording()
        fields: Fields = {}
        form = self.form
        if form.letterhead and form.letterhead.face == self.face:
            block = form.letterhead
            fields[block.key] = letterhead(self.leaf, block, self._title_top(), self.erased, self.reader)
            if self.reader is not None:
                self.reader = self.reader.about(fields[block.key].written)
        for i, placed in enumerate(self.rows):
            if placed.row.choice:
                part = Part(placed.row.choice.key, placed.row.choice.kind)
                fields[part.key] = chosen_option(self.leaf, placed, placed.row.choice)
            elif placed.row.cells:
                self._cells(i, fields)
            elif placed.row.slots:
                self._slots(i, fields)
        ink = None
        if self.form.layout is Layout.SHEET and not self.leaf.born_digital:
            ink = page_ink(value for _, value in self.found)
        for slot, value in self.found:
            self._deliver(slot, written_with(ink, value), fields)
        if form.margin and form.margin.face == self.face:
            fields[form.margin.key] = margin(self.leaf, form.margin, self.reader)
        fields.update(told)
        for sign in form.signatures:
            if sign.face == self.face:
                signed = signature(self.leaf, sign, self.reader)
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
                fields, boxes = told_by_wording(self.leaf, pattern, self.reader)
                told.update(fields)
                self.erased += boxes
                if self.form.layout is Layout.CERTIFICATE:
                    lowest = max((p.base for p in self.rows if p.seen), default=self.leaf.frame[3])
                    below = [b[1] for b in boxes if b[1] > lowest - 0.5 * self.leaf.height]
                    self.floor = min([self.floor, *below])
                    self.places.floor = self.floor
        return told

    def _title_top(self) -> int:
        for placed in self.rows:
            if placed.row.heading and placed.seen:
                return min(m.box[1] for m in placed.matches if m) - 2
        first = [
            p.base
            for p in self.rows
            if any(p.matches) and not any(s.kind == "page_number" for s in p.row.slots)
        ]
        return int(min(first) - 3 * self.leaf.height) if first else self.leaf.frame[3] // 4

    def _signers(self) -> list[Box]:
        """The titles printed over the signatures, as far as they were read below all labels."""
        seen = max((p.base for p in self.rows if p.seen), default=0.0) - self.leaf.height
        return [
            m.box
            for sign in self.form.signatures
            for n, line in enumerate(self.leaf.lines)
            if line.box[1] > self.leaf.frame[3] * 0.45
            and (m := self.leaf.labels.find(n, sign.under)) is not None
            and m.likeness > 0.85
            and m.weight > 6
            and m.box[1] > seen
        ]

    def _slots(self, i: int, fields: Fields) -> None:
        placed = self.rows[i]
        for k, (slot, span) in enumerate(zip(placed.row.slots, self.places.spans(i), strict=True)):
            match = placed.matches[k] if placed.matches else None
            if slot.optional and match is None:
                continue
            if not slot.fields:
                continue
            if self._is_hidden(i, span):
                fields.update({part.key: unread_field(part, self.leaf) for part in slot.fields})
                continue
            if placed.row.lines > _WHOLE_CELL and match is not None:
                self._under_heading(slot, match, fields)
                continue
            lines = self.places.lines(i, span, self.erased, compact=slot.kind in _COMPACT)
            value = value_in(self.leaf, lines, self.erased, self.reader)
            value = replace(value, placed=was_read(match) or not slot.label)
            if value.box is not None and value.box[0] - span.start > _FAR * self.leaf.height:
                value = replace(value, whole=False)
            value = without_label_rest(value, slot.kind, slot.label)
            if value.box is None and not placed.seen:
                # Nothing stands where the line was only supposed to be: that tells nothing.
                fields.update({part.key: unread_field(part, self.leaf) for part in slot.fields})
                continue
            self.found.append((slot, value))
            if slot.label_part and match is not None:
                self._label_part(slot.label_part, placed, match, fields)

    def _is_hidden(self, i: int, span: Span) -> bool:
        """Whether something lies on the place of a value, or its rows are not to be seen at all.

        One label or two may be misread; where three rows on end show none, another paper lies on them or
        the page ends above.
        """
        base, height = self.places.base(i, span.start), self.leaf.height
        if base > self.leaf.frame[3]:
            return True
        if self.reader is not None and not self.leaf.born_digital and self._unseen_around(i) >= _UNSEEN_ROWS:
            return True
        end = min(span.end, span.start + _USUAL_VALUE * height)
        return any(
            box[1] < base
            and box[3] > base - height
            and min(box[2], end) - max(box[0], span.start) > _HIDDEN * (end - span.start)
            for box in self.covered
        )

    def _unseen_around(self, i: int) -> int:
        """How many rows on end, this one among them, show no label at all."""
        shows = [bool(any(row.matches) or row.row.columns) for row in self.rows]
        if shows[i]:
            return 0
        first = last = i
        while first > 0 and not shows[first - 1]:
            first -= 1
        while last + 1 < len(shows) and not shows[last + 1]:
            last += 1
        return last - first + 1

    def _under_heading(self, slot: Slot, match: LabelMatch, fields: Fields) -> None:
        """Notes that fill the ruled cell below their heading; a blank cell gives no field."""
        left, _, right, bottom = match.box
        height = self.leaf.height
        beside = [
            b for b in self.leaf.ink.uprights if b[1] < bottom + 6 * height and b[3] > bottom + 2 * height
        ]
        start = max((b[2] for b in beside if b[2] <= left), default=self.leaf.frame[0])
        end = min((b[0] for b in beside if b[0] >= right), default=self.places.right)
        floor = min((b[3] for b in beside if b[0] in (end,)), default=self.leaf.foot)
        zone = (start + 3, bottom + round(0.8 * height), end - 2, floor - 2)
        value = value_in(self.leaf, written_lines_of(self.leaf, zone, self.erased), self.erased, None)
        if value.box is not None:
            self.found.append((slot, value))

    def _label_part(self, part: Part, placed: PlacedRow, match: LabelMatch, fields: Fields) -> None:
        if placed.line is None:  # the label was read from its strip
            words = self.leaf.words_in(match.box)
        else:
            words = list(self.leaf.lines[placed.line].words[match.start : match.end])
        kept = [w for w in words if fold(w.text).strip(" .:") not in {"so", "s0"}]
        if kept:
            value = Value(
                self.leaf, tuple(kept), hull([w.box for w in kept]), Ink.PRINT, self.leaf.source.text.engine
            )
            fields[part.key] = reading_of(value, part, kept)

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
            fields[slot.key] = reading_of(value, Part(slot.key, slot.kind, slot.optional))

    def _cells(self, i: int, fields: Fields) -> None:
        """One row of a two-way table: the columns were named by a row above."""
        placed = self.rows[i]
        head = next((p for p in reversed(self.rows[:i]) if p.row.columns), None)
        bounds = self._column_bounds(placed, head)
        order, told = columns_in_order(head.matches if head else (), bounds)
        top, bottom = self._cell_band(i)
        for place, n in enumerate(order):
            cell = placed.row.cells[n]
            left, right = bounds[place], bounds[place + 1]
            zone = (left + 2, top, right - 2, bottom)
            lines = written_lines_of(self.leaf, zone, self.erased)
            value = value_in(self.leaf, lines, self.erased, self.reader)
            self._deliver(cell, replace(value, placed=told), fields)

    def _column_bounds(self, placed: PlacedRow, head: PlacedRow | None) -> list[int]:
        """Bounds: the rules between the columns, or half way between their headings."""
        count = len(placed.row.cells)
        # A row whose own label was not read has it in the same column as the others have theirs.
        labels = [p.matches[0] for p in self.rows if p.row.cells and p.matches]
        label_end = max((m.box[2] for m in labels if m), default=self.places.left)
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
        return [round(start + (self.places.right - start) * n / count) for n in range(count + 1)]

    def _cell_band(self, i: int) -> tuple[int, int]:
        placed, height = self.rows[i], self.leaf.height
        grid = find_grid(self.leaf, least_columns=2)
        if grid is not None:
            middle = placed.base - 0.5 * height
            above = [y for y in grid.rows if y <= middle]
            below = [y for y in grid.rows if y > middle]
            if above and below and below[0] - above[-1] < 12 * height:
                return above[-1] + 2, below[0] - 2
        return self.places.reach(i, self.places.left)


def columns_in_order(headings: Sequence[LabelMatch | None], bounds: Sequence[int]) -> tuple[list[int], bool]:
    """Which cell of a row stands in each column from left to right, and whether the headings tell.

    Printings differ in who comes first, father or mother. Of two columns one heading is enough.

    Args:
        headings: by cell; ``None`` where one was not read.
        bounds: of the columns, one more than there are.
    """
    usual = list(range(len(bounds) - 1))
    seen = {n: match for n, match in enumerate(headings) if match is not None}
    if len(seen) == len(usual):
        return sorted(usual, key=lambda n: seen[n].box[0]), True
    places = {
        n: next((p for p in usual if bounds[p] <= (m.box[0] + m.box[2]) / 2 < bounds[p + 1]), None)
        for n, m in seen.items()
    }
    if len(usual) == 2 and len(places) == 1:
        ((n, place),) = places.items()
        return (usual if place in (n, None) else usual[::-1]), place is not None
    return usual, len(usual) == 1
