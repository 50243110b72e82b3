"""From a place on the paper to field readings."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.elements import Alternative, Box, FieldReading, FieldStatus, Ink, Word, hull
from ocr.errors import EngineError
from ocr.forms.schema import Part
from ocr.glyphs import repaired, with_apostrophes
from ocr.ink import classify_ink
from ocr.labels import fold
from ocr.leaf import Leaf, writing_of_lines
from ocr.line_picture import LinePicture, line_picture
from ocr.segment import into_lines, is_struck_through, joined, only_marks, word_without_leaders
from ocr.value_reader import DIGIT_KINDS, PLACE_KINDS, LineText, ValueReader, WrittenLine
from ocr.writing import on_whole_strokes

_SURE = 0.92
"""Print that the page reading claims with less than this mean confidence is read again from its own crop."""
_SURE_NAME = 0.97
"""Names have no grammar that would show a damaged letter."""
_SURE_DIGITS = 0.96
_UNITS = 2
"""An address that names so many units without error was read well."""
_READ_ABOVE = 0.60
_COVERED = 0.90
_UNSURE = 0.75
"""No reading that leaves more than a tenth of the ink unexplained is surer than this."""
_WITHOUT_COLON = frozenset(
    "name entry_number page_number book_number id_number number date date_words sex ethnicity nationality "
    "place relation".split()
)
_PROPOSED = 0.89
_HAND_FACTOR = 0.5
"""A print engine's claim about handwriting is worth half."""
_MOST_ALTERNATIVES = 8


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in one place.

    Attributes:
        words: in reading order, region pixels, leaders removed.
        box: around the ink, region pixels; ``None`` where the place is blank.
        covered: share of the ink that lies under the words; what is not under any was not read.
        lines: ink of each written line, region pixels, in reading order.
        reader: reads the lines again once it is known what kind of field they are.
        share: of the chosen reading among all that were weighed; ``None`` where the page reading stands.
    """

    leaf: Leaf
    words: tuple[Word, ...]
    box: Box | None
    ink: Ink
    source: str
    covered: float = 1.0
    lines: tuple[Box, ...] = ()
    reader: ValueReader | None = None
    share: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    signals: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Words with one blank between them."""
        return " ".join(w.text for w in self.words)

    @property
    def confidence(self) -> float:
        """What the readers claim for the words, lowered for handwriting and for ink left unread."""
        return self.claim_for(self.words)

    def claim_for(self, words: Sequence[Word]) -> float:
        """The same for some of the words."""
        if self.share is not None:
            return min((w.confidence for w in words), default=0.0)
        claim = claimed(words, self.ink)
        return claim if self.covered >= _COVERED else round(min(claim, _UNSURE * self.covered), 4)


def claimed(words: Sequence[Word], ink: Ink) -> float:
    """Confidence of some words: mean and minimum weigh alike; handwriting counts half."""
    if not words:
        return 0.0
    values = [w.confidence for w in words]
    mixed = (statistics.fmean(values) + min(values)) / 2
    return round(mixed * (_HAND_FACTOR if ink is Ink.HAND else 1.0), 4)


def value_in(leaf: Leaf, zones: Sequence[Box], erased: Sequence[Box], reader: ValueReader | None) -> Value:
    """What stands in `zones` (one per written line), labels in `erased` left out.

    The words are those of the page reading; `read_value` reads the lines again.
    """
    boxes = writing_of_lines(leaf, zones, erased)
    words = [w for zone in zones for w in leaf.words_in(zone) if not _is_erased(w, erased)]
    words = [w for w in words if not re.fullmatch(r"[.…·_|:;,]+", w.text)]
    if leaf.born_digital:
        boxes = [hull([w.box for w in words])] if words else []
    if not boxes:
        return Value(leaf, (), None, Ink.EMPTY, leaf.source.text.engine)
    box = hull(boxes)
    inked = [w for w in words if _touches(w.box, box)]
    ordered = tuple(w for line in into_lines(inked, leaf.height) for w in _cleaned(line.words))
    return Value(
        leaf=leaf,
        words=ordered,
        box=box,
        ink=_ink(leaf, box, ordered),
        source=leaf.source.text.engine,
        covered=_covered(leaf, boxes, ordered),
        lines=tuple(boxes),
        reader=None if leaf.born_digital else reader,
    )


def value_of(leaf: Leaf, words: Sequence[Word], reader: ValueReader | None) -> Value:
    """Printed words found by their wording, as a value that may be read again."""
    rows = [line.box for line in into_lines(words, leaf.height)]
    return Value(
        leaf=leaf,
        words=tuple(words),
        box=hull([w.box for w in words]),
        ink=Ink.PRINT,
        source=leaf.source.text.engine,
        lines=tuple(rows),
        reader=None if leaf.born_digital else reader,
    )


def read_value(value: Value, kind: str) -> Value:
    """The value read line by line with everything that is known of its kind.

    Print that the page reading is sure of is left as it is; a line that no recogniser can read, too.
    """
    reader = value.reader
    if reader is None or not value.lines:
        return value
    if _stands(value, kind, reader):
        return value
    lines = [
        WrittenLine(picture_of(value.leaf, box), box, [w for w in value.words if _middle_in(w.box, box)])
        for box in value.lines
    ]
    try:
        read = reader.read(lines, kind, value.ink)
    except EngineError:
        return value
    words = tuple(word for line in read for word in _cleaned(line.words))
    if not words:
        return value
    least = min(read, key=lambda line: line.share)
    signals = {name: min(line.signals[name] for line in read) for name in least.signals}
    return replace(
        value,
        words=words,
        source=least.source,
        covered=1.0,
        share=math.prod(line.share for line in read),
        alternatives=_alternatives(read),
        signals=signals | {"lines": float(len(read))},
    )


def _stands(value: Value, kind: str, reader: ValueReader) -> bool:
    """Whether the page reading of print is sure enough to be left alone."""
    if value.ink is Ink.HAND or value.covered < _COVERED:
        return False
    if kind == "name" or kind in DIGIT_KINDS:
        fits = reader.knowledge.grammar(kind).fits(value.text)
        return fits and value.confidence >= (_SURE_NAME if kind == "name" else _SURE_DIGITS)
    if kind in PLACE_KINDS and reader.addresses is not None:
        usual = reader.knowledge.address_words
        return value.confidence >= _SURE and reader.addresses.is_exact(value.text, _UNITS, usual)
    return value.confidence >= _SURE


def _alternatives(read: Sequence[LineText]) -> tuple[Alternative, ...]:
    """Whole texts in which one line is read otherwise, likeliest first."""
    texts = [line.text for line in read]
    found = [
        Alternative(" ".join([*texts[:n], other.value, *texts[n + 1 :]]), other.confidence)
        for n, line in enumerate(read)
        for other in line.alternatives
    ]
    return tuple(sorted(found, key=lambda a: -a.confidence)[:_MOST_ALTERNATIVES])


def _middle_in(inner: Box, outer: Box) -> bool:
    cx, cy = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= cx <= outer[2] and outer[1] <= cy <= outer[3]


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


def read_again(value: Value, boxes: Sequence[Box], reader: ValueReader) -> Value:
    """Print read again line by line from its own crops, if the print engine is surer then."""
    words: list[Word] = []
    for box in boxes:
        crop, (dx, dy) = line_crop(value.leaf, box)
        try:
            reading = reader.printed.read_line(crop)
        except EngineError:
            return value
        if not reading.text:
            return value
        words += [
            Word(w.text, (w.box[0] + dx, w.box[1] + dy, w.box[2] + dx, w.box[3] + dy), w.confidence)
            for w in reading.words
        ]
    cleaned = tuple(_cleaned(words))
    if not cleaned:
        return value
    assert value.box is not None
    ink = _ink(value.leaf, value.box, cleaned)
    covered = _covered(value.leaf, boxes, cleaned)
    printed = reader.printed
    again = replace(
        value, words=cleaned, ink=ink, source=f"{printed.name} {printed.version}", covered=covered
    )
    same = replace(again, ink=value.ink)
    return again if same.confidence > value.confidence else value


def line_crop(leaf: Leaf, box: Box, margin: int = 10) -> tuple[Raster, tuple[int, int]]:
    """Gray crop of one written line without rules and leaders, and where its corner lies in the region."""
    strokes, _, left, top = _crops(leaf, box)
    framed = cv2.copyMakeBorder(strokes, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(255,))
    return np.asarray(framed, np.uint8), (left - margin, top - margin)


def picture_of(leaf: Leaf, box: Box) -> LinePicture:
    """One written line as line recognisers want it."""
    return line_picture(*_crops(leaf, box))


def _crops(leaf: Leaf, box: Box) -> tuple[Raster, Raster, int, int]:
    """A line without rules, leaders and pieces of its neighbours; the same with its paper; its corner."""
    gray = leaf.source.region.reading
    left, top = max(0, box[0] - 4), max(0, box[1] - 4)
    right, bottom = min(gray.shape[1], box[2] + 4), min(gray.shape[0], box[3] + 4)
    paper = np.asarray(gray[top:bottom, left:right], np.uint8)
    strokes = leaf.ink.strokes[top:bottom, left:right]
    own = cv2.subtract(strokes, _slivers(strokes))
    keep = cv2.dilate(own, np.ones((3, 3), np.uint8))
    return np.where(keep == 0, 255, paper).astype(np.uint8), paper, left, top


def _slivers(strokes: Raster) -> Raster:
    """Strokes of the lines above and below that reach into a crop: they touch its edge, and stay near it."""
    height = strokes.shape[0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(strokes), connectivity=8)
    tops = stats[:, cv2.CC_STAT_TOP]
    bottoms = tops + stats[:, cv2.CC_STAT_HEIGHT]
    foreign = ((tops == 0) & (bottoms < 0.4 * height)) | ((bottoms == height) & (tops > 0.6 * height))
    foreign[0] = False
    return np.where(foreign[labels], 255, 0).astype(np.uint8)


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
        value = _without_rests(read_value(value, part.kind), part.kind)
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
        alternatives=value.alternatives if words is None else (),
        signals=value.signals,
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
            box = hull([w.box for w in words])
            lines = tuple((max(b[0], box[0]), *b[1:]) if _middle_in(word.box, b) else b for b in value.lines)
            return replace(value, words=words, box=box, lines=lines)
    return value


def _without_rests(value: Value, kind: str) -> Value:
    """A value read again, without what its kind cannot hold: its label's end, specks beside a name."""
    if value.share is None:
        return value
    words = without_label_rest(value, kind).words
    if kind == "name":
        spoken = [n for n, w in enumerate(words) if any(c.isalpha() for c in w.text)]
        words = words[spoken[0] : spoken[-1] + 1] if spoken else words
    if len(words) == len(value.words):
        return value
    gone = [w.text for w in value.words[: len(value.words) - len(words)]]
    others = tuple(a for a in value.alternatives if a.value.split()[: len(gone)] != gone)
    return replace(value, words=words, box=hull([w.box for w in words]), alternatives=others)


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
    value = read_value(value, "text")
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
                place = None if value.leaf.born_digital else _on_strokes(value, words)
                fields[part.key] = reading_of(value, part, words, box=place)
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


_SHAPES = {
    "id_number": re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)"),
    "date": re.compile(r"(?<!\d)\d{1,2}[/.\-]\d{1,2}[/.\-](?:1[89]|20)\d\d(?!\d)"),
    "id_type": re.compile(
        r"\b(?:giay |the )?(?:cmnd|cmtnd|cccd|ho chieu|can cuoc(?: cong dan)?|chung minh nhan dan)\b"
    ),
}
_BEFORE_PLACES = frozenset("tai do noi cap".split())


def _on_strokes(value: Value, words: Sequence[Word]) -> Box:
    """Box of some words of a value, brought to the strokes that it covers."""
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
