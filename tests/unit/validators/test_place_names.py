from validators.places import compare_key, expand_abbreviations, units_of


def test_abbreviated_and_full_addresses_compare_as_equal():
    short, full = "X. Ia Phang, H. Chư Sê, T. Gia Lai", "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai"
    assert expand_abbreviations(short) == full
    assert compare_key(short) == compare_key(full) == "ia phang/chu se/gia lai"


def test_two_word_levels_and_names_like_levels_are_not_torn_apart():
    assert [str(u) for u in units_of("UBND phường Hội Phú, thị xã Pleiku, tỉnh Gia Lai")] == [
        "phường Hội Phú",
        "thị xã Pleiku",
        "tỉnh Gia Lai",
    ]
    assert [str(u) for u in units_of("xã Cẩm Xuyên, tỉnh Hà Tĩnh")] == ["xã Cẩm Xuyên", "tỉnh Hà Tĩnh"]
    assert [u.level for u in units_of("phường Bến Nghé, quận 1, thành phố Hồ Chí Minh")] == [
        "commune",
        "district",
        "province",
    ]


def test_a_state_motto_beside_the_letterhead_is_no_unit():
    written = "TỈNH GIA LAI   CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nHUYỆN CHƯ SÊ\nUBND XÃ IA PHANG"
    assert compare_key(written) == "ia phang/chu se/gia lai"
