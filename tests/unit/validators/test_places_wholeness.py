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
        "tổ 7, phường Hội Thương,",
        "Công an",
        "Công an thành phố",
        "Công an thành",
        "Bênh viên tỉnh Gia Lai",
        "tổ 1, thi trấn Di Linh, huyện Di Linh, tỉnh Lâm Đồng",
        "năm 1984 thôn 3, xã Ia Blứ, huyện Chư Pưh",
        "cư trú thôn 3, xã Ia Blứ, huyện Chư Pưh",
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
        "Công an tỉnh Gia Lai",
        "CA Gia Lai",
        "ấp 2, xã Tân Thành",
        "Thị trấn Di Linh, huyện Di Linh",
        "thôn 4 - Ea KPam",
    ],
)
def test_whole_and_short_addresses_are_left_alone(address: str):
    assert not may_be_cut(address)
