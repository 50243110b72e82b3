"""Values read again from their own crops, where the page reading is not sure of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster
from ocr.elements import Alternative, Box, Ink, Word, hull
from ocr.engines.base import Engine
from ocr.errors import EngineError
from ocr.leaf import Leaf
from ocr.line_picture import LinePicture, line_picture
from ocr.strokes import LETTER, cut_under_lines, own_mask, within
from ocr.value_reader import DIGIT_KINDS, PLACE_KINDS, LineText, ValueReader, WrittenLine
from ocr.written_value import COVERED, Value, cleaned, covered, ink_of, middle_in

_SURE = 0.92
"""Print that the page reading claims with less than this mean confidence is read again from its own crop."""
_SURE_DIGITS = 0.96
_UNITS = 2
"""An address that names so many units without error was read well."""
LEVELS = 3
"""Units above each other whose chain no misreading gives."""
_MOST_ALTERNATIVES = 8
_SQUEEZED = 0.3
"""Lines that share so much of their height are squeezed together; others only touch with tails."""
_FLAT, _EDGE = 0.2, 0.12
"""Rests of a rule are so flat, in heights of a printed word, and so near to the edge of a line's picture."""
_TAIL, _TAIL_WIDTH = 0.35, 0.3
"""So much of a tail tells y from u, and reaches so far to either side, in heights of a printed word."""
_SHARED = 0.55
"""A stroke of another line that covers so much of the height of this one's letters is joined to them."""


def read_value(value: Value, kind: str) -> Value:
    """The value read line by line with everything that is known of its kind.

    Print that the page reading is sure of is left as it is; a line that no recogniser can read, too.
    """
    reader = value.reader
    if reader is None or not value.lines:
        return value
    if _stands(value, kind, reader):
        return _named(value, kind, reader)
    lines = [
        WrittenLine(
            picture_of(value.leaf, box, value.lines), box, [w for w in value.words if middle_in(w.box, box)]
        )
        for box in value.lines
    ]
    try:
        read = reader.read(lines, kind, value.ink)
    except EngineError:
        return value
    words = tuple(word for line in read for word in cleaned(line.words))
    if not words:
        return value
    least = min(read, key=lambda line: line.share)
    signals = {name: min(line.signals[name] for line in read) for name in least.signals}
    again = replace(
        value,
        words=words,
        source=least.source,
        covered=1.0,
        share=math.prod(line.share for line in read),
        alternatives=_alternatives(read),
        signals=signals | {"lines": float(len(read))},
    )
    return _named(again, kind, reader)


def _named(value: Value, kind: str, reader: ValueReader) -> Value:
    """An office with the signal ``units``: whether commune, district and province stand in the tables."""
    if kind != "issuing_unit":
        return value
    return replace(value, signals={**value.signals, "units": float(reader.names_units(value.text, LEVELS))})


def _stands(value: Value, kind: str, reader: ValueReader) -> bool:
    """Whether the page reading of print is sure enough to be left alone."""
    if value.ink is Ink.HAND or value.covered < COVERED:
        return False
    if kind == "name":
        return False  # no grammar shows a damaged letter: two readers must agree
    if kind in DIGIT_KINDS:
        return value.confidence >= _SURE_DIGITS and reader.knowledge.grammar(kind).fits(value.text)
    if kind in PLACE_KINDS and reader.addresses is not None:
        return value.confidence >= _SURE and reader.names_units(value.text, _UNITS)
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


def read_again(value: Value, boxes: Sequence[Box], reader: ValueReader) -> Value:
    """Print read again line by line from its own crops, if the print engine is surer then."""
    words: list[Word] = []
    for box in boxes:
        read = print_in(value.leaf, box, reader.printed)
        if not read:
            return value
        words += read
    fresh = tuple(cleaned(words))
    if not fresh:
        return value
    assert value.box is not None
    again = replace(
        value,
        words=fresh,
        ink=ink_of(value.leaf, value.box, fresh),
        source=f"{reader.printed.name} {reader.printed.version}",
        covered=covered(value.leaf, boxes, fresh),
    )
    same = replace(again, ink=value.ink)
    return again if same.confidence > value.confidence else value


def print_in(leaf: Leaf, box: Box, engine: Engine) -> list[Word]:
    """Words of one line of print, from its own crop; none where the engine fails or sees none."""
    crop, (dx, dy) = line_crop(leaf, box)
    try:
        read = engine.read_line(crop).words
    except EngineError:
        return []
    return [replace(w, box=(w.box[0] + dx, w.box[1] + dy, w.box[2] + dx, w.box[3] + dy)) for w in read]


def line_crop(leaf: Leaf, box: Box, margin: int = 10) -> tuple[Raster, tuple[int, int]]:
    """Gray crop of one written line without rules and leaders, and where its corner lies in the region."""
    strokes, _, left, top = _crops(leaf, box)
    framed = cv2.copyMakeBorder(strokes, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(255,))
    return np.asarray(framed, np.uint8), (left - margin, top - margin)


def picture_of(leaf: Leaf, box: Box, lines: Sequence[Box] = ()) -> LinePicture:
    """One written line as line recognisers want it, without the strokes of the value's other `lines`."""
    return line_picture(*_crops(leaf, box, [line for line in lines if line != box]))


def _crops(leaf: Leaf, box: Box, others: Sequence[Box] = ()) -> tuple[Raster, Raster, int, int]:
    """A line without rules, leaders and pieces of its neighbours; the same with its paper; its corner."""
    gray = leaf.source.region.reading
    left, top = max(0, box[0] - 4), max(0, box[1] - 4)
    right, bottom = min(gray.shape[1], box[2] + 4), min(gray.shape[0], box[3] + 4)
    paper = np.asarray(gray[top:bottom, left:right], np.uint8)
    strokes = leaf.ink.strokes[top:bottom, left:right]
    own = strokes
    if others:
        theirs = cv2.bitwise_and(strokes, _foreign(leaf, box, others, (left, top, right, bottom)))
        own = np.asarray(cv2.subtract(strokes, theirs), np.uint8)
        around = cv2.dilate(theirs, np.ones((3, 3), np.uint8)) > cv2.dilate(own, np.ones((3, 3), np.uint8))
        paper = np.where(around, 255, paper).astype(np.uint8)
    own = np.asarray(cv2.subtract(own, _slivers(own, leaf.height)), np.uint8)
    keep = cv2.dilate(own, np.ones((3, 3), np.uint8))
    return np.where(keep == 0, 255, paper).astype(np.uint8), paper, left, top


def _foreign(leaf: Leaf, line: Box, others: Sequence[Box], crop: Box) -> Raster:
    """Mask of a crop: where strokes lie that stand nearer to the middle of another line than to its own.

    Letters that grew together over both lines are cut apart, or left to both.
    """
    left, top, right, bottom = crop
    mask = np.zeros((bottom - top, right - left), np.uint8)
    own = (line[1] + line[3]) / 2
    around = hull([line, crop, *others])
    settled = cut_under_lines(leaf.ink, leaf.ink.inside(around))
    letters = within(settled, line)
    letters = letters[letters[:, 3] - letters[:, 1] >= LETTER * leaf.height]
    if not len(letters):
        return mask
    head, foot = np.median(letters[:, 1]), np.median(letters[:, 3])
    for other in others:
        overlap = min(line[3], other[3]) - max(line[1], other[1])
        if overlap < _SQUEEZED * min(line[3] - line[1], other[3] - other[1]):
            continue
        theirs = (other[1] + other[3]) / 2
        strokes = within(settled, (other[0], min(top, other[1]), other[2], max(bottom, other[3])))
        middle = (strokes[:, 1] + strokes[:, 3]) / 2
        meets = (strokes[:, 0] < right) & (strokes[:, 2] > left)
        meets &= (strokes[:, 1] < bottom) & (strokes[:, 3] > top)
        shared = np.minimum(strokes[:, 3], foot) - np.maximum(strokes[:, 1], head)
        meets &= strokes[:, 3] - strokes[:, 1] >= LETTER * leaf.height
        meets &= shared < _SHARED * (foot - head)
        for stroke in strokes[meets & (abs(middle - theirs) < abs(middle - own))]:
            ink, x, y = own_mask(leaf.ink, stroke)
            if theirs > own:
                _spare_tails(ink, leaf.ink.strokes[max(0, y - 1), x : x + ink.shape[1]] > 0, leaf.height)
            first, last = max(0, top - y), min(len(ink), bottom - y)
            start, end = max(0, left - x), min(ink.shape[1], right - x)
            part = mask[y + first - top : y + last - top, x + start - left : x + end - left]
            part[ink[first:last, start:end]] = 255
    return mask


def _spare_tails(ink: npt.NDArray[np.bool_], above: npt.NDArray[np.bool_], height: float) -> None:
    """Take out of a cut stroke's mask the tails that hang from the letters above the cut.

    Args:
        ink: mask of the lower part, changed in place.
        above: which columns of the row above it are inked.
        height: of a printed word, pixels.
    """
    crossing = (ink[0] & above).astype(np.uint8)[None]
    if crossing.any():
        near = cv2.dilate(crossing, np.ones((1, 2 * round(_TAIL_WIDTH * height) + 1), np.uint8))[0] > 0
        ink[: round(_TAIL * height), near] = False


def _slivers(strokes: Raster, print_height: float) -> Raster:
    """Strokes of the lines above and below that reach into a crop: they touch its edge, and stay near it.

    Rests of rules lie along the edge without touching it.
    """
    height = strokes.shape[0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(strokes), connectivity=8)
    tops, tall, wide = (stats[:, n] for n in (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_WIDTH))
    bottoms = tops + tall
    foreign = ((tops == 0) & (bottoms < 0.4 * height)) | ((bottoms == height) & (tops > 0.6 * height))
    flat = (tall <= _FLAT * print_height) & (wide >= 2 * tall) & (wide >= 0.5 * print_height)
    foreign |= flat & ((bottoms <= _EDGE * height) | (tops >= (1 - _EDGE) * height))
    foreign[0] = False
    return np.take(foreign * np.uint8(255), np.asarray(labels, np.int32))
