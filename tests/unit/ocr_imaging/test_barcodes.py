"""Codes at any angle, pale or printed white on black."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from ocr.barcodes import read_barcodes
from ocr.delivery import DeliveredPage, Raster

from .drawings import delivered, sheet

TEXT = "SOHOA-SEP:12"


def code_on_page(
    kind: str, degrees: float, contrast: float = 1.0, *, inverted: bool = False
) -> DeliveredPage:
    code = zxingcpp.create_barcode(TEXT, zxingcpp.BarcodeFormat.__members__[kind])
    picture = np.array(zxingcpp.write_barcode_to_image(code, scale=8 if kind == "QRCode" else 3))
    height, width = picture.shape[:2]
    side = int(np.hypot(height, width)) + 40
    field = np.full((side, side), 255, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    field[top : top + height, left : left + width] = picture
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1.0)
    field = np.asarray(cv2.warpAffine(field, turn, (side, side), borderValue=(255,)), np.uint8)
    if inverted:
        field = 255 - field
    pale: Raster = (235 - 0.85 * contrast * (255.0 - field)).astype(np.uint8)
    page = np.full((1754, 1240), 235, np.uint8)
    page[300 : 300 + side, 300 : 300 + side] = pale
    page = cv2.GaussianBlur(page, (0, 0), 0.8)
    return delivered(np.ascontiguousarray(np.repeat(page[:, :, None], 3, axis=2)))


@pytest.mark.parametrize("kind", ["QRCode", "Code128"])
@pytest.mark.parametrize("degrees", [0, 7, 33, 45, 90, 137, 180])
def test_a_code_is_read_at_any_angle(kind: str, degrees: float):
    (code,) = read_barcodes(code_on_page(kind, degrees))
    assert code.text == TEXT


@pytest.mark.parametrize("kind", ["QRCode", "Code128"])
@pytest.mark.parametrize("degrees", [0, 45])
def test_a_pale_code_is_read(kind: str, degrees: float):
    (code,) = read_barcodes(code_on_page(kind, degrees, contrast=0.2))
    assert code.text == TEXT


@pytest.mark.parametrize("kind", ["QRCode", "Code128"])
@pytest.mark.parametrize("degrees", [0, 33])
def test_a_code_printed_white_on_black_is_read_where_it_stands(kind: str, degrees: float):
    (code,) = read_barcodes(code_on_page(kind, degrees, inverted=True))
    assert code.text == TEXT
    left, top, right, bottom = code.box
    assert left >= 280
    assert top >= 280
    assert right - left > 100
    assert bottom - top > 10


def test_no_code_is_invented_on_a_page_of_print():
    assert read_barcodes(delivered(sheet())) == ()
