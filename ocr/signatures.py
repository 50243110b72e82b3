"""Who signed at the foot of a page: the name under the signature, and the title printed above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from ocr.elements import Box, FieldReading, FieldStatus, Ink, Line, Word, hull
from ocr.engines.base import Engine
from ocr.forms.schema import Part, Signature
from ocr.ink import Gray
from ocr.label_strips import read_strip
from ocr.labels import LabelMatch, find_label, squash
from ocr.leaf import Leaf
from ocr.rereading import read_again
from ocr.strokes import Strokes
from ocr.value_reader import ValueReader
from ocr.values import reading_of, unread_field
from ocr.written_value import Value, value_in

_TITLE = 0.75
_SURE_TITLE = 0.8
_PROXY = re.compile(r"kt|tl|tuq|k t|t l")
_MOST_TITLES = 3
_FOOT = 0.45
"""Signers' titles stand below this share of the face."""
_REACH = 0.24
_DEEPEST = 16
"""A name stands within so many heights of print below the title."""
_NAME_WIDTH = 2.5
_ALONE = 0.5
"""A title stands alone on its side of the line; a label that sounds like one has a value behind it."""
_LETTERS_OF_NAME = 3
_TALLEST = 3.6
_GAP = 1.7
_SEAL = 4.5
_REDNESS = 12
"""Red above green, against the paper around, in grey levels: writing has none, the palest seals 13."""
_LEAST_STROKE = 4
_WORD_GAP = 0.9
_MOST_GROWN = 9

_EITHER = (
    "Người thực hiện",
    "Cán bộ tư pháp - hộ tịch",
    "Công chức tư pháp - hộ tịch",
    "TM. Ủy ban nhân dân",
    "Chủ tịch",
)
"""Titles that stand at the foot of nearly every page."""

Heads = list[tuple[Line, LabelMatch]]


def signature(leaf: Leaf, form: Signature, reader: ValueReader | None) -> dict[str, FieldReading]:
    """The signer's name, and the title printed above it."""
    parts = [p for p in (form.title, _name(form)) if p]
    run = _last_run(_heads(leaf, form), leaf) or _mirrored(leaf, form)
    if not run:
        return {p.key: unread_field(p, leaf) for p in parts}
    fields: dict[str, FieldReading] = {}
    if form.title:
        titled = _title(run, form, form.title, leaf, reader)
        if titled.box is None and reader is not None:
            again = _heads_again(run, form, leaf, reader.printed)
            if again:
                run = [*run, *again]
                titled = _title(run, form, form.title, leaf, reader)
        fields[form.title.key] = titled
    part = _name(form)
    place = _name_line(leaf, run)
    if place is None:
        fields[part.key] = unread_field(part, leaf)
    else:
        fields[part.key] = reading_of(value_in(leaf, [place], [], reader), part)
    return fields


def _heads(leaf: Leaf, form: Signature) -> Heads:
    """Lines at the foot of the face that name a signer's office."""
    left, top, right, bottom = leaf.frame
    middle = (left + right) / 2
    lines = [line for line in leaf.lines if line.box[1] > top + _FOOT * (bottom - top)]
    if form.side == "right" and not any(line.box[1] > top + 0.7 * (bottom - top) for line in lines):
        lines = list(leaf.lines)
    wide = form.face not in ("page", "plan", "owner") or leaf.born_digital
    heads: Heads = []
    for line in lines:
        side = [w for w in line.words if wide or _on_side(w, form.side, middle)]
        found = find_label(side, (*form.under, *form.titles)) if side else None
        if (
            found
            and found.likeness >= _TITLE
            and found.letters >= _ALONE * len(" ".join(w.text for w in side))
        ):
            heads.append((Line(tuple(side)), found))
    return heads


def _mirrored(leaf: Leaf, form: Signature) -> Heads:
    """Where this signer's title stands if only the other's beside it was read."""
    left, _, right, _ = leaf.frame
    line = max(
        (line for line in leaf.lines if any(find_label(line.words, (t,)) for t in _EITHER)),
        key=lambda line: line.box[1],
        default=None,
    )
    if line is None or line.box[1] < leaf.frame[1] + _FOOT * (leaf.frame[3] - leaf.frame[1]):
        return []
    centre = round(left + (0.27 if form.side == "left" else 0.68) * (right - left))
    half = round(3 * leaf.height)
    box = (centre - half, line.box[1], centre + half, line.box[3])
    word = Word("?", box, 0.0)
    return [(Line((word,)), LabelMatch(0, 0, 0.0, 0.0, box, 1))]


def _heads_again(run: Heads, form: Signature, leaf: Leaf, engine: Engine) -> Heads:
    """Title lines below the first that the page reading missed, as under the edge of a seal."""
    height = leaf.height
    box = run[0][1].box
    centre = (box[0] + box[2]) // 2
    side = max(round(7 * height), (box[2] - box[0]) // 2)
    again: Heads = []
    for step in range(1, _MOST_TITLES):
        base = box[3] + step * 1.45 * height
        words = read_strip(leaf, centre - side, centre + side, base, engine)
        found = find_label(words, form.titles)
        if found is None or found.likeness < _TITLE:
            break
        again.append((Line(tuple(words)), found))
    return again


def _title(
    run: Sequence[tuple[Line, LabelMatch]],
    form: Signature,
    part: Part,
    leaf: Leaf,
    reader: ValueReader | None,
) -> FieldReading:
    """The signer's own title: the lowest one that is not signed for ("KT. CHỦ TỊCH" names another)."""
    line = run[-1][0]
    match = find_label(line.words, form.titles)
    if match is None or match.likeness < _TITLE:
        return unread_field(part, leaf)
    before = line.words[: match.start]
    if before and _PROXY.fullmatch(squash(before[-1].text)):
        left, top, right, bottom = match.box
        step = bottom - top + round(0.5 * leaf.height)
        side = round(2.5 * leaf.height)
        below = (left - side, bottom + 2, right + side, bottom + step)
        chosen: Sequence[Word] = ()
    else:
        gap = match.box[0] - before[-1].box[2] if before else 2 * leaf.height
        chosen = line.words[match.start - (1 if gap < 0.8 * leaf.height else 0) : match.end]
        below = _whole_words(leaf, hull([w.box for w in chosen]))
    value = Value(leaf, tuple(chosen), below, Ink.PRINT, leaf.source.text.engine)
    if reader is not None and not leaf.born_digital and value.confidence < _SURE_TITLE:
        value = read_again(value, [below], reader)
    again = find_label(value.words, form.titles)
    if again is None or again.likeness < _TITLE:
        return unread_field(part, leaf)
    reading = reading_of(value, part, value.words)
    signed_for = {squash(" ".join(w.text for w in line.words[m.start : m.end])) for line, m in run[:-1]}
    if f"kt {squash(value.text)}" in signed_for | {f"kt {squash(' '.join(w.text for w in before))}"}:
        return replace(reading, confidence=min(reading.confidence, 0.5), status=FieldStatus.LOW_CONFIDENCE)
    return reading


def _whole_words(leaf: Leaf, box: Box) -> Box:
    """A title with the words before it that reading left out, told by its ink."""
    if leaf.born_digital:
        return box
    height = leaf.height
    zone = (round(box[0] - 5 * height), box[1] - 2, box[2] + round(height), box[3] + 2)
    found = leaf.ink.inside(zone)
    found = found[(found[:, 3] - found[:, 1] > 0.5 * height) & (found[:, 3] - found[:, 1] < 1.6 * height)]
    left = box[0]
    for stroke in sorted(found.tolist(), key=lambda b: -b[2]):
        if stroke[0] < left and left - stroke[2] < 0.75 * height:
            left = stroke[0]
    return left, box[1], box[2], box[3]


def _last_run(heads: Heads, leaf: Leaf) -> Heads:
    """Title lines that stand close under one another; the lowest such group counts."""
    run: Heads = []
    for head in sorted(heads, key=lambda h: h[1].box[1]):
        if run and head[1].box[1] - run[-1][1].box[3] > 2.2 * leaf.height:
            run = []
        run.append(head)
    return run


def _name_line(leaf: Leaf, run: Heads) -> Box | None:
    """The lowest line of letters below the title: between them is the signature, beside it the seal."""
    left, _, right, _ = leaf.frame
    height = leaf.height
    head = hull([line.box for line, _ in run])
    centre = (run[0][1].box[0] + run[0][1].box[2]) / 2
    reach = _REACH * (right - left)
    zone = (
        max(left, int(centre - reach)),
        head[3] + round(0.8 * height),
        min(right, int(centre + reach)),
        min(leaf.foot, int(head[3] + _DEEPEST * height)),
    )
    if leaf.born_digital:
        words = leaf.words_in(zone)
        lowest = max((w.box[3] for w in words), default=0)
        boxes = [w.box for w in words if w.box[3] > lowest - height]
        return hull(boxes) if boxes else None
    return _lowest_row(leaf, zone, centre)


def _lowest_row(leaf: Leaf, zone: Box, centre: float) -> Box | None:
    """The lowest letters that stand in a row; those within a seal only join letters outside it."""
    height = leaf.height
    strokes, found = _strokes_not_red(leaf, zone)
    tall = found[:, 3] - found[:, 1]
    letters = found[(tall >= 0.4 * height) & (tall <= _TALLEST * height)]
    if not len(letters):
        return None
    sealed = _within_seals(letters, leaf.ink.inside(_around(zone, 4 * height)), height)
    middle = (letters[:, 1] + letters[:, 3]) / 2
    for n in np.argsort(-letters[:, 3], kind="stable"):
        if sealed[n]:
            continue
        top, bottom = letters[n, 1] - 0.25 * height, letters[n, 3] + 0.25 * height
        level = (middle >= top) & (middle <= bottom)
        row = _joined_to(letters[level], letters[n], _GAP * height)
        if len(row) < 2:
            continue
        width = int(row[:, 2].max() - row[:, 0].min())
        if abs(int(row[:, 2].max() + row[:, 0].min()) / 2 - centre) > 0.3 * (zone[2] - zone[0]):
            continue
        if width >= _NAME_WIDTH * height and (len(row) >= _LETTERS_OF_NAME or width >= 5 * height):
            left, right = _grown(strokes, zone, row, height)
            rise = round(0.4 * height)
            return left - 2, int(row[:, 1].min()) - rise, right + 2, int(row[:, 3].max()) + 2
    return None


def _joined_to(letters: Strokes, seed: Strokes, gap: float) -> Strokes:
    """Letters that follow one another from `seed` to both sides without a wide gap."""
    left, right = int(seed[0]), int(seed[2])
    grown = True
    chosen = np.zeros(len(letters), bool)
    while grown:
        near = (letters[:, 0] <= right + gap) & (letters[:, 2] >= left - gap)
        grown = bool((near & ~chosen).any())
        chosen |= near
        left, right = int(letters[chosen, 0].min()), int(letters[chosen, 2].max())
    return np.ascontiguousarray(letters[chosen])


def _within_seals(letters: Strokes, strokes: Strokes, height: float) -> npt.NDArray[np.bool_]:
    """Which letters stand within a ring that is as wide as tall: those of a seal."""
    inside = np.zeros(len(letters), bool)
    for left, top, right, bottom, inked in strokes.tolist():
        width, tall = right - left, bottom - top
        if min(width, tall) < _SEAL * height or not 0.6 < width / tall < 1.6 or inked > 0.35 * width * tall:
            continue
        x, y = (left + right) / 2, (top + bottom) / 2
        dx = ((letters[:, 0] + letters[:, 2]) / 2 - x) / (width / 2)
        dy = ((letters[:, 1] + letters[:, 3]) / 2 - y) / (tall / 2)
        inside |= dx**2 + dy**2 < 1.1
    return inside


def _strokes_not_red(leaf: Leaf, zone: Box) -> tuple[Gray, Strokes]:
    """Strokes in a zone without those of a red seal, even where both touch: as a picture and as boxes."""
    left, top, right, bottom = (max(0, v) for v in zone)
    strokes = leaf.ink.strokes[top:bottom, left:right].copy()
    image = leaf.source.region.image[top:bottom, left:right]
    if not strokes.size or image.shape[:2] != strokes.shape:
        return strokes, np.zeros((0, 5), np.int32)
    smooth = cv2.blur(image, (3, 3)).astype(np.int16)
    redness = smooth[:, :, 2] - smooth[:, :, 1]
    strokes[redness - np.median(redness) > _REDNESS] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    boxes = [
        (left + x, top + y, left + x + w, top + y + h, inked)
        for x, y, w, h, inked in stats[1:count].tolist()
        if inked >= _LEAST_STROKE
    ]
    return strokes, np.array(boxes, np.int32).reshape(-1, 5)


def _grown(strokes: Gray, zone: Box, row: Strokes, height: float) -> tuple[int, int]:
    """Ends of a name whose outer words hang together with the signature: up to the next gap on its line."""
    top, bottom = int(np.median(row[:, 1])), int(np.median(row[:, 3]))
    left, right = int(row[:, 0].min()), int(row[:, 2].max())
    inked = strokes[max(0, top - zone[1]) : bottom - zone[1]].max(axis=0, initial=0) > 0
    gap, most = round(_WORD_GAP * height), round(_MOST_GROWN * height)
    for step, start in ((-1, left - zone[0]), (1, right - zone[0] - 1)):
        end = at = start
        while 0 <= at < len(inked) and abs(at - end) <= gap and abs(at - start) <= most:
            if inked[at]:
                end = at
            at += step
        if step < 0:
            left = zone[0] + end
        else:
            right = zone[0] + end + 1
    return left, right


def _around(zone: Box, reach: float) -> Box:
    r = round(reach)
    return zone[0] - r, zone[1] - r, zone[2] + r, zone[3] + r


def _on_side(word: Word, side: str, middle: float) -> bool:
    cx = (word.box[0] + word.box[2]) / 2
    return cx < middle if side == "left" else cx >= middle * 0.92


def _name(form: Signature) -> Part:
    return Part(form.key, form.kind)
