"""Defects that move pixels: bent paper, sheets seen from an angle, sheets askew, turned or smaller."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from defect_picture import INCH, Defective, Picture, Points, clipped, lit, shares, soft

_WHITE_GLASS: Final = (246, 247, 247)


def curl(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """A leaf that rises to the binding at its left; its lines bend by `strength` mm, narrow and dark."""
    height, width = image.shape[:2]
    reach, rise = 0.22 * width, strength * dpi / INCH
    lifted = np.exp(-np.arange(width) / reach)
    narrow = np.cumsum(1 - 0.5 * lifted)
    lost = width - narrow[-1]
    from_x = np.interp(np.arange(width) + lost, narrow + lost, np.arange(width)).astype(np.float32)
    here = np.exp(-from_x / reach)
    # lines far from the middle of the picture bend more, as under a lens
    row = np.linspace(0.6, 1.4, height)[:, None]
    map_y = np.arange(height)[:, None] - rise * row * here[None, :]
    bent = _pulled(image, np.broadcast_to(from_x, (height, width)), map_y)
    dark = (1 - 0.55 * np.clip(here, 0, 1) ** 2)[None, :]

    def moved(points: Points) -> Points:
        x = np.interp(points[:, 0], from_x, np.arange(width))
        bend = rise * np.interp(points[:, 1], np.arange(height), row[:, 0]) * np.exp(-points[:, 0] / reach)
        return np.stack([x, points[:, 1] + bend], axis=1)

    return Defective(lit(bent, np.broadcast_to(dark, (height, width))), dpi, moved)


def wave(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Paper that was once wet: lines wave by `strength` mm up and down."""
    height, width = image.shape[:2]
    rng = np.random.default_rng(seed)
    rise, phase = strength * dpi / INCH, rng.uniform(0, 2 * np.pi)
    x, y = np.arange(width, dtype=np.float64)[None, :], np.arange(height, dtype=np.float64)[:, None]

    def bend(x: Points, y: Points) -> Points:
        return np.asarray(rise * np.sin(2 * np.pi * (x / (0.7 * width) + 0.25 * y / height) + phase))

    waved = _pulled(image, np.broadcast_to(x, (height, width)), y - bend(x, y))
    light = 1 - 0.12 * np.cos(2 * np.pi * (x / (0.7 * width) + 0.25 * y / height) + phase)

    def moved(points: Points) -> Points:
        return np.stack([points[:, 0], points[:, 1] + bend(points[:, 0], points[:, 1])], axis=1)

    return Defective(lit(waved, light), dpi, moved)


def photo_dark(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """A phone's view of the page on a dark table; corners off by `strength` of its sides."""
    return _photographed(image, dpi, strength, seed, (38, 52, 70))


def photo_light(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The same on a light table, beside other papers."""
    return _photographed(image, dpi, strength, seed, (120, 165, 200))


def low_resolution(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Scanned at `strength` dpi; pages that are no finer stay as they are."""
    share = min(1.0, strength / dpi)
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return Defective(np.asarray(small, np.uint8), dpi * share, lambda points: points * share)


def skew(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Laid on the glass at an angle of `strength` degrees, the whole sheet inside the picture."""
    height, width = image.shape[:2]
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), strength, 1.0), (0, 0, 1)])
    corners = _projected(_rectangle(width, height), matrix)
    low, high = corners.min(axis=0), corners.max(axis=0)
    matrix = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ matrix
    wide, tall = (int(v) for v in np.ceil(high - low))
    turned_ = cv2.warpPerspective(
        image, matrix, (wide, tall), flags=cv2.INTER_CUBIC, borderValue=_WHITE_GLASS
    )
    return Defective(np.asarray(turned_, np.uint8), dpi, lambda points: _projected(points, matrix))


def again(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The same sheet laid on the glass once more: moved by less than `strength` mm and hardly turned.

    No eye sees a difference; what reads otherwise was read by luck.
    """
    height, width = image.shape[:2]
    rng = np.random.default_rng([seed, round(100 * strength)])
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D(
        (width / 2, height / 2), rng.uniform(-0.12, 0.12), rng.uniform(0.998, 1.002)
    )
    matrix[:2, 2] += rng.uniform(-strength, strength, 2) * dpi / INCH
    moved = cv2.warpAffine(
        image, matrix[:2], (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    grain = rng.normal(0, 1, (height, width, 1))
    return Defective(clipped(moved + grain), dpi, lambda points: _projected(points, matrix))


def turned(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Lying sideways or on its head: `strength` degrees clockwise, quarter turns."""
    height, width = image.shape[:2]
    quarters = round(strength / 90) % 4

    def moved(points: Points) -> Points:
        x, y = points.T
        ways = ((x, y), (height - y, x), (width - x, height - y), (y, width - x))
        return np.stack(ways[quarters], axis=1)

    return Defective(np.ascontiguousarray(np.rot90(image, -quarters)), dpi, moved)


def shrunken(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Copied smaller by `strength` onto a sheet of the same size."""
    small = cv2.resize(image, None, fx=strength, fy=strength, interpolation=cv2.INTER_AREA)
    sheet = np.full_like(image, 250)
    sheet[: small.shape[0], : small.shape[1]] = small
    return Defective(sheet, dpi, lambda points: points * strength)


def _photographed(
    image: Picture, dpi: float, strength: float, seed: int, wood: tuple[int, int, int]
) -> Defective:
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    wide, tall = round(1.22 * width), round(1.22 * height)
    table = table_top(wide, tall, wood, seed)
    corners = _rectangle(width, height)
    away = rng.uniform(-1, 1, (4, 2)) * strength * (width, height)
    away[:2, 0] += np.array([1, -1]) * strength * width  # the far side is the shorter one
    there = corners + np.array([0.11 * width, 0.11 * height]) + away
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), there.astype(np.float32)).astype(
        np.float64
    )
    sheet = cv2.warpPerspective(image, matrix, (wide, tall), flags=cv2.INTER_AREA)
    cover = np.asarray(
        cv2.warpPerspective(np.ones((height, width), np.float32), matrix, (wide, tall)), np.float32
    )
    below = 1 - 0.5 * soft(np.roll(cover, (round(0.06 * dpi), round(0.06 * dpi)), (0, 1)), 1.5, dpi)
    seen = lit(table, below) * (1 - cover[:, :, None]) + sheet * cover[:, :, None]
    x, y = shares(clipped(seen))
    light = 1 - 0.25 * np.hypot(x - 0.4, y - 0.3)
    noisy = seen * light[:, :, None] + rng.normal(0, 3, seen.shape)
    return Defective(clipped(noisy), None, lambda points: _projected(points, matrix))


def table_top(width: int, height: int, wood: tuple[int, int, int], seed: int) -> Picture:
    """A wooden table with its grain, a pen, and on light wood a corner of other paper; BGR."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, 1, (max(2, height // 6), 6)).astype(np.float32)
    grain = np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    table = clipped(np.array(wood) * (1 + 0.10 * grain[:, :, None]))
    thick = max(3, width // 70)
    cv2.line(
        table, (width // 50, height // 2), (width // 22, height * 3 // 4), (110, 40, 25), thick, cv2.LINE_AA
    )
    if sum(wood) > 300:
        corner = np.array([(0.93, -0.02), (1.1, -0.02), (1.1, 0.3), (0.965, 0.28)]) * (width, height)
        cv2.fillPoly(table, [np.round(corner).astype(np.int32)], (225, 228, 230), cv2.LINE_AA)
    return table


def side_by_side(
    left: Picture, right: Picture, dpi: float, seed: int
) -> tuple[Picture, tuple[Points, Points]]:
    """Two sheets on one dark table in one photograph, and where the origin of each lies."""
    gap = round(0.35 * dpi)
    tall, wide = max(left.shape[0], right.shape[0]), left.shape[1] + right.shape[1]
    table = table_top(wide + 3 * gap, tall + 2 * gap, (38, 52, 70), seed)
    origins = np.array([(gap, gap)]), np.array([(2 * gap + left.shape[1], gap)])
    for sheet, ((x, y),) in zip((left, right), origins, strict=True):
        table[y : y + sheet.shape[0], x : x + sheet.shape[1]] = sheet
    return table, (origins[0].astype(np.float64), origins[1].astype(np.float64))


def _pulled(image: Picture, x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> Picture:
    across, down = (np.ascontiguousarray(v, np.float32) for v in (x, y))
    return np.asarray(
        cv2.remap(image, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _rectangle(width: int, height: int) -> Points:
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def _projected(points: Points, matrix: npt.NDArray[np.float64]) -> Points:
    return np.asarray(cv2.perspectiveTransform(points.reshape(1, -1, 2), matrix)[0], np.float64)
