"""All readers are heard, and what loses is kept beside what wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocr.decoding.addresses import AddressBook, Place
from ocr.decoding.knowledge import Knowledge
from ocr.delivery import Raster
from ocr.elements import Ink, PageText, Word
from ocr.engines.base import LineReading
from ocr.engines.ctc import Frames
from ocr.imaging.region import Region
from ocr.line_picture import LinePicture
from ocr.value_reader import ValueReader, WrittenLine
from tests.unit.ocr_decoding.frames import saying

BOX = (100, 50, 500, 90)


class Says:
    """A line recogniser that has seen given lines, in turn."""

    version = "1"

    def __init__(self, name: str, *lines: Frames) -> None:
        self.name = name
        self._lines = list(lines)

    def recognise(self, pictures: Sequence[Raster]) -> list[Frames]:
        return [self._lines.pop(0) for _ in pictures]


class Printed:
    """A print engine that is never asked here."""

    name = "tesseract"
    version = "5"

    def read_page(self, region: Region) -> PageText:
        raise AssertionError

    def read_line(self, image: Raster) -> LineReading:
        raise AssertionError


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge({"Gia Lai": 5, "Krông Pa": 5, "Chư Gu": 1})


BOOK = AddressBook(
    (Place("Gia Lai", ("tỉnh",), (Place("Krông Pa", ("huyện",), (Place("Chư Gu", ("xã",)),)),)),)
)


def line(seen: Sequence[Word] = ()) -> WrittenLine:
    blank = np.full((40, 400), 255, np.uint8)
    return WrittenLine(LinePicture(blank, blank, 100.0, 50.0, 1.0, 40), BOX, seen)


def reader(knowledge: Knowledge, net: Says, second: Says | None = None) -> ValueReader:
    return ValueReader(Printed(), net, second, knowledge, BOOK)


def test_digits_are_settled_by_the_second_recogniser(knowledge: Knowledge):
    net = Says("net", saying("1995", rivals={3: {"6": 0.45}}))
    second = Says("second", saying("1996", rivals={3: {"5": 0.1}}))
    (text,) = reader(knowledge, net, second).read([line()], "date", Ink.HAND)
    assert text.text == "1996"
    assert "1995" in [a.value for a in text.alternatives]
    assert text.source == "net+second"


def test_a_print_engine_is_believed_where_it_is_sure(knowledge: Knowledge):
    net = Says("net", saying("trạm xã", rivals={6: {"á": 0.4}}))
    seen = [Word("trạm", (100, 50, 200, 90), 0.96), Word("xá", (220, 50, 300, 90), 0.96)]
    (text,) = reader(knowledge, net).read([line(seen)], "text", Ink.PRINT)
    assert text.text == "trạm xá"
    assert text.signals["printed"] == 1.0


def test_a_print_engine_is_not_believed_about_handwriting(knowledge: Knowledge):
    net = Says("net", saying("Trần Thị Hoa"))
    seen = [Word("Tràn", (100, 50, 200, 90), 0.96), Word("Thí", (220, 50, 300, 90), 0.96)]
    (text,) = reader(knowledge, net).read([line(seen)], "name", Ink.HAND)
    assert text.text == "Trần Thị Hoa"


def test_a_damaged_unit_over_two_lines_is_put_right(knowledge: Knowledge):
    net = Says("net", saying("xã Chư Gu, huyện Kông", sure=0.8), saying("Pa, tỉnh Gia Lai"))
    texts = reader(knowledge, net).read([line(), line()], "place", Ink.HAND)
    assert [t.text for t in texts][1] == "Pa, tỉnh Gia Lai"
    net = Says("net", saying("xã Chư Gu, huyện Kông Pa, tỉnh Gia Lai", sure=0.6))
    (text,) = reader(knowledge, net).read([line()], "place", Ink.HAND)
    assert "Gia Lai" in text.text
    readings = [text.text, *(a.value for a in text.alternatives)]
    assert "xã Chư Gu, huyện Krông Pa, tỉnh Gia Lai" in readings


@pytest.mark.parametrize(("first", "kept"), [("xã Chư Gu, tỉnh Gia Lai", 1), ("tỉnh Gia Lai, phường", 2)])
def test_a_number_under_an_address_counts_where_a_unit_waits_for_one(
    first: str, kept: int, knowledge: Knowledge
):
    net = Says("net", saying(first), saying("1"))
    assert len(reader(knowledge, net).read([line(), line()], "place", Ink.HAND)) == kept


def test_a_letter_seen_on_a_long_line_under_the_value_is_the_edge_of_a_stain(knowledge: Knowledge):
    net = Says("net", saying("xã Chư Gu, tỉnh Gia Lai"), saying("B"))
    (text,) = reader(knowledge, net).read([line(), line()], "place", Ink.HAND)
    assert text.text == "xã Chư Gu, tỉnh Gia Lai"


def test_a_dot_of_the_leader_under_a_letter_makes_no_other_unit(knowledge: Knowledge):
    net = Says("net", saying("CA tỉnh Gia Lại", sure=0.97))
    (text,) = reader(knowledge, net).read([line()], "place", Ink.HAND)
    assert text.text == "CA tỉnh Gia Lai"
    assert "CA tỉnh Gia Lại" in [a.value for a in text.alternatives]


def test_a_value_of_a_closed_list_is_weighed_even_if_the_search_missed_it(knowledge: Knowledge):
    net = Says("net", saying("Nơ", rivals={1: {"ữ": 0.02}}))
    (text,) = reader(knowledge, net).read([line()], "sex", Ink.HAND)
    assert text.text == "Nữ"


def test_words_lie_on_the_line_in_order(knowledge: Knowledge):
    net = Says("net", saying("Trần Thị Hoa"))
    (text,) = reader(knowledge, net).read([line()], "name", Ink.HAND)
    lefts = [w.box[0] for w in text.words]
    assert lefts == sorted(lefts)
    assert all(BOX[0] <= w.box[0] < w.box[2] <= BOX[2] for w in text.words)


def test_a_line_on_which_nothing_was_seen_gives_nothing(knowledge: Knowledge):
    net = Says("net", saying(""))
    assert reader(knowledge, net).read([line()], "text", Ink.HAND) == []


def test_the_offices_own_units_come_from_its_letterhead(knowledge: Knowledge):
    about = reader(knowledge, Says("net")).about("TỈNH GIA LAI\nHUYỆN KRÔNG PA\nUBND XÃ CHƯ GU")
    assert about.here == ("Gia Lai", "Krông Pa", "Chư Gu")
