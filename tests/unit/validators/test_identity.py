import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.identity import (
    NumberKind,
    ParsedNumber,
    kind_of,
    parse_number,
    personal_number,
    province_of_prefix,
)
from validators.tables import rows


@given(st.integers(1900, 2299), st.booleans(), st.integers(0, 999_999))
def test_a_personal_number_tells_sex_and_year_of_any_century(year, male, serial):
    generation = 2 * ((year - 1900) // 100) + (0 if male else 1)
    number = personal_number(f"064{generation}{year % 100:02d}{serial:06d}")
    assert number is not None
    assert (number.birth_year, number.male, number.province) == (year, male, "Gia Lai")


def test_prefixes_are_those_of_63_provinces_and_not_of_the_merged_ones():
    assert len({row["prefix"] for row in rows("identity_provinces.csv")}) == 63
    assert province_of_prefix("064") == "Gia Lai"
    assert province_of_prefix("052") == "Bình Định"
    assert province_of_prefix("091") == "Kiên Giang"
    assert province_of_prefix("003") is None


def test_a_country_code_is_told_from_a_prefix_that_is_nothing():
    assert personal_number("101218287610").abroad
    assert not personal_number("003218287610").abroad
    assert not personal_number("064218287610").abroad


@pytest.mark.parametrize("written", ["06407214386", "064072143869A", "٠٦٤٠٧٢١٤٣٨٦٩", ""])
def test_only_twelve_plain_digits_are_a_personal_number(written):
    assert personal_number(written) is None


@pytest.mark.parametrize(
    ("written", "digits", "kind"),
    [
        ("064 072 143 869", "064072143869", NumberKind.PERSONAL),
        ("CMND số: 230 316 231", "230316231", NumberKind.CMND),
        ("230316231 cấp ngày 5/9/1984 tại CA Gia Lai", "230316231", NumberKind.CMND),
        ("230316231/CA", "230316231", NumberKind.CMND),
        ("２３０３１６２３１", "230316231", NumberKind.CMND),
        ("23028763", "23028763", NumberKind.OTHER),
        ("B1234567", "B1234567", NumberKind.PASSPORT),
        ("SQ 12345678", "SQ12345678", NumberKind.ARMY),
        ("QĐ 123456", "QĐ123456", NumberKind.ARMY),
        ("CAND 123-456", "CAND123456", NumberKind.POLICE),
    ],
)
def test_numbers_are_taken_from_what_stands_around_them_and_tell_their_kind(written, digits, kind):
    parsed = parse_number(written)
    assert parsed is not None
    assert (parsed.digits, parsed.exact, kind_of(parsed.digits)) == (digits, True, kind)


@given(st.integers(0, 999_999_999_999), st.sets(st.integers(0, 11), max_size=4))
def test_look_alike_letters_in_numbers_are_only_a_proposal_with_what_was_put_right(value, places):
    digits = f"{value:012d}"
    letters = {"0": "O", "1": "l", "2": "Z", "5": "S", "8": "B"}
    damaged = "".join(letters.get(d, d) if i in places else d for i, d in enumerate(digits))
    parsed = parse_number(damaged)
    changed = tuple(f"{a}→{b}" for a, b in zip(damaged, digits, strict=True) if a != b)
    assert parsed is not None
    assert (parsed.digits, parsed.repairs, parsed.exact) == (digits, changed, not changed)


def test_a_stroke_between_digits_parts_them_unless_a_digit_lacks():
    assert parse_number("230/182857") == ParsedNumber("230182857")
    assert parse_number("23/182857") == ParsedNumber("231182857", ("/→1",))


@pytest.mark.parametrize("written", ["Nguyễn Văn Bảy", "OIlO", "không có", "", "SOBIZ 12"])
def test_words_are_no_damaged_numbers(written):
    assert parse_number(written) is None
