from hypothesis import given
from hypothesis import strategies as st

from validators.identity import parse_number, personal_number, province_of_prefix


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
