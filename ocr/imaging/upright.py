"""Which way up a page lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np

from ocr.delivery import Raster
from ocr.imaging.ink import Boxes, InkMap, line_boxes

TextProbe: TypeAlias = Callable[[Raster], float]
"""How much text an engine surely reads in a gray picture of a few lines, in letters."""

_SIDEWAYS_FACTOR: Final = 1.5
_SIDEWAYS_INCHES: Final = 4.0
# Marks above the letters against marks below them, -1 to 1. Vietnamese print level on the page gives
# +0.2 to +0.6 upright; pages within the margin are read both ways instead.
_SURE_TILT: Final = 0.20
_SURE_LINES: Final = 12
_CORE_OF_LINE: Final = 0.55
_MOST_PROBED_LINES: Final = 12
# Letters surely read; a sheet of lines on their head has never given more than 60.
_UPRIGHT_BEYOND_DOUBT: Final = 100.0
# Every so many lines are asked first: print says that much in four of them.
_FEW: Final = 3


def runs_sideways(ink: InkMap) -> bool:
    """Whether lines of text run up or down the page rather than across."""
    level = _total_length(ink.lines) / ink.dpi
    upright = _total_length(line_boxes(np.ascontiguousarray(ink.mask.T), ink.dpi)) / ink.dpi
    return upright > _SIDEWAYS_FACTOR * level + _SIDEWAYS_INCHES


def _total_length(lines: Boxes) -> float:
    return float((lines[:, 2] - lines[:, 0]).sum())


@dataclass(frozen=True, slots=True)
class Tilt:
    """Vote of the diacritics and ascenders.

    Attributes:
        score: -1 (upside down) to 1 (upright), mean over lines by length.
        lines: how many lines voted.
    """

    score: float
    lines: int

    @property
    def verdict(self) -> bool | None:
        """True upright, false upside down, ``None`` unsure."""
        if self.lines < _SURE_LINES or abs(self.score) < _SURE_TILT:
            return None
        return self.score > 0


def tilt(mask: Raster, lines: Boxes) -> Tilt:
    """Compare the ink above and below the core of every line.

    Vietnamese letters carry most of their marks on top, and more letters rise than hang.
    """
    scores, weights = [], []
    for left, top, right, bottom in lines:
        profile = (mask[max(0, top - 3) : bottom + 3, left:right] > 0).sum(axis=1).astype(np.float64)
        core = np.flatnonzero(profile >= _CORE_OF_LINE * profile.max(initial=0.0))
        if not core.size or profile.max() < 8:
            continue
        above, below = profile[: core[0]].sum(), profile[core[-1] + 1 :].sum()
        scores.append((above - below) / (above + below + 1))
        weights.append(float(right - left))
    return Tilt(float(np.average(scores, weights=weights)) if scores else 0.0, len(scores))


def best_lines(mask: Raster, lines: Boxes) -> Boxes:
    """The lines most likely to be print: long, evenly high, densely inked."""
    if not len(lines):
        return lines
    heights = lines[:, 3] - lines[:, 1]
    usual = np.median(heights)
    inked = [mask[t:b, left:r] > 0 for left, t, r, b in lines]
    density = np.array([part.mean() if part.size else 0.0 for part in inked])
    worth = (lines[:, 2] - lines[:, 0]) * density * np.exp(-np.abs(heights - usual) / usual)
    chosen = np.sort(np.argsort(-worth)[:_MOST_PROBED_LINES])
    return np.asarray(lines[chosen], np.int64)


def _montage(strips: Sequence[Raster]) -> Raster:
    """Strips of single lines pasted below each other on white."""
    gap = 14
    width = max(s.shape[1] for s in strips) + 2 * gap
    height = sum(s.shape[0] + gap for s in strips) + gap
    sheet = np.full((height, width), 255, np.uint8)
    top = gap
    for strip in strips:
        sheet[top : top + strip.shape[0], gap : gap + strip.shape[1]] = strip
        top += strip.shape[0] + gap
    return sheet


def reads_upside_down(strips: Sequence[Raster], probe: TextProbe) -> bool:
    """Read lines both ways, a few first; only a clear majority turns the page.

    Args:
        strips: gray pictures of single lines, at least one.
        probe: tells how much text it reads.
    """
    if probe(_montage(strips[::_FEW])) >= _UPRIGHT_BEYOND_DOUBT:
        return False
    sheet = _montage(strips)
    as_is = probe(sheet)
    if as_is >= _UPRIGHT_BEYOND_DOUBT:
        return False
    turned = probe(np.asarray(cv2.rotate(sheet, cv2.ROTATE_180), np.uint8))
    return turned > 1.5 * as_is + 5
