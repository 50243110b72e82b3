"""Signs that readers confuse are put right only where spelling leaves no other choice."""

from __future__ import annotations

import pytest

from ocr.glyphs import repaired, with_apostrophes


@pytest.mark.parametrize(
    ("read", "kind", "written"),
    [
        ("789 mˆ", "area", "789 m²"),
        ("3.757,3m¿", "area", "3.757,3m²"),
        ("Đất ở (ONT): 300 m?; Đất CLN: 489 m2?", "land_purpose", "Đất ở (ONT): 300 m²; Đất CLN: 489 m²"),
        ("xã la Tô, huyện la Grai", "place", "xã Ia Tô, huyện Ia Grai"),
        ("27~05=1971", "date", "27-05-1971"),
        ("thôn 7„ xã Hòa An", "place", "thôn 7, xã Hòa An"),
        ("ÁC 06941619 °", "serial", "AC 06941619"),
        ("H 53684 QSDĐ/CP", "registry_number", "H 53684 QSDĐ/CP"),
    ],
)
def test_signs_that_no_reader_knows_come_back_as_they_stand_on_paper(
    read: str, kind: str, written: str
) -> None:
    assert repaired(read, kind) == written


@pytest.mark.parametrize(
    ("read", "kind"),
    [("la liệt", "text"), ("đường dài 5 m", "text"), ("ngày 2-3", "date"), ("Lý Thị Hoa", "name")],
)
def test_ordinary_words_are_left_alone(read: str, kind: str) -> None:
    assert repaired(read, kind) == read


@pytest.mark.parametrize(
    ("read", "proposed"),
    [
        ("HUYỆN CƯ MGAR", "HUYỆN CƯ M'GAR"),
        ("HUYỆN EA HLEO", "HUYỆN EA H'LEO"),
        ("Nay HGrai", "Nay H'Grai"),
        ("Mlô Hmông", "Mlô Hmông"),
        ("MNÔNG", "MNÔNG"),
        ("NGUYỄN THỊ HÀ MY", "NGUYỄN THỊ HÀ MY"),
        ("THÀNH PHỐ HCM", "THÀNH PHỐ HCM"),
        ("HĐND HUYỆN", "HĐND HUYỆN"),
    ],
)
def test_highland_names_get_back_their_apostrophe(read: str, proposed: str) -> None:
    assert with_apostrophes(read, "issuing_unit") == proposed
