"""The end of a value, squeezed under its beginning or into its column, is told from the beginning."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_pages import DrawnPage

from ocr.forms.schema import Row, Slot
from ocr.label_strips import with_missing_labels
from ocr.layout import place_rows
from ocr.rereading import picture_of
from ocr.slots import Slots
from ocr.writing import written_lines

LABELS = ("Họ và tên:", "Nơi sinh:", "Quê quán:", "Nơi cư trú:", "Nghề nghiệp:", "Quan hệ:")


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.6])
@pytest.mark.parametrize(("size", "step"), [(26, 28), (34, 34), (40, 38)])
def test_a_line_squeezed_under_another_is_a_line_of_its_own(zoom: float, size: int, step: int):
    page = DrawnPage(zoom)
    for n, label in enumerate(LABELS):
        page.text(100, 400 + 80 * n, label)
    first = page.text(300, 200, "CMND số 250115678 cấp ngày 08/09/2013 tại", read=False, hand=True, size=size)
    last = page.text(290, 200 + step, "Công an tỉnh Gia Lai", read=False, hand=True, size=size)
    leaf = page.leaf()
    lines = written_lines(leaf.ink, (last[0] - 20, first[1] - 5, leaf.frame[2], last[3] + 5))
    assert len(lines) == 2
    for found, drawn in zip(lines, (first, last), strict=True):
        assert abs(found[0] - drawn[0]) <= 8 * zoom
        assert abs(found[2] - drawn[2]) <= 8 * zoom
        assert found[1] <= drawn[1] + 4 * zoom
        assert found[3] >= drawn[3] - 4 * zoom
    upper, lower = (picture_of(leaf, line, lines).ink for line in lines)
    # Neither shows what is written in the other: the upper one has tails only below its digits.
    assert np.count_nonzero(upper[round(0.9 * len(upper)) :] < 128) < 0.1 * np.count_nonzero(upper < 128)
    assert np.count_nonzero(lower[: round(0.1 * len(lower))] < 128) < 0.1 * np.count_nonzero(lower < 128)


def test_tails_below_a_line_are_no_line():
    page = DrawnPage()
    for n, label in enumerate(LABELS):
        page.text(100, 400 + 80 * n, label)
    drawn = page.text(300, 200, "gạch ngang ngày ngập quay giúp", read=False, hand=True, size=34)
    assert len(written_lines(page.leaf().ink, (280, drawn[1] - 9, 1240, drawn[3] + 9))) == 1


@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("column", [580, 660])
def test_the_second_column_begins_where_other_rows_have_it(zoom: float, column: int):
    page = DrawnPage(zoom)
    wordings = ("Giấy tờ tùy thân", "CMND")
    labels = (("Họ, chữ đệm, tên",), ("Năm sinh",), ("Dân tộc",), wordings)
    rows = tuple(Row(slots=(Slot(w, "", "text"), Slot(w, "", "text"))) for w in labels)
    for n, label in enumerate(w[0] for w in labels):
        page.text(100, 300 + 90 * n, f"{label}:")
        page.text(column, 300 + 90 * n, f"{label}:", read=n < 3)
    page.text(330, 564, "CCCD số 034092", read=False, hand=True, size=26)
    page.text(column + 230, 566, "CMND", hand=True, size=26)
    leaf = page.leaf()
    placed = with_missing_labels(leaf, place_rows(rows, leaf.labels, leaf.ink).rows, None)
    first, second = Slots(leaf, placed, leaf.foot).spans(3)
    assert abs(second.label - column * zoom) <= 3 * zoom
    assert first.end <= column * zoom
    assert column * zoom + 100 * zoom < second.start < (column + 230) * zoom


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.6])
def test_a_word_whose_tail_touches_a_number_below_stays_in_its_line(zoom: float):
    page = DrawnPage(zoom)
    for n, label in enumerate(LABELS):
        page.text(100, 400 + 80 * n, label)
    first = page.text(300, 200, "Mai", read=False, hand=True, size=40)
    last = page.text(300, 244, "Hoa 1964", read=False, hand=True, size=40)
    # Cursive letters in one stroke, whose tail runs into a digit of the second line.
    page.line(*(v for n in range(15) for v in (385 + 8 * n, 216 + 20 * (n % 2))), width=4)
    page.line(404, 232, 404, last[3] / zoom - 2, width=4)
    leaf = page.leaf()
    lines = written_lines(leaf.ink, (first[0] - 20, first[1] - 5, leaf.frame[2], last[3] + 5))
    assert len(lines) == 2
    assert abs(lines[0][2] - 497 * zoom) <= 8 * zoom
    upper, lower = (picture_of(leaf, line, lines).ink for line in lines)
    assert upper.shape[1] >= 190 * zoom
    # What is joined to the number stands in the picture of its own line, and the number in its own.
    assert np.count_nonzero((upper < 128).any(axis=0)[-round(60 * zoom) :]) >= 50 * zoom
    assert np.count_nonzero((lower < 128).any(axis=0)[-round(60 * zoom) :]) >= 30 * zoom
    assert lower.shape[1] <= last[2] - last[0] + 8 * zoom
