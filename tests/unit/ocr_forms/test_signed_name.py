"""Names under signatures and seals are found whole, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from drawn_pages import DrawnPage

from ocr.elements import Box
from ocr.leaf import Leaf
from ocr.signed_name import name_line

BODY = tuple(f"Họ, chữ đệm, tên người thứ {n}: Nguyễn Văn Tám" for n in range(8))


def signed_page(
    zoom: float, *, gap: int, touching: bool = True, seal: bool = True
) -> tuple[DrawnPage, Box, Box]:
    """A page with its title, and where title and name stand; the signature runs into the name."""
    page = DrawnPage(zoom)
    for n, text in enumerate(BODY):
        page.text(100, 200 + 70 * n, text)
    title = page.text(760, 1200, "CHỦ TỊCH")
    if seal:
        page.seal(720, 1340, 105)
    foot = 1200 + gap
    name = page.text(730, foot, "Hoàng Văn Chiến", read=False, hand=True, size=30)
    low = foot + 22 if touching else foot - 25
    page.sign([(720, 1290), (790, low), (800, 1260), (850, foot - 30), (900, 1290), (960, foot - 40)])
    return page, title, name


def found(leaf: Leaf, title: Box) -> Box:
    place = name_line(leaf, title, title)
    assert place is not None
    return place


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.5])
@pytest.mark.parametrize("gap", [150, 190])
def test_a_name_that_hangs_together_with_signature_and_seal_is_found_whole(zoom: float, gap: int):
    page, title, name = signed_page(zoom, gap=gap)
    left, top, right, bottom = found(page.leaf(), title)
    near = 12 * zoom
    assert abs(left - name[0]) <= near
    assert abs(right - name[2]) <= near
    assert top <= name[1] + near
    assert bottom >= name[3] - near


def test_the_imprint_and_specks_below_are_not_taken_for_the_name():
    page, title, name = signed_page(1.0, gap=150, touching=False)
    page.text(560, 1480, "DỮ LIỆU IN SẴN - KHÔNG CÓ GIÁ TRỊ", size=15, read=False)
    page.draw.ellipse((940, 1440, 952, 1452), "black")
    place = found(page.leaf(), title)
    assert place[1] < name[3]
    assert place[3] < 1440


def test_a_frame_below_the_name_is_not_taken_for_it():
    page, title, name = signed_page(1.0, gap=150, seal=False)
    page.line(100, 1500, 1140, 1508)
    assert found(page.leaf(), title)[3] < 1480
    assert found(page.leaf(), title)[1] < name[3]


def test_violet_ink_is_not_taken_for_a_seal():
    page, title, _ = signed_page(1.0, gap=150, seal=False)
    page.draw.rectangle((600, 1260, 1200, 1460), "white")
    font_box = page.text(730, 1350, "Dương Thị Hường", read=False, hand=True, size=30)
    pixels = page.picture.load()
    for x in range(font_box[0], font_box[2]):
        for y in range(font_box[1], font_box[3]):
            if pixels[x, y][0] < 128:
                pixels[x, y] = (96, 40, 120)
    left, _, right, _ = found(page.leaf(), title)
    assert abs(left - font_box[0]) <= 12
    assert abs(right - font_box[2]) <= 12


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.5])
def test_letters_under_the_ring_of_a_seal_stay_letters(zoom: float):
    page, title, _ = signed_page(zoom, gap=150, touching=False, seal=False)
    page.draw.rectangle(page.at(600, 1260, 1200, 1460), "white")
    name = page.text(725, 1350, "Trần Văn Hùng", read=False)
    page.seal(640, 1350, 98)
    page.seal(626, 1354, 104)
    left, _, right, _ = found(page.leaf(), title)
    assert abs(left - name[0]) <= 5 * zoom
    assert abs(right - name[2]) <= 5 * zoom
