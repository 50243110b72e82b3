"""Blocks that no label on their line introduces: notes at the margin."""

from __future__ import annotations

from ocr.elements import Box, FieldReading
from ocr.forms.schema import Block, Part
from ocr.labels import LabelMatch, find_label, squash
from ocr.leaf import Leaf, written_lines_of
from ocr.value_reader import ValueReader
from ocr.values import empty_field, reading_of, unread_field
from ocr.written_value import Value, value_in

_DOUBTFUL = 0.3
_MOST_OF_FACE = 0.5
_NARROWEST = 4
"""Widths of a column of notes at least, in heights of a printed word."""
_COLUMN = 10
"""The rule of the column of notes stands within so many heights of its heading."""
_LEAST_NOTE = 3
"""Letters of the shortest note; fewer are specks, folds and stamps at the edge of the page."""


def margin(leaf: Leaf, block: Block, reader: ValueReader | None) -> FieldReading:
    """Notes in the column under its heading."""
    left, _, right, bottom = leaf.frame
    # Right of the rule stands the column; what runs down further right is the edge of the leaf.
    uprights = [
        b
        for b in leaf.ink.uprights
        if left + 0.55 * (right - left) < b[0] < right - _NARROWEST * leaf.height
        and b[3] - b[1] > 8 * leaf.height
    ]
    longest = max(uprights, key=lambda b: b[3] - b[1], default=None)
    ruled = longest is not None and longest[3] - longest[1] > _MOST_OF_FACE * (bottom - leaf.frame[1])
    border = longest[2] if longest and ruled else left
    heading: LabelMatch | None = None
    for line in leaf.lines:
        aside = [w for w in line.words if w.box[0] > max(left + 0.62 * (right - left), border)]
        found = find_label(aside, block.label) if aside else None
        if found and (heading is None or found.likeness > heading.likeness):
            heading = found
    if heading is None and not uprights:
        return unread_field(_part(block), leaf)
    rule = longest
    if heading is not None:
        # A fold may run further down the page than the rule, but hardly between it and the heading.
        rule = max(
            (b for b in uprights if -leaf.height < heading.box[0] - b[2] < _COLUMN * leaf.height),
            key=lambda b: b[2],
            default=None,
        )
    start = rule[2] + 3 if rule else (heading.box[0] - round(3 * leaf.height) if heading else right)
    top = heading.box[3] + 2 if heading else (rule[1] + round(2.5 * leaf.height) if rule else 0)
    if rule:
        top = max(top, rule[1])
    if leaf.motto and leaf.motto[2] > start:
        top = max(top, leaf.motto[3] + round(3.5 * leaf.height))
    floor = min(leaf.foot, rule[3] if rule else bottom)
    zone = (start, top, right - round(0.4 * leaf.height), _end_of_notes(leaf, (start, top, right, floor)))
    lines = written_lines_of(leaf, zone, [])
    if not leaf.born_digital:
        lines = [line for line in lines if _has_letters(leaf, line)]
    value = value_in(leaf, lines, [], reader)
    if value.box is None or is_speck(value):
        return empty_field(_part(block), leaf)
    return reading_of(value, _part(block))


def _has_letters(leaf: Leaf, line: Box) -> bool:
    """Whether a line holds letters side by side; the edge of a stain is one long stroke with crumbs."""
    found = leaf.ink.inside(line)
    tall = found[:, 3] - found[:, 1]
    letters = found[(tall >= 0.45 * leaf.height) & (tall <= 3.2 * leaf.height)]
    flat = (line[3] - line[1]) <= 4.5 * leaf.height
    return flat and len(letters) >= _LEAST_NOTE and line[2] - line[0] >= 2 * leaf.height


def is_speck(value: Value) -> bool:
    """Whether what stands where a note may stand is too little to be one."""
    if value.box is None:
        return True
    letters = sum(len(squash(w.text).replace(" ", "")) for w in value.words if w.confidence > _DOUBTFUL)
    small = value.box[2] - value.box[0] < 4 * value.leaf.height
    return letters < _LEAST_NOTE and (small or bool(value.words))


def _end_of_notes(leaf: Leaf, zone: Box) -> int:
    """Foot of the first run of written lines; what follows a wide gap is a stamp or a stain."""
    found = leaf.ink.inside(zone)
    big = found[(found[:, 3] - found[:, 1] >= 0.45 * leaf.height)] if len(found) else found
    if not len(big):
        return zone[3]
    end = 0
    for box in sorted(big.tolist(), key=lambda b: b[1]):
        if end and box[1] - end > 4 * leaf.height:
            break
        if not end and box[1] - zone[1] > 9 * leaf.height:
            return zone[1]
        end = max(end, box[3])
    return int(end) + 2


def _part(block: Block) -> Part:
    return Part(block.key, block.kind)
