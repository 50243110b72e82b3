"""Defects that leave pixels where they are: light, lens, ink, stains, holes, copying."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from defect_picture import INCH, Defective, Field, Picture, clipped, lit, shares, soft

_TUNGSTEN: Final = (0.45, 0.85, 1.0)
_BLUE: Final = (1.0, 0.86, 0.72)


def lamp(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Light that falls off by `strength` from one corner of the page to the other."""
    rng = np.random.default_rng(seed)
    x, y = shares(image)
    far = np.hypot(x - rng.choice((0.1, 0.9)), y - rng.uniform(0.1, 0.9))
    return Defective(lit(image, 1 - strength * np.clip(far, 0, 1) ** 1.3), dpi)


def shadow(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The shadow of a hand or a phone, `strength` darker than the rest, with a soft edge."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    outline = np.array([(0.0, 0.45), (0.55, 0.35), (0.7, 0.6), (0.6, 1.0), (0.0, 1.0)])
    outline = outline + rng.uniform(-0.08, 0.08, outline.shape)
    cast = np.zeros((height, width), np.float32)
    cv2.fillPoly(cast, [np.round(outline * (width, height)).astype(np.int32)], 1.0)
    return Defective(lit(image, 1 - strength * soft(cast, 4, dpi)), dpi)


def jpeg(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Kept as JPEG of quality `strength`."""
    _, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, int(strength)))
    return Defective(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8), dpi)


def motion(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The camera moved by `strength` mm."""
    rng = np.random.default_rng(seed)
    angle, length = rng.uniform(0, np.pi), strength * dpi / INCH
    side = 2 * int(np.ceil(length)) + 3
    large = np.zeros((side * 8, side * 8), np.float32)
    middle, arm = side * 4, np.array([np.cos(angle), np.sin(angle)]) * length * 4
    ends = [tuple(int(v) for v in np.round(middle + sign * arm)) for sign in (-1, 1)]
    cv2.line(large, ends[0], ends[1], 1.0, 8)
    kernel = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    return Defective(np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8), dpi)


def defocus(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Out of focus: every point a disc of `strength` mm across."""
    radius = strength * dpi / INCH / 2
    side = 2 * int(np.ceil(radius)) + 3
    y, x = np.mgrid[:side, :side] - side // 2
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return Defective(np.asarray(cv2.filter2D(image, -1, disc / disc.sum()), np.uint8), dpi)


def night(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Photographed with little light: noise of `strength` grey levels, flat contrast, colour specks."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    fine = rng.normal(0, strength, (height, width, 1))
    coarse = rng.normal(0, strength, (height // 3 + 1, width // 3 + 1, 3)).astype(np.float32)
    specks = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return Defective(clipped(image * 0.6 + 20 + fine + specks), dpi)


def tungsten(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The orange light of a bulb, `strength` of it uncorrected."""
    return Defective(clipped(image * (1 - strength * (1 - np.array(_TUNGSTEN)))), dpi)


def blue_light(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The blue light of a window, `strength` of it uncorrected."""
    return Defective(clipped(image * (1 - strength * (1 - np.array(_BLUE)))), dpi)


def old_paper(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Yellow, brown at its edges, cloudy, with rusty specks; `strength` from 0 to 1."""
    rng = np.random.default_rng(seed)
    x, y = shares(image)
    edge = np.clip(1 - np.minimum.reduce([x + 0 * y, y + 0 * x, 1 - x + 0 * y, 1 - y + 0 * x]) / 0.12, 0, 1)
    clouds = _clouds(image, rng, 12)
    specks = np.clip((_clouds(image, rng, 160) - 0.93) / 0.07, 0, 1)
    age = strength * (0.55 + 0.25 * clouds + 0.4 * edge**2 + 0.4 * specks)
    return Defective(clipped(image * (1 - age[:, :, None] * np.array([0.55, 0.30, 0.16]))), dpi)


def faded(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Ink that lost `strength` of its darkness, here more, there less."""
    paper = cv2.dilate(cv2.GaussianBlur(image, (0, 0), 1), np.ones((25, 25), np.uint8))
    lost = np.clip(strength + 0.3 * (_clouds(image, np.random.default_rng(seed), 6) - 0.5), 0, 0.92)
    return Defective(clipped(image + lost[:, :, None] * (paper.astype(np.float32) - image)), dpi)


def bleed(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The other side shines through, `strength` as dark as this one."""
    other = cv2.flip(cv2.GaussianBlur(image, (0, 0), 0.12 * dpi / INCH), 1).astype(np.float32)
    other = np.roll(other, (int(0.013 * image.shape[0]), int(0.02 * image.shape[1])), (0, 1))
    level = np.percentile(other[::8, ::8], 80)
    through = 1 - strength * np.clip(1 - other.min(axis=2) / level, 0, 1)
    return Defective(lit(image, through), dpi)


def coffee(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """The ring of a cup and a splash, `strength` dark."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    stain = np.zeros((height, width), np.float32)
    centre = rng.uniform(0.3, 0.7, 2) * (width, height)
    for radius, fill, weight in ((42, -1, 0.35), (42, max(2, round(0.1 * dpi)), 1.0), (9, -1, 0.8)):
        ring = np.zeros_like(stain)
        at = centre if radius > 9 else centre + np.array([2.4, -1.2]) * dpi
        middle, size = (round(at[0]), round(at[1])), round(radius * dpi / INCH)
        cv2.circle(ring, middle, size, 1.0, fill)
        stain = np.maximum(stain, weight * ring)
    stain = soft(stain, 0.4, dpi) * (0.7 + 0.6 * _clouds(image, rng, 20))
    return Defective(clipped(image * (1 - strength * stain[:, :, None] * np.array([0.9, 0.65, 0.45]))), dpi)


def stamp(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """A round seal and a framed stamp across the text: red for 1, violet for 2, black for 3."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    print_ = np.zeros((height, width), np.float32)
    mm = dpi / INCH
    middle = tuple(int(v) for v in rng.uniform(0.35, 0.65, 2) * (width, height))
    for radius, thick in ((17.5, 0.9), (15.8, 0.4), (9.5, 0.4)):
        cv2.circle(print_, middle, round(radius * mm), 1.0, max(1, round(thick * mm)), cv2.LINE_AA)
    for n in range(22):
        at = 2 * np.pi * n / 22
        where = (round(middle[0] + 12.5 * mm * np.cos(at)), round(middle[1] + 12.5 * mm * np.sin(at)))
        cv2.putText(print_, "UBNDXAHUYEN"[n % 11], where, 0, 0.11 * mm, 1.0, max(1, round(0.3 * mm)))
    left, top = (int(v) for v in rng.uniform((0.1, 0.15), (0.5, 0.3)) * (width, height))
    right, bottom = left + round(48 * mm), top + round(14 * mm)
    cv2.rectangle(print_, (left, top), (right, bottom), 1.0, max(1, round(0.6 * mm)))
    words = (left + round(3 * mm), top + round(9.5 * mm))
    cv2.putText(print_, "DA SO HOA", words, 0, 0.27 * mm, 1.0, max(1, round(0.6 * mm)), cv2.LINE_AA)
    colour = {1: (70, 50, 215), 2: (150, 60, 110), 3: (60, 60, 60)}[round(strength)]
    pressed = 0.85 * soft(print_, 0.08, dpi) * (0.55 + 0.45 * _clouds(image, rng, 60))
    return Defective(clipped(image * (1 - pressed[:, :, None] * (1 - np.array(colour) / 255))), dpi)


def torn(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """A corner is gone over `strength` mm; the scanner's lid shows."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    size = strength * dpi / INCH
    along = np.linspace(0, 1, 24)
    rugged = np.stack([size * along, 0.8 * size * (1 - along)], axis=1) + rng.normal(0, 0.02 * size, (24, 2))
    outline = np.vstack([rugged, [(0, 0)]])
    if rng.random() < 0.5:
        outline[:, 0] = width - outline[:, 0]
    if rng.random() < 0.5:
        outline[:, 1] = height - outline[:, 1]
    gone = image.copy()
    cv2.fillPoly(gone, [np.round(outline).astype(np.int32)], (95, 95, 95))
    cv2.polylines(gone, [np.round(outline[:-1]).astype(np.int32)], False, (215, 220, 222), round(0.04 * dpi))
    return Defective(gone, dpi)


def punched(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Two holes (four for strength 2) at the left edge, and staples with their shadows at the top."""
    holes = image.copy()
    height, mm = image.shape[0], dpi / INCH
    for n in range(round(2 * strength)):
        at = (round(12 * mm), round(height / 2 + (80 * n - 40 * (2 * strength - 1)) * mm))
        cv2.circle(holes, at, round(3 * mm), (25, 25, 28), -1, cv2.LINE_AA)
    for n in range(round(strength)):
        ends = [(round((8 + x) * mm), round((9 + 6 * n + x / 4) * mm)) for x in (0, 11)]
        for below, colour, thick in ((0.7, (150, 150, 155), 1.0), (0.0, (90, 92, 95), 0.6)):
            a, b = ((x, y + round(below * mm)) for x, y in ends)
            cv2.line(holes, a, b, colour, max(1, round(thick * mm)), cv2.LINE_AA)
    return Defective(holes, dpi)


def fax(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Black and white only: with a threshold per neighbourhood for 1, one for the whole page for 2."""
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    if strength < 2:
        side = round(0.2 * dpi) | 1
        mean, below = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
        black = cv2.adaptiveThreshold(gray, 255, mean, below, side, 24)
    else:
        _, black = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return Defective(np.asarray(cv2.cvtColor(black, cv2.COLOR_GRAY2BGR), np.uint8), dpi)


def gray(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """No colour."""
    return Defective(
        np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8), dpi
    )


def photocopy(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """A hard copy in black, with a black border `strength` mm wide at two sides, and toner specks."""
    rng = np.random.default_rng(seed)
    copy = gray(image, dpi, 1, seed).image.astype(np.float32)
    copy = np.clip((copy - 70) * 1.7, 0, 255)
    border = round(strength * dpi / INCH)
    height, width = image.shape[:2]
    for x, y in rng.uniform(0, 1, (round(0.004 * height), 2)) * (width, height):
        cv2.circle(copy, (round(x), round(y)), max(1, round(0.004 * dpi)), (30, 30, 30), -1)
    framed = np.full((height + border, width + border, 3), 18, np.float32)
    framed[border:, border:] = copy
    wavy = _clouds(framed.astype(np.uint8), rng, 30)[:, :, None]
    return Defective(clipped(framed + 14 * wavy), dpi, lambda points: points + border)


def streaks(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """`strength` vertical lines from dust in the feeder, dark and coloured."""
    rng = np.random.default_rng(seed)
    lined = image.astype(np.float32)
    for n in range(round(strength)):
        x, wide = (
            int(rng.uniform(0.08, 0.92) * image.shape[1]),
            max(1, round(rng.uniform(0.003, 0.012) * dpi)),
        )
        colour = ((70, 70, 70), (90, 190, 90), (200, 110, 110))[n % 3]
        lined[:, x : x + wide] = 0.35 * lined[:, x : x + wide] + 0.65 * np.array(colour)
    return Defective(clipped(lined), dpi)


def crease(image: Picture, dpi: float, strength: float, seed: int) -> Defective:
    """Folded once across (twice for strength 2): light changes at the fold, ink is rubbed off it."""
    height, width = image.shape[:2]
    x, y = shares(image)
    folded = image.astype(np.float32)
    for n, place in enumerate((y + 0 * x, x + 0 * y)[: round(strength)]):
        away = (place - 0.5 - 0.01 * np.sin(3 * (x + y))) * (height, width)[n] * INCH / dpi
        shade = (
            1 - 0.22 * np.exp(-np.abs(away) / 12) * (away > 0) - 0.25 * np.exp(-(((away - 0.4) / 0.5) ** 2))
        )
        rubbed = (0.7 * np.exp(-((away / 0.35) ** 2)))[:, :, None]
        folded = (folded * (1 - rubbed) + 235 * rubbed) * shade[:, :, None]
    return Defective(clipped(folded), dpi)


def _clouds(image: Picture, rng: np.random.Generator, many: int) -> Field:
    """Smooth noise of 0 to 1, about `many` clouds across."""
    height, width = image.shape[:2]
    noise = rng.uniform(0, 1, (many + 1, many + 1)).astype(np.float32)
    return np.clip(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
