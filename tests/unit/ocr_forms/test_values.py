"""From words on the paper to fields."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from ocr.elements import Alternative, FieldStatus, Ink, Transform, Word
from ocr.forms import load_forms
from ocr.forms.schema import Part
from ocr.leaf import Leaf
from ocr.value_parts import split_value
from ocr.values import reading_of, without_label_rest
from ocr.written_value import Value

LEAF = cast(
    Leaf,
    SimpleNamespace(
        born_digital=True,
        height=30.0,
        page=1,
        transform=Transform.identity(),
        source=SimpleNamespace(text=SimpleNamespace(engine="tesseract 5")),
    ),
)
PARTS = {
    "type": Part("nycLoaiGiayToTuyThan", "id_type"),
    "number": Part("nycSoGiayToTuyThan", "id_number"),
    "date": Part("nycNgayCapGiayToTuyThan", "date"),
    "place": Part("nycNoiCapGiayToTuyThan", "place"),
}


def value(text: str, **more: object) -> Value:
    words, at = [], 0
    for word in text.split():
        words.append(Word(word, (at, 0, at + 12 * len(word), 30), 0.9))
        at += 12 * (len(word) + 1)
    return Value(LEAF, tuple(words), (0, 0, at, 30), Ink.HAND, "net", **more)  # type: ignore[arg-type]


def test_a_damaged_identity_line_still_gives_up_what_has_a_shape():
    library = load_forms()
    got = split_value(
        value("CMND 8o 230316231x; e4p ngey 27/07/2003 tại CA tỉnh Gia Lai"),
        PARTS,
        [],
        library.places["identity"],
    )
    assert got["nycSoGiayToTuyThan"].written == "230316231"
    assert got["nycNgayCapGiayToTuyThan"].written == "27/07/2003"
    assert got["nycNoiCapGiayToTuyThan"].written == "CA tỉnh Gia Lai"
    assert got["nycLoaiGiayToTuyThan"].written == "CMND"
    assert {f.status for f in got.values()} == {FieldStatus.LOW_CONFIDENCE}


def test_what_has_no_shape_points_at_its_usual_place_without_a_text():
    got = split_value(value("ch7 ky g1"), PARTS, [], load_forms().places["identity"])
    assert {f.status for f in got.values()} == {FieldStatus.UNREADABLE}
    assert all(f.box is not None and not f.written for f in got.values())


def test_the_end_of_a_label_is_dropped_where_no_colon_can_be():
    assert without_label_rest(value("đi khai sinh: Đinh Văn Klơh"), "name").text == "Đinh Văn Klơh"
    labels = ["Nguồn gốc sử dụng đất"]
    assert without_label_rest(value("kết cấu: tường gạch"), "text", labels).text == "kết cấu: tường gạch"
    assert (
        without_label_rest(value("dụng đất: Nhận chuyển nhượng"), "text", labels).text == "Nhận chuyển nhượng"
    )


def test_specks_beside_a_name_are_dropped_once_it_was_read_again():
    read = value("Trương Thị Nga 0", share=0.9)
    assert reading_of(read, Part("nycHoTen", "name")).written == "Trương Thị Nga"
    assert reading_of(value("phường 7", share=0.9), Part("nksNoiSinh", "place")).written == "phường 7"


def test_readings_that_lost_are_cut_like_the_one_that_won():
    lost = (Alternative("Trương Thị Ngà 0", 0.2),)
    read = reading_of(value("Trương Thị Nga 0", share=0.7, alternatives=lost), Part("nycHoTen", "name"))
    assert read.alternatives == (Alternative("Trương Thị Ngà", 0.2),)


def test_signals_go_with_the_field():
    read = value("1994", share=0.8, signals={"share": 0.8}, placed=False)
    told = reading_of(read, Part("meNgaySinh", "date")).signals
    assert told == {"share": 0.8, "placed": 0.0, "whole": 1.0}


def test_writing_that_looks_like_a_colon_is_no_end_of_a_label_that_was_seen():
    labels = ["Quốc tịch"]
    assert without_label_rest(value("M: Nam"), "nationality", labels).text == "M: Nam"
    assert without_label_rest(value("ịch: Việt Nam"), "nationality", labels).text == "Việt Nam"
    assert without_label_rest(value("M: Nam", placed=False), "nationality", labels).text == "Nam"
