"""A value tells whether its label was seen and whether letters go on beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn_pages import DrawnPage

from ocr.face import read_face
from ocr.forms import FormLibrary, load_forms
from ocr.forms.schema import Row, Slot
from ocr.layout import place_rows
from ocr.leaf import Leaf
from ocr.slots import Slots
from ocr.written_value import value_in

NUMBER = Row(slots=(Slot(("Số",), "so", "entry_number"),))
LINES = ("Họ và tên:", "Nơi sinh:", "Quê quán:", "Nơi cư trú:", "Nghề nghiệp:", "Quan hệ:")
ROWS = (NUMBER, *(Row(slots=(Slot((line.rstrip(":"),), f"k{n}", "text"),)) for n, line in enumerate(LINES)))


@pytest.mark.parametrize("zoom", [0.6, 1.0, 1.6])
@pytest.mark.parametrize("number", ["31/2016", "7", "204"])
@pytest.mark.parametrize("read", [False, True])
def test_a_digit_that_was_read_as_part_of_its_label_belongs_to_the_number(
    zoom: float, number: str, read: bool
):
    page = DrawnPage(zoom)
    label = page.text(100, 220, "Số:", size=20)
    written = page.text(138, 218, number, read=read, hand=True, size=26)
    wide = (*label[:2], written[0] + round(14 * zoom), label[3])
    page.words[0] = replace(page.words[0], box=wide)
    for n, line in enumerate(LINES):
        page.text(100, 300 + 80 * n, line)
    leaf = page.leaf()
    places = Slots(leaf, place_rows(ROWS, leaf.labels, leaf.ink).rows, leaf.foot)
    (box,) = places.lines(0, places.spans(0)[0], places.erased)
    assert abs(box[0] - written[0]) <= 4 * zoom


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.5])
@pytest.mark.parametrize(("first", "last", "whole"), [(0, 0, True), (15, 0, False), (0, 15, False)])
def test_a_letter_cut_off_at_either_end_is_noticed(zoom: float, first: int, last: int, whole: bool):
    page = DrawnPage(zoom)
    for n, line in enumerate(LINES):
        page.text(100, 300 + 80 * n, line)
    left, top, right, bottom = page.text(300, 220, "31/2016", read=False, hand=True, size=28)
    zone = (left + round(first * zoom), top - 2, right - round(last * zoom), bottom + 2)
    leaf = page.leaf()
    (line,) = [zone]
    assert value_in(leaf, [line], [], None).whole is whole


@pytest.mark.parametrize(("gap", "ruled", "whole"), [(8, False, False), (60, False, True), (12, True, True)])
def test_a_word_close_beside_a_value_may_belong_to_it(gap: int, ruled: bool, whole: bool):
    page = DrawnPage()
    for n, line in enumerate(LINES):
        page.text(100, 300 + 80 * n, line)
    line = page.text(300, 220, "Nguyễn Thị")
    page.text(line[2] + gap, 220, "Cúc")
    if ruled:
        page.line(line[2] + gap // 2, 60, line[2] + gap // 2, 1600)
    assert value_in(page.leaf(), [(line[0], line[1] - 2, line[2], line[3] + 2)], [], None).whole is whole


@pytest.fixture(scope="module")
def forms() -> FormLibrary:
    return load_forms()


def death_page(*, read: bool) -> Leaf:
    page = DrawnPage()
    page.text(420, 180, "SỔ ĐĂNG KÝ KHAI TỬ")
    page.text(100, 280, "Số:", read=read)
    page.text(160, 278, "29", hand=True, size=28)
    page.text(500, 280, "Ngày đăng ký:")
    page.text(700, 278, "16/07/2012", hand=True, size=28)
    page.text(100, 360, "PHẦN GHI VỀ NGƯỜI CHẾT")
    page.text(100, 440, "Họ, chữ đệm, tên:")
    page.text(330, 438, "Trần Thị Hoa", hand=True, size=28)
    return page.leaf()


@pytest.mark.parametrize("read", [True, False])
def test_a_field_says_whether_its_label_was_seen(forms: FormLibrary, read: bool):
    form = next(f for f in forms.forms if f.form == "KT" and f.era == "2016+")
    fields = read_face(death_page(read=read), form, "page", forms, None)
    assert fields["so"].signals["placed"] == float(read)
    assert fields["nktHoTen"].signals["placed"] == 1.0
