"""Values are found beside labels that were not read, notes in their column, ticks in their boxes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn_pages import DrawnPage

from ocr.blocks import margin
from ocr.decoding.knowledge import Knowledge
from ocr.elements import FieldReading, FieldStatus
from ocr.engines import default_tesseract
from ocr.engines.line_net import line_net
from ocr.forms.schema import Block, Choice, Row, Slot
from ocr.label_strips import with_missing_labels
from ocr.labels import find_label
from ocr.layout import place_rows
from ocr.letterhead import _apart, letterhead
from ocr.slots import Slots
from ocr.value_reader import ValueReader
from ocr.wording import chosen_option

LABELS = ("Họ và tên:", "Nơi sinh:", "Quê quán:", "Nơi cư trú:", "Nghề nghiệp:", "Quan hệ:")
NOTES = Block("ghiChu", "text", label=("Ghi chú",))
ROWS = tuple(
    Row(slots=(Slot((label.rstrip(":"), "Một nhãn khác dài hơn nhiều"), f"k{n}", "text"),))
    for n, label in enumerate(LABELS)
)


def sheet(zoom: float, *, missed: int = -1, lean: int = 0) -> tuple[DrawnPage, list[tuple[int, ...]]]:
    """Six labelled lines with writing; the labels lean by `lean` pixels per line."""
    page, written = DrawnPage(zoom), []
    for n, label in enumerate(LABELS):
        left = 100 + lean * n
        box = page.text(left, 300 + 80 * n, label, read=n != missed)
        right = box[2] / zoom
        written.append(page.text(right + 14, 294 + 80 * n, "Trần Thị Hoa", read=False, hand=True, size=30))
        for x in range(round(right) + 190, 1000, 8):
            page.draw.ellipse(page.at(x, 326 + 80 * n, x + 2, 328 + 80 * n), "#404040")
    return page, written


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.5])
@pytest.mark.parametrize("lean", [0, 9])
@pytest.mark.parametrize("missed", [1, 3])
def test_a_value_behind_a_label_that_was_not_read_is_found_whole(zoom: float, lean: int, missed: int):
    page, written = sheet(zoom, missed=missed, lean=lean)
    leaf = page.leaf()
    placed = place_rows(ROWS, leaf.labels, leaf.ink, in_step=True).rows
    places = Slots(leaf, placed, leaf.foot)
    (span,) = places.spans(missed)
    boxes = places.lines(missed, span, places.erased)
    assert boxes
    assert abs(min(b[0] for b in boxes) - written[missed][0]) <= 14 * zoom
    assert abs(max(b[2] for b in boxes) - written[missed][2]) <= 14 * zoom


def noted(*, heading: bool, fold: bool, note: bool) -> DrawnPage:
    page, _ = sheet(1.0)
    page.line(930, 250, 930, 1600)
    page.text(985, 270, "GHI CHÚ", read=heading)
    page.text(700, 262, "ngày 06 năm 2020", hand=True, size=30)
    if fold:
        page.line(760, 20, 760, 1700, colour="#707070")
    if note:
        page.text(945, 350, "Cải chính họ", hand=True)
    return page


@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("heading", [False, True])
def test_the_end_of_the_line_beside_the_notes_is_no_note(heading: bool, fold: bool):
    reading = margin(noted(heading=heading, fold=fold, note=False).leaf(), NOTES, None)
    assert reading.status is FieldStatus.EMPTY


@pytest.mark.parametrize("heading", [False, True])
def test_the_edge_of_the_leaf_is_not_the_rule_of_the_notes(heading: bool):
    page = noted(heading=heading, fold=False, note=True)
    page.line(1200, 5, 1200, 1750)
    assert margin(page.leaf(), NOTES, None).written == "Cải chính họ"


@pytest.mark.parametrize("heading", [False, True])
def test_a_note_in_its_column_is_read(heading: bool):
    reading = margin(noted(heading=heading, fold=False, note=True).leaf(), NOTES, None)
    assert reading.written == "Cải chính họ"


@pytest.mark.parametrize("ticked", [0, 1])
def test_a_tick_is_found_although_its_box_was_read_as_part_of_the_word(ticked: int):
    page = DrawnPage()
    options = ("Đúng hạn", "Quá hạn")
    for n, option in enumerate(options):
        left = 140 + 260 * n
        page.draw.rectangle((left - 34, 302, left - 12, 324), outline="black", width=2)
        if n == ticked:
            page.line(left - 32, 304, left - 14, 322, width=4)
            page.line(left - 14, 304, left - 32, 322, width=4)
            first = len(page.words)
        page.text(left, 300, option)
    word = page.words[first]
    page.words[first] = type(word)(word.text, (word.box[0] - 40, *word.box[1:]), word.confidence)
    for n in range(6):
        page.text(100, 500 + 60 * n, "Họ và tên người khai")
    leaf = page.leaf()
    choice = Choice("loaiDangKy", "choice", tuple((option,) for option in options))
    placed = place_rows((Row(choice=choice),), leaf.labels, leaf.ink).rows[0]
    assert chosen_option(leaf, placed, choice).value == f"☒ {options[ticked]}"


def test_the_first_word_of_a_value_read_as_one_with_its_label_belongs_to_the_value():
    page = DrawnPage()
    for n, label in enumerate(LABELS):
        box = page.text(100, 300 + 80 * n, label)
        if n == 3:
            first = page.text(box[2] + 14, 300 + 80 * n, "tổ", read=False)
            page.text(first[2] + 14, 300 + 80 * n, "10, phường Hoa Lư")
    last = next(n for n, w in enumerate(page.words) if w.text == "trú:")
    label = page.words[last].box
    glued = (page.words[last - 2].box[0], label[1], first[2] - 8, label[3])
    page.words[last - 2 : last + 1] = [replace(page.words[last], text="Nơicưtrú:", box=glued)]
    leaf = page.leaf()
    placed = place_rows(ROWS, leaf.labels, leaf.ink, in_step=True).rows
    (span,) = Slots(leaf, placed, leaf.foot).spans(3)
    assert span.start <= first[0]


def test_options_read_together_with_their_boxes_do_not_hide_the_tick():
    page = DrawnPage()
    options = ("Đúng hạn", "Quá hạn", "Đăng ký lại")
    for n, option in enumerate(options):
        left = 140 + 260 * n
        page.draw.rectangle((left - 34, 302, left - 12, 324), outline="black", width=2)
        first = len(page.words)
        page.text(left, 300, option)
        if n < 2:
            word = page.words[first]
            page.words[first] = replace(word, box=(word.box[0] - 40, *word.box[1:]))
    page.line(108, 304, 126, 322, width=4)
    page.line(126, 304, 108, 322, width=4)
    for n in range(6):
        page.text(100, 500 + 60 * n, "Họ và tên người khai")
    leaf = page.leaf()
    choice = Choice("loaiDangKy", "choice", tuple((option,) for option in options))
    placed = place_rows((Row(choice=choice),), leaf.labels, leaf.ink).rows[0]
    assert chosen_option(leaf, placed, choice).value == "☒ Đúng hạn"


def test_the_word_for_a_district_is_not_taken_for_the_word_for_a_volume():
    page = DrawnPage()
    page.text(100, 100, "huyện Gò Quao")
    page.text(100, 160, "Quyển số 01/1993")
    first, second = page.leaf().lines
    assert find_label(first.words, ("Quyển số", "Quyển")) is None
    assert find_label(second.words, ("Quyển số", "Quyển")) is not None


@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.5])
def test_a_short_wording_within_a_value_is_not_taken_for_the_label_of_the_second_column(zoom: float):
    page = DrawnPage(zoom)
    wordings = ("Giấy tờ tùy thân", "CMND")
    row = Row(slots=(Slot(wordings, "chong", "text"), Slot(wordings, "vo", "text")))
    page.text(100, 300, "Giấy tờ tùy thân:")
    page.text(320, 296, "CMND số 250115678", read=False, hand=True, size=26)
    page.text(660, 300, "Giấy tờ tùy thân:", read=False)
    page.text(880, 296, "CMND", hand=True, size=26)
    for n, label in enumerate(LABELS):
        page.text(100, 380 + 80 * n, label)
    leaf = page.leaf()
    placed = place_rows((row, *ROWS), leaf.labels, leaf.ink).rows
    assert placed[0].matches[1] is not None
    assert with_missing_labels(leaf, placed, None)[0].matches[1] is None


def test_a_line_of_the_letterhead_whose_words_were_drawn_too_tall_does_not_repeat_the_line_above():
    page = DrawnPage()
    first = page.text(240, 60, "TỈNH GIA LAI")
    second = page.text(200, 95, "HUYỆN CHƯ PRÔNG")
    last = page.text(230, 130, "XÃ IA BOÒNG")
    for n, word in enumerate(page.words[-3:], start=len(page.words) - 3):
        page.words[n] = replace(word, box=(word.box[0], second[1], word.box[2], word.box[3] + 4))
    boxes = _apart(page.leaf().lines)
    assert [box[1] for box in boxes[:2]] == [first[1], second[1]]
    assert second[3] - 6 <= boxes[2][1] <= second[3]
    assert boxes[2][3] == last[3] + 4


LETTERHEAD = Block("noiDangKy", "issuing_unit")
UNITS = ("TỈNH GIA LAI", "HUYỆN CHƯ PRÔNG", "UBND XÃ IA BOÒNG")


def office(*missed: str) -> FieldReading:
    """A letterhead of three centred lines above a title, some words of it not read."""
    page, _ = sheet(1.0)
    for n, line in enumerate(UNITS):
        left = 300 - 7 * len(line)
        for word in line.split():
            left = page.text(left, 60 + 34 * n, word, read=word not in missed and line not in missed)[2] + 8
    page.text(480, 190, "SỔ ĐĂNG KÝ KHAI SINH", size=30)
    reader = ValueReader(default_tesseract(), line_net(), None, Knowledge())
    return letterhead(page.leaf(), LETTERHEAD, 185, [], reader)


@pytest.mark.parametrize("missed", [(), ("PRÔNG",), ("UBND",), UNITS[:1], UNITS[2:]])
def test_a_letterhead_is_read_as_far_as_its_ink_goes(missed: tuple[str, ...]):
    assert office(*missed).written.split("\n") == list(UNITS)


@pytest.mark.parametrize("ticked", [0, 1])
def test_the_tick_is_found_in_boxes_behind_the_options(ticked: int):
    page = DrawnPage()
    options = ("Đúng hạn", "Quá hạn")
    for n, option in enumerate(options):
        left = page.text(140 + 300 * n, 300, option)[2] + 12
        page.draw.rectangle((left, 302, left + 22, 324), outline="black", width=2)
        if n == ticked:
            page.line(left + 3, 312, left + 10, 322, width=4)
            page.line(left + 10, 322, left + 24, 298, width=4)
    for n in range(6):
        page.text(100, 500 + 60 * n, "Họ và tên người khai")
    leaf = page.leaf()
    choice = Choice("loaiDangKy", "choice", tuple((option,) for option in options))
    placed = place_rows((Row(choice=choice),), leaf.labels, leaf.ink).rows[0]
    assert chosen_option(leaf, placed, choice).value == f"☒ {options[ticked]}"
