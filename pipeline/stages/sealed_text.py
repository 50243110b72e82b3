"""The text under a sealed page: what was read, with every field put right, in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ocr.elements import Box, FieldReading, FieldStatus, PageText, Point, Quad, Transform
from storage.text_layer import TextLine, TextWord

_CORNER_ORDER = {0: (0, 1, 2, 3), 90: (1, 2, 3, 0), 180: (2, 3, 0, 1), 270: (3, 0, 1, 2)}
"""Which corners of a delivered box, clockwise from top left, come first in reading order on a page that
stands turned clockwise by so many degrees."""
_PERSONS_WORD = frozenset({FieldStatus.KEYED, FieldStatus.CONFIRMED})
_INSIDE = 0.8
"""Share of a box that has to lie in another one for its text to stand there too."""


@dataclass(slots=True)
class _Row:
    """Places of words on one line in region pixels, where even a line of a curled leaf is straight."""

    transform: Transform
    quads: list[Quad] = field(default_factory=list)

    def on_page(self, words: Iterable[TextWord]) -> list[TextWord]:
        """Words laid in region pixels, carried to the delivered page."""
        return [TextWord(word.text, self._mapped(word.quad)) for word in words]

    def _mapped(self, quad: Quad) -> Quad:
        first, second, third, fourth = (self.transform.point(x, y) for x, y in quad)
        return first, second, third, fourth


@dataclass(slots=True)
class _Told:
    """One field as it is now written, and the read words that it puts right: their places, line by line."""

    rows: list[list[str]]
    box: Box
    places: list[_Row] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return [word for row in self.rows for word in row]


def corrected_lines(
    texts: Sequence[PageText], fields: Iterable[FieldReading], *, rotation: int
) -> tuple[TextLine, ...]:
    """Lines of one delivered page in delivered pixels, in reading order.

    Words of the reader whose centre lies in the box of a field give way, where they stand, to the field as
    it is now written, unbroken by what stands beside it; what lies outside any field is kept as read. A
    field where nothing was read is laid into its box, between the lines around it.

    Args:
        texts: regions of the page, in reading order.
        fields: of all records on the page, current values.
        rotation: clockwise degrees by which the page is turned against upright.
    """
    told = _told(fields)
    leaves = [_with_fields_marked(text, told) for text in texts]
    corners = _CORNER_ORDER[rotation % 360]
    laid = [[lines for marked in leaf if (lines := list(_lines(marked)))] for leaf in leaves]
    frames = [_frame([text.transform.quad((0, 0, text.width, text.height))], rotation) for text in texts]
    for one in told:
        if not one.places:
            lines = _into_box(one, corners)
            if lines:
                _insert(lines, laid, frames, rotation)
    return tuple(line for leaf in laid for lines in leaf for line in lines)


def _told(fields: Iterable[FieldReading]) -> list[_Told]:
    """Fields that say something about their box, the smallest box first, each text once.

    A blank field takes words away only where a person said so.
    """
    found = [
        _Told([row.split() for row in f.written.split("\n") if row.strip()], f.box)
        for f in fields
        if f.box and (f.written.strip() or f.status in _PERSONS_WORD)
    ]
    found.sort(key=lambda t: -_area(t.box))
    kept: list[_Told] = []
    for one in found:
        if not any(_stands_in(one, other) for other in kept):
            kept.append(one)
    return kept[::-1]


def _stands_in(one: _Told, other: _Told) -> bool:
    left, top = max(one.box[0], other.box[0]), max(one.box[1], other.box[1])
    right, bottom = min(one.box[2], other.box[2]), min(one.box[3], other.box[3])
    shared = max(0, right - left) * max(0, bottom - top)
    return " ".join(one.words) in " ".join(other.words) and shared >= _INSIDE * _area(one.box)


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _with_fields_marked(text: PageText, told: Sequence[_Told]) -> list[list[TextWord | _Told]]:
    """The region's lines; a field stands once, where its first word was read."""
    lines = []
    for line in text.lines:
        marked: list[TextWord | _Told] = []
        here: set[int] = set()
        for word in line.words:
            left, top, right, bottom = word.box
            owner = _owner(text.transform.point((left + right) / 2, (top + bottom) / 2), told)
            if owner is None:
                marked.append(TextWord(word.text, text.transform.quad(word.box)))
                continue
            if not owner.places:
                marked.append(owner)
            if id(owner) not in here:
                owner.places.append(_Row(text.transform))
                here.add(id(owner))
            owner.places[-1].quads.append(((left, top), (right, top), (right, bottom), (left, bottom)))
        lines.append(marked)
    return lines


def _owner(point: Point, told: Sequence[_Told]) -> _Told | None:
    x, y = point
    return next((t for t in told if t.box[0] <= x < t.box[2] and t.box[1] <= y < t.box[3]), None)


def _lines(marked: Sequence[TextWord | _Told]) -> Iterator[TextLine]:
    words: list[TextWord] = []
    for part in marked:
        if isinstance(part, TextWord):
            words.append(part)
            continue
        first, *rest = _over(part.words, part.places)
        words += first
        for row in rest:
            yield from _line(words)
            words = list(row)
        if rest:
            yield from _line(words)
            words = []
    yield from _line(words)


def _line(words: Sequence[TextWord]) -> Iterator[TextLine]:
    if words:
        yield TextLine(tuple(words))


def _over(words: Sequence[str], places: Sequence[_Row]) -> list[Sequence[TextWord]]:
    """Lay words over the places of read ones: one for one, else in proportion to the room of each line."""
    if len(words) == sum(len(row.quads) for row in places):
        taken = iter(words)
        return [row.on_page(TextWord(next(taken), quad) for quad in row.quads) for row in places]
    rows = [(r.quads[0][0], r.quads[-1][1], r.quads[-1][2], r.quads[0][3]) for r in places]
    rooms = [max(1.0, abs(complex(*r[1]) - complex(*r[0]))) for r in rows]
    length = sum(len(w) + 1 for w in words)
    dealt: list[list[str]] = [[] for _ in rows]
    before, ends, row = 0.0, rooms[0], 0
    for word in words:
        middle = (before + len(word) / 2) / length * sum(rooms)
        while middle > ends and row < len(rows) - 1:
            row += 1
            ends += rooms[row]
        dealt[row].append(word)
        before += len(word) + 1
    return [
        place.on_page(_side_by_side(w, r)) if w else ()
        for w, r, place in zip(dealt, rows, places, strict=True)
    ]


def _into_box(told: _Told, corner_order: tuple[int, ...]) -> list[TextLine]:
    """A field's text laid into its box: lines below each other, words side by side."""
    box = told.box
    corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
    top_left, top_right, bottom_right, bottom_left = (corners[i] for i in corner_order)
    lines = []
    for number, words in enumerate(told.rows):
        upper, lower = number / len(told.rows), (number + 1) / len(told.rows)
        row = (
            _between(top_left, bottom_left, upper),
            _between(top_right, bottom_right, upper),
            _between(top_right, bottom_right, lower),
            _between(top_left, bottom_left, lower),
        )
        lines.append(TextLine(_side_by_side(words, row)))
    return lines


def _insert(
    lines: list[TextLine],
    laid: list[list[list[TextLine]]],
    frames: Sequence[tuple[float, float, float, float]],
    rotation: int,
) -> None:
    """Put lines before the first ones below them, or right of them, on the leaf that they stand on."""
    left, top, _, bottom = _frame([w.quad for line in lines for w in line.words], rotation)
    centre = (top + bottom) / 2
    on = [n for n, (x0, y0, x1, y1) in enumerate(frames) if x0 <= left < x1 and y0 <= centre < y1]
    if not on:
        laid.append([lines])
        return
    leaf = laid[on[0]]
    at = len(leaf)
    for index, there in enumerate(leaf):
        x, upper, _, lower = _frame([w.quad for w in there[0].words], rotation)
        beside = upper <= centre < lower
        if (beside and x > left) or (not beside and upper > centre):
            at = index
            break
    leaf.insert(at, lines)


def _frame(quads: Sequence[Quad], rotation: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of places on the page, stood upright."""
    turned = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    a, b, c, d = turned[rotation % 360]
    points = [(a * x + b * y, c * x + d * y) for quad in quads for x, y in quad]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


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
