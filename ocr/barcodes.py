"""Bar codes and QR codes on delivered pages."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import zxingcpp

from ocr.delivery import DeliveredPage, Raster
from ocr.elements import Barcode, Box
from ocr.imaging.homography import Matrix, pulled
from ocr.imaging.levels import grey_percentile

# Not among them are codes that can be found in noise: short ones without a check digit, and product codes.
_SQUARE: Final = ("QRCode", "MicroQRCode", "DataMatrix", "Aztec")
_BARS: Final = ("PDF417", "Code128", "Code39", "Code93", "ITF")
_FORMATS: Final = (*_SQUARE, *_BARS)
_CHECKED: Final = frozenset({"QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code93"})
_SHORTEST_UNCHECKED: Final = 6
_PATCH_SIDE: Final = 800
_LEAST_EDGE: Final = 24.0
_MOST_PATCHES: Final = 4
_LONGEST: Final = 8
_DARK: Final = (0.3, 0.7)
_WANTED_SIDE: Final = 700
_FILLED: Final = 0.6
_QUIET: Final = 0.2


def read_barcodes(page: DeliveredPage) -> tuple[Barcode, ...]:
    """Read every code on a page that passes its own check, in reading order.

    Args:
        page: as delivered, any way up.
    """
    gray = np.asarray(cv2.cvtColor(page.image, cv2.COLOR_BGR2GRAY), np.uint8)
    found: dict[tuple[str, str], Barcode] = {}
    for code in _found_in(gray) or _found_in_patches(gray):
        found.setdefault((code.format, code.text), Barcode(code.format, code.text, page.number, code.box))
    return tuple(sorted(found.values(), key=lambda c: (c.box[1], c.box[0])))


def _found_in(gray: Raster) -> list[Barcode]:
    """Codes of a picture, whichever way it is turned.

    Square codes are found at any angle, bars only along the rows: looking at the turned picture for these
    alone takes half the time that the library's own turning takes. White on black is left to
    `_found_in_patches`.
    """
    turned = np.asarray(cv2.rotate(gray, cv2.ROTATE_90_CLOCKWISE), np.uint8)
    height = gray.shape[0]
    sideways = [
        Barcode(c.format, c.text, 0, (c.box[1], max(0, height - c.box[2]), c.box[3], height - c.box[0]))
        for c in _found_along(turned, _BARS)
    ]
    return [*_found_along(gray, _FORMATS), *sideways]


def _found_along(gray: Raster, wanted: tuple[str, ...]) -> list[Barcode]:
    known = zxingcpp.BarcodeFormat.__members__
    codes = []
    for result in zxingcpp.read_barcodes(
        gray,
        formats=[known[name] for name in wanted if name in known],  # type: ignore[arg-type]
        try_rotate=False,
        try_invert=False,
    ):
        name, text = result.format.name, result.text.strip()
        if not result.valid or not text or (name not in _CHECKED and len(text) < _SHORTEST_UNCHECKED):
            continue
        corners = [
            getattr(result.position, c) for c in ("top_left", "top_right", "bottom_right", "bottom_left")
        ]
        xs, ys = [c.x for c in corners], [c.y for c in corners]
        box = (max(0, min(xs)), max(0, min(ys)), max(xs) + 1, max(ys) + 1)
        codes.append(Barcode(name, text, 0, box))
    return codes


def _found_in_patches(gray: Raster) -> list[Barcode]:
    """Codes where the page has a patch as busy as one: cut out level, enlarged, evened, also inverted.

    Pages without such a patch cost ten milliseconds.
    """
    codes: list[Barcode] = []
    for to_page, width, height in _busy_patches(gray):
        patch = pulled(gray, to_page, width, height, (255, 255, 255))
        even = np.asarray(cv2.createCLAHE(3.0, (4, 4)).apply(patch), np.uint8)
        for picture in (even, np.asarray(cv2.bitwise_not(even), np.uint8)):
            here = _found_in(picture)
            if here:
                codes += [Barcode(c.format, c.text, 0, _on_page(to_page, c.box)) for c in here]
                break
    return codes


def _busy_patches(gray: Raster) -> list[tuple[Matrix, int, int]]:
    """Patches full of edges and half dark, largest first: way to the page, width and height when level."""
    scale = min(1.0, _PATCH_SIDE / max(gray.shape))
    small = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    reach = max(5, round(0.012 * max(small.shape)))
    across = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 1, 0))
    down = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 0, 1))
    edges = cv2.blur(cv2.add(across, down), (reach, reach))
    level = max(grey_percentile(np.asarray(edges, np.uint8), 90), _LEAST_EDGE)
    busy = (edges > level).astype(np.uint8)
    joined = cv2.morphologyEx(busy, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    mask = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((2 * reach, 2 * reach), np.uint8))
    shapes, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    patches = []
    for shape in sorted(shapes, key=cv2.contourArea, reverse=True)[:_MOST_PATCHES]:
        (x, y), (width, height), degrees = cv2.minAreaRect(shape)
        if max(width, height) > _LONGEST * min(width, height):
            continue
        if cv2.contourArea(shape) < _FILLED * width * height:
            continue
        turn = np.deg2rad(degrees)
        cos, sin = np.cos(turn), np.sin(turn)
        wide, tall = width + 2 * _QUIET * max(width, height), height + 2 * _QUIET * max(width, height)
        for inner, w, h in ((True, width, height), (False, wide, tall)):
            zoom = 1.0 if inner else max(1.0, _WANTED_SIDE * scale / max(w, h)) / scale
            corner = (x - (w * cos - h * sin) / 2, y - (w * sin + h * cos) / 2)
            matrix = np.array([[cos, -sin, corner[0]], [sin, cos, corner[1]], [0, 0, 1]], np.float64)
            size = max(1, round(w * zoom)), max(1, round(h * zoom))
            shrink = np.diag((1 / zoom, 1 / zoom, 1.0))
            if inner:
                if not _half_dark(pulled(small, matrix, *size, (255, 255, 255))):
                    break
            else:
                patches.append((np.diag((1 / scale, 1 / scale, 1.0)) @ matrix @ shrink, *size))
    return patches


def _half_dark(patch: Raster) -> bool:
    """Whether about half of a patch is dark, as of every code; print and seals cover a fifth."""
    level, _ = cv2.threshold(patch, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = float((patch <= level).mean())
    return _DARK[0] <= dark <= _DARK[1]


def _on_page(to_page: Matrix, box: Box) -> Box:
    xs, ys = (box[0], box[2], box[2], box[0]), (box[1], box[1], box[3], box[3])
    points = to_page @ np.array([xs, ys, (1, 1, 1, 1)], np.float64)
    left, top = int(points[0].min()), int(points[1].min())
    return max(0, left), max(0, top), int(points[0].max()) + 1, int(points[1].max()) + 1
