"""Labels that the reading of the whole page missed, looked for once more in the strip where they must stand.

A reader of whole pages takes a printed label and the handwriting behind it for one line and often makes
nothing of either. Shown the strip alone, cut at the height of print, it mostly reads the label. Where it
does not, rows of the same make tell: "Dân tộc" of the mother stands under "Dân tộc" of the father.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.elements import Box, Word
from ocr.engines.base import Engine
from ocr.errors import EngineError
from ocr.forms.schema import Row
from ocr.labels import LabelMatch, find_label, split_words, squash
from ocr.layout import PlacedRow
from ocr.layout_table import find_grid
from ocr.leaf import Leaf
from ocr.slots import Slots
from ocr.writing import written_lines

_ABOVE, _BELOW = 1.5, 0.55
"""How far a strip reaches above and below the foot of print, in heights of a printed word."""
_WIDER = 1.25
_MARGIN = 10
_MOST_LINES = 3
_LENIENT = 0.1
_WORD_GAP = 1.2
_UP, _DOWN = 1.4, 0.5
"""Middles of the words of a line that bends lie so far above and below the foot it is expected on."""
_INFERRED = 0.5
"""Likeness of a label that was not read but stands where a row of the same make has it."""


def with_missing_labels(
    leaf: Leaf, rows: Sequence[PlacedRow], engine: Engine | None
) -> tuple[PlacedRow, ...]:
    """The rows with more of their labels found.

    Args:
        leaf: the face.
        rows: as placed by what was read on the page.
        engine: reads print; without it only rows of the same make help.
    """
    if leaf.born_digital:
        return tuple(rows)
    rows = [_in_columns(row, leaf) for row in rows]
    places = Slots(leaf, rows, leaf.foot)
    found = list(rows)
    for i, placed in enumerate(rows):
        if engine is not None and _misses(placed):
            found[i] = _read_again(places, i, engine)
    return tuple(_like_siblings(found, n, places) for n in range(len(found)))


def was_read(match: LabelMatch | None) -> bool:
    """Whether a label was seen and not only put where it must stand."""
    return match is not None and match.likeness > _INFERRED


def _in_columns(placed: PlacedRow, leaf: Leaf) -> PlacedRow:
    """The row with each label at the slot on whose side of the page it stands.

    Husband and wife have the same labels side by side; which of them was read, its place tells. A very
    short label counts only where its slot begins.
    """
    slots = placed.row.slots
    matches = placed.by_slot
    if len(slots) < 2 or placed.row.cells or not any(matches):
        return placed
    left, _, right, _ = leaf.frame
    width = (right - left) / len(slots)
    for k, match in enumerate(matches):
        if match is None:
            continue
        twins = [n for n, slot in enumerate(slots) if slot.label == slots[k].label]
        fitting = min(twins, key=lambda n: abs(match.box[0] - left - (n + 0.1) * width))
        if fitting != k and matches[fitting] is None:
            matches[fitting], matches[k] = match, None
        elif _is_astray(match, k, placed.row, leaf):
            matches[k] = None
    if not any(matches):
        return PlacedRow(placed.row, None, tuple(matches), placed.base, 0.0)
    return replace(placed, matches=tuple(matches))


def _misses(placed: PlacedRow) -> bool:
    row = placed.row
    if not row.slots or row.cells or row.heading or row.choice:
        return False
    return any(m is None and s.label for m, s in zip(placed.by_slot, row.slots, strict=True))


def _is_astray(match: LabelMatch, k: int, row: Row, leaf: Leaf) -> bool:
    """Whether a very short label stands where its slot cannot begin: it is a word of a value."""
    slots = row.slots
    twins = sum(slot.label == slots[k].label for slot in slots)
    if len(slots) < 2 or match.letters > 4 or (k and twins < 2):
        return False
    left, _, right, _ = leaf.frame
    width = (right - left) / len(slots)
    reach = 0.25 * width if k else 0.35 * (right - left)
    return match.box[0] > left + k * width + reach


def _read_again(places: Slots, i: int, engine: Engine) -> PlacedRow:
    placed = places.rows[i]
    if any(placed.matches):
        return _read_on_line(places, placed, places.base(i, places.left), engine)
    alone = placed.row.slots[0].kind if len(placed.row.slots) == 1 else ""
    if alone == "page_number":
        return _read_in_corner(places, placed, engine)
    for base in _candidates(places, i):
        read = _read_on_line(places, replace(placed, base=base), base, engine)
        if any(read.matches):
            return read
    return _read_under_title(places, i, engine) if alone == "book_number" else placed


def _read_in_corner(places: Slots, placed: PlacedRow, engine: Engine) -> PlacedRow:
    """The row with the label of the page number, looked for in the upper corner on the right."""
    leaf, height = places.leaf, places.leaf.height
    left, top, right, _ = leaf.frame
    seen = [places.base(n, places.left) for n, row in enumerate(places.rows) if any(row.matches)]
    start = left + (right - left) // 2
    if leaf.motto and leaf.motto[2] < right - 4 * height:
        start = max(start, leaf.motto[2] + round(height))
    floor = min([top + round(8 * height), *(round(foot - height) for foot in seen)])
    zone = (start, top, right, floor)
    read = _read_within(leaf, placed, zone, engine)
    if any(read.matches) or not leaf.motto or start == left + (right - left) // 2:
        return read
    # Beside the motto nothing else stands than the word for a page and its number.
    for left, _, right, bottom in written_lines(leaf.ink, zone)[:1]:
        foot = bottom - 0.2 * height
        end = places.label_end(left, foot, placed.row.slots[0].label)
        if end < right - 0.5 * height:
            box = (left, round(foot - height), end, round(foot))
            match = LabelMatch(0, 0, _INFERRED, 0.0, box, len(placed.row.slots[0].label[0]))
            return replace(placed, matches=(match,), base=foot)
    return read


def _read_under_title(places: Slots, i: int, engine: Engine) -> PlacedRow:
    """The row with the label of the book, which stands alone in the middle above all entries."""
    leaf, height = places.leaf, places.leaf.height
    left, top, right, bottom = leaf.frame
    above = [places.base(n, places.left) for n, row in enumerate(places.rows) if n < i and any(row.matches)]
    below = [places.base(n, places.left) for n, row in enumerate(places.rows) if n > i and any(row.matches)]
    grid = find_grid(leaf)
    top = round(max([top, *above, leaf.motto[3] if leaf.motto else top]) + 0.4 * height)
    floor = round(min([bottom, *(foot - 1.2 * height for foot in below), grid.rows[0] if grid else bottom]))
    inset = (right - left) // 3
    return _read_within(leaf, places.rows[i], (left + inset, top, right - inset, floor), engine)


def _read_within(leaf: Leaf, placed: PlacedRow, zone: Box, engine: Engine) -> PlacedRow:
    """The row with its only label looked for on the first written lines of a zone."""
    height = leaf.height
    if zone[3] - zone[1] < height:
        return placed
    lines = written_lines(leaf.ink, zone)[:_MOST_LINES]
    # Large writing joins what is printed on two lines: the lower one is looked for below the upper.
    feet = [(line, line[3] - 0.2 * height + step) for step in (0.0, 1.6 * height) for line in lines]
    for line, foot in feet:
        words = read_strip(leaf, line[0] - round(height), line[2] + round(height), foot, engine)
        match = find_label(words, placed.row.slots[0].label)
        if match is not None:
            return replace(placed, matches=(replace(match, start=0, end=0),), base=foot)
    return placed


def _candidates(places: Slots, i: int) -> list[float]:
    """Feet of the lines at the left border on which a row may stand that was not read, likeliest first."""
    leaf, height = places.leaf, places.leaf.height
    seen = [places.base(n, places.left) for n, row in enumerate(places.rows) if n < i and any(row.matches)]
    later = [places.base(n, places.left) for n, row in enumerate(places.rows) if n > i and any(row.matches)]
    top = max(seen, default=float(leaf.frame[1])) + 0.8 * height
    bottom = min(later, default=float(places.floor)) - 0.8 * height
    expected = places.rows[i].base
    left = round(places.left)
    zone = (left - round(height), round(top), left + round(8 * height), round(bottom))
    feet = [box[3] - 0.25 * height for box in written_lines(leaf.ink, zone)] if bottom > top else []
    feet = [foot for foot in feet if abs(foot - expected) > 0.5 * height]
    return [expected, *sorted(feet, key=lambda foot: abs(foot - expected))[:_MOST_LINES]]


def _read_on_line(places: Slots, placed: PlacedRow, base: float, engine: Engine) -> PlacedRow:
    leaf = places.leaf
    matches = placed.by_slot
    for k, slot in enumerate(placed.row.slots):
        if matches[k] is not None or not slot.label:
            continue
        before = [m for m in matches[:k] if m is not None]
        after = [m for m in matches[k + 1 :] if m is not None]
        left = before[-1].box[2] if before else round(places.left - 0.7 * leaf.height)
        right = after[0].box[0] if after else places.right_at(placed.base)
        level = base + leaf.slope * ((left + right) / 2 - places.left)
        match = None
        # Writing behind a short label spoils the reading of a strip that is cut for the longest wording.
        for letters in dict.fromkeys((max(map(len, slot.label)), len(slot.label[0]))) if k == 0 else (0,):
            end = round(places.left + _WIDER * letters * places.letter + 2 * leaf.height)
            words = read_strip(leaf, left, min(right, end) if letters else right, level, engine)
            match = match or find_label(words, slot.label, starts_line=k == 0)
        if match is None:
            near = _near(leaf, left, min(right, places.right_at(base)), level)
            # Between its neighbours a label must stand: much of it may be damaged.
            match = find_label(near, slot.label, leniency=_LENIENT if before and after else 0.0)
            if match is not None and _widest_gap(near[match.start : match.end]) > _WORD_GAP * leaf.height:
                match = None
        if match is None or _is_astray(match, k, placed.row, leaf):
            continue
        if k > 0 or match.box[0] < places.left + 2.5 * leaf.height:
            matches[k] = replace(match, start=0, end=0)
    return replace(placed, matches=tuple(matches))


def _widest_gap(words: Sequence[Word]) -> int:
    return max((b.box[0] - a.box[2] for a, b in pairwise(words)), default=0)


def _near(leaf: Leaf, left: int, right: int, foot: float) -> list[Word]:
    """Words of the page reading between two places, from left to right, that stand about on one foot."""
    height = leaf.height
    found = leaf.words_in((left, round(foot - _UP * height), right, round(foot + _DOWN * height)))
    return sorted(found, key=lambda w: w.box[0])


def read_strip(leaf: Leaf, left: int, right: int, base: float, engine: Engine) -> list[Word]:
    """Words of one line of print between `left` and `right` whose foot is at `base`, region pixels."""
    height = leaf.height
    gray = leaf.source.region.reading
    top, bottom = max(0, round(base - _ABOVE * height)), min(gray.shape[0], round(base + _BELOW * height))
    left, right = max(0, left), min(gray.shape[1], right)
    if right - left < 2 * height or bottom - top < height:
        return []
    crop = gray[top:bottom, left:right].copy()
    crop[cv2.dilate(leaf.ink.strokes[top:bottom, left:right], np.ones((3, 3), np.uint8)) == 0] = 255
    frame = (_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    framed: Raster = np.asarray(
        cv2.copyMakeBorder(crop, *frame, borderType=cv2.BORDER_CONSTANT, value=(255,)), np.uint8
    )
    try:
        reading = engine.read_line(framed)
    except EngineError:
        return []
    dx, dy = left - _MARGIN, top - _MARGIN
    moved = [replace(w, box=_moved(w.box, dx, dy)) for w in reading.words]
    return list(split_words(moved))


def _moved(box: Box, dx: int, dy: int) -> Box:
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _like_siblings(rows: Sequence[PlacedRow], i: int, places: Slots) -> PlacedRow:
    """A row with the labels that were not read put where rows of the same make have them."""
    placed = rows[i]
    if not _misses(placed):
        return placed
    matches = placed.by_slot
    own = next(((k, m) for k, m in enumerate(matches) if m is not None), None)
    for sibling in rows:
        if sibling is placed or not _same_make(sibling.row, placed.row):
            continue
        theirs = sibling.by_slot
        shift = own[1].box[0] - theirs[own[0]].box[0] if own and theirs[own[0]] else 0  # type: ignore[union-attr]
        for k, match in enumerate(theirs):
            if matches[k] is None and match is not None and was_read(match):
                left, right = match.box[0] + shift, match.box[2] + shift
                foot = places.base(i, left)
                height = match.box[3] - match.box[1]
                box = (left, round(foot - height), right, round(foot))
                matches[k] = LabelMatch(0, 0, _INFERRED, 0.0, box, match.letters)
    return replace(placed, matches=tuple(matches))


def _same_make(a: Row, b: Row) -> bool:
    return [squash(s.label[0]) for s in a.slots if s.label] == [
        squash(s.label[0]) for s in b.slots if s.label
    ]
