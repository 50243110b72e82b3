"""A number told by its shape is found although it was read badly, and only if it proves to be one."""

from __future__ import annotations

import re

import pytest
from drawn_pages import DrawnPage

from ocr.decoding.knowledge import Knowledge
from ocr.delivery import Raster
from ocr.elements import PageText, Word
from ocr.engines.base import LineReading
from ocr.forms.schema import Part, Pattern
from ocr.imaging.region import Region
from ocr.value_reader import ValueReader
from ocr.wording import told_by_wording
from tests.unit.ocr_decoding.frames import saying

SERIAL = Pattern(
    regex=re.compile(r"(?:^|\s)(?P<serial>[a-z0]{1,2} ?\d{6})\W*$"),
    fields={"serial": Part("soPhatHanh", "serial")},
    blurred=re.compile(r"(?:^|\s)(?P<serial>[a-z0-9]{1,2}\S? ?(?=\S*\d\S*\d)[^\s.,/:-]{4,7})\W*$"),
)


class Net:
    """A line recogniser that always sees one text."""

    name, version = "net", "1"

    def __init__(self, text: str) -> None:
        self._text = text

    def recognise(self, pictures):
        return [saying(self._text) for _ in pictures]


class Silent:
    """A print engine that reads nothing."""

    name, version = "tesseract", "5"

    def read_page(self, region: Region) -> PageText:
        raise AssertionError

    def read_line(self, image: Raster) -> LineReading:
        return LineReading("", 0.0)


def told(seen: str, *, really: str) -> dict[str, str]:
    page = DrawnPage()
    for n in range(6):
        page.text(100, 200 + 90 * n, "Thường trú tại xã Bàu Cạn, huyện Chư Prông")
    box = page.text(900, 1500, "K 348879", read=False)
    page.words.append(Word(seen, box, 0.3))
    reader = ValueReader(Silent(), Net(really), None, Knowledge())
    fields, boxes = told_by_wording(page.leaf(), SERIAL, reader)
    assert len(boxes) == len(fields)
    return {key: reading.written for key, reading in fields.items()}


def test_a_garbled_serial_is_read_again_from_the_paper():
    assert told("K34979", really="K 348879") == {"soPhatHanh": "K 348879"}


@pytest.mark.parametrize("really", ["trang 12", "1998"])
def test_what_proves_to_be_no_serial_is_none(really: str):
    assert told("K34979", really=really) == {}


def test_an_unread_page_says_nothing():
    assert told("Đất", really="K 348879") == {}
