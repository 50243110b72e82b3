"""The strokes of a page settled once: dirt, folds and edges out, strokes over two lines cut apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from ocr.elements import Box
from ocr.ink import InkPage

Strokes = npt.NDArray[np.int32]
"""Rows of left, top, right, bottom, area."""

LETTER = 0.42
"""Least height of a letter, in heights of a printed word; what is flatter only belongs to a letter."""
LINE_STEP = 1.25
"""Least distance of two written lines, in heights of a printed word."""
_SPOTS = ((0.6, 0.7), (0.74, 0.85))
"""Filled share of its box from which, and size in heights of a word up to which, a lonely stroke is dirt.

Letters are hollow; a small disc fills 0.67 to 0.79 of its box, a worn digit up to 0.7 but is taller.
"""
_SMALL, _EVEN, _WORD = 0.5, 0.1, 3.5
"""A small letter is so tall, its foot so even with those of letters so far off, in heights of a word."""
_STREAK, _THIN = 4.0, 0.2
"""A stroke so many heights of a word long, and so thin on average, is no writing."""
_FOLD = 12.0
_BESIDE_FOLD = 0.1
"""Ink so much farther from a fold than half its width, in heights of a word, is no part of it."""
_LETTER_AT_EDGE = 2.5
_TWO_LINES = 2.0
_TALLEST = 6.0
_SECOND_MASS = 0.35
ONE_LINE = 2.4
"""Letters of one line are seldom taller, tails and risers included."""
_LETTER_WIDTH = 0.75
_ENOUGH_LETTERS = 4
_DEEP = 1.4
_LOWER_SHARE = 0.2
_REACH_UP, _SAME_FOOT = 0.3, 0.35
"""Letters of the line below begin at most so far above the cut, and end on one foot."""
_VALLEY = 0.5


def settled(ink: InkPage) -> InkPage:
    """The same page without lonely dirt, folds and the leaf's edge, strokes over two lines cut apart."""
    bottom, right = ink.strokes.shape
    start, top, end, foot = ink.boxes[:, :4].T
    inside = (start > 1) & (top > 1) & (end < right - 1) & (foot < bottom - 1)
    # A letter may touch the edge of the picture; the leaf's own edge is thin or long.
    size = np.stack([end - start, foot - top]) / ink.height
    inner = ink.boxes[inside | ((size.max(axis=0) <= _LETTER_AT_EDGE) & (size.min(axis=0) >= LETTER))]
    boxes, folds = _without_folds(_without_streaks(inner, ink.height), ink.height)
    boxes = _without_dirt(_freed(ink, boxes, folds), ink.height)
    heights = boxes[:, 3] - boxes[:, 1]
    tall = (heights > _TWO_LINES * ink.height) & (heights <= _TALLEST * ink.height)
    if not tall.any():
        return replace(ink, boxes=boxes)
    parts: list[tuple[int, int, int, int, int]] = []
    whole: list[int] = []
    for n in np.flatnonzero(tall):
        cut = _cut(ink, boxes[n])
        if cut:
            parts += cut
            whole.append(int(n))
    if parts:
        boxes = np.vstack((np.delete(boxes, whole, axis=0), np.array(parts, np.int32)))
    return replace(ink, boxes=boxes)


def _without_streaks(boxes: Strokes, height: float) -> Strokes:
    """Drop what runs across the page, long and thin: a fold or a rule that leans."""
    width, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    streak = (width >= _STREAK * height) & (tall <= 1.5 * height) & (boxes[:, 4] <= _THIN * height * width)
    return np.ascontiguousarray(boxes[~streak])


def _without_folds(boxes: Strokes, height: float) -> tuple[Strokes, list[Strokes]]:
    """Drop the pieces of folds and faint rules that run down the page, told by standing under one another.

    Returns:
        The other strokes, and the pieces of each fold from top to bottom.
    """
    width, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    thin = (width <= max(4, 0.3 * height)) & (tall >= 3 * width) & (tall >= 0.4 * height)
    if thin.sum() < 3:
        return boxes, []
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    gone = np.zeros(len(boxes), bool)
    chosen = np.flatnonzero(thin)
    order = chosen[np.argsort(boxes[chosen, 1], kind="stable")]
    columns: list[list[int]] = []
    for n in order:
        for column in columns:
            last = column[-1]
            step = boxes[n, 1] - boxes[last, 3]
            if abs(middle[n] - middle[last]) <= 0.15 * height + 0.02 * max(0, step) and step < 25 * height:
                column.append(int(n))
                break
        else:
            columns.append([int(n)])
    folds = [column for column in columns if tall[column].sum() >= _FOLD * height]
    for column in folds:
        gone[column] = True
    return np.ascontiguousarray(boxes[~gone]), [boxes[column] for column in folds]


def _freed(ink: InkPage, boxes: Strokes, folds: Sequence[Strokes]) -> Strokes:
    """Letters that a fold runs through, without what of it sticks out above and below them."""
    boxes = boxes.copy()
    for fold in folds:
        reach = 0.5 * float(np.median(fold[:, 2] - fold[:, 0])) + _BESIDE_FOLD * ink.height
        rows, middles = (fold[:, 1] + fold[:, 3]) / 2, (fold[:, 0] + fold[:, 2]) / 2
        at = np.interp((boxes[:, 1] + boxes[:, 3]) / 2, rows, middles)
        tall = boxes[:, 3] - boxes[:, 1] > _TWO_LINES * ink.height
        for n in np.flatnonzero(tall & (boxes[:, 0] < at) & (at < boxes[:, 2])):
            own, left, top = own_mask(ink, boxes[n])
            beside = own.copy()
            beside[:, max(0, round(at[n] - reach) - left) : max(0, round(at[n] + reach) - left)] = False
            ys = np.flatnonzero(beside.any(axis=1))
            if len(ys):
                first, last = int(ys[0]), int(ys[-1]) + 1
                x = np.flatnonzero(own[first:last].any(axis=0))
                area = int(own[first:last].sum())
                boxes[n] = left + int(x[0]), top + first, left + int(x[-1]) + 1, top + last, area
    return boxes


def are_spots(boxes: Strokes, height: float) -> npt.NDArray[np.bool_]:
    """Which strokes are small and filled, as specks are."""
    width, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    filled = boxes[:, 4] / np.maximum(1, width * tall)
    size = np.maximum(width, tall) / height
    spots = np.zeros(len(boxes), bool)
    for least, most in _SPOTS:
        spots |= (filled > least) & (size < most)
    return spots


def _without_dirt(boxes: Strokes, height: float) -> Strokes:
    """Drop small filled spots that stand alone.

    The dot of a letter has its letter near; small letters ("an") have others farther off on the same foot.
    """
    width, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    spot = are_spots(boxes, height) & (np.minimum(width, tall) > 0.25 * height)
    letters = boxes[(tall >= LETTER * height) & ~spot]
    dirt = np.zeros(len(boxes), bool)
    reach = 0.9 * height
    for n in np.flatnonzero(spot):
        left, top, right, bottom, _ = boxes[n]
        near = (
            (letters[:, 0] < right + reach)
            & (letters[:, 2] > left - reach)
            & (letters[:, 1] < bottom + reach)
            & (letters[:, 3] > top - reach)
        )
        foot = np.abs(letters[:, 3] - bottom) <= _EVEN * height
        beside = foot & (letters[:, 0] < right + _WORD * height) & (letters[:, 2] > left - _WORD * height)
        dirt[n] = not near.any() and not (tall[n] >= _SMALL * height and beside.sum() > 1)
    return np.ascontiguousarray(boxes[~dirt])


def cut_at(ink: InkPage, stroke: npt.NDArray[np.int32], row: int) -> list[tuple[int, int, int, int, int]]:
    """The parts of a stroke above and below a row of the page."""
    own, left, top = own_mask(ink, stroke)
    return _parts(own, left, top, row - top)


def cut_under_lines(ink: InkPage, found: Strokes) -> Strokes:
    """Strokes of two lines squeezed into one place, cut where the letters of the upper one end.

    A tail below its line is narrow and short; what is wide or deep is the line below, grown together.
    """
    height = ink.height
    tall = found[:, 3] - found[:, 1]
    core = found[(tall >= 0.6 * height) & (tall <= ONE_LINE * height)]
    deep = np.flatnonzero(tall > ONE_LINE * height)
    if letters_in(core, height) < _ENOUGH_LETTERS or not len(deep):
        return found
    parts: list[tuple[int, int, int, int, int]] = []
    whole: list[int] = []
    for n in deep:
        feet = core[:, 3]
        beside = core[(feet > found[n, 1] + 0.6 * height) & (feet < found[n, 3] - 0.8 * height)]
        if letters_in(beside, height) < _ENOUGH_LETTERS:
            continue
        row = int(np.median(beside[:, 3])) + round(0.1 * height)
        cut = cut_at(ink, found[n], row)
        if len(cut) == 2:
            left, top, right, bottom, inked = cut[1]
            wide = right - left > height or bottom - top > _DEEP * height
            below = core[core[:, 1] > row - _REACH_UP * height, 3]
            level = len(below) > 0 and abs(bottom - np.median(below)) < _SAME_FOOT * height
            if wide and (level or inked > _LOWER_SHARE * found[n, 4]):
                parts += cut
                whole.append(int(n))
    if not parts:
        return found
    return np.vstack((np.delete(found, whole, axis=0), np.array(parts, np.int32)))


def within(strokes: Strokes, zone: Box) -> Strokes:
    """Strokes whose middle lies in a zone."""
    x, y = (strokes[:, 0] + strokes[:, 2]) / 2, (strokes[:, 1] + strokes[:, 3]) / 2
    return strokes[(x >= zone[0]) & (x < zone[2]) & (y >= zone[1]) & (y < zone[3])]


def letters_in(strokes: Strokes, height: float) -> int:
    """About how many letters some strokes are: joined ones are as wide as several."""
    joined = np.round((strokes[:, 2] - strokes[:, 0]) / (_LETTER_WIDTH * height))
    return int(np.maximum(1, joined).sum())


def _cut(ink: InkPage, stroke: npt.NDArray[np.int32]) -> list[tuple[int, int, int, int, int]]:
    """The two parts of a stroke that runs over two lines, parted where it is thinnest; none for others."""
    own, left, top = own_mask(ink, stroke)
    at = valley(own.sum(axis=1).astype(np.float64), ink.height)
    return [] if at is None else _parts(own, left, top, at)


def own_mask(ink: InkPage, stroke: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.bool_], int, int]:
    """The pixels of one stroke in its box, and where the box begins."""
    left, top, right, bottom, _ = (int(v) for v in stroke)
    _, labels = cv2.connectedComponents(ink.strokes[top:bottom, left:right], connectivity=8)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return labels == int(np.argmax(sizes)), left, top


def _parts(own: npt.NDArray[np.bool_], left: int, top: int, at: int) -> list[tuple[int, int, int, int, int]]:
    parts = []
    for first, last in ((0, at), (at, own.shape[0])):
        ys, xs = np.nonzero(own[first:last])
        if not len(ys):
            return []
        y = top + first
        box = (left + int(xs.min()), y + int(ys.min()), left + int(xs.max()) + 1, y + int(ys.max()) + 1)
        parts.append((*box, len(ys)))
    return parts


def valley(profile: npt.NDArray[np.float64], height: float) -> int | None:
    """Row between two written lines in a profile of ink per row; ``None`` for a single line.

    Tails and risers of one line carry little ink; only a second heavy row of letters makes a second line.
    """
    heavy = smooth(profile, 0.5 * height)
    first = int(np.argmax(heavy))
    step = round(LINE_STEP * height)
    rivals = [
        (heavy[n], n)
        for part in (range(first - step), range(first + step, len(heavy)))
        for n in part
        if heavy[n] >= heavy[max(0, n - 3) : n + 4].max()
    ]
    if not rivals:
        return None
    mass, second = max(rivals)
    a, b = min(first, second), max(first, second)
    low = a + int(np.argmin(heavy[a:b]))
    if mass < _SECOND_MASS * heavy[first] or heavy[low] > _VALLEY * mass:
        return None
    return low


def smooth(profile: npt.NDArray[np.float64], window: float) -> npt.NDArray[np.float64]:
    """A profile with every value spread over `window` rows."""
    side = max(3, round(window) | 1)
    kernel = np.hanning(side + 2)[1:-1]
    return np.asarray(np.convolve(profile, kernel / kernel.sum(), mode="same"), np.float64)
