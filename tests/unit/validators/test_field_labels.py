"""Officers read every field's name in their own words."""

from __future__ import annotations

import re

import pytest

from ocr.forms import load_forms
from pipeline.policies import _keys_in
from validators.rules.labels import label, person


def test_every_field_of_every_form_has_a_vietnamese_name():
    keys = {key for key in _keys_in(load_forms().forms) if key}
    assert len(keys) > 100
    assert sorted(k for k in keys if label(k) == k and not re.fullmatch("[a-z]+", label(k))) == []


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("meNgaySinh", "ngày sinh của mẹ"),
        ("soQuyetDinh", "số quyết định"),
        ("dienTichThua_2", "diện tích của thửa (dòng 2)"),
        ("khongCo_2", "khongCo_2"),
    ],
)
def test_a_key_is_told_in_words_and_a_strange_one_stays(key, words):
    assert label(key) == words


def test_a_person_is_told_in_words():
    assert (person("nkt"), person("la")) == ("người chết", "la")
