"""Prescribed phrases are put right where only marks were misread; other words stay as they are."""

from __future__ import annotations

import pytest

from validators.legal_wording import PHRASES, respelled


@pytest.mark.parametrize(
    ("read", "right"),
    [
        (
            "Công nhạn QSDĐ như giao đất có thu tiên sử dụng đất.",
            "Công nhận QSDĐ như giao đất có thu tiền sử dụng đất.",
        ),
        ("Nhận tạng cho đất được", "Nhận tặng cho đất được"),
        ("Tại biến mạch máu não", "Tai biến mạch máu não"),
        ("NHÀ NƯỚC GIAO ĐÁT", "NHÀ NƯỚC GIAO ĐẤT"),
        ("(quyến sử dụng đất)", "(quyền sử dụng đất)"),
    ],
)
def test_misread_marks_of_a_phrase_are_put_right(read: str, right: str):
    assert respelled(read) == right


@pytest.mark.parametrize(
    "text", ["", "Chết đuối tại biển", "Sinh tại nhà", "bìa hồ sơ", "Đất ở: Lâu dài", *PHRASES]
)
def test_other_words_stay(text: str):
    assert respelled(text) == text
