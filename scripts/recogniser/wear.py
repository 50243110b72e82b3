"""What pen, paper, scanner and file format do to a line: functions on float pictures.

Ink is a coverage map 0..1; paper and scans are gray levels 0..255. Randomness comes from
the generator passed in.
"""

from __future__ import annotations

import cv2
import numpy as np

Picture = np.ndarray
Rng = np.random.Generator


def field(rng: Rng, shape: tuple[int, int], cells: tuple[int, int]) -> Picture:
    """Smooth noise of mean 0 and deviation about 1 with so many cells down and across."""
    rough = rng.normal(0, 1, (max(2, cells[0]), max(2, cells[1]))).astype(np.float32)
    return cv2.resize(rough, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def bend(
    rng: Rng, ink: Picture, size: float, *, slant: float, warp: float, drift: float, turn: float
) -> Picture:
    """Slant, elastic warp, drifting baseline and slight turn in one resampling.

    Args:
        size: height of the writing in pixels; the other strengths count in it.
        slant: shear, positive leans to the right.
        warp: elastic displacement as a share of the size.
        drift: slow rise and fall of the baseline as a share of the size.
        turn: slope of the whole line.
    """
    height, width = ink.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    down = ys - height / 2
    cells = max(2, round(width / size)), max(2, round(width / (3 * size)))
    mx = xs + slant * down
    my = ys + turn * (xs - width / 2)
    if warp:
        mx += warp * size * field(rng, ink.shape, (3, cells[0]))
        my += warp * size * field(rng, ink.shape, (2, cells[0]))
    if drift:
        my += drift * size * field(rng, (1, width), (1, cells[1]))[:1]
    return cv2.remap(ink, mx, my, cv2.INTER_LINEAR, borderValue=0)


def thicken(rng: Rng, ink: Picture, amount: float) -> Picture:
    """Wider (positive) or thinner (negative) strokes, by about so many pixels."""
    if amount > 0.2:
        side = 2 if amount < 1 else 3 if amount < 2 else 4
        shape = cv2.MORPH_ELLIPSE if side > 2 else cv2.MORPH_RECT
        return cv2.dilate(ink, cv2.getStructuringElement(shape, (side, side)))
    if amount < -0.2:
        soft = cv2.GaussianBlur(ink, (0, 0), 1.0)
        return np.clip((soft - 0.45) * 3.0, 0, 1)
    return ink


def press(rng: Rng, ink: Picture, unevenness: float) -> Picture:
    """Pen pressure and ribbon: darker and lighter stretches."""
    height, width = ink.shape
    strength = 1 - unevenness * np.abs(field(rng, ink.shape, (3, width // max(8, height // 2))))
    return ink * np.clip(strength, 0.35, 1)


def break_strokes(rng: Rng, ink: Picture, share: float) -> Picture:
    """Gaps where the pen skipped or the print is worn."""
    grain = field(rng, ink.shape, (ink.shape[0] // 3, ink.shape[1] // 3))
    return np.where(grain > 2.4 - 3 * share, ink * rng.uniform(0, 0.4), ink)


def speckle(rng: Rng, ink: Picture, count: int) -> Picture:
    """Ink spots and toner."""
    for _ in range(count):
        x, y = int(rng.integers(0, ink.shape[1])), int(rng.integers(0, ink.shape[0]))
        cv2.circle(ink, (x, y), int(rng.integers(0, 3)), float(rng.uniform(0.3, 1)), -1)
    return ink


def rule(rng: Rng, ink: Picture, y: float, thickness: int, *, dotted: bool, level: float) -> Picture:
    """Ruled line or dotted leader through or below the writing."""
    width = ink.shape[1]
    start, end = (0, width) if rng.random() < 0.7 else sorted(rng.integers(0, width, 2).tolist())
    slope = rng.normal(0, 0.004)
    if dotted:
        step = rng.uniform(3, 9) * max(1, thickness)
        radius = max(0, thickness // 2)
        for x in np.arange(start, end, step):
            cv2.circle(ink, (int(x), int(y + slope * x)), radius, level, -1)
        return ink
    cv2.line(ink, (start, int(y)), (end, int(y + slope * (end - start))), level, thickness)
    return ink


def seal(rng: Rng, shape: tuple[int, int]) -> Picture:
    """Part of a round stamp over the line, as coverage."""
    out = np.zeros(shape, np.float32)
    radius = int(rng.uniform(1.2, 4) * shape[0])
    centre = int(rng.uniform(0, shape[1])), int(rng.uniform(-1.5, 2.5) * shape[0])
    level = float(rng.uniform(0.1, 0.55))
    for inner in (0, rng.integers(4, 9), rng.integers(14, 30)):
        cv2.circle(out, centre, max(3, radius - int(inner)), level, int(rng.integers(1, 4)))
    for angle in np.arange(0, 6.28, rng.uniform(0.1, 0.3)):
        at = radius * rng.uniform(0.72, 0.82)
        x, y = int(centre[0] + at * np.cos(angle)), int(centre[1] + at * np.sin(angle))
        cv2.ellipse(out, (x, y), (5, 8), float(np.degrees(angle)), 0, int(rng.integers(120, 360)), level, 2)
    return break_strokes(rng, out, 0.4)


def strike(rng: Rng, ink: Picture, x0: int, x1: int, y: int, size: float) -> Picture:
    """Remains of a crossing-out: scrawl between two columns."""
    for _ in range(int(rng.integers(1, 4))):
        left = (x0 + int(rng.normal(0, 3)), y + int(rng.normal(0, size / 6)))
        right = (x1 + int(rng.normal(0, 3)), y + int(rng.normal(0, size / 6)))
        cv2.line(ink, left, right, float(rng.uniform(0.6, 1)), int(rng.integers(1, 4)))
    return ink


def paper(rng: Rng, shape: tuple[int, int], *, dark: float) -> Picture:
    """Gray level of aged paper: base, clouds, fibre and sometimes a shadow to one side."""
    base = 250 - dark * 110
    out = base + rng.uniform(0, 9) * field(rng, shape, (2, shape[1] // 60 + 2))
    out += rng.uniform(0, 5) * rng.normal(0, 1, shape).astype(np.float32)
    if rng.random() < 0.2:
        out -= np.linspace(0, rng.uniform(-60, 60), shape[1], dtype=np.float32)[None]
    return np.clip(out, 60, 255)


def shrink(rng: Rng, gray: Picture, height: float) -> Picture:
    """Resample to so many pixels of height, as a coarser scanner would."""
    factor = height / gray.shape[0]
    size = max(8, round(gray.shape[1] * factor)), max(8, round(height))
    method = cv2.INTER_AREA if rng.random() < 0.8 else cv2.INTER_LINEAR
    return cv2.resize(gray, size, interpolation=method)


def jpeg(gray: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG and back."""
    coded = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
