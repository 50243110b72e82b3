"""From a place on the paper to field readings."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr.elements import Box, FieldReading, FieldStatus, Ink, Word, hull
from ocr.engines.base import Engine
from ocr.errors import EngineError
from ocr.forms.schema import Part
from ocr.glyphs import repaired, with_apostrophes
from ocr.ink import classify_ink
from ocr.labels import fold
from ocr.leaf import Leaf
from ocr.pen import HAND_FACTOR
from ocr.segment import into_lines, is_struck_through, joined, only_marks, word_without_leaders

_SURE = 0.80
"""Below this mean word confidence a value is read again from its own crop."""
_READ_ABOVE = 0.60
_COVERED = 0.90
_UNSURE = 0.75
"""No reading that leaves more than a tenth of the ink unexplained is surer than this."""
_WITHOUT_COLON = frozenset(
    "name date date_words sex ethnicity nationality place id_number book_number number relation".split()
)
_PROPOSED = 0.89


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in one place.

    Attributes:
        words: in reading order, region pixels, leaders removed.
        box: around the ink, region pixels; ``None`` where the place is blank.
        covered: share of the ink that lies under the words; what is not under any was not read.
    """

    leaf: Leaf
    words: tuple[Word, ...]
    box: Box | None
    ink: Ink
    source: str
    covered: float = 1.0

    @property
    def text(self) -> str:
        """Words with one blank between them."""
        return " ".join(w.text for w in self.words)

    @property
    def confidence(self) -> float:
        """What the reader claims for the words, lowered for handwriting and for ink left unread."""
        return self.claim_for(self.words)

    def claim_for(self, words: Sequence[Word]) -> float:
        """The same for some of the words."""
        claim = claimed(words, self.ink)
        return claim if self.covered >= _COVERED else round(min(claim, _UNSURE * self.covered), 4)


def claimed(words: Sequence[Word], ink: Ink) -> float:
    """Confidence of some words: mean and minimum weigh alike; handwriting counts half."""
    if not words:
        return 0.0
    values = [w.confidence for w in words]
    mixed = (statistics.fmean(values) + min(values)) / 2
    return round(mixed * (HAND_FACTOR if ink is Ink.HAND else 1.0), 4)


def value_in(leaf: Leaf, zones: Sequence[Box], erased: Sequence[Box], reader: Engine | None) -> Value:
    """Read what stands in `zones` (one per written line), labels in `erased` left out."""
    boxes = [box for zone in zones if zone[2] > zone[0] and (box := leaf.ink.tight(zone, erased))]
    words = [w for zone in zones for w in leaf.words_in(zone) if not _is_erased(w, erased)]
    words = [w for w in words if not re.fullmatch(r"[.…·_|:;,]+", w.text)]
    if leaf.born_digital:
        boxes = [hull([w.box for w in words])] if words else []
    if not boxes:
        return Value(leaf, (), None, Ink.EMPTY, leaf.source.text.engine)
    box = hull(boxes)
    inked = [w for w in words if _touches(w.box, box)]
    ordered = tuple(w for line in into_lines(inked, leaf.height) for w in _cleaned(line.words))
    ink = _ink(leaf, box, ordered)
    value = Value(leaf, ordered, box, ink, leaf.source.text.engine, _covered(leaf, boxes, ordered))
    if reader is not None and not leaf.born_digital and (value.confidence < _SURE or not ordered):
        value = read_again(value, boxes, reader)
    return value


def _covered(leaf: Leaf, boxes: Sequence[Box], words: Sequence[Word]) -> float:
    """Share of the strokes in some places that lie under words."""
    if leaf.born_digital:
        return 1.0
    whole = under = 0.0
    reach = 0.35 * leaf.height
    for box in boxes:
        strokes = leaf.ink.inside(box)
        strokes = strokes[(strokes[:, 3] - strokes[:, 1]) >= 0.3 * leaf.height]
        if not len(strokes):
            continue
        middle = (strokes[:, 0] + strokes[:, 2]) / 2
        level = (strokes[:, 1] + strokes[:, 3]) / 2
        read = np.zeros(len(strokes), bool)
        for left, top, right, bottom in (w.box for w in words):
            read |= (
                (middle >= left - reach)
                & (middle <= right + reach)
                & (level >= top - reach)
                & (level <= bottom + reach)
            )
        whole += float(strokes[:, 4].sum())
        under += float(strokes[read, 4].sum())
    return under / whole if whole else 1.0


def _ink(leaf: Leaf, box: Box, words: Sequence[Word]) -> Ink:
    if leaf.born_digital:
        return Ink.PRINT
    mean = statistics.fmean(w.confidence for w in words) if words else 0.0
    return classify_ink(leaf.ink, box, confidence=mean, label_height=leaf.height, words=len(words))


def _is_erased(word: Word, erased: Sequence[Box]) -> bool:
    cx, cy = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return any(e[0] <= cx <= e[2] and e[1] <= cy <= e[3] for e in erased)


def _touches(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _cleaned(words: Sequence[Word]) -> list[Word]:
    result = []
    for word in words:
        text = word_without_leaders(word.text)
        if text:
            result.append(replace(word, text=text))
    return result


def read_again(value: Value, boxes: Sequence[Box], reader: Engine) -> Value:
    """The value read again line by line from its own crops, if the reader is surer then."""
    words: list[Word] = []
    for box in boxes:
        crop, (dx, dy) = line_crop(value.leaf, box)
        try:
            reading = reader.read_line(crop)
        except EngineError:
            return value
        if not reading.text:
            return value
        if reading.words:
            words += [
                Word(w.text, (w.box[0] + dx, w.box[1] + dy, w.box[2] + dx, w.box[3] + dy), w.confidence)
                for w in reading.words
            ]
        else:
            words += _spread(reading.text, box, reading.confidence)
    cleaned = tuple(_cleaned(words))
    if not cleaned:
        return value
    assert value.box is not None
    ink = _ink(value.leaf, value.box, cleaned)
    covered = _covered(value.leaf, boxes, cleaned)
    again = replace(value, words=cleaned, ink=ink, source=f"{reader.name} {reader.version}", covered=covered)
    same = replace(again, ink=value.ink)
    return again if same.confidence > value.confidence else value


def _spread(text: str, box: Box, confidence: float) -> list[Word]:
    """Words of a line whose boxes are not known, by their share of letters."""
    parts, at, result = text.split(), 0, []
    scale = (box[2] - box[0]) / max(1, len(text))
    for part in parts:
        left, right = box[0] + round(at * scale), box[0] + round((at + len(part)) * scale)
        result.append(Word(part, (left, box[1], right, box[3]), confidence))
        at += len(part) + 1
    return result


def line_crop(
    leaf: Leaf, box: Box, margin: int = 10
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], tuple[int, int]]:
    """Gray crop of one written line without rules and leaders, and where its corner lies in the region."""
    gray = leaf.source.region.reading
    left, top = max(0, box[0] - 4), max(0, box[1] - 4)
    right, bottom = min(gray.shape[1], box[2] + 4), min(gray.shape[0], box[3] + 4)
    crop = gray[top:bottom, left:right].copy()
    keep = cv2.dilate(leaf.ink.strokes[top:bottom, left:right], np.ones((3, 3), np.uint8))
    crop[keep == 0] = 255
    framed = cv2.copyMakeBorder(crop, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(255,))
    return np.asarray(framed, np.uint8), (left - margin, top - margin)


def reading_of(
    value: Value,
    part: Part,
    words: Sequence[Word] | None = None,
    *,
    box: Box | None = None,
    written: str | None = None,
) -> FieldReading:
    """A field from a value or from some of its words."""
    chosen = list(value.words if words is None else words)
    text = written if written is not None else joined(chosen, value.leaf.height) if chosen else ""
    if not value.leaf.born_digital:
        text = repaired(text, part.kind)
    proposed = text if value.leaf.born_digital else with_apostrophes(text, part.kind)
    place = box or (hull([w.box for w in chosen]) if words is not None and chosen else value.box)
    if words is None:
        place = box or value.box
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
    )


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


def without_label_rest(value: Value, kind: str) -> Value:
    """The value without a damaged end of its label, told by the colon ("ộc: Gia-rai")."""
    if kind not in _WITHOUT_COLON:
        return value
    for n, word in enumerate(value.words[:4]):
        if word.text.endswith(":") and n + 1 < len(value.words):
            words = value.words[n + 1 :]
            return replace(value, words=words, box=hull([w.box for w in words]))
    return value


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
    text = value.text
    folded = fold(text)
    for pattern in patterns:
        match = pattern.match(folded)
        if match is None:
            continue
        fields: dict[str, FieldReading] = {}
        for group, part in parts.items():
            span = match.span(group) if group in pattern.groupindex else (-1, -1)
            words = _words_at(value.words, span)
            if words:
                fields[part.key] = reading_of(value, part, words)
            elif not part.optional:
                fields[part.key] = empty_field(part, value.leaf)
        return fields
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
    return unread


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
