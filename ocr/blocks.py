"""Blocks that no label on their line introduces: letterhead, margin notes, signers."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.elements import Box, FieldReading, Ink, Line, hull
from ocr.forms.schema import Block, Part
from ocr.labels import LabelMatch, find_label, squash
from ocr.leaf import Leaf, written_lines_of
from ocr.rereading import read_value
from ocr.segment import into_lines, runs_of, without_leaders
from ocr.value_reader import ValueReader
from ocr.values import empty_field, reading_of, unread_field
from ocr.written_value import Value, middle_in, value_in

_NUMBER_LINE = re.compile(r"(so|s0|mau|quyen)\b")
"""How a line begins that tells the number of a paper and no unit ("Số: 12/QĐ-UBND")."""

_DOUBTFUL = 0.3
_UNIT_GAP = 2.2
_MOST_OF_FACE = 0.5
_COLUMN = 10
"""The rule of the column of notes stands within so many heights of its heading."""
_LEAST_NOTE = 3
"""Letters of the shortest note; fewer are specks, folds and stamps at the edge of the page."""

_UNIT_WORDS = (
    "tinh",
    "huyen",
    "xa",
    "ubnd",
    "uy ban",
    "thi xa",
    "thi tran",
    "phuong",
    "thanh pho",
    "quan",
    "so ",
    "tp",
)


def letterhead(
    leaf: Leaf, block: Block, title_top: int, erased: Sequence[Box], reader: ValueReader | None = None
) -> FieldReading:
    """The issuing unit in the top left corner, its lines joined by line feeds."""
    left, top, right, _ = leaf.frame
    limit = leaf.motto[0] - leaf.height * 0.5 if leaf.motto else left + 0.48 * (right - left)
    ceiling = leaf.motto[1] - 4 * leaf.height if leaf.motto else top
    words = [
        w for w in leaf.words_in((left, max(top, int(ceiling)), int(limit), title_top)) if w.confidence > 0.2
    ]
    words = [w for w in words if not any(middle_in(w.box, e) for e in erased)]
    lines = [_middle_run(line, leaf.height) for line in into_lines(words, leaf.height)]
    lines = [line for line in lines if len(squash(line.text)) >= 3]
    kept = _block_of_units(lines, leaf.height)
    if not kept:
        return unread_field(_part(block), leaf)
    chosen = [w for line in kept for w in line.words]
    value = Value(leaf, tuple(chosen), hull([w.box for w in chosen]), Ink.PRINT, leaf.source.text.engine)
    text = "\n".join(without_leaders(line.text) for line in kept)
    if reader is None or leaf.born_digital or _names_units(text, reader):
        return reading_of(value, _part(block), chosen, written=text)
    # An address names the smallest unit first, a letterhead the largest.
    boxes = tuple(reversed(_apart(kept)))
    read = read_value(replace(value, lines=boxes, reader=reader), block.kind)
    if read.share is None:
        return reading_of(value, _part(block), chosen, written=text)
    rows = [" ".join(w.text for w in read.words if middle_in(w.box, box)) for box in reversed(boxes)]
    return reading_of(read, _part(block), read.words, written="\n".join(filter(None, rows)))


def _apart(lines: Sequence[Line]) -> list[Box]:
    """Boxes of lines one below another, none reaching above the usual foot of the line before it."""
    boxes = [lines[0].box]
    for above, line in pairwise(lines):
        left, top, right, bottom = line.box
        foot = round(statistics.median(w.box[3] for w in above.words))
        boxes.append((left, min(max(top, foot), bottom - 1), right, bottom))
    return boxes


def _names_units(text: str, reader: ValueReader) -> bool:
    """Whether every line of a letterhead names a unit that there is, letter by letter."""
    lines = [line for line in text.split("\n") if squash(line)]
    usual = reader.knowledge.address_words
    text = " ".join(reversed(lines))
    return reader.addresses is not None and reader.addresses.is_exact(text, len(lines), usual)


def _middle_run(line: Line, height: float) -> Line:
    """The words of a line that stand together and hold most letters: stains beside them are read as words."""
    runs = runs_of(line, _UNIT_GAP * height)
    return max(runs, key=lambda run: sum(len(squash(w.text)) * w.confidence for w in run.words))


def _block_of_units(lines: Sequence[Line], height: float) -> list[Line]:
    """From the first line that names a unit to the last one before a wide gap or the paper's number."""
    kept: list[Line] = []
    named = 0
    for line in lines:
        names_unit = any(u in f"{squash(line.text)} " for u in _UNIT_WORDS)
        if kept and (line.box[1] - kept[-1].box[3] > 2.5 * height or _NUMBER_LINE.match(squash(line.text))):
            break
        if kept or names_unit:
            kept.append(line)
        if names_unit:
            named = len(kept)
    return kept[:named]


def margin(leaf: Leaf, block: Block, reader: ValueReader | None) -> FieldReading:
    """Notes in the column under its heading."""
    left, _, right, bottom = leaf.frame
    uprights = [
        b for b in leaf.ink.uprights if b[0] > left + 0.55 * (right - left) and b[3] - b[1] > 8 * leaf.height
    ]
    longest = max(uprights, key=lambda b: b[3] - b[1], default=None)
    ruled = longest is not None and longest[3] - longest[1] > _MOST_OF_FACE * (bottom - leaf.frame[1])
    border = longest[2] if longest and ruled and longest[0] < right - 4 * leaf.height else left
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
