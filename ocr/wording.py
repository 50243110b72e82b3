"""Fields told by what is ticked and by how a sentence is worded, not by a label beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.elements import Box, FieldReading, FieldStatus, Ink, Word, hull
from ocr.forms.schema import Choice, Part, Pattern
from ocr.labels import LabelMatch, fold
from ocr.layout import PlacedRow
from ocr.leaf import Leaf
from ocr.rereading import read_value
from ocr.value_reader import ValueReader
from ocr.values import empty_field, reading_of, unread_field
from ocr.written_value import Value, value_of

_BOX_READ = 1.25
"""An option read so much wider than its letters was read together with the box before it."""
_WIDE_LETTERS = 1.15
"""Letters of one option may be wider than those of another by so much."""
_BOX_MISSED = 0.5
_SEPARATORS = ";:,"

Hit = tuple[dict[str, FieldReading], list[Box]]
"""Fields, and the boxes of their words."""

_Ticked = tuple[float, Box, int, LabelMatch]
"""Ink in the box of an option, where it is, and which option that is."""


def chosen_option(leaf: Leaf, placed: PlacedRow, choice: Choice) -> FieldReading:
    """The option whose box holds most ink."""
    part = Part(choice.key, choice.kind)
    before, behind = _boxes(leaf, placed, choice)
    first = all(inked for inked, *_ in before) or not all(inked for inked, *_ in behind)
    scored = before if first else behind
    if not scored:
        return unread_field(part, leaf)
    scored.sort(key=lambda s: -s[0])
    inked, place, n, match = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0.0
    if inked < 0.05 * leaf.height**2 or inked < 1.15 * second:
        return unread_field(part, leaf) if inked else empty_field(part, leaf)
    label = choice.options[n][0]
    # Every option has a box; where no ink of one was found, it was looked for at the wrong place.
    sure = min(0.95, 0.5 + 0.5 * (inked - second) / inked) if second else _BOX_MISSED
    box = hull([place, match.box])
    return FieldReading(
        key=part.key,
        kind=part.kind,
        written=f"☒ {label}",
        value=f"☒ {label}",
        confidence=round(sure, 4),
        status=FieldStatus.READ if sure >= 0.6 else FieldStatus.LOW_CONFIDENCE,
        ink=Ink.HAND,
        page=leaf.page,
        box=leaf.transform.box(box),
        source=leaf.source.text.engine,
    )


def _boxes(leaf: Leaf, placed: PlacedRow, choice: Choice) -> tuple[list[_Ticked], list[_Ticked]]:
    """Ink in the boxes before the options, and in those behind them: printings have either."""
    side = max(12, round(1.35 * leaf.height))
    letter = _letter_width(placed.matches, choice)
    starts = sorted(m.box[0] for m in placed.matches if m)
    before: list[_Ticked] = []
    behind: list[_Ticked] = []
    for n, match in enumerate(placed.matches):
        if match is None:
            continue
        left, top, right, bottom = match.box
        # A ticked box is often read as part of its option's first word.
        width = letter * len(choice.options[n][0])
        if right - left > _BOX_READ * width:
            left = round(right - _WIDE_LETTERS * width)
        level = round((top + bottom) / 2 - side * 0.75), round((top + bottom) / 2 + side * 0.75)
        end = min((start for start in starts if start > right), default=leaf.frame[2])
        before.append(
            _inked(leaf, (round(left - 2.1 * side), level[0], round(left - 0.1 * side), level[1]), n, match)
        )
        reach = min(round(right + 2.3 * side), end - 2)
        behind.append(_inked(leaf, (round(right + 0.1 * side), level[0], reach, level[1]), n, match))
    return before, behind


def _inked(leaf: Leaf, box: Box, n: int, match: LabelMatch) -> _Ticked:
    found = leaf.ink.inside(box)
    place = hull([(int(b[0]), int(b[1]), int(b[2]), int(b[3])) for b in found[:, :4]]) if len(found) else box
    return float(found[:, 4].sum()) if len(found) else 0.0, place, n, match


def _letter_width(matches: Sequence[LabelMatch | None], choice: Choice) -> float:
    """Width of a printed letter, from the option that was surely read without its box."""
    widths = (
        (m.box[2] - m.box[0]) / len(option[0]) for m, option in zip(matches, choice.options, strict=True) if m
    )
    return min(widths, default=0.0)


def told_by_wording(leaf: Leaf, pattern: Pattern, reader: ValueReader | None = None) -> Hit:
    """Fields that stand in a fixed turn of phrase, and the boxes of their words."""
    left, top, right, bottom = leaf.frame
    width, height = right - left, bottom - top
    area = pattern.area
    zone = (
        left + area[0] * width,
        top + area[1] * height,
        left + area[2] * width,
        top + area[3] * height,
    )
    runs: list[list[Word]] = [
        [
            w
            for w in line.words
            if zone[0] <= w.box[0] and w.box[2] <= zone[2] + 1 and zone[1] <= w.box[1] <= zone[3]
        ]
        for line in leaf.lines
    ]
    if pattern.scope == "text":
        runs = [[w for run in runs for w in run]]
    hits = [hit for run in runs if (hit := _hit(leaf, pattern.regex, pattern, run, reader))]
    if not hits and pattern.blurred and reader is not None:
        doubtful = [hit for run in runs if (hit := _hit(leaf, pattern.blurred, pattern, run, reader))]
        hits = [hit for hit in doubtful if _fit(hit[0], reader)]
    return (hits[-1] if pattern.last else hits[0]) if hits else ({}, [])


def _hit(
    leaf: Leaf, wording: re.Pattern[str], pattern: Pattern, run: Sequence[Word], reader: ValueReader | None
) -> Hit | None:
    """The fields that a run of words holds, if it is worded so."""
    match = wording.search(fold(" ".join(w.text for w in run))) if run else None
    if match is None:
        return None
    fields: dict[str, FieldReading] = {}
    boxes: list[Box] = []
    for group, part in pattern.fields.items():
        words = _under(run, match.span(group))
        if words:
            boxes += [w.box for w in words]
            value = read_value(value_of(leaf, words, reader), part.kind)
            value = _without_separators(value, words[-1].text)
            fields[part.key] = reading_of(value, part, value.words, written=value.text)
    return fields, boxes


def _fit(fields: Mapping[str, FieldReading], reader: ValueReader) -> bool:
    """Whether every field is of the shape that its kind has."""
    return all(reader.knowledge.grammar(f.kind).fits(f.written) for f in fields.values())


def _without_separators(value: Value, last: str) -> Value:
    """The value without the semicolon behind it, which a new reading of its last word shows again."""
    if not value.words or last.endswith(tuple(_SEPARATORS)):
        return value
    end = value.words[-1]
    bare = end.text.rstrip(_SEPARATORS)
    if not bare or bare == end.text:
        return value
    others = tuple(replace(a, value=a.value.rstrip(_SEPARATORS)) for a in value.alternatives)
    others = tuple(a for a in others if a.value != value.text.rstrip(_SEPARATORS))
    return replace(value, words=(*value.words[:-1], replace(end, text=bare)), alternatives=others)


def _under(words: Sequence[Word], span: tuple[int, int]) -> list[Word]:
    result, at = [], 0
    for word in words:
        start, end = max(span[0], at), min(span[1], at + len(word.text))
        if start < end:
            result.append(replace(word, text=word.text[start - at : end - at]))
        at += len(word.text) + 1
    return result
