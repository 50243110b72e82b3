from hypothesis import given
from hypothesis import strategies as st

from validators.ethnic_groups import ethnic_groups, find_ethnic_group
from validators.identity import parse_number, personal_number, province_of_prefix
from validators.letters import fold, tidy
from validators.places import compare_key, expand_abbreviations, units_of


@given(st.integers(1900, 2299), st.booleans(), st.integers(0, 999_999))
def test_a_personal_number_tells_sex_and_year_of_any_century(year, male, serial):
    generation = 2 * ((year - 1900) // 100) + (0 if male else 1)
    number = personal_number(f"064{generation}{year % 100:02d}{serial:06d}")
    assert number is not None
    assert (number.birth_year, number.male, number.province) == (year, male, "Gia Lai")


def test_prefixes_are_those_of_63_provinces_and_not_of_the_merged_ones():
    assert province_of_prefix("064") == "Gia Lai"
    assert province_of_prefix("052") == "Bình Định"
    assert province_of_prefix("003") is None


def test_look_alike_letters_in_numbers_are_only_a_proposal():
    assert parse_number("O64O72143869").exact is False
    assert parse_number("064 072 143 869").exact is True
    assert parse_number("Nguyễn Văn Bảy") is None


def test_all_54_groups_have_one_code_in_either_list_and_find_themselves():
    groups = ethnic_groups()
    assert len(groups) == 54
    assert (
        {g.code_1979 for g in groups} == {g.code_2008 for g in groups} == {f"{n:02d}" for n in range(1, 55)}
    )
    assert all(find_ethnic_group(g.name) == (g, True) for g in groups)


def test_group_codes_mean_something_only_with_their_list():
    by_name = {g.name: g for g in ethnic_groups()}
    assert (by_name["Hoa"].code_1979, by_name["Hoa"].code_2008) == ("04", "06")
    assert (by_name["Ê-đê"].code_1979, by_name["Ê-đê"].code_2008) == ("12", "11")


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


@given(st.text(max_size=60))
def test_folding_and_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    assert fold(fold(text)) == fold(text)
