import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.letters import fold, likeness, same_spelling, seated, tidy


@given(st.text(max_size=60))
def test_folding_tidying_and_seating_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    assert fold(fold(text)) == fold(text)
    assert seated(seated(text)) == seated(text)


@given(st.text(max_size=60))
def test_every_text_becomes_composed_and_its_decomposed_twin_is_equal(text):
    for form in (tidy, seated):
        assert unicodedata.is_normalized("NFC", form(text))
        assert form(unicodedata.normalize("NFD", text)) == form(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("hòa", "hoà"),
        ("THÚY", "THUÝ"),
        ("khỏe", "khoẻ"),
        ("Nguyễn Thị Thùy", "nguyễn thị  thuỳ"),
        ("Ủy ban", "Uỷ ban"),
        ("Qúy", "Quý"),
        ("Xã Ia Hòa, huyện Chư Sê", "xã Ia Hoà, huyện Chư Sê"),
        ("Hoa\u0300 Bi\u0300nh", "Hòa Bình"),
    ],
)
def test_both_seats_of_a_tone_mark_are_one_spelling(left, right):
    assert same_spelling(left, right)
    assert likeness(left, right) == 1.0


@pytest.mark.parametrize(
    ("left", "right"), [("hoàn", "hòan"), ("thúy", "thủy"), ("quý", "quỷ"), ("hoài", "hòai"), ("của", "cuả")]
)
def test_a_tone_on_another_letter_of_a_closed_syllable_is_no_spelling(left, right):
    assert not same_spelling(left, right)


@pytest.mark.parametrize("look_alike", ["Ðặng", "Ɖặng", "\u200bĐặng", "Đặng\u00ad"])
def test_look_alikes_of_d_with_stroke_and_invisible_letters_make_no_other_word(look_alike):
    assert tidy(look_alike) == "Đặng"
    assert fold(look_alike) == "dang"


def test_small_look_alikes_of_d_become_the_vietnamese_letter():
    assert tidy("ðường ɖất") == "đường đất"
