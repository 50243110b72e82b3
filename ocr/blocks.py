"""Blocks that no label on their line introduces: letterhead, margin notes, signers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.elements import Box, FieldReading, FieldStatus, Ink, Line, Word, hull
from ocr.engines.base import Engine
from ocr.forms.schema import Block, Part, Signature
from ocr.labels import LabelMatch, find_label, squash
from ocr.leaf import Leaf
from ocr.segment import into_lines, without_leaders
from ocr.values import Value, empty_field, read_again, reading_of, unread_field, value_in

_NUMBER_LINE = re.compile(r"(so|s0|mau|quyen)\b")
"""How a line begins that tells the number of a paper and no unit ("Số: 12/QĐ-UBND")."""

_DOUBTFUL = 0.3
_LEAST_NOTE = 3
"""Letters of the shortest note; fewer are specks, folds and stamps at the edge of the page."""

_TITLE = 0.75
_SURE_TITLE = 0.8
_PROXY = re.compile(r"kt|tl|tuq|k t|t l")

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


def letterhead(leaf: Leaf, block: Block, title_top: int, erased: Sequence[Box]) -> FieldReading:
    """The issuing unit in the top left corner, its lines joined by line feeds."""
    left, top, right, _ = leaf.frame
    limit = leaf.motto[0] - leaf.height * 0.5 if leaf.motto else left + 0.48 * (right - left)
    ceiling = leaf.motto[1] - 4 * leaf.height if leaf.motto else top
    words = [
        w for w in leaf.words_in((left, max(top, int(ceiling)), int(limit), title_top)) if w.confidence > 0.2
    ]
    words = [w for w in words if not any(_within(w.box, e) for e in erased)]
    lines = [line for line in into_lines(words, leaf.height) if len(squash(line.text)) >= 3]
    kept = _block_of_units(lines, leaf.height)
    if not kept:
        return unread_field(_part(block), leaf)
    chosen = [w for line in kept for w in line.words]
    value = Value(leaf, tuple(chosen), hull([w.box for w in chosen]), Ink.PRINT, leaf.source.text.engine)
    text = "\n".join(without_leaders(line.text) for line in kept)
    return reading_of(value, _part(block), chosen, written=text)


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


def margin(leaf: Leaf, block: Block, reader: Engine | None) -> FieldReading:
    """Notes in the column under its heading."""
    left, _, right, bottom = leaf.frame
    heading: LabelMatch | None = None
    for line in leaf.lines:
        aside = [w for w in line.words if w.box[0] > left + 0.62 * (right - left)]
        found = find_label(aside, block.label) if aside else None
        if found and (heading is None or found.likeness > heading.likeness):
            heading = found
    uprights = [
        b for b in leaf.ink.uprights if b[0] > left + 0.55 * (right - left) and b[3] - b[1] > 8 * leaf.height
    ]
    if heading is None and not uprights:
        return unread_field(_part(block), leaf)
    rule = None
    if heading is not None:
        rule = max(
            (b for b in uprights if b[2] < heading.box[0] + leaf.height),
            key=lambda b: b[3] - b[1],
            default=None,
        )
    else:
        rule = max(uprights, key=lambda b: b[3] - b[1])
    start = rule[2] + 3 if rule else (heading.box[0] - round(3 * leaf.height) if heading else right)
    top = heading.box[3] + 2 if heading else (rule[1] + round(2.5 * leaf.height) if rule else 0)
    if rule:
        top = max(top, rule[1])
    if leaf.motto and leaf.motto[2] > start:
        top = max(top, leaf.motto[3] + round(3.5 * leaf.height))
    floor = min(leaf.foot, rule[3] if rule else bottom)
    words = [w for w in leaf.words_in((start, top, right, floor)) if w.confidence > 0.15]
    zone = (start, top, right - round(0.4 * leaf.height), _end_of_notes(leaf, (start, top, right, floor)))
    value = value_in(leaf, [zone], [], reader if len(words) == 0 else None)
    if value.box is None or is_speck(value):
        return empty_field(_part(block), leaf)
    return reading_of(value, _part(block))


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


def signature(leaf: Leaf, form: Signature, reader: Engine | None) -> dict[str, FieldReading]:
    """The signer's name, and the title printed above it."""
    left, top, right, bottom = leaf.frame
    middle = (left + right) / 2
    lines = [line for line in leaf.lines if line.box[1] > top + 0.45 * (bottom - top)]
    if form.side == "right" and not any(line.box[1] > top + 0.7 * (bottom - top) for line in lines):
        lines = list(leaf.lines)
    heads: list[tuple[Line, LabelMatch]] = []
    wide = form.face not in ("page", "plan", "owner")
    for line in lines:
        side = [w for w in line.words if _on_side(w, form.side, middle, wide or leaf.born_digital)]
        found = find_label(side, (*form.under, *form.titles)) if side else None
        if found and found.likeness >= 0.75:
            heads.append((Line(tuple(side)), found))
    fields: dict[str, FieldReading] = {}
    parts = [p for p in (form.title, _name(form)) if p]
    run = _last_run(heads, leaf)
    if not run:
        return {p.key: unread_field(p, leaf) for p in parts}
    if form.title:
        fields[form.title.key] = _title(run, form, form.title, leaf, reader)
    head = hull([line.box for line, _ in run])
    centre = (run[0][1].box[0] + run[0][1].box[2]) / 2
    reach = 0.24 * (right - left)
    floor = min(leaf.foot, int(head[3] + 16 * leaf.height))
    zone = (
        max(left, int(centre - reach)),
        head[3] + round(1.2 * leaf.height),
        min(right, int(centre + reach)),
        floor,
    )
    place = _lowest_writing(leaf, zone)
    part = _name(form)
    if place is None:
        fields[part.key] = unread_field(part, leaf)
        return fields
    fields[part.key] = reading_of(value_in(leaf, [place], [], reader), part)
    return fields


def _title(
    run: Sequence[tuple[Line, LabelMatch]], form: Signature, part: Part, leaf: Leaf, reader: Engine | None
) -> FieldReading:
    """The signer's own title: the lowest one that is not signed for ("KT. CHỦ TỊCH" names another)."""
    line = run[-1][0]
    match = find_label(line.words, form.titles)
    if match is None or match.likeness < _TITLE:
        return unread_field(part, leaf)
    before = line.words[: match.start]
    if before and _PROXY.fullmatch(squash(before[-1].text)):
        left, top, right, bottom = match.box
        step = bottom - top + round(0.5 * leaf.height)
        side = round(2.5 * leaf.height)
        below = (left - side, bottom + 2, right + side, bottom + step)
        chosen: Sequence[Word] = ()
    else:
        gap = match.box[0] - before[-1].box[2] if before else 2 * leaf.height
        chosen = line.words[match.start - (1 if gap < 0.8 * leaf.height else 0) : match.end]
        below = hull([w.box for w in chosen])
    value = Value(leaf, tuple(chosen), below, Ink.PRINT, leaf.source.text.engine)
    if reader is not None and not leaf.born_digital and value.confidence < _SURE_TITLE:
        value = read_again(value, [below], reader)
    again = find_label(value.words, form.titles)
    if again is None or again.likeness < _TITLE:
        return unread_field(part, leaf)
    reading = reading_of(value, part, value.words)
    signed_for = {squash(" ".join(w.text for w in line.words[m.start : m.end])) for line, m in run[:-1]}
    if f"kt {squash(value.text)}" in signed_for | {f"kt {squash(' '.join(w.text for w in before))}"}:
        return replace(reading, confidence=min(reading.confidence, 0.5), status=FieldStatus.LOW_CONFIDENCE)
    return reading


def _last_run(heads: Sequence[tuple[Line, LabelMatch]], leaf: Leaf) -> list[tuple[Line, LabelMatch]]:
    """Title lines that stand close under one another; the lowest such group counts."""
    run: list[tuple[Line, LabelMatch]] = []
    for head in sorted(heads, key=lambda h: h[1].box[1]):
        if run and head[1].box[1] - run[-1][1].box[3] > 2.2 * leaf.height:
            run = []
        run.append(head)
    return run


def _lowest_writing(leaf: Leaf, zone: Box) -> Box | None:
    """The band of the name: words read there, else the lowest row of letter-sized strokes."""
    words = [w for w in leaf.words_in(zone) if w.confidence > 0.3 and len(squash(w.text)) >= 2]
    lines = [line for line in into_lines(words, leaf.height) if len(line.words) >= 2 or len(line.text) > 6]
    if lines:
        box = lines[-1].box
        tall = round(0.5 * leaf.height)
        near = round(3 * leaf.height)
        return max(zone[0], box[0] - near), box[1] - tall, min(zone[2], box[2] + near), box[3] + tall
    found = leaf.ink.inside(zone)
    if not len(found):
        return None
    heights = found[:, 3] - found[:, 1]
    letters = found[(heights >= 0.4 * leaf.height) & (heights <= 3.0 * leaf.height)]
    rows = sorted(letters.tolist(), key=lambda b: -b[3])
    for lowest in rows:
        band = [b for b in rows if b[3] > lowest[1] and b[1] < lowest[3]]
        if len(band) >= 3:
            return zone[0], min(b[1] for b in band) - 4, zone[2], max(b[3] for b in band) + 4
    return None


def _on_side(word: Word, side: str, middle: float, anywhere: bool) -> bool:
    if anywhere:
        return True
    cx = (word.box[0] + word.box[2]) / 2
    return cx < middle if side == "left" else cx >= middle * 0.92


def _within(inner: Box, outer: Box) -> bool:
    cx, cy = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= cx <= outer[2] and outer[1] <= cy <= outer[3]


def _part(block: Block) -> Part:
    return Part(block.key, block.kind)


def _name(form: Signature) -> Part:
    return Part(form.key, form.kind)
