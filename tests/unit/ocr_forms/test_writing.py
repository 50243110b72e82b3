"""Which strokes make a written line."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.elements import Box
from ocr.ink import Gray, InkPage, ink_page
from ocr.strokes import settled
from ocr.writing import lines_of_cell, on_whole_strokes, writing_of, written_lines

HEIGHT = 20.0


def paper(width: int = 900, height: int = 300) -> Gray:
    return np.full((height, width), 255, np.uint8)


def letter(page: Gray, x: int, foot: int, tall: int = 20) -> None:
    """A hollow letter, 12 pixels wide."""
    cv2.rectangle(page, (x, foot - tall), (x + 12, foot), 0, 2)


def word(page: Gray, x: int, foot: int, letters: int = 4, tall: int = 20) -> None:
    for n in range(letters):
        letter(page, x + 18 * n, foot, tall)


def spot(page: Gray, x: int, y: int, radius: int = 5) -> None:
    cv2.circle(page, (x, y), radius, 0, -1)


def strokes(page: Gray) -> InkPage:
    return settled(ink_page(page, HEIGHT))


def writing_in(ink: InkPage, zone: Box) -> Box | None:
    return writing_of(ink.inside(zone), ink.height)


def test_dirt_far_from_the_writing_does_not_widen_its_box():
    page = paper()
    word(page, 100, 120)
    spot(page, 700, 110)
    box = writing_in(strokes(page), (80, 80, 880, 150))
    assert box is not None
    assert box[2] < 200


def test_a_place_with_nothing_but_a_spot_is_blank():
    page = paper()
    spot(page, 300, 110)
    assert writing_in(strokes(page), (80, 80, 880, 150)) is None


def test_a_single_letter_before_the_words_belongs_to_them():
    page = paper()
    letter(page, 100, 120)
    word(page, 150, 120, letters=8)
    box = writing_in(strokes(page), (80, 80, 880, 150))
    assert box is not None
    assert box[0] <= 101


def test_a_fold_down_the_page_is_no_writing():
    page = paper(height=900)
    for top in range(0, 900, 60):
        cv2.line(page, (600, top), (601, top + 40), 0, 2)
    word(page, 100, 450)
    box = writing_in(strokes(page), (80, 410, 880, 480))
    assert box is not None
    assert box[2] < 200


def test_lines_of_a_cell_come_one_by_one_from_top_to_bottom():
    page = paper()
    word(page, 100, 100)
    word(page, 100, 150, letters=2)
    lines = written_lines(strokes(page), (80, 60, 400, 200))
    assert len(lines) == 2
    assert lines[0][3] < lines[1][1]


def test_letters_that_touch_across_two_lines_are_cut_apart():
    page = paper()
    word(page, 100, 100)
    word(page, 100, 150)
    cv2.line(page, (106, 100), (106, 130), 0, 2)
    lines = written_lines(strokes(page), (80, 60, 400, 200))
    assert len(lines) == 2
    assert lines[0][0] <= 101
    assert lines[1][0] <= 101


def test_a_rising_line_stays_one_line():
    page = paper(height=400)
    for n in range(8):
        word(page, 60 + 100 * n, 250 - 6 * n, tall=24)
    lines = written_lines(strokes(page), (40, 150, 890, 300), slope=-0.06)
    assert len(lines) == 1


def test_a_box_of_words_is_widened_to_whole_letters():
    page = paper()
    word(page, 100, 120, letters=3)
    left, _, right, _ = on_whole_strokes(strokes(page), (104, 100, 145, 120))
    assert left <= 100
    assert right >= 148


def test_a_last_line_of_one_short_word_is_a_line():
    page = paper()
    word(page, 150, 120, letters=36)
    word(page, 100, 170, letters=3)
    first, last = written_lines(strokes(page), (80, 80, 880, 200))
    assert abs(first[0] - 150) <= 1
    assert abs(last[0] - 100) <= 1


def test_one_stroke_below_a_long_line_is_no_line():
    page = paper()
    word(page, 150, 120, letters=36)
    letter(page, 500, 170)
    assert len(written_lines(strokes(page), (80, 80, 880, 200))) == 1


def test_a_number_that_a_fold_runs_through_is_found_and_the_fold_is_not():
    page = paper(height=900)
    for top in range(0, 900, 60):
        cv2.line(page, (601, top), (601, top + 40), 0, 1)
    word(page, 590, 450, letters=2)
    cv2.line(page, (590, 440), (620, 440), 0, 4)
    cv2.line(page, (601, 375), (601, 450), 0, 1)
    box = writing_in(strokes(page), (560, 420, 880, 480))
    assert box is not None
    assert 588 <= box[0] <= 591
    assert 426 <= box[1] <= 431


def test_a_fold_that_leans_across_the_page_is_no_line():
    page = paper()
    word(page, 100, 60, letters=5)
    cv2.line(page, (90, 95), (420, 110), 0, 1)
    assert len(written_lines(strokes(page), (80, 20, 880, 290))) == 1


def test_a_word_grown_together_is_no_scrap_beside_a_longer_line():
    page = paper()
    word(page, 100, 60, letters=4)
    cv2.line(page, (100, 58), (160, 58), 0, 3)
    word(page, 300, 180, letters=12)
    assert len(written_lines(strokes(page), (80, 20, 880, 290))) == 2


def test_what_was_written_over_a_crossed_out_word_counts_in_its_place():
    page = paper()
    word(page, 110, 70, letters=4, tall=14)
    word(page, 100, 110, letters=8)
    cv2.line(page, (90, 99), (260, 99), 0, 3)
    (line,) = lines_of_cell(strokes(page), (60, 30, 500, 280))
    assert line[1] >= 54
    assert line[3] <= 74


def test_a_word_on_a_dotted_line_is_not_crossed_out():
    page = paper()
    word(page, 110, 60, letters=4)
    word(page, 100, 110, letters=8)
    for x in range(80, 400, 6):
        cv2.circle(page, (x, 114), 1, 0, -1)
    assert len(lines_of_cell(strokes(page), (60, 30, 500, 280))) == 2


def test_the_end_of_a_value_far_under_its_beginning_is_a_line_of_its_own():
    page = paper()
    word(page, 500, 100, letters=8)
    word(page, 60, 136, letters=3)
    lines = written_lines(strokes(page), (40, 70, 880, 150))
    assert [abs(line[0] - left) <= 2 for line, left in zip(lines, (500, 60), strict=True)] == [True, True]


def test_small_thick_letters_behind_a_word_are_no_dirt():
    page = paper()
    word(page, 100, 120, letters=5, tall=14)
    for x in (210, 226):
        cv2.rectangle(page, (x, 106), (x + 11, 120), 0, -1)
        cv2.rectangle(page, (x + 4, 110), (x + 7, 116), 255, -1)
    box = writing_in(strokes(page), (80, 80, 880, 150))
    assert box is not None
    assert box[2] >= 237
