"""Bar codes and QR codes on delivered pages."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import zxingcpp

from ocr.delivery import DeliveredPage, Raster
from ocr.elements import Barcode

# Codes that can be found in noise: short ones without a check digit, and product codes on no paper here.
_FORMATS: Final = (
    "QRCode",
    "MicroQRCode",
    "DataMatrix",
    "Aztec",
    "PDF417",
    "Code128",
    "Code39",
    "Code93",
    "ITF",
)
_CHECKED: Final = frozenset({"QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code93"})
_SHORTEST_UNCHECKED: Final = 6


def read_barcodes(page: DeliveredPage) -> tuple[Barcode, ...]:
    """Read every code on a page that passes its own check, in reading order.

    Args:
        page: as delivered, any way up.
    """
    gray = np.asarray(cv2.cvtColor(page.image, cv2.COLOR_BGR2GRAY), np.uint8)
    found: dict[tuple[str, str], Barcode] = {}
    for code in _found_in(gray):
        found.setdefault((code.format, code.text), Barcode(code.format, code.text, page.number, code.box))
    return tuple(sorted(found.values(), key=lambda c: (c.box[1], c.box[0])))


def _found_in(gray: Raster) -> list[Barcode]:
    formats = [
        zxingcpp.BarcodeFormat.__members__[f] for f in _FORMATS if f in zxingcpp.BarcodeFormat.__members__
    ]
    codes = []
    for result in zxingcpp.read_barcodes(gray, formats=formats, try_invert=False):  # type: ignore[arg-type]
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
