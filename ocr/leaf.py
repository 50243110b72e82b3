"""One readable face: a region, or one half of a certificate that lies open on a wide page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from ocr.elements import Box, Line, PageText, Transform, Word, hull
from ocr.engines.base import Engine
from ocr.imaging.region import Region
from ocr.ink import InkPage, ink_page
from ocr.labels import contains, find_label
from ocr.layout import LabelIndex
from ocr.segment import into_lines, text_height
from ocr.strokes import cut_under_lines, settled, within
from ocr.writing import lines_of_cell, writing_of, written_lines

_WIDE = 1.25
"""A page wider than so many times its height may hold two faces."""
_OFF_CENTRE = 0.08
"""Two faces part at most so far from the middle of a page, as a share of its width."""
_FRAME, _FRAMES_APART = 0.5, 0.1
"""The border of a face is at least so much of a page's height; two stand so near, in shares of its width."""
_MANY_LEADERS = 6
_ENOUGH_WORDS, _MOST_WORDS = 8, 60
_WORD_PER_LETTER, _MOST_PER_LETTER = 1.4, 1.65
"""How many times as tall as its usual letter a printed word is, and at most is."""
_IMPRINT = 25
"""An imprint at the foot of the page is so long; shorter furniture (a seal's wording) ends nothing."""
_SAME_HEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class ReadRegion:
    """A region and the words read on it."""

    region: Region
    text: PageText


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A face with its lines and strokes.

    Attributes:
        frame: the face within the region, region pixels.
        lines: from border to border of the face, without printed furniture.
        height: of an ordinary printed word, pixels.
        foot: top of the printed disclaimer at the bottom, if any, else the face's bottom.
        slope: of the lines, pixels down per pixel to the right.
    """

    source: ReadRegion
    frame: Box
    lines: tuple[Line, ...]
    labels: LabelIndex
    ink: InkPage
    height: float
    foot: int
    motto: Box | None
    slope: float = 0.0

    @property
    def transform(self) -> Transform:
        """Region pixels to delivered pixels."""
        return self.source.region.transform

    @property
    def page(self) -> int:
        """Number of the delivered page."""
        return self.source.region.page

    @property
    def born_digital(self) -> bool:
        """Whether the words come from a text layer and not from a reader."""
        return self.source.text.engine.startswith("text-layer")

    def words_in(self, zone: Box) -> list[Word]:
        """Words whose middle lies in `zone`."""
        left, top, right, bottom = zone
        return [
            w
            for line in self.lines
            for w in line.words
            if left <= (w.box[0] + w.box[2]) / 2 < right and top <= (w.box[1] + w.box[3]) / 2 < bottom
        ]


def whole_leaf(source: ReadRegion, furniture: Sequence[str], ink: InkPage | None = None) -> Leaf:
    """A region as one face.

    Args:
        source: the region.
        furniture: printed wordings that are never values.
        ink: of the same region from an earlier reading; used again unless letters proved to be
            of another height.
    """
    words = [w for w in source.text.words() if w.text.strip()]
    ordinary = _print_height(source, words)
    if ink is None or abs(ink.height - ordinary) > _SAME_HEIGHT * ordinary:
        ink = settled(ink_page(np.ascontiguousarray(source.region.reading), ordinary))
    frame = (0, 0, source.region.width, source.region.height)
    return _leaf(source, frame, words, ink, ordinary, furniture)


def _print_height(source: ReadRegion, words: Sequence[Word]) -> float:
    """Height of a printed word, as its letters allow: readers may draw boxes as tall as a line."""
    ordinary = text_height(words)
    if source.text.engine.startswith("text-layer"):
        return ordinary
    sure = [w.box for w in words if w.confidence >= 0.6 and len(w.text) >= 3]
    if len(sure) < _ENOUGH_WORDS:
        return ordinary
    gray = np.ascontiguousarray(source.region.reading)
    heights: list[int] = []
    for left, top, right, bottom in sure[:: max(1, len(sure) // _MOST_WORDS)]:
        patch = gray[max(0, top) : bottom, max(0, left) : right]
        if patch.size == 0:
            continue
        _, dark = cv2.threshold(patch, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
        _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
        heights += [int(h) for _, _, w, h, _ in stats[1:].tolist() if h >= 0.2 * ordinary and w >= 2]
    if len(heights) < _ENOUGH_WORDS:
        return ordinary
    letter = float(np.median(heights))
    return ordinary if ordinary <= _MOST_PER_LETTER * letter else _WORD_PER_LETTER * letter


def halves_of(whole: Leaf, furniture: Sequence[str]) -> tuple[Leaf, ...]:
    """The two faces that lie side by side on a wide page; any other page is one face."""
    width, height = whole.source.region.width, whole.source.region.height
    if width <= _WIDE * height:
        return (whole,)
    words = [w for w in whole.source.text.words() if w.text.strip()]
    text = [w for w in words if w.box[1] < whole.foot]
    middle = _between_frames(whole.ink.uprights, width, height) or _emptiest_column(text, width)
    frames = [(0, 0, middle, height), (middle, 0, width, height)]
    return tuple(_leaf(whole.source, frame, words, whole.ink, whole.height, furniture) for frame in frames)


def without_leaders(source: ReadRegion, reader: Engine, ink: InkPage) -> ReadRegion:
    """The region read once more without its dotted leaders and rules, both readings merged.

    Leaders under handwriting make line finders skip whole lines: on ruled register sheets the second
    reading finds between one and a half and two times as many words.

    Raises:
        EngineError: the reader failed.
    """
    region = source.region
    words = [w for w in source.text.words() if w.text.strip()]
    if len(ink.leaders) < _MANY_LEADERS:
        return source
    clean = region.reading.copy()
    clean[cv2.dilate(ink.strokes, np.ones((3, 3), np.uint8)) == 0] = 255
    again = reader.read_page(replace(region, reading=clean))
    merged = [w for w in again.words() if w.text.strip()]
    boxes = np.array([w.box for w in merged], np.int32).reshape(-1, 4)
    gone: set[int] = set()
    added: list[Word] = []
    for word in words:
        left, top, right, bottom = word.box
        meeting = np.flatnonzero(
            (boxes[:, 0] < right) & (boxes[:, 2] > left) & (boxes[:, 1] < bottom) & (boxes[:, 3] > top)
        )
        rivals = {int(n) for n in meeting if n not in gone and _same_place(merged[n].box, word.box)}
        rivals_added = [w for w in added if _same_place(w.box, word.box)]
        if all(word.confidence > w.confidence for w in (*(merged[n] for n in rivals), *rivals_added)):
            gone |= rivals
            added = [w for w in added if w not in rivals_added]
            added.append(word)
    merged = [w for n, w in enumerate(merged) if n not in gone] + added
    text = replace(source.text, lines=tuple(Line((w,)) for w in merged))
    return replace(source, text=text)


def writing_of_lines(leaf: Leaf, zones: Sequence[Box], erased: Sequence[Box]) -> list[Box]:
    """The zones of written lines narrowed to the writing in them; those left blank are dropped.

    A drawn page needs no narrowing: its words stand where its text layer says.
    """
    if leaf.born_digital or not zones:
        return list(zones)
    strokes = cut_under_lines(leaf.ink, leaf.ink.inside(hull(zones), erased))
    found = [writing_of(within(strokes, zone), leaf.ink.height) for zone in zones]
    return [box for box in found if box is not None]


def written_lines_of(leaf: Leaf, zone: Box, erased: Sequence[Box]) -> list[Box]:
    """One box per written line in a cell, from top to bottom."""
    return [zone] if leaf.born_digital else written_lines(leaf.ink, zone, erased)


def cell_lines(leaf: Leaf, cell: Box) -> list[Box]:
    """The same in a table cell, where a correction counts and not what was crossed out under it."""
    return [cell] if leaf.born_digital else lines_of_cell(leaf.ink, cell)


def _same_place(a: Box, b: Box) -> bool:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width > 0 and height > 0 and width * height > 0.3 * max(1, smaller)


def _between_frames(uprights: Sequence[Box], width: int, height: int) -> int | None:
    """The middle between the printed frames of two faces, where their borders stand side by side."""
    tall = sorted(b for b in uprights if b[3] - b[1] > _FRAME * height)
    gaps = [(a[2] + b[0]) // 2 for a, b in pairwise(tall) if b[0] - a[2] < _FRAMES_APART * width]
    middle = min(gaps, key=lambda x: abs(x - width / 2), default=0)
    return middle if abs(middle - width / 2) < _OFF_CENTRE * width else None


def _emptiest_column(words: Sequence[Word], width: int) -> int:
    """The column near the middle of a page that fewest words cross."""
    covered = np.zeros(width, np.int32)
    for word in words:
        covered[max(0, word.box[0]) : word.box[2]] += 1
    first, last = int(width * (0.5 - _OFF_CENTRE)), int(width * (0.5 + _OFF_CENTRE))
    half = max(4, width // 200)
    smooth = np.convolve(covered[first - half : last + half], np.ones(2 * half + 1, np.int32), mode="valid")
    best = np.flatnonzero(smooth == smooth.min())
    centre = (last - first) / 2
    return first + int(best[np.argmin(np.abs(best - centre))])


def _leaf(
    source: ReadRegion,
    frame: Box,
    words: Sequence[Word],
    ink: InkPage,
    height: float,
    furniture: Sequence[str],
) -> Leaf:
    inside = [w for w in words if frame[0] <= (w.box[0] + w.box[2]) / 2 < frame[2]]
    lines, foot, motto = [], frame[3], None
    for line in into_lines(inside, height):
        if any(
            contains(line.text, phrase, least=0.85) and len(line.text) < len(phrase) + 8
            for phrase in furniture[2:]
        ):
            if line.box[1] > frame[3] * 0.7 and any(
                contains(line.text, phrase, least=0.85) for phrase in furniture[2:] if len(phrase) >= _IMPRINT
            ):
                foot = min(foot, line.box[1])
            continue
        lines.append(line)
    for line in lines:
        for phrase in furniture[:2]:
            if line.box[1] < 0.3 * frame[3] and contains(line.text, phrase, least=0.75):
                match = _phrase_box(line, phrase)
                if match and (motto is None or match[1] < motto[1]):
                    motto = match
    return Leaf(
        source, frame, tuple(lines), LabelIndex(lines), ink, height, foot, motto, _slope(lines, height)
    )


def _slope(lines: Sequence[Line], height: float) -> float:
    """How much the printed lines still fall to the right, by the median over long ones."""
    falls = []
    for line in lines:
        words = [
            w for w in line.words if w.confidence > 0.5 and 0.6 * height < w.box[3] - w.box[1] < 1.7 * height
        ]
        if len(words) >= 2 and words[-1].box[0] - words[0].box[0] > 8 * height:
            first, last = words[0].box, words[-1].box
            fall = (last[1] + last[3] - first[1] - first[3]) / 2
            falls.append(fall / (last[0] - first[0]))
    return float(np.clip(np.median(falls), -0.06, 0.06)) if len(falls) >= 4 else 0.0


def _phrase_box(line: Line, phrase: str) -> Box | None:
    found = find_label(line.words, (phrase,))
    return found.box if found else None
