"""A page comes out upright, level and flat, and every word can be found again on the scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.delivery import DeliveredPage, Raster
from ocr.elements import Box, PageState
from ocr.engines import Tesseract
from ocr.imaging import prepare_page
from tests.unit.ocr_imaging import drawings

MARK = (40, 60, 1060, 1130)


def with_mark(image: Raster) -> Raster:
    """A green patch whose place can be followed through every transform."""
    out = image.copy()
    cv2.rectangle(out, (820, 1480), (919, 1539), (0, 200, 0), -1)
    return out


def green(image: Raster) -> Box:
    blue, rest, red = (image[:, :, c].astype(int) for c in range(3))
    ys, xs = np.nonzero((rest - np.maximum(blue, red)) > 90)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def near(one: Box, other: Box, within: int = 4) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= within


def probe(image: Raster) -> float:
    return Tesseract().letters_surely_read(image)


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_a_page_lying_any_way_is_turned_upright_and_its_turn_reported(clockwise: int) -> None:
    image = np.ascontiguousarray(np.rot90(with_mark(drawings.sheet()), -clockwise // 90))
    prepared = prepare_page(drawings.delivered(image), probe=probe)
    assert prepared.report.rotation == clockwise
    (region,) = prepared.regions
    assert (region.width, region.height) == (1240, 1754)
    assert near(green(region.image), (820, 1480, 920, 1540))
    assert near(region.transform.box(green(region.image)), green(image))


@pytest.mark.parametrize("degrees", [-3.2, -0.8, 1.5, 4.0])
def test_a_slanted_page_comes_out_level_and_maps_back(degrees: float) -> None:
    image = drawings.slanted(with_mark(drawings.sheet()), degrees)
    (region,) = prepare_page(drawings.delivered(image)).regions
    left, top, right, bottom = green(region.image)
    assert abs((right - left) - 100) <= 4
    assert abs((bottom - top) - 60) <= 4
    assert near(region.transform.box((left, top, right, bottom)), green(image), within=8)


def test_a_level_page_is_handed_on_untouched_pixel_by_pixel() -> None:
    image = drawings.sheet()
    (region,) = prepare_page(drawings.delivered(image)).regions
    assert np.array_equal(region.image, image)


def test_a_photograph_of_a_sheet_on_a_table_is_cut_out_and_flattened() -> None:
    corners = ((310, 240), (1500, 150), (1610, 2150), (220, 2060))
    image = drawings.photographed(with_mark(drawings.sheet()), corners)
    (region,) = prepare_page(drawings.delivered(image, dpi=None)).regions
    assert near(region.transform.box((0, 0, region.width, region.height)), (220, 150, 1610, 2150), within=14)
    assert near(region.transform.box(green(region.image)), green(image), within=12)
    text = Tesseract().read_page(region).text
    assert "Nguyễn Thị Hồng Nhung" in text


def test_an_open_book_becomes_two_leaves_in_reading_order() -> None:
    prepared = prepare_page(drawings.delivered(drawings.open_book()))
    assert prepared.report.spread
    left, right = prepared.regions
    assert abs(left.width - 1240) <= 25
    assert left.transform.point(0, 0)[0] < 5
    assert abs(right.transform.point(0, 0)[0] - 1240) <= 25


@pytest.mark.parametrize(
    "image", [drawings.wide_table(), np.hstack([drawings.sheet()] * 2)], ids=["table", "two faces"]
)
def test_a_wide_sheet_without_a_gutter_is_never_cut_in_two(image: Raster) -> None:
    prepared = prepare_page(drawings.delivered(image))
    assert not prepared.report.spread
    assert len(prepared.regions) == 1


def test_a_blank_page_is_told_although_a_printed_note_stands_on_it() -> None:
    image = drawings.sheet(lines=("Mẫu in sẵn, lưu tại Ủy ban nhân dân xã",))
    assert prepare_page(drawings.delivered(image)).report.state is PageState.BLANK


def test_a_page_blurred_beyond_reading_is_told() -> None:
    image = cv2.GaussianBlur(drawings.sheet(), (0, 0), 9)
    report = prepare_page(drawings.delivered(image), probe=probe).report
    assert report.state is PageState.UNREADABLE
    assert "BLURRED" in report.reasons


@pytest.mark.parametrize("spoil", ["blur", "faint", "dark", "noise"])
def test_a_merely_bad_page_is_not_called_unreadable(spoil: str) -> None:
    sheet = drawings.sheet()
    image = {
        "blur": cv2.GaussianBlur(sheet, (0, 0), 1.6),
        "faint": (235 - (235 - sheet.astype(float)).clip(0) * 0.22).astype(np.uint8),
        "dark": (sheet * 0.35).astype(np.uint8),
        "noise": np.clip(sheet + np.random.default_rng(5).normal(0, 25, sheet.shape), 0, 255).astype(
            np.uint8
        ),
    }[spoil]
    assert prepare_page(drawings.delivered(image)).report.state is PageState.OK


def test_faint_gray_writing_is_darkened_for_the_reader() -> None:
    sheet = drawings.sheet()
    image = (235 - (235 - sheet.astype(float)).clip(0) * 0.22).astype(np.uint8)
    (region,) = prepare_page(drawings.delivered(image)).regions
    assert np.percentile(region.reading, 1) < 110 < np.percentile(image, 1)
    assert "Nguyễn Thị Hồng Nhung" in Tesseract().read_page(region).text


@pytest.mark.parametrize("paper", ["#ffffff", "#f2c6cf"], ids=["white paper", "pink paper"])
def test_text_under_a_red_seal_can_be_read_and_the_seal_is_faint(paper: str) -> None:
    plain = drawings.sheet(paper=paper)
    image = drawings.stamped(plain, (420, 405))
    (region,) = prepare_page(drawings.delivered(image)).regions
    seal = (image != plain).any(axis=2) & (plain.min(axis=2) > 150)
    assert np.median(region.reading[seal]) > 200
    assert "Nguyễn Thị Hồng Nhung" in Tesseract().read_page(region).text


def test_a_red_title_is_not_taken_for_a_seal() -> None:
    image = drawings.sheet()
    cv2.putText(image, "GIAY KHAI SINH", (300, 1500), cv2.FONT_HERSHEY_DUPLEX, 1.6, (40, 40, 200), 3)
    (region,) = prepare_page(drawings.delivered(image)).regions
    assert np.percentile(region.reading[1450:1510, 300:750], 5) < 140


def test_uneven_light_is_evened() -> None:
    sheet = drawings.sheet().astype(np.float32)
    light = np.linspace(0.45, 1.0, sheet.shape[1])
    (region,) = prepare_page(drawings.delivered((sheet * light[None, :, None]).astype(np.uint8))).regions
    assert region.reading[1600:1700, 20:60].mean() > 235
    assert region.reading[1600:1700, -60:-20].mean() > 235


def test_an_image_without_any_text_is_no_error() -> None:
    page = DeliveredPage(3, np.full((40, 30, 3), 255, np.uint8))
    prepared = prepare_page(page, probe=probe)
    assert prepared.report.page == 3
    assert len(prepared.regions) == 1
