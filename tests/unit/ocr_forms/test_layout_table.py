"""Ruled tables: worn rules, and columns in whatever order the paper has them."""

from __future__ import annotations

import pytest
from drawn_pages import DrawnPage

from ocr.elements import Word
from ocr.engines import default_tesseract
from ocr.forms.schema import Column
from ocr.headings import with_headings
from ocr.layout_table import find_grid, match_columns
from ocr.leaf import whole_leaf

HEADS = ("Số thửa", "Diện tích", "Mục đích sử dụng", "Thời hạn sử dụng", "Ghi chú")
COLUMNS = tuple(Column((head,), key) for head, key in zip(HEADS, "abcde", strict=True))


def table(
    heads: tuple[str, ...], *, zoom: float = 1.0, worn: tuple[int, ...] = (), shift: int = 0
) -> DrawnPage:
    page = DrawnPage(zoom)
    for column in range(len(heads) + 1):
        x = 80 + shift + 210 * column
        spans = ((205, 380), (450, 800)) if column in worn else ((200, 800),)
        for top, bottom in spans:
            page.line(x, top, x, bottom)
    for row in range(5):
        page.line(80 + shift, 200 + 150 * row, 80 + shift + 210 * len(heads), 200 + 150 * row)
    for column, head in enumerate(heads):
        words = head.split()
        for n, part in enumerate((" ".join(words[:2]), " ".join(words[2:]))):
            if part:
                page.text(100 + shift + 210 * column, 220 + 40 * n, part)
    return page


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.5])
@pytest.mark.parametrize("shift", [0, 45])
def test_columns_follow_their_headings_when_the_paper_has_them_in_another_order(zoom: float, shift: int):
    heads = (HEADS[3], HEADS[0], HEADS[4], HEADS[1], HEADS[2])
    leaf = table(heads, zoom=zoom, shift=shift).leaf()
    grid = find_grid(leaf)
    assert grid is not None
    assert [c.key if c else "" for c in match_columns(leaf, grid, COLUMNS)] == ["d", "a", "e", "b", "c"]


def test_a_heading_that_was_not_read_takes_the_column_that_is_left():
    heads = (HEADS[3], HEADS[0], "", HEADS[1], HEADS[2])
    leaf = table(heads).leaf()
    grid = find_grid(leaf)
    assert grid is not None
    assert [c.key if c else "" for c in match_columns(leaf, grid, COLUMNS)] == ["d", "a", "e", "b", "c"]


def test_one_odd_heading_does_not_turn_the_order_of_the_form_over():
    heads = (HEADS[0], HEADS[1], HEADS[1], HEADS[3], HEADS[4])
    leaf = table(heads).leaf()
    grid = find_grid(leaf)
    assert grid is not None
    assert [c.key if c else "" for c in match_columns(leaf, grid, COLUMNS)] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("worn", [(2,), (4, 5), (0, 3)])
def test_rules_that_are_worn_away_in_places_still_part_the_columns(worn: tuple[int, ...]):
    page = table(HEADS, worn=worn)
    page.line(40, 60, 40, 1700)
    page.line(1200, 60, 1200, 1700)
    grid = find_grid(page.leaf())
    assert grid is not None
    assert len(grid.columns) == len(HEADS) + 1


def test_scraps_of_headings_do_not_turn_the_order_of_the_form_over():
    columns = (*COLUMNS[:4], Column(("Họ tên mẹ", "Mẹ"), "e"))
    leaf = table(("", "mẹ", "th", "th hn sư", "")).leaf()
    grid = find_grid(leaf)
    assert grid is not None
    assert [c.key if c else "" for c in match_columns(leaf, grid, columns)] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("zoom", [0.75, 1.0, 1.5])
def test_headings_that_the_page_reading_lost_are_read_cell_by_cell(zoom: float):
    page = table(HEADS, zoom=zoom)
    page.words = [Word("nh", page.words[0].box, 0.4)]
    for n in range(6):
        page.text(100, 900 + 60 * n, "Họ và tên người được cấp giấy chứng nhận")
    lost = page.leaf()
    read = with_headings(lost, COLUMNS, default_tesseract())
    leaf = whole_leaf(read, ("", ""), lost.ink)
    grid = find_grid(leaf)
    assert grid is not None
    assert [c.key if c else "" for c in match_columns(leaf, grid, COLUMNS, sure=True)] == list("abcde")


def test_headings_that_were_read_are_left_alone():
    leaf = table(HEADS).leaf()
    assert with_headings(leaf, COLUMNS, default_tesseract()) is leaf.source
