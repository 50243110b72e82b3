"""What is left of a unit's name is told from the name."""

from __future__ import annotations

import pytest

from ocr.decoding.addresses import AddressBook, Place

BOOK = AddressBook(
    [
        Place(
            "Kiên Giang",
            ("tỉnh",),
            (Place("Gò Quao", ("huyện",), (Place("Vĩnh Tuy", ("xã",)), Place("7", ("phường",)))),),
        )
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        "ấp 4, xã Vĩnh Tuy, huyện Gò Quao, tỉnh Kiên Giang",
        "Vĩnh Tuy, Gò Quao, KIÊN GIANG",
        "X. Vĩnh Tuy, H. Gò Quao",
        "tổ 3, phường 7",
        "Công an tỉnh Kiên Giang",
        "Bệnh viện huyện",
        "Tại nhà",
    ],
)
def test_whole_names_and_words_without_a_unit_are_left_alone(text: str):
    assert BOOK.ends_whole(text)


@pytest.mark.parametrize("text", ["ấp 4, xã Vĩnh Tuy, huyện Gò", "Công an tỉnh Kiên", "xã Vĩnh Tuy, Gò"])
def test_pieces_of_names_are_noticed(text: str):
    assert not BOOK.ends_whole(text)
