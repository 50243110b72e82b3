"""A damaged address is read as the units it names."""

from __future__ import annotations

import pytest

from ocr.decoding.addresses import AddressBook, Place, edited


def communes(*names: str) -> tuple[Place, ...]:
    return tuple(Place(name, ("xã",)) for name in names)


BOOK = AddressBook(
    (
        Place(
            "Gia Lai",
            ("tỉnh",),
            (
                Place("Krông Pa", ("huyện",), communes("Chư Gu", "Ia Rsai")),
                Place("KBang", ("huyện",), communes("Đak SMar")),
                Place("Chư Sê", ("huyện",), communes("Ia Pal", "Bờ Ngoong")),
                Place("Pleiku", ("thành phố",), (Place("Hoa Lư", ("phường",)),)),
            ),
        ),
        Place(
            "Kiên Giang",
            ("tỉnh",),
            (Place("Giồng Riềng", ("huyện",), communes("Thạnh Phước", "Bàn Tân Định")),),
        ),
        Place("Hà Tĩnh", ("tỉnh",), (Place("Kỳ Anh", ("huyện",), communes("Kỳ Phong")),)),
    )
)


def fixed(text: str, here: tuple[str, ...] = ()) -> str:
    return edited(text, BOOK.guesses(text, here)[0].spaced)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        (
            "thôn 12, xã Chư Gu, huyện Krông Pa, tỉnh Gia Lai",
            "thôn 12, xã Chư Gu, huyện Krông Pa, tỉnh Gia Lai",
        ),
        ("thôn 12.xã Chu Gu huyên Kông Pa, tinh Gia Lai", "thôn 12, xã Chư Gu, huyện Krông Pa, tỉnh Gia Lai"),
        (
            "làng Leng, xã Bộ Ngoong, huyện Chơ Sê tỉnh, Gia Lại",
            "làng Leng, xã Bờ Ngoong, huyện Chư Sê, tỉnh Gia Lai",
        ),
        ("làng Đê, . Hoa Lư, TP. Pleiku, 1. Gia Lai", "làng Đê, P. Hoa Lư, TP. Pleiku, T. Gia Lai"),
        (
            "Trạm y tế xã Chư Gu, huyện Krông Pa, tỉnh Gia Lai",
            "Trạm y tế xã Chư Gu, huyện Krông Pa, tỉnh Gia Lai",
        ),
        ("X.Thạnh Phước, H. Giông Riêng T. Kiên Giang", "X. Thạnh Phước, H. Giồng Riềng, T. Kiên Giang"),
    ],
)
def test_names_and_type_words_are_put_right(read: str, meant: str):
    assert fixed(read) == meant


def test_units_of_the_issuing_office_are_likelier():
    assert "Ia Pal" in fixed("xã Ia Pai, huyện Chư Sê, tỉnh Gia Lai", ("Ia Pal", "Chư Sê", "Gia Lai"))


def test_a_text_without_any_unit_is_left_alone():
    assert all(not guess.edits or guess.units < 3 for guess in BOOK.guesses("tại nhà"))


def test_an_empty_text_gives_no_guess():
    assert BOOK.guesses("") == []
