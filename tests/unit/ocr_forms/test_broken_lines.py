"""Lines broken in two and headings half read: nobody is named twice, nobody takes another's place."""

from __future__ import annotations

import pytest

from ocr.elements import Word
from ocr.face import columns_in_order
from ocr.forms.schema import Row, Slot
from ocr.labels import LabelMatch
from ocr.layout import LabelIndex, match_row, place_rows
from ocr.segment import into_lines

HEIGHT = 24.0
BORN = Slot(("Năm sinh",), "", "date")
OWNERS = (
    Row(slots=(Slot(("Hộ ông", "Ông"), "chu1HoTen", "name"), BORN)),
    Row(slots=(Slot(("và bà", "Ông"), "chu2HoTen", "name"), BORN), optional=True),
    Row(slots=(Slot(("Địa chỉ thường trú",), "chu1DiaChi", "place"),)),
)


def words(top: int, *placed: tuple[int, int, str]) -> list[Word]:
    return [Word(text, (left, top, right, top + 30), 0.9) for left, right, text in placed]


def test_a_word_drawn_over_its_followers_does_not_break_its_line():
    line = words(
        100, (50, 80, "Hộ"), (85, 130, "ông:"), (140, 290, "Nguyễn"), (210, 240, "Văn"), (245, 290, "Tuấn")
    )
    (read,) = into_lines(line, HEIGHT)
    assert read.text == "Hộ ông: Nguyễn Văn Tuấn"


def test_writing_above_a_printed_word_stays_a_line_of_its_own():
    above, print_ = words(80, (140, 290, "Nguyễn")), words(112, (150, 200, "sinh:"))
    assert len(into_lines([*above, *print_], HEIGHT)) == 2


def test_the_rest_of_a_broken_line_is_no_second_owner():
    owner, rest = (
        words(100, (50, 80, "Hộ"), (85, 130, "ông:")),
        words(103, (600, 650, "Năm"), (655, 710, "sinh:")),
    )
    address = words(150, (50, 80, "Địa"), (85, 120, "chỉ"), (125, 190, "thường"), (195, 230, "trú:"))
    broken = [into_lines(part, HEIGHT)[0] for part in (owner, rest, address)]
    rows = place_rows(OWNERS, LabelIndex(broken), None).rows
    assert [row.row.slots[0].key for row in rows] == ["chu1HoTen", "chu1DiaChi"]


def test_a_second_owner_on_a_line_below_is_kept():
    lines = [
        words(100, (50, 80, "Hộ"), (85, 130, "ông:"), (600, 650, "Năm"), (655, 710, "sinh:")),
        words(145, (50, 80, "và"), (85, 110, "bà:"), (600, 650, "Năm"), (655, 710, "sinh:")),
        words(190, (50, 80, "Địa"), (85, 120, "chỉ"), (125, 190, "thường"), (195, 230, "trú:")),
    ]
    rows = place_rows(OWNERS, LabelIndex([into_lines(line, HEIGHT)[0] for line in lines]), None).rows
    assert [row.row.slots[0].key for row in rows] == ["chu1HoTen", "chu2HoTen", "chu1DiaChi"]


PARENTS = Row(columns=(("Người cha",), ("Người mẹ",)))


def heading(left: int) -> LabelMatch:
    return LabelMatch(0, 1, 1.0, 5.0, (left, 100, left + 80, 130))


def test_one_heading_is_not_taken_for_both_columns():
    (line,) = into_lines(words(100, (50, 60, "Ị"), (70, 150, "NGƯỜI"), (160, 220, "CHÀ")), HEIGHT)
    father, mother = match_row(PARENTS, LabelIndex([line]), 0)[1]
    assert father is not None
    assert mother is None


def test_two_headings_tell_both_columns():
    (line,) = into_lines(
        words(100, (50, 120, "Người"), (130, 170, "mẹ"), (500, 570, "Người"), (580, 630, "cha")), HEIGHT
    )
    father, mother = match_row(PARENTS, LabelIndex([line]), 0)[1]
    assert father is not None
    assert mother is not None
    assert mother.box[0] < father.box[0]


@pytest.mark.parametrize(
    ("father", "mother", "order", "told"),
    [
        (100, 500, [0, 1], True),
        (500, 100, [1, 0], True),
        (100, None, [0, 1], True),
        (500, None, [1, 0], True),
        (None, 100, [1, 0], True),
        (None, None, [0, 1], False),
    ],
)
def test_a_heading_tells_whose_column_stands_first(father, mother, order, told):
    headings = [None if left is None else heading(left) for left in (father, mother)]
    assert columns_in_order(headings, (0, 400, 800)) == (order, told)
