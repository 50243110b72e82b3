"""From what stands in a place to a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from ocr.elements import Box, FieldReading, FieldStatus, Ink, Word, hull
from ocr.forms.schema import Part
from ocr.glyphs import repaired, with_apostrophes
from ocr.labels import squash
from ocr.leaf import Leaf
from ocr.rereading import read_value
from ocr.segment import is_struck_through, joined, only_marks
from ocr.written_value import Value, middle_in

_READ_ABOVE = 0.60
_WITHOUT_COLON = frozenset(
    "name entry_number page_number book_number id_number number date date_words sex ethnicity nationality "
    "place relation".split()
)
_MOST_REST = 6
_PROPOSED = 0.89
_SAME_LABEL = 80.0


def reading_of(
    value: Value,
    part: Part,
    words: Sequence[Word] | None = None,
    *,
    box: Box | None = None,
    written: str | None = None,
) -> FieldReading:
    """A field from a value, read for its kind, or from some words of a value that was read before."""
    if words is None and written is None:
        value = without_rests(read_value(value, part.kind), part.kind)
    chosen = list(value.words if words is None else words)
    text = written if written is not None else joined(chosen, value.leaf.height) if chosen else ""
    if not value.leaf.born_digital:
        text = repaired(text, part.kind)
    proposed = text if value.leaf.born_digital else with_apostrophes(text, part.kind)
    place = box or (hull([w.box for w in chosen]) if words is not None and chosen else value.box)
    if value.box is None or (is_struck_through(text) and text):
        return empty_field(
            part,
            value.leaf,
            place if value.box else None,
            written=text if chosen else "",
            source=value.source,
        )
    confidence = 1.0 if value.leaf.born_digital else value.claim_for(chosen)
    status = FieldStatus.READ if confidence >= _READ_ABOVE and text else FieldStatus.LOW_CONFIDENCE
    if only_marks(text):
        # Ink stands there that was not read: by no means an empty field.
        text, status = "", FieldStatus.UNREADABLE
    elif proposed != text:
        text, confidence = proposed, min(confidence, _PROPOSED)
    return FieldReading(
        key=part.key,
        kind=part.kind,
        written=text,
        value=text,
        confidence=confidence,
        status=status,
        ink=value.ink,
        page=value.leaf.page,
        box=value.leaf.transform.box(place) if place else None,
        source=value.source,
        alternatives=value.alternatives if words is None else (),
        signals={
            **value.signals,
            "placed": float(value.placed),
            "whole": float(value.whole),
            **_known(value, part.kind, text),
        },
    )


def _known(value: Value, kind: str, text: str) -> dict[str, float]:
    """``listed``: whether there is such a relation; ``ends``: whether the last unit of a place exists."""
    if value.reader is None or not text:
        return {}
    if kind == "place":
        return {"ends": float(value.reader.ends_whole(text))}
    return {"listed": float(value.reader.knowledge.lists(kind, text))} if kind == "relation" else {}


def empty_field(
    part: Part, leaf: Leaf, box: Box | None = None, *, written: str = "", source: str = ""
) -> FieldReading:
    """A field where nothing stands, or only the strokes that say so."""
    return FieldReading(
        key=part.key,
        kind=part.kind,
        written=written,
        value="",
        confidence=0.9,
        status=FieldStatus.EMPTY,
        ink=Ink.EMPTY if not written else Ink.PRINT,
        page=leaf.page,
        box=leaf.transform.box(box) if box else None,
        source=source or leaf.source.text.engine,
    )


def unread_field(part: Part, leaf: Leaf) -> FieldReading:
    """A field of the form whose place was not found on the page."""
    return FieldReading(
        key=part.key,
        kind=part.kind,
        written="",
        value="",
        confidence=0.0,
        status=FieldStatus.UNREADABLE,
        ink=Ink.HAND,
        page=leaf.page,
        box=None,
        source=leaf.source.text.engine,
    )


def without_label_rest(value: Value, kind: str, labels: Sequence[str] = ()) -> Value:
    """The value without the end of its label: words of it, or what a colon tells ("ộc: Gia-rai").

    Args:
        value: words in reading order.
        kind: of field; free text may hold a colon, so there only a known label's end is dropped.
        labels: wordings of the label.
    """
    most = min(_MOST_REST, len(value.words) - 1) if kind in _WITHOUT_COLON else 0
    for count in range(most, 1, -1):
        said = squash(" ".join(w.text for w in value.words[:count]))
        if any(f" {squash(label)}".endswith(f" {said}") for label in labels):
            return _from_word(value, count)
    for n, word in enumerate(value.words[:4]):
        if not word.text.endswith(":") or n + 1 >= len(value.words):
            continue
        said = squash(" ".join(w.text for w in value.words[: n + 1]))
        if kind not in _WITHOUT_COLON and not _ends_label(said, labels):
            continue
        if value.placed and labels and not _is_of_label(said, labels):
            continue  # writing may look like a colon: "Việt" was read as "M:"
        return _from_word(value, n + 1)
    return value


def _from_word(value: Value, first: int) -> Value:
    words = value.words[first:]
    last = value.words[first - 1]
    box = hull([w.box for w in words])
    lines = tuple((max(b[0], box[0]), *b[1:]) if middle_in(last.box, b) else b for b in value.lines)
    return replace(value, words=words, box=box, lines=lines)


def _ends_label(said: str, labels: Sequence[str]) -> bool:
    count = said.count(" ") + 1
    ends = (" ".join(squash(label).split()[-count:]) for label in labels)
    return any(fuzz.ratio(said, end) >= _SAME_LABEL for end in ends)


def _is_of_label(said: str, labels: Sequence[str]) -> bool:
    return any(fuzz.partial_ratio(said, squash(label)) >= _SAME_LABEL for label in labels)


def without_rests(value: Value, kind: str) -> Value:
    """A value read again, without what its kind cannot hold: its label's end, specks beside a name."""
    if value.share is None:
        return value
    count = len(value.words)
    first, last = count - len(without_label_rest(value, kind).words), count
    if kind == "name":
        spoken = [n for n in range(first, count) if any(c.isalpha() for c in value.words[n].text)]
        first, last = (spoken[0], spoken[-1] + 1) if spoken else (first, last)
    if (first, last) == (0, count):
        return value
    words = value.words[first:last]
    # Other readings lose as much at either end, so that the choices offered stay comparable.
    others = tuple(
        replace(a, value=" ".join(rest))
        for a in value.alternatives
        if (rest := a.value.split()[first : len(a.value.split()) - (count - last)])
    )
    return replace(value, words=words, box=hull([w.box for w in words]), alternatives=others)
