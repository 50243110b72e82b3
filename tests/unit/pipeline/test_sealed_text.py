"""The text layer says what was decided, once, unbroken, where it stands on the page."""

from __future__ import annotations

import json

import pytest

from ocr.elements import Bend, Box, FieldReading, FieldStatus, Ink, Line, PageText, Transform, Word
from pipeline.stages.sealed_text import corrected_lines
from pipeline.stages.texts import text_json, text_of
from storage.text_layer import TextLine


def read(*lines: tuple[str, int, int], transform: Transform | None = None) -> PageText:
    """Lines of text at (left, top), ten pixels a letter, twenty high."""
    made = []
    for text, left, top in lines:
        words, at = [], left
        for word in text.split():
            words.append(Word(word, (at, top, at + 10 * len(word), top + 20), 0.9))
            at += 10 * (len(word) + 1)
        made.append(Line(tuple(words)))
    return PageText(1, 600, 800, tuple(made), transform or Transform.identity(), "engine")


def told(written: str, box: Box, status: FieldStatus = FieldStatus.READ) -> FieldReading:
    return FieldReading(
        key="nksHoTen",
        kind="name",
        written=written,
        value=written,
        confidence=1.0,
        status=status,
        ink=Ink.HAND,
        page=1,
        box=box,
        source="engine",
    )


def said(lines: tuple[TextLine, ...]) -> list[str]:
    return [" ".join(w.text for w in line.words) for line in lines]


def test_a_corrected_value_takes_the_place_of_what_was_read_within_its_line() -> None:
    text = read(("Họ tên: NGUYEN THI DUOC Nữ", 0, 0), ("Ngày sinh: 1994", 0, 40))
    lines = corrected_lines([text], [told("NGUYỄN THỊ ĐƯỢC", (75, 0, 235, 20))], rotation=0)
    assert said(lines) == ["Họ tên: NGUYỄN THỊ ĐƯỢC Nữ", "Ngày sinh: 1994"]
    assert [w.quad[0] for w in lines[0].words[2:5]] == [(80, 0), (150, 0), (190, 0)]


def test_a_value_of_two_lines_is_unbroken_and_lies_on_both() -> None:
    text = read(("Nơi ở: thon 2 xa Ia", 0, 0), ("Grai huyen Ia Grai", 0, 40))
    address = "thôn Hai Căn, xã Ia Grai, huyện Ia Grai"
    lines = corrected_lines([text], [told(address, (0, 0, 240, 60)), told("Quê", (0, 0, 65, 20))], rotation=0)
    assert said(lines)[0].startswith("Quê ")
    assert address in " ".join(said(lines))
    assert {w.quad[0][1] for line in lines for w in line.words} == {0, 40}


def test_columns_beside_a_value_do_not_break_it() -> None:
    text = read(("ấp 5, 1987 buôn Ea", 0, 0), ("xã Hòa Niê Bông", 0, 40))
    fields = [told("ấp 5, xã Hòa", (0, 0, 65, 60)), told("buôn Ea Bông", (105, 0, 300, 60))]
    together = " ".join(said(corrected_lines([text], fields, rotation=0)))
    assert "ấp 5, xã Hòa" in together
    assert "buôn Ea Bông" in together
    assert sorted(together.split()) == sorted("ấp 5, xã Hòa buôn Ea Bông 1987 Niê".split())


def test_a_value_where_nothing_was_read_stands_between_the_lines_around_it() -> None:
    text = read(("Họ tên:", 0, 0), ("Ngày sinh:", 0, 40), ("Quê quán:", 0, 80))
    lines = corrected_lines([text], [told("2-10-1994", (120, 38, 220, 62), FieldStatus.KEYED)], rotation=0)
    assert said(lines) == ["Họ tên:", "Ngày sinh:", "2-10-1994", "Quê quán:"]


def test_values_on_a_spread_stay_on_their_leaf() -> None:
    right = Transform((1.0, 0.0, 600.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    leaves = [read(("trái một", 0, 0), ("trái ba", 0, 80)), read(("phải một", 0, 0), transform=right)]
    fields = [told("trái hai", (0, 40, 100, 60)), told("phải hai", (600, 40, 700, 60))]
    lines = corrected_lines(leaves, fields, rotation=0)
    assert said(lines) == ["trái một", "trái hai", "trái ba", "phải một", "phải hai"]


@pytest.mark.parametrize(
    ("rotation", "turn", "box"),
    [
        (90, (0.0, -1.0, 800.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0), (738, 120, 762, 220)),
        (180, (-1.0, 0.0, 600.0, 0.0, -1.0, 800.0, 0.0, 0.0, 1.0), (380, 738, 480, 762)),
        (270, (0.0, 1.0, 0.0, -1.0, 0.0, 600.0, 0.0, 0.0, 1.0), (38, 380, 62, 480)),
    ],
)
def test_a_turned_page_reads_in_the_order_of_the_upright_one(
    rotation: int, turn: tuple[float, ...], box: Box
) -> None:
    text = read(("Họ tên:", 0, 0), ("Ngày sinh:", 0, 40), ("Quê quán:", 0, 80), transform=Transform(turn))
    lines = corrected_lines([text], [told("ngày hai", box)], rotation=rotation)
    assert said(lines) == ["Họ tên:", "Ngày sinh:", "ngày hai", "Quê quán:"]
    word = lines[2].words[0].quad
    run = (word[1][0] - word[0][0], word[1][1] - word[0][1])
    assert {90: run[1] > 0 == run[0], 180: run[0] < 0 == run[1], 270: run[1] < 0 == run[0]}[rotation]


def test_one_text_that_two_records_share_is_laid_once() -> None:
    text = read(("Quyển so 02", 0, 0))
    fields = [
        told("02/1994", (75, 0, 120, 20)),
        told("02/1994", (75, 0, 120, 20)),
        told("02", (78, 2, 110, 18)),
    ]
    assert said(corrected_lines([text], fields, rotation=0)) == ["Quyển so 02/1994"]


def test_only_a_persons_word_empties_a_box() -> None:
    text = read(("Ghi chú: xyz", 0, 0))
    box = (85, 0, 130, 20)
    assert said(corrected_lines([text], [told("", box, FieldStatus.EMPTY)], rotation=0)) == ["Ghi chú: xyz"]
    assert said(corrected_lines([text], [told("", box, FieldStatus.KEYED)], rotation=0)) == ["Ghi chú:"]


# Lines sag by 40 pixels in the middle of a region 600 wide.
SAGGING = Transform(
    Transform.identity().matrix, Bend(600, 800, ((0.0, 20.0, 40.0, 20.0, 0.0), (0.0, 20.0, 40.0, 20.0, 0.0)))
)


def test_words_of_a_curled_page_lie_on_its_curled_lines() -> None:
    text = read(("Nơi thường trú: thôn Hai xã Ia Grai huyện Ia Grai", 40, 100), transform=SAGGING)
    (line,) = corrected_lines([text], [], rotation=0)
    assert SAGGING.bend is not None
    for word, there in zip(line.words, text.words(), strict=True):
        left, top, right, bottom = there.box
        ends = SAGGING.bend.at(left, 0), SAGGING.bend.at(right, 0)
        assert word.quad[0] == (left, top + ends[0])
        assert word.quad[2] == (right, bottom + ends[1])


def test_a_corrected_value_follows_the_curled_line_it_is_laid_on() -> None:
    text = read(("thon Hai xa IaGrai huyen IaGrai tinh Gia Lai", 60, 100), transform=SAGGING)
    field = told("thôn Hai, xã Ia Grai, huyện Ia Grai, tỉnh Gia Lai", (50, 90, 560, 170))
    (line,) = corrected_lines([text], [field], rotation=0)
    assert SAGGING.bend is not None
    assert len(line.words) == 11
    for word in line.words:
        for x, y in word.quad[:2]:
            assert y == pytest.approx(100 + SAGGING.bend.at(x, 100), abs=0.1)


def test_texts_are_stored_with_their_bend_and_those_stored_without_one_are_still_read() -> None:
    bent, level = read(("một hai", 0, 0), transform=SAGGING), read(("một hai", 0, 0))
    assert text_of(json.loads(json.dumps(text_json(bent)))) == bent
    assert "bend" not in text_json(level)
    assert text_of(json.loads(json.dumps(text_json(level)))) == level
