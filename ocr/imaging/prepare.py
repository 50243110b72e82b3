"""From a delivered page to upright, flat, evenly lit leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from ocr.delivery import DeliveredPage, Raster
from ocr.elements import Bend, PageReport, PageState
from ocr.imaging.curl import Flattening, flattening
from ocr.imaging.homography import Matrix, as_transform, pulled, rotated, shifted, turn, turned, unbent
from ocr.imaging.ink import LAYOUT_DPI, InkMap, ink_map
from ocr.imaging.leaf import Corners, Leaf, find_leaf
from ocr.imaging.levels import grey_percentile
from ocr.imaging.light import evened, reading_image
from ocr.imaging.mending import mended
from ocr.imaging.quality import Quality, judge
from ocr.imaging.region import PreparedPage, Region
from ocr.imaging.shrink import shrunk
from ocr.imaging.skew import WORTH_TURNING, skew_angle
from ocr.imaging.spread import find_gutter
from ocr.imaging.upright import TextProbe, best_lines, reads_upside_down, runs_sideways, tilt
from ocr.imaging.wholeness import has_glare, is_cut_off

_A4_LONG_INCHES: Final = 11.69
_PROBE_DPI: Final = 200.0
# Letters that an engine must surely read before a page that looks hopeless is let through.
_LETTERS_OF_HOPE: Final = 15.0
# The leaf's own edge, in inches, painted over so that no reader takes it for a rule.
_EDGE_INCHES: Final = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """The whole leaf at layout scale, and how it lies on the delivered page.

    `to_page` maps full-size leaf pixels to delivered pixels; `width`, `height` are full size.
    """

    gray: Raster
    raw: Raster
    ink: InkMap
    to_page: Matrix
    width: int
    height: int
    dpi: float

    @property
    def scale(self) -> float:
        """Layout pixels per full-size pixel."""
        return float(self.gray.shape[1] / self.width)


def prepare_page(page: DeliveredPage, *, probe: TextProbe | None = None) -> PreparedPage:
    """Make a page ready for reading: found on its background, upright, level, split, evenly lit.

    Args:
        page: as delivered.
        probe: tells how much text can be read in a picture of a few lines; asked only where the shape of
            the letters leaves doubt. Without it doubtful pages keep the way up they came.
    """
    if not page.digital:
        page = replace(page, image=mended(page.image))
    leaf = None if page.digital else find_leaf(page.image, photographed=page.dpi is None)
    layout = _upright_layout(page, leaf, probe)
    quality = judge(layout.gray, layout.ink, layout.dpi)
    if quality.state is PageState.UNREADABLE and probe and probe(layout.gray) >= _LETTERS_OF_HOPE:
        quality = replace(quality, state=PageState.OK)
    if quality.state is PageState.OK and not page.digital:
        quality = replace(quality, reasons=(*quality.reasons, *_not_whole(page, layout)))
    gutter = find_gutter(layout.raw) if quality.state is PageState.OK and not page.digital else None
    corners = None if leaf is None else leaf.corners
    curled = quality.state is PageState.OK and not page.digital
    regions = tuple(
        _region(page, index, layout, (left, right), corners, curled)
        for index, (left, right) in enumerate(_leaves(layout.width, gutter))
    )
    return PreparedPage(_report(page, layout, quality, gutter is not None), regions)


def _upright_layout(page: DeliveredPage, leaf: Leaf | None, probe: TextProbe | None) -> _Layout:
    to_page, width, height = leaf.frame() if leaf else (np.eye(3), page.width, page.height)
    dpi = page.dpi or max(width, height) / _A4_LONG_INCHES
    small = shrunk(page.image, min(1.0, LAYOUT_DPI / dpi))
    layout = _layout(small, to_page, width, height, dpi, leaf)
    if page.digital:
        return layout
    if runs_sideways(layout.ink):
        layout = _layout(small, to_page @ turned(width, height, 90), height, width, dpi, leaf)
    angle = skew_angle(layout.ink.mask)
    if abs(angle) >= WORTH_TURNING:
        level = layout.to_page @ rotated(layout.width, layout.height, angle)
        layout = _layout(small, level, layout.width, layout.height, dpi, leaf)
    if _is_upside_down(page, layout, probe):
        half = layout.to_page @ turned(layout.width, layout.height, 180)
        layout = _layout(small, half, layout.width, layout.height, dpi, leaf)
    return layout


def _layout(page: Raster, to_page: Matrix, width: int, height: int, dpi: float, leaf: Leaf | None) -> _Layout:
    """The leaf at layout scale, cut from a page that has been shrunk to it."""
    scale = min(1.0, LAYOUT_DPI / dpi)
    grow, shrink = np.diag((1 / scale, 1 / scale, 1.0)), np.diag((scale, scale, 1.0))
    small = _cut(page, shrink @ to_page @ grow, max(1, round(width * scale)), max(1, round(height * scale)))
    gray = evened(np.ascontiguousarray(small[:, :, 2]), dpi * scale)
    if leaf is not None:
        _whiten_outside(gray, leaf.corners, to_page @ grow, dpi * scale)
    raw = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    return _Layout(gray, raw, ink_map(gray, dpi * scale), to_page, width, height, dpi)


def _is_upside_down(page: DeliveredPage, layout: _Layout, probe: TextProbe | None) -> bool:
    vote = tilt(layout.ink.mask, layout.ink.lines).verdict
    if vote is not None and (vote or probe is None):
        return not vote
    if probe is None or not len(layout.ink.lines):
        return False
    return reads_upside_down(_probe_strips(page, layout), probe)


def _probe_strips(page: DeliveredPage, layout: _Layout) -> list[Raster]:
    """The best lines of the page at reading resolution, upright as the layout has them."""
    zoom = max(1.0, layout.dpi / _PROBE_DPI)
    strips = []
    for left, top, right, bottom in best_lines(layout.ink.mask, layout.ink.lines) / layout.scale:
        margin = 0.25 * (bottom - top)
        left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
        matrix = layout.to_page @ shifted(left, top) @ np.diag((zoom, zoom, 1.0))
        width, height = round((right - left) / zoom), round((bottom - top) / zoom)
        strip = pulled(page.image, matrix, max(1, width), max(1, height), (255, 255, 255))[:, :, 2]
        strips.append(_full_range(np.asarray(strip, np.uint8)))
    return strips


def _not_whole(page: DeliveredPage, layout: _Layout) -> list[str]:
    reasons = ["GLARE"] if has_glare(layout.raw, layout.ink) else []
    if is_cut_off(layout.ink, layout.to_page, (page.width, page.height), layout.scale):
        reasons.append("CUT_OFF")
    return reasons


def _full_range(strip: Raster) -> Raster:
    low, high = (grey_percentile(strip, percent) for percent in (1, 80))
    return np.asarray(np.clip((strip - low) * (255 / max(1.0, high - low)), 0, 255), np.uint8)


def _leaves(width: int, gutter: float | None) -> tuple[tuple[int, int], ...]:
    if gutter is None:
        return ((0, width),)
    middle = round(gutter * width)
    return ((0, middle), (middle, width))


def _region(
    page: DeliveredPage,
    index: int,
    layout: _Layout,
    sides: tuple[int, int],
    corners: Corners | None,
    may_curl: bool,
) -> Region:
    left, right = sides
    matrix, width = layout.to_page @ shifted(left, 0), right - left
    curl = _curl(layout, left, right) if may_curl else None
    bend = None if curl is None else curl.bend
    if curl is None:
        image = _cut(page.image, matrix, width, layout.height)
    else:
        matrix = matrix @ rotated(width, layout.height, curl.turn) @ shifted(0, -curl.above)
        image = unbent(page.image, matrix, curl.bend, _paper(page.image))
    reading = reading_image(image, layout.dpi)
    if corners is not None:
        _whiten_outside(reading, corners, matrix, layout.dpi, bend)
    return Region(page.number, index, image, reading, as_transform(matrix, bend), layout.dpi)


def _curl(layout: _Layout, left: int, right: int) -> Flattening | None:
    part = layout.gray[:, round(left * layout.scale) : round(right * layout.scale)]
    return flattening(np.ascontiguousarray(part), layout.dpi * layout.scale, right - left, layout.height)


def _cut(image: Raster, to_image: Matrix, width: int, height: int) -> Raster:
    """Pull a region out of the page; without resampling where it is only cropped and turned."""
    (a, b, x), (c, d, y), last = to_image
    steps = np.array([a, b, c, d])
    if (
        np.allclose(last[:2], 0)
        and np.allclose(steps, np.round(steps))
        and np.allclose((x, y), np.round((x, y)))
    ):
        clockwise = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}[round(a), round(c)]
        (x0, y0), (x1, y1) = (to_image @ (0, 0, 1))[:2], (to_image @ (width, height, 1))[:2]
        top, bottom, left, right = (round(v) for v in (min(y0, y1), max(y0, y1), min(x0, x1), max(x0, x1)))
        return np.ascontiguousarray(turn(image[top:bottom, left:right], clockwise))
    return pulled(image, to_image, width, height, _paper(image))


def _paper(image: Raster) -> tuple[int, int, int]:
    """Colour of most of the page, for the corners that turning leaves open."""
    blue, green, red = (int(np.percentile(image[::16, ::16, c], 70)) for c in range(3))
    return blue, green, red


def _whiten_outside(
    gray: Raster, corners: Corners, to_page: Matrix, dpi: float, bend: Bend | None = None
) -> None:
    """Paint white what lies beyond the leaf, whose edges are straight once it is flat."""
    inner = cv2.perspectiveTransform(corners.reshape(1, 4, 2), np.linalg.inv(to_page))[0]
    if bend is not None:
        inner = np.array([(x, bend.level(x, y)) for x, y in inner.tolist()])
    inside = np.zeros_like(gray)
    cv2.fillConvexPoly(inside, np.round(inner).astype(np.int32), (255,))
    edge = max(1, round(_EDGE_INCHES * dpi))
    inside = cv2.erode(inside, np.ones((2 * edge + 1, 2 * edge + 1), np.uint8), borderValue=(255,))  # type: ignore[assignment]
    gray[inside == 0] = 255


def _report(page: DeliveredPage, layout: _Layout, quality: Quality, spread: bool) -> PageReport:
    # The direction in which text runs on the delivered page, to the nearest quarter turn.
    right = cv2.perspectiveTransform(
        np.array([[(0.0, 0.0), (float(layout.width), 0.0)]], np.float64), layout.to_page
    )[0]
    dx, dy = right[1] - right[0]
    rotation = round(float(np.degrees(np.arctan2(dy, dx))) / 90) * 90 % 360
    return PageReport(page.number, page.width, page.height, quality.state, rotation, spread, quality.reasons)
