"""One value cut into the several fields that it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.elements import Box, FieldReading, FieldStatus, Word, hull
from ocr.forms.schema import Part
from ocr.labels import fold
from ocr.rereading import read_value
from ocr.segment import is_struck_through
from ocr.values import empty_field, reading_of
from ocr.writing import on_whole_strokes
from ocr.written_value import Value

_SHAPES = {
    "id_number": re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)"),
    "date": re.compile(r"(?<!\d)\d{1,2}[/.\-]\d{1,2}[/.\-](?:1[89]|20)\d\d(?!\d)"),
    "id_type": re.compile(
        r"\b(?:giay |the )?(?:cmnd|cmtnd|cccd|ho chieu|can cuoc(?: cong dan)?|chung minh nhan dan)\b"
    ),
}
_PERSON = {"name", "date"}
"""Kinds in a cell that holds a name and when its bearer was born."""
_BEFORE_PLACES = frozenset("tai do noi cap".split())


def split_value(
    value: Value,
    parts: Mapping[str, Part],
    patterns: Sequence[re.Pattern[str]],
    places: Mapping[str, tuple[float, float]],
) -> dict[str, FieldReading]:
    """Cut a value by the first pattern that fits; groups that stay empty give empty fields.

    Where none fits, each part points at the `places` where it usually lies in the value, with no text,
    so that a better reader or an officer looks at about the right spot.
    """
    if value.box is None or (value.words and is_struck_through(value.text)):
        written = value.text if value.box else ""
        return {
            p.key: empty_field(p, value.leaf, value.box, written=written)
            for p in parts.values()
            if not p.optional
        }
    kinds = {part.kind for part in parts.values()}
    value = read_value(value, "person" if kinds == _PERSON else "text")
    folded = fold(value.text)
    for pattern in patterns:
        match = pattern.match(folded)
        if match is None:
            continue
        fields: dict[str, FieldReading] = {}
        for group, part in parts.items():
            span = match.span(group) if group in pattern.groupindex else (-1, -1)
            words = _words_at(value.words, span)
            if words:
                fields[part.key] = reading_of(value, part, words, box=_on_strokes(value, words))
            elif not part.optional:
                fields[part.key] = empty_field(part, value.leaf)
        return fields
    told = _told_by_kind(value, folded, parts)
    assert value.box is not None
    left, top, right, bottom = value.box
    whole = max((places[g][1] for g, p in parts.items() if g in places and not p.optional), default=1.0)
    width = (right - left) / whole
    unread: dict[str, FieldReading] = {}
    for group, part in parts.items():
        if not part.optional:
            start, end = places.get(group, (0.0, 1.0))
            box = (left + round(start * width), top, left + round(end * width), bottom)
            reading = reading_of(replace(value, words=()), part, box=box)
            unread[part.key] = replace(reading, status=FieldStatus.UNREADABLE)
    return unread | told


def _told_by_kind(value: Value, folded: str, parts: Mapping[str, Part]) -> dict[str, FieldReading]:
    """Parts that their own shape gives away where the words between them are damaged.

    A nine- or twelve-digit number, a date, the name of an identity document; the place of issue is what
    follows the date.
    """
    fields: dict[str, FieldReading] = {}
    end = -1
    for part in parts.values():
        shape = _SHAPES.get(part.kind)
        match = shape.search(folded) if shape is not None else None
        if match is not None:
            words = _words_at(value.words, match.span())
            if words:
                fields[part.key] = _doubtful(reading_of(value, part, words, box=_on_strokes(value, words)))
            if part.kind == "date":
                end = match.end()
    for part in parts.values():
        words = _words_at(value.words, (end, len(folded))) if end >= 0 and part.kind == "place" else []
        words = [w for w in words if fold(w.text).strip(".,:") not in _BEFORE_PLACES]
        if words:
            fields[part.key] = _doubtful(reading_of(value, part, words, box=_on_strokes(value, words)))
    return fields


def _doubtful(reading: FieldReading) -> FieldReading:
    return replace(reading, status=FieldStatus.LOW_CONFIDENCE) if reading.written else reading


def _on_strokes(value: Value, words: Sequence[Word]) -> Box | None:
    """Box of some words, brought to the strokes that it covers; ``None`` where words have their own."""
    if value.leaf.born_digital:
        return None
    return hull([on_whole_strokes(value.leaf.ink, w.box) for w in words])


def _words_at(words: Sequence[Word], span: tuple[int, int]) -> list[Word]:
    """Words (cut where the span cuts them) under a span of their joined text."""
    result, at = [], 0
    for word in words:
        start, end = max(span[0], at), min(span[1], at + len(word.text))
        if start < end:
            text = word.text[start - at : end - at].strip(" .,;:()")
            if text:
                width = (word.box[2] - word.box[0]) / len(word.text)
                left, right = (
                    word.box[0] + round((start - at) * width),
                    word.box[0] + round((end - at) * width),
                )
                result.append(Word(text, (left, word.box[1], right, word.box[3]), word.confidence))
        at += len(word.text) + 1
    return result
