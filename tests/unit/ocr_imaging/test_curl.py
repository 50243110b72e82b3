"""Curled leaves come out with level lines, straight ones untouched, and words lie where they are."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.delivery import Raster
from ocr.elements import Bend, Transform
from ocr.imaging import Region, prepare_page
from tests.unit.ocr_imaging import curls, drawings

# 150 dpi: a third more of these at 200.
SIZE = 1240, 1754
FULL = tuple(
    f"{line}. {other.lower()}"[:68]
    for line, other in zip(drawings.LINES * 2, drawings.LINES[3:] * 2, strict=False)
)[:17]
CURLS = {
    "gutter left": curls.gutter(*SIZE, 30.0, 380.0),
    "gutter right": curls.gutter(*SIZE, 45.0, 450.0, left=False),
    "sagging": curls.gutter(*SIZE, -30.0, 380.0),
    "wave": curls.wave(*SIZE, 9.0, 800.0),
    "long wave": curls.wave(*SIZE, 15.0, 1300.0),
}


def read(image: Raster, dpi: float | None = drawings.DPI) -> Region:
    (region,) = prepare_page(drawings.delivered(image, dpi)).regions
    return region


def height_on_region(transform: Transform, x: float, y: float) -> float:
    """How far down the region a delivered point lies."""
    u, v = x, y
    for _ in range(20):
        there = transform.point(u, v)
        u, v = u + x - there[0], v + y - there[1]
    return v


@pytest.mark.parametrize("name", CURLS)
def test_every_line_of_a_curled_page_comes_out_level(name: str) -> None:
    curl = CURLS[name]
    transform = read(curls.curled(drawings.sheet(FULL), curl)).transform
    assert transform.bend is not None
    for row in range(len(FULL)):
        x = np.arange(130.0, 900.0, 35.0)
        y = np.full_like(x, 120.0 + 90 * row)
        places = [height_on_region(transform, a, b) for a, b in zip(x, y + curl(x, y), strict=True)]
        slope, _ = np.polyfit(x, places, 1)
        # an eighth of the height of these letters
        assert np.ptp(places) <= 3.0
        assert abs(slope) < 0.003


@pytest.mark.parametrize("name", CURLS)
def test_upright_rules_of_a_curled_page_stay_upright(name: str) -> None:
    sheet = drawings.sheet(FULL)
    for x in (90, 1130):
        sheet[100:1650, x : x + 3] = 40
    transform = read(curls.curled(sheet, CURLS[name])).transform
    assert transform.bend is not None
    (head, _), (foot, _) = transform.point(620.0, 120.0), transform.point(620.0, 1560.0)
    # a third of a degree
    assert abs(foot - head) <= 8.0


@pytest.mark.parametrize("name", CURLS)
def test_what_stands_on_the_region_stands_at_its_place_on_the_page(name: str) -> None:
    page = curls.curled(drawings.sheet(FULL), CURLS[name])
    region = read(page)
    ink = np.argwhere(region.image[:, :, 1] < 60)[::97]
    assert len(ink) > 100
    for v, u in ink:
        x, y = (round(c) for c in region.transform.point(float(u), float(v)))
        assert page[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2, 1].min() < 110


def test_nothing_is_pushed_out_of_the_picture() -> None:
    sheet = drawings.sheet(FULL)
    sheet[16:22, 100:1100] = sheet[-22:-16, 100:1100] = 30
    region = read(curls.curled(sheet, lambda x, y: 12 * np.sin(x / 150)))
    assert region.transform.bend is not None
    for part in (region.reading[:60], region.reading[-60:]):
        assert (part[:, 150:1050].min(axis=0) < 120).mean() > 0.95


def _written(slant: float) -> Raster:
    """A register written by hand: in every cell the words rise on their own."""
    picture = Image.fromarray(drawings.wide_table())
    font = ImageFont.truetype(drawings.SERIF, 26)
    for row in range(8):
        for column in range(8):
            scrap = Image.new("L", (230, 40), 0)
            ImageDraw.Draw(scrap).text((4, 2), f"Rahlan {row}{column} lan", 255, font)
            scrap = scrap.rotate(slant * (1 + column % 3), expand=True)
            picture.paste("#303050", (150 + 280 * column, 310 + 180 * row), scrap)
    return np.asarray(picture).copy()


def _map() -> Raster:
    picture = Image.new("RGB", SIZE, "#f4f1e6")
    draw = ImageDraw.Draw(picture)
    x = np.arange(100, 1140, 5)
    for row in range(30):
        y = 200 + 45 * row + 60 * np.sin(x / 170 + row / 3) + 25 * np.sin(x / (60 + 5 * row))
        draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), "#333333", 3)
    font = ImageFont.truetype(drawings.SERIF, 24)
    for number in range(40):
        draw.text((130 + 137 * number % 950, 220 + 211 * number % 1300), str(100 + number), "black", font)
    return np.ascontiguousarray(np.asarray(picture))


def _photograph() -> Raster:
    noise = np.random.default_rng(5).normal(0, 1, (40, 30)).astype(np.float32)
    picture = Image.fromarray(np.uint8(np.clip(130 + 60 * noise, 0, 255))).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    return np.ascontiguousarray(np.asarray(picture.convert("RGB")))


STRAIGHT = {
    "print": drawings.sheet(FULL),
    "little print": drawings.sheet(),
    "slanted": drawings.slanted(drawings.sheet(FULL), 2.0),
    "table": drawings.wide_table(),
    "rising handwriting": _written(4.0),
    "falling handwriting": _written(-3.0),
    "sealed": drawings.stamped(drawings.sheet(FULL), (700, 900), 160),
    "map": _map(),
    "photograph": _photograph(),
    "photographed": drawings.photographed(
        drawings.sheet(FULL), ((160, 140), (1650, 210), (1580, 2260), (120, 2200))
    ),
}


@pytest.mark.parametrize("name", STRAIGHT)
def test_what_is_not_curled_is_not_bent(name: str) -> None:
    dpi = None if name == "photographed" else drawings.DPI
    assert read(STRAIGHT[name], dpi).transform.bend is None


def test_a_bend_too_small_to_hinder_reading_leaves_every_pixel_as_it_was() -> None:
    page = curls.curled(drawings.sheet(FULL), curls.wave(*SIZE, 1.0, 900.0))
    region = read(page)
    assert region.transform == Transform.identity()
    assert np.array_equal(region.image, page)


def test_both_leaves_of_an_open_book_are_flattened_each_on_its_own() -> None:
    left, right = CURLS["gutter right"], CURLS["gutter left"]
    sheet = drawings.sheet(FULL)
    both = np.hstack([curls.curled(sheet, left), curls.curled(sheet, right)]).astype(np.float64)
    away = np.abs(np.arange(both.shape[1]) - both.shape[1] / 2)
    shaded = (both * (1 - 0.5 * np.exp(-((away / 70) ** 2)))[None, :, None]).astype(np.uint8)
    regions = prepare_page(drawings.delivered(shaded)).regions
    assert [r.transform.bend is not None for r in regions] == [True, True]


def test_a_bend_changes_evenly_between_its_nodes_and_stays_beyond_them() -> None:
    bend = Bend(400, 200, ((0.0, 8.0), (4.0, 12.0)))
    assert [bend.at(x, 50) for x in (0, 100, 200, 300, 400)] == [0, 0, 4, 8, 8]
    assert [bend.at(100, y) for y in (0, 50, 100, 150, 200)] == [0, 0, 2, 4, 4]
    assert [bend.level(x, 80 + bend.at(x, 80)) for x in (50, 190, 333)] == pytest.approx(
        [80, 80, 80], abs=0.01
    )


def test_the_box_of_a_bent_line_holds_its_crest() -> None:
    bend = Bend(400, 200, ((0.0, 0.0, 20.0, 0.0, 0.0),))
    transform = Transform(Transform.identity().matrix, bend)
    assert transform.box((0, 100, 400, 120)) == (0, 100, 400, 140)
