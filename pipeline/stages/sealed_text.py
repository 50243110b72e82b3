"""The text under a sealed page: what was read, with every field put right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocr.elements import Box, FieldReading, PageText, Point, Quad, Word
from storage.text_layer import TextLine, TextWord

_CORNER_ORDER = {0: (0, 1, 2, 3), 90: (1, 2, 3, 0), 180: (2, 3, 0, 1), 270: (3, 0, 1, 2)}
"""Which corners of a delivered box, clockwise from top left, come first in reading order on a page that
stands turned clockwise by so many degrees."""


def corrected_lines(
    texts: Sequence[PageText], fields: Iterable[FieldReading], *, rotation: int
) -> tuple[TextLine, ...]:
    """Lines of one delivered page in delivered pixels.

    Words of the reader whose centre lies in the box of a field give way to the field as it is now
    written; what stands outside any field is kept as read.

    Args:
        texts: regions of the page.
        fields: of all records on the page, current values.
        rotation: clockwise degrees by which the page is turned against upright.
    """
    placed = [f for f in fields if f.box and f.written.strip()]
    lines = []
    for text in texts:
        for line in text.lines:
            kept = [w for w in line.words if not _covered(text, w, placed)]
            if kept:
                lines.append(TextLine(tuple(TextWord(w.text, text.transform.quad(w.box)) for w in kept)))
    for field in placed:
        assert field.box
        lines.extend(_written(field.written, field.box, rotation))
    return tuple(lines)


def _covered(text: PageText, word: Word, fields: Sequence[FieldReading]) -> bool:
    left, top, right, bottom = word.box
    x, y = text.transform.point((left + right) / 2, (top + bottom) / 2)
    return any(f.box and f.box[0] <= x < f.box[2] and f.box[1] <= y < f.box[3] for f in fields)


def _written(written: str, box: Box, rotation: int) -> list[TextLine]:
    """A field's text laid into its box: lines below each other, words side by side."""
    rows = [row.split() for row in written.split("\n") if row.strip()]
    corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
    top_left, top_right, bottom_right, bottom_left = (corners[i] for i in _CORNER_ORDER[rotation % 360])
    lines = []
    for number, words in enumerate(rows):
        upper, lower = number / len(rows), (number + 1) / len(rows)
        row = (
            _between(top_left, bottom_left, upper),
            _between(top_right, bottom_right, upper),
            _between(top_right, bottom_right, lower),
            _between(top_left, bottom_left, lower),
        )
        lines.append(TextLine(_side_by_side(words, row)))
    return lines


def _side_by_side(words: Sequence[str], row: Quad) -> tuple[TextWord, ...]:
    length = sum(len(w) for w in words) + len(words) - 1
    laid, at = [], 0
    for word in words:
        start, end = at / length, (at + len(word)) / length
        quad = (
            _between(row[0], row[1], start),
            _between(row[0], row[1], end),
            _between(row[3], row[2], end),
            _between(row[3], row[2], start),
        )
        laid.append(TextWord(word, quad))
        at += len(word) + 1
    return tuple(laid)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
