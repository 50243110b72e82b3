"""The issuing unit in the corner of a page: two or three centred lines that no label introduces."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.elements import Box, FieldReading, Ink, Line, hull
from ocr.forms.schema import Block, Part
from ocr.labels import squash
from ocr.leaf import Leaf, written_lines_of
from ocr.rereading import LEVELS, read_value
from ocr.segment import into_lines, runs_of, without_leaders
from ocr.signed_name import grown, strokes_not_red
from ocr.value_reader import ValueReader
from ocr.values import reading_of, unread_field
from ocr.written_value import Value, middle_in

_NUMBER_LINE = re.compile(r"(so|s0|mau|quyen)\b")
"""How a line begins that tells the number of a paper and no unit ("Số: 12/QĐ-UBND")."""

_PROVINCE = re.compile(r"\b(tinh|tp|thanh pho)\b")
_COMMUNE = re.compile(r"\b(xa|phuong|thi tran)\b")
_UNIT_GAP = 2.2
_WORD_GAP, _LEFT_OUT = 0.8, 0.9
"""Ink beside a line belongs to it where the gap is smaller; so much of it is a word that was not read."""
_REACH, _PITCH = 7.0, 2.4
"""How far words, and lines, that were not read may stand beside and above those that were."""
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
    part = Part(block.key, block.kind)
    left, top, right, _ = leaf.frame
    limit = leaf.motto[0] - leaf.height * 0.5 if leaf.motto else left + 0.48 * (right - left)
    ceiling = leaf.motto[1] - 4 * leaf.height if leaf.motto else top
    zone = (left, max(top, int(ceiling)), int(limit), title_top)
    words = [w for w in leaf.words_in(zone) if w.confidence > 0.2]
    words = [w for w in words if not any(middle_in(w.box, e) for e in erased)]
    lines = [_middle_run(line, leaf.height) for line in into_lines(words, leaf.height)]
    lines = [line for line in lines if len(squash(line.text)) >= 3]
    kept = _block_of_units(lines, leaf.height)
    if not kept:
        return unread_field(part, leaf)
    chosen = tuple(w for line in kept for w in line.words)
    value = Value(leaf, chosen, hull([w.box for w in chosen]), Ink.PRINT, leaf.source.text.engine)
    text = "\n".join(without_leaders(line.text) for line in kept)
    if reader is None or leaf.born_digital:
        return reading_of(value, part, chosen, written=text)
    value = replace(value, reader=reader, covered=0.0)  # what was read does not stand for all there is
    rows = _rows(value, kept, zone, erased, block.kind)
    lost = len(rows) > len(kept) or any(
        _wider(row, line.box) > _LEFT_OUT * leaf.height for row, line in zip(rows, kept, strict=True)
    )
    if not lost and _names_units(text, reader):
        value = replace(value, signals={"units": float(len(rows) >= LEVELS)})
        return reading_of(value, part, chosen, written=text)
    read, written = _read_rows(value, rows, block.kind)
    if not _names_units(written, reader):
        other = _read_rows(value, _apart(kept), block.kind)
        if not lost or _names_units(other[1], reader):
            read, written = other
    if read.share is None:
        return reading_of(value, part, chosen, written=text)
    return reading_of(read, part, read.words, written=written)


def _read_rows(value: Value, boxes: Sequence[Box], kind: str) -> tuple[Value, str]:
    """The lines read again, weighed against each other; and their text."""
    # An address names the smallest unit first, a letterhead the largest.
    read = read_value(replace(value, lines=tuple(reversed(boxes))), kind)
    rows = [" ".join(w.text for w in read.words if middle_in(w.box, box)) for box in boxes]
    return read, "\n".join(filter(None, rows))


def _rows(value: Value, kept: Sequence[Line], zone: Box, erased: Sequence[Box], kind: str) -> list[Box]:
    """The lines as far as their ink goes, with those between, above and below them that were not read."""
    leaf, height = value.leaf, value.leaf.height
    boxes = _apart(kept)
    around = (
        max(zone[0], round(min(b[0] for b in boxes) - _REACH * height)),
        max(zone[1], round(boxes[0][1] - _PITCH * height)),
        min(zone[2], round(max(b[2] for b in boxes) + _REACH * height)),
        min(zone[3], round(boxes[-1][3] + _PITCH * height)),
    )
    strokes, _ = strokes_not_red(leaf, around)
    # Stains beside the lines run down several of them: rows are told by the ink between their ends.
    core = (min(b[0] for b in boxes), around[1], max(b[2] for b in boxes), around[3])
    inked = [b for b in written_lines_of(leaf, core, erased) if b[3] - b[1] <= 2 * height]

    def whole(row: Box) -> Box:
        start, end = grown(strokes, around, row, gap=_WORD_GAP * height, most=_REACH * height)
        return start, row[1], end, row[3]

    rows = []
    for box in boxes:
        middle = (box[1] + min(box[3], box[1] + 2 * height)) / 2
        seen = next((b for b in inked if b[1] <= middle <= b[3]), None)
        top, bottom = (seen[1], seen[3]) if seen else (box[1], min(box[3], box[1] + round(1.9 * height)))
        rows.append(whole((box[0], top, box[2], bottom)))
    centre = statistics.median((b[0] + b[2]) / 2 for b in rows)
    names = [squash(line.text) for line in kept]
    ceiling = rows[0][1] if _PROVINCE.search(names[0]) else around[1]
    floor = rows[-1][3] if len(rows) > 2 or _COMMUNE.search(names[-1]) else around[3]
    slack = round(0.3 * height)
    for row in map(whole, inked):
        apart = all(row[3] <= other[1] + slack or row[1] >= other[3] - slack for other in rows)
        centred = abs((row[0] + row[2]) / 2 - centre) < _REACH / 2 * height
        between = ceiling <= row[1] + slack and row[3] - slack <= floor
        missed = apart and centred and between and row[2] - row[0] >= 3 * height
        if missed and _names_a_unit(_read_rows(value, [row], kind)[1]):
            rows.append(row)
    return sorted(rows, key=lambda b: b[1])


def _wider(row: Box, box: Box) -> int:
    return max(box[0] - row[0], row[2] - box[2])


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
    return reader.names_units(" ".join(reversed(lines)), len(lines))


def _names_a_unit(text: str) -> bool:
    return any(unit in f"{squash(text)} " for unit in _UNIT_WORDS)


def _middle_run(line: Line, height: float) -> Line:
    """The words of a line that stand together and hold most letters: stains beside them are read as words."""
    runs = runs_of(line, _UNIT_GAP * height)
    return max(runs, key=lambda run: sum(len(squash(w.text)) * w.confidence for w in run.words))


def _block_of_units(lines: Sequence[Line], height: float) -> list[Line]:
    """From the first line that names a unit to the last one before a wide gap or the paper's number."""
    kept: list[Line] = []
    named = 0
    for line in lines:
        names_unit = _names_a_unit(line.text)
        if kept and (line.box[1] - kept[-1].box[3] > 2.5 * height or _NUMBER_LINE.match(squash(line.text))):
            break
        if kept or names_unit:
            kept.append(line)
        if names_unit:
            named = len(kept)
    return kept[:named]
