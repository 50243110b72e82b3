"""Where a name stands under a signature, told by its ink although seal and signature run through it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from ocr.elements import Box, hull
from ocr.ink import Gray
from ocr.leaf import Leaf
from ocr.strokes import Strokes, are_spots
from ocr.value_reader import ValueReader
from ocr.written_value import Value, covered, ink_of, value_in

_REACH = 0.24
_DEEPEST = 16
"""A name stands within so many heights of print below the title."""
_NAME_WIDTH = 2.5
_LETTERS_OF_NAME = 3
_CAPITAL = 0.85
"""A name has a capital at least so tall; the imprint at the foot of a page is set smaller."""
_MOST_OF_ZONE = 0.85
_TALLEST = 3.6
_GAP = 1.7
_SEAL = 4.5
_REDNESS = 12
"""Red above green and blue, against the paper around, in grey levels; violet ink has none."""
_AS_DARK = 0.6
"""Ink under a seal is at least so dark, as share of the darkness of writing beside it."""
_LEAST_STROKE = 4
_SPECK = 0.35
_WORD_GAP = 1.5
_MOST_GROWN = 9


def name_at(leaf: Leaf, place: Box, reader: ValueReader | None) -> Value:
    """The name in its place as it stands: strokes of a signature hang together with its letters."""
    if leaf.born_digital:
        return value_in(leaf, [place], [], reader)
    place = _with_tails(leaf, place)
    left, top, right, bottom = place
    strokes = leaf.ink.strokes.copy()
    strokes[top:bottom, left:right], _ = strokes_not_red(leaf, place)
    leaf = replace(leaf, ink=replace(leaf.ink, strokes=strokes))
    words = tuple(leaf.words_in(place))
    return Value(
        leaf=leaf,
        words=words,
        box=place,
        ink=ink_of(leaf, place, words),
        source=leaf.source.text.engine,
        covered=covered(leaf, [place], words),
        lines=(place,),
        reader=reader,
    )


def _with_tails(leaf: Leaf, place: Box) -> Box:
    """The place of a name grown to the tails and marks of its letters."""
    left, top, right, bottom = (max(0, v) for v in place)
    _, found = strokes_not_red(leaf, _around((left, top, right, bottom), 2 * leaf.height))
    tall, middle = found[:, 3] - found[:, 1], (found[:, 1] + found[:, 3]) / 2
    across = (found[:, 0] + found[:, 2]) / 2
    own = found[
        (tall <= _TALLEST * leaf.height)
        & (middle > top)
        & (middle < bottom)
        & (across > left)
        & (across < right)
    ]
    if not len(own):
        return left, top, right, bottom
    return (
        min(left, int(own[:, 0].min())),
        min(top, int(own[:, 1].min())),
        max(right, int(own[:, 2].max())),
        max(bottom, int(own[:, 3].max())),
    )


def name_line(leaf: Leaf, heads: Box, first: Box) -> Box | None:
    """The lowest line of letters below the title: between them is the signature, beside it the seal.

    Args:
        leaf: the face.
        heads: around all title lines of the signer, region pixels.
        first: the words of the first title that were recognised, centred over the name.
    """
    left, _, right, _ = leaf.frame
    height = leaf.height
    centre = (first[0] + first[2]) / 2
    reach = _REACH * (right - left)
    zone = (
        max(left, int(centre - reach)),
        heads[3] + round(0.8 * height),
        min(right, int(centre + reach)),
        min(leaf.foot, int(heads[3] + _DEEPEST * height)),
    )
    if leaf.born_digital:
        words = leaf.words_in(zone)
        lowest = max((w.box[3] for w in words), default=0)
        boxes = [w.box for w in words if w.box[3] > lowest - height]
        return hull(boxes) if boxes else None
    return _lowest_row(leaf, zone, centre)


def _lowest_row(leaf: Leaf, zone: Box, centre: float) -> Box | None:
    """The lowest letters that stand in a row; those within a seal only join letters outside it.

    Some letters of a name mostly hang together with the signature above, so a row is measured by its ink
    from end to end, whatever that ink is part of.
    """
    height = leaf.height
    strokes, found = strokes_not_red(leaf, zone)
    tall = found[:, 3] - found[:, 1]
    letters = found[(tall >= 0.4 * height) & (tall <= _TALLEST * height) & ~are_spots(found, height)]
    if not len(letters):
        return None
    clean = _without_specks(strokes, height)
    sealed = _within_seals(letters, leaf.ink.inside(_around(zone, 4 * height)), height)
    middle = (letters[:, 1] + letters[:, 3]) / 2
    for n in np.argsort(-letters[:, 3], kind="stable"):
        if sealed[n]:
            continue
        top, bottom = letters[n, 1] - 0.25 * height, letters[n, 3] + 0.25 * height
        level = (middle >= top) & (middle <= bottom)
        row = _joined_to(letters[level], letters[n], _GAP * height)
        top, bottom = int(np.median(row[:, 1])), int(np.median(row[:, 3]))
        ends = int(row[:, 0].min()), top, int(row[:, 2].max()), bottom
        left, right = grown(clean, zone, ends, gap=_WORD_GAP * height, most=_MOST_GROWN * height)
        wide = _NAME_WIDTH * height <= right - left <= _MOST_OF_ZONE * (zone[2] - zone[0])
        if not wide or (row[:, 3] - row[:, 1]).max() < _CAPITAL * height:
            continue
        if abs((left + right) / 2 - centre) > 0.3 * (zone[2] - zone[0]):
            continue
        place = (left - 2, int(row[:, 1].min()) - round(0.4 * height), right + 2, int(row[:, 3].max()) + 2)
        if not _runs_on(leaf, zone, place):
            return place
    return None


def _runs_on(leaf: Leaf, zone: Box, row: Box) -> bool:
    """Whether a row of letters goes on beyond the zone of the signer: an imprint, no name."""
    gap = round(_GAP * leaf.height)
    beyond = []
    if row[0] < zone[0] + gap:
        beyond.append((zone[0] - 3 * gap, row[1], zone[0], row[3]))
    if row[2] > zone[2] - gap:
        beyond.append((zone[2], row[1], zone[2] + 3 * gap, row[3]))
    return any(len(leaf.ink.inside(place)) >= _LETTERS_OF_NAME for place in beyond)


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


def strokes_not_red(leaf: Leaf, zone: Box) -> tuple[Gray, Strokes]:
    """Strokes in a zone without those of a red seal, even where both touch: as a picture and as boxes."""
    left, top, right, bottom = (max(0, v) for v in zone)
    strokes = leaf.ink.strokes[top:bottom, left:right].copy()
    image = leaf.source.region.image[top:bottom, left:right]
    if not strokes.size or image.shape[:2] != strokes.shape:
        return strokes, np.zeros((0, 5), np.int32)
    smooth = cv2.blur(image, (3, 3)).astype(np.int16)
    redness = smooth[:, :, 2] - smooth[:, :, :2].max(axis=2)
    red = redness - np.median(redness) > _REDNESS
    light, inked = image[:, :, 2], strokes > 0
    if (inked & red).any() and (inked & ~red).any():
        # Through red, a pale seal is nearly paper: what is as dark there as writing is writing under it.
        paper, writing = float(np.median(light)), float(np.percentile(light[inked & ~red], 25))
        as_dark = paper - _AS_DARK * (paper - writing)
        if np.median(light[inked & red]) > as_dark:
            red &= light > as_dark
    strokes[red] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    boxes = [
        (left + x, top + y, left + x + w, top + y + h, inked)
        for x, y, w, h, inked in stats[1:count].tolist()
        if inked >= _LEAST_STROKE
    ]
    return strokes, np.array(boxes, np.int32).reshape(-1, 5)


def _without_specks(strokes: Gray, height: float) -> Gray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    return np.where(size[labels] >= _SPECK * height, strokes, 0).astype(np.uint8)


def grown(strokes: Gray, zone: Box, row: Box, *, gap: float, most: float) -> tuple[int, int]:
    """Ends of a row of letters of which some hang together with other strokes: up to the next wide gap.

    Args:
        strokes: picture of the zone.
        zone: region pixels.
        row: letters that surely belong to it, region pixels.
        gap: a wider one ends the row, pixels.
        most: how far it may grow to either side, pixels.
    """
    left, top, right, bottom = row
    inked = strokes[max(0, top - zone[1]) : bottom - zone[1]].max(axis=0, initial=0) > 0
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
