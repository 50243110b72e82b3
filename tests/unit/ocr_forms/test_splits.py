"""Long values cut into the fields of the import template."""

from __future__ import annotations

import pytest

from ocr.forms import load_forms
from ocr.labels import fold


def cut(name: str, text: str) -> dict[str, str]:
    for pattern in load_forms().splits[name]:
        match = pattern.match(fold(text))
        if match:
            return {
                g: text[match.start(g) : match.end(g)].strip(" .,") for g in pattern.groupindex if match[g]
            }
    return {}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "CMND số 230316231 cấp ngày 27/07/2003 tại CA tỉnh Gia Lai",
            {"type": "CMND", "number": "230316231", "date": "27/07/2003", "place": "CA tỉnh Gia Lai"},
        ),
        ("Giấy CMND số 240292254", {"type": "Giấy CMND", "number": "240292254"}),
        (
            "CCCD số: 066069003880, cấp ngày 04.04.2021 do Cục Cảnh sát QLHC về TTXH",
            {
                "type": "CCCD",
                "number": "066069003880",
                "date": "04.04.2021",
                "place": "Cục Cảnh sát QLHC về TTXH",
            },
        ),
        ("CMND 230316231", {"type": "CMND", "number": "230316231"}),
        ("230316231", {"number": "230316231"}),
    ],
)
def test_identity_papers_are_cut_into_kind_number_day_and_place(text: str, parts: dict[str, str]):
    assert cut("identity", text) == parts


def test_a_death_notice_is_cut_into_kind_number_and_day():
    assert cut("notice", "Văn bản của người làm chứng số 47 ngày 09/07/2012") == {
        "type": "Văn bản của người làm chứng",
        "number": "47",
        "date": "09/07/2012",
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ksor Nhơn 1948", {"name": "Ksor Nhơn", "born": "1948"}),
        ("Rmah H'Nhi", {"name": "Rmah H'Nhi"}),
        ("Nguyễn Thị Đào sn 1959", {"name": "Nguyễn Thị Đào", "born": "1959"}),
    ],
)
def test_the_year_behind_a_name_is_parted_from_it(text: str, parts: dict[str, str]):
    assert cut("name_year", text) == parts
