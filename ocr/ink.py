"""What stands on the paper besides printed text: rules, dotted leaders, strokes of a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from ocr.elements import Box, Ink
from ocr.imaging.components import chosen, components
from ocr.imaging.runs import long_runs

Gray = npt.NDArray[np.uint8]

_LEADER_BELOW_LABEL = 0.55
"""A dotted leader lies at the foot of its label, within so many text heights."""


@dataclass(frozen=True, slots=True)
class InkPage:
    """Strokes of one region, rules and leaders taken out.

    Attributes:
        strokes: 255 where ink is, region pixels.
        boxes: left, top, right, bottom, area of each connected stroke, one row each.
        leaders: thin horizontal lines, dotted or ruled, top to bottom.
        uprights: long vertical rules.
        height: of an ordinary printed word, pixels.
    """

    strokes: Gray
    boxes: npt.NDArray[np.int32]
    leaders: tuple[Box, ...]
    uprights: tuple[Box, ...]
    height: float
    width_px: int = field(default=0)

    def inside(self, zone: Box, erased: Sequence[Box] = ()) -> npt.NDArray[np.int32]:
        """Strokes whose middle lies in `zone` and in none of the `erased` boxes (labels)."""
        left, top, right, bottom = zone
        cx = (self.boxes[:, 0] + self.boxes[:, 2]) / 2
        cy = (self.boxes[:, 1] + self.boxes[:, 3]) / 2
        chosen = (cx >= left) & (cx < right) & (cy >= top) & (cy < bottom)
        for e in erased:
            chosen &= ~((cx >= e[0] - 1) & (cx <= e[2] + 1) & (cy >= e[1] - 2) & (cy <= e[3] + 2))
        tall = self.boxes[:, 3] - self.boxes[:, 1] > 6 * self.height
        found: npt.NDArray[np.int32] = self.boxes[chosen & ~tall]
        return found

    def tight(self, zone: Box, erased: Sequence[Box] = ()) -> Box | None:
        """Smallest box around the writing in `zone`; ``None`` where the line was left blank."""
        found = self.inside(zone, erased)
        if not len(found):
            return None
        heights = found[:, 3] - found[:, 1]
        widths = found[:, 2] - found[:, 0]
        big = (np.maximum(heights, widths) >= 0.4 * self.height) & (found[:, 4] >= 0.02 * self.height**2)
        if not big.any() or found[big, 4].sum() < 0.08 * self.height**2:
            return None
        core = found[big]
        box = [int(core[:, 0].min()), int(core[:, 1].min()), int(core[:, 2].max()), int(core[:, 3].max())]
        reach = 0.4 * self.height
        near = (
            (found[:, 2] > box[0] - reach)
            & (found[:, 0] < box[2] + reach)
            & (found[:, 3] > box[1] - reach)
            & (found[:, 1] < box[3] + reach)
            & (found[:, 4] >= 0.008 * self.height**2)
        )
        core = found[near | big]
        return int(core[:, 0].min()), int(core[:, 1].min()), int(core[:, 2].max()), int(core[:, 3].max())

    def leaders_at(self, base: float, left: float, right: float) -> list[Box]:
        """Leaders at the foot of a line, left to right."""
        reach = _LEADER_BELOW_LABEL * self.height
        found = [
            b
            for b in self.leaders
            if base - reach <= (b[1] + b[3]) / 2 <= base + reach
            and b[2] > left
            and b[0] < right
            and b[2] - b[0] > self.height
        ]
        return sorted(found, key=lambda b: b[0])

    def density(self, box: Box) -> float:
        """Share of a box that is ink."""
        part = self.strokes[max(0, box[1]) : box[3], max(0, box[0]) : box[2]]
        return float(part.mean()) / 255 if part.size else 0.0


def ink_page(gray: Gray, height: float) -> InkPage:
    """Separate strokes from rules and leaders.

    Args:
        gray: dark ink on light paper, evenly lit.
        height: of an ordinary printed word, pixels.
    """
    block = max(15, int(height * 2) | 1)
    paper = np.asarray(cv2.blur(gray, (block * 2 + 1, block * 2 + 1)), np.uint8)
    bw = np.asarray(cv2.compare(gray, paper - np.minimum(paper, 22), cv2.CMP_LT), np.uint8)
    dots = _flat_specks(bw, height)
    gap = max(3, round(0.5 * height))
    bridged = cv2.morphologyEx(dots, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    flat = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, max(20, round(1.5 * height))), np.uint8))
    long = max(40, round(5 * height))
    vertical = long_runs(bw, long, upright=True)
    across = long_runs(bw, long, upright=False)
    strokes = cv2.subtract(bw, cv2.bitwise_and(cv2.dilate(flat, np.ones((3, 3), np.uint8)), dots))
    strokes = cv2.subtract(strokes, cv2.dilate(vertical, np.ones((3, 3), np.uint8)))
    strokes = cv2.subtract(strokes, across)
    _, stats = components(np.asarray(strokes, np.uint8))
    stats = stats[1:]
    boxes = np.column_stack(
        (stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3], stats[:, 4])
    ).astype(np.int32)
    boxes = boxes[boxes[:, 4] >= 4]
    return InkPage(
        strokes=np.asarray(strokes, np.uint8),
        boxes=boxes,
        leaders=_joined_flat(np.asarray(cv2.bitwise_or(flat, across), np.uint8), height),
        uprights=tuple(_boxes(np.asarray(cv2.dilate(vertical, np.ones((9, 3), np.uint8)), np.uint8))),
        height=height,
        width_px=gray.shape[1],
    )


def _flat_specks(bw: Gray, height: float) -> Gray:
    """Dots and short dashes that touch no letter: what dotted leaders are made of."""
    labels, stats = components(bw)
    flat = stats[:, cv2.CC_STAT_HEIGHT] <= max(4, round(0.24 * height))
    flat[0] = False
    return chosen(labels, flat)


def _boxes(mask: Gray) -> list[Box]:
    """Of each piece of a mask with few of them: their outlines are found sooner than their areas."""
    outlines, nesting = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = (
        [o for o, (*_, within) in zip(outlines, nesting[0], strict=True) if within < 0] if outlines else []
    )
    found = ((x, y, x + w, y + h) for x, y, w, h in map(cv2.boundingRect, outer))
    return sorted(found, key=lambda b: (b[1], b[0]))


def _joined_flat(mask: Gray, height: float) -> tuple[Box, ...]:
    """Pieces of leaders that writing interrupts, joined again."""
    pieces = sorted(_boxes(mask), key=lambda b: b[0])
    lines: list[list[int]] = []
    for piece in pieces:
        middle = (piece[1] + piece[3]) / 2
        for line in lines:
            if abs(line[4] - middle) <= 0.2 * height and -height < piece[0] - line[2] < 8 * height:
                line[1], line[2], line[3] = (
                    min(line[1], piece[1]),
                    max(line[2], piece[2]),
                    max(line[3], piece[3]),
                )
                line[4] = round(middle)
                break
        else:
            lines.append([*piece, round(middle)])
    return tuple(sorted(((a, b, c, d) for a, b, c, d, _ in lines), key=lambda b: b[1]))


def classify_ink(page: InkPage, box: Box, *, confidence: float, label_height: float, words: int) -> Ink:
    """Tell print, typewriter and handwriting apart by the shape of the strokes.

    Cursive joins letters into wide strokes and varies in height; typewriter letters keep one advance;
    print has neither. An engine for print claims high confidence only for the first two.

    Args:
        page: strokes of the region.
        box: around the value, region pixels.
        confidence: mean claim of a print engine for the words, 0 to 1.
        label_height: of printed words beside it, pixels.
        words: how many words the engine saw.
    """
    found = page.inside(box)
    letters = found[(found[:, 3] - found[:, 1]) >= 0.35 * label_height]
    if not len(letters):
        return Ink.EMPTY
    widths = (letters[:, 2] - letters[:, 0]) / label_height
    heights = (letters[:, 3] - letters[:, 1]) / label_height
    joined = float((widths > 1.6).mean())
    even = heights[heights < 3]
    ragged = float(np.std(even)) if len(even) else 1.0
    handlike = 1.6 * joined + (0.5 if ragged > 0.32 else 0.0) + max(0.0, 0.85 - confidence) * 1.6
    if not words or handlike > 0.62:
        return Ink.HAND
    middles = np.sort((letters[:, 0] + letters[:, 2]) / 2)
    steps = np.diff(middles)
    steps = steps[(steps > 0.3 * label_height) & (steps < 1.2 * label_height)]
    if len(steps) >= 5 and float(np.std(steps) / np.mean(steps)) < 0.16:
        return Ink.TYPE
    return Ink.PRINT
