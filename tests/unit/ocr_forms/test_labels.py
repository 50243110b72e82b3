"""Labels found although reading damaged them."""

from __future__ import annotations

import pytest
from typed_pages import words_at

from ocr.elements import Word
from ocr.forms import load_forms
from ocr.labels import find_label, fold, split_words

NAME = ("Họ, chữ đệm, tên", "Họ và tên")
BIRTH = ("Ngày, tháng, năm sinh", "Năm sinh")


@pytest.mark.parametrize(
    "read", ["Họ, chữ đệm, tên:", "Ho, chữ đêm, tẽn", "Họ, dữ đệm, tên:", "Họ. chữ đẹm tên."]
)
def test_a_damaged_label_is_still_found(read: str):
    found = find_label(words_at(100, 50, f"{read} Phạm Hồng Châu"), NAME)
    assert found is not None
    assert found.end == 4


def test_a_value_is_not_taken_for_a_label():
    assert find_label(words_at(0, 0, "Phạm Hồng Châu"), NAME) is None


def test_a_short_label_tolerates_no_damage():
    assert find_label(words_at(0, 0, "Sổ 51"), ("Bà",)) is None


def test_the_short_exact_label_wins_over_the_long_doubtful_one():
    found = find_label(words_at(0, 0, "Đúng hạn X Quá hạn"), ("Quá hạn", "Đăng ký quá hạn"))
    assert found is not None
    assert found.start == 3


def test_a_value_stuck_to_the_colon_is_parted_with_its_share_of_the_box():
    label, value = split_words([Word("số:204", (0, 0, 60, 20), 0.9)])
    assert (label.text, value.text) == ("số:", "204")
    assert value.box == (30, 0, 60, 20)


def test_folding_keeps_positions():
    text = "Nguyễn Thị Đào, H'Djŭ"
    assert len(fold(text)) == len(text)
    assert fold(text) == "nguyen thi dao, h'dju"


def test_vocabulary_labels_find_themselves():
    for variant in load_forms().forms[0].titles:
        assert find_label(words_at(0, 0, variant), (variant,)) is not None


def test_birth_label_is_told_from_its_value():
    found = find_label(words_at(0, 0, "Năm sinh: 1973 Dân tộc: Kinh"), BIRTH)
    assert found is not None
    assert (found.start, found.end) == (0, 2)
