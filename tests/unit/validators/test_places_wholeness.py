"""Addresses that lost an end are told from those that people write short."""

from __future__ import annotations

import pytest

from validators.places.wholeness import may_be_cut


@pytest.mark.parametrize(
    "address",
    [
        "Quao, tỉnh Kiên Giang",
        "nh Nhất, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk",
        "tổ 1, phường Hội Phú, thị xã Pleiku, tỉnh",
        "thôn 5, xã Ia Blứ, huyện",
        "thôn 5, xã Ia Blứ, thành phố.",
    ],
)
def test_pieces_of_addresses_are_noticed(address: str):
    assert may_be_cut(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "Bệnh viện huyện",
        "Tại nhà",
        "Gia Lai",
        "Hà Nội, Việt Nam",
        "Vĩnh Tuy, Gò Quao, Kiên Giang",
        "Plei Kần, xã Ia Rong, huyện Chư Pưh",
        "Trạm y tế xã Vĩnh Tuy, huyện Gò Quao, tỉnh Kiên Giang",
        "12 Lê Lợi, phường Tân Lợi, thành phố Buôn Ma Thuột",
        "P. Tân Lợi, TP Buôn Ma Thuột, Đắk Lắk",
    ],
)
def test_whole_and_short_addresses_are_left_alone(address: str):
    assert not may_be_cut(address)
