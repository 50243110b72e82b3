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
        ("PHẠM.VĂN NGHĨA", "name", "PHẠM VĂN NGHĨA"),
        ("Bệnh.viện tỉnh Gia Lai", "place", "Bệnh viện tỉnh Gia Lai"),
        ("khu phố.2,xã Hòa Tiến", "place", "khu phố 2, xã Hòa Tiến"),
        ("Bổ. túc hồ sơ", "text", "Bổ túc hồ sơ"),
        ("ngày.03 tháng.0.4 năm 20.05", "date", "ngày 03 tháng 04 năm 2005"),
        ("19.7.0", "date", "1970"),
        ("15.giờ 02.phút", "time", "15 giờ 02 phút"),
        ("thứ tự 1.28", "entry_number", "128"),
    ],
)
def test_signs_that_no_reader_knows_come_back_as_they_stand_on_paper(
    read: str, kind: str, written: str
) -> None:
    assert repaired(read, kind) == written


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        ("la liệt", "text"),
        ("đường dài 5 m", "text"),
        ("ngày 2-3", "date"),
        ("ngày 5.6.2007", "date"),
        ("12.03.2001", "date"),
        ("Lý Thị Hoa", "name"),
        ("TP. Pleiku, H. Chư Sê", "place"),
        ("Đã trả đất. Thửa mới số 12", "text"),
        ("QĐ 128", "text"),
    ],
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
