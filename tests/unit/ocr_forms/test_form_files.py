"""The form files that tell where official fields stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.forms import FormError, load_forms
from ocr.forms.schema import KINDS, Layout

VOCABULARY = 'covers = []\nfurniture = []\n[labels]\nname = ["Họ và tên"]\n[splits]\n'
FORM = 'form = "KS"\nera = "x"\nyears = [1999, 2005]\nlayout = "sheet"\ntitles = ["Sổ"]\n'


def write(folder: Path, form: str) -> Path:
    (folder / "vocabulary.toml").write_text(VOCABULARY, encoding="utf-8")
    (folder / "form.toml").write_text(form, encoding="utf-8")
    return folder


def test_every_form_and_period_that_officers_hold_is_described():
    held = {(f.form, f.era) for f in load_forms().forms}
    for form in ("KS", "KH", "KT"):
        assert {(form, era) for era in ("1999-2005", "2006-2015", "2016+")} <= held
    assert {("KS", "1976-1998"), ("KH", "1976-1998")} <= held
    assert {("GKS", era) for era in ("1976-1998", "1999-2005", "2006-2015", "2016+")} <= held
    assert {("CMC", "2006-2015"), ("CMC", "2016+"), ("HN", "2006-2015"), ("HN", "2016+")} <= held
    assert {("GCN", e) for e in ("truoc-2004", "2004-2009", "2009-2024", "2025+", "quyet-dinh")} <= held


def test_every_field_has_a_known_kind_and_stands_once():
    for form in load_forms().forms:
        keys = [part.key for part in form.required]
        assert len(keys) == len(set(keys)), form
        assert {part.kind for part in form.required} <= KINDS


def test_every_register_sheet_names_its_book_number_and_day():
    for form in load_forms().forms:
        if form.layout is Layout.SHEET:
            assert {"so", "quyenSo", "ngayDangKy"} <= {part.key for part in form.required}


@pytest.mark.parametrize(
    "mistake",
    [
        'colour = "red"\n',
        '[[row]]\nslots = [{ label = "unheard", key = "nksHoTen" }]\n',
        '[[row]]\nslots = [{ label = "name", key = "nksHoTen", kind = "colour" }]\n',
        '[[row]]\nslots = [{ label = "name", key = "nksHoTen", split = "unheard" }]\n',
        '[[row]]\nslots = [{ label = "name", key = "a" }, { label = "name", key = "a" }]\n',
        '[[pattern]]\nregex = \'(?P<a>x)\'\nfields = { b = { key = "b", kind = "text" } }\n',
        """[[pattern]]\nregex = '(?P<a>x)'\nblurred = '(?P<b>x)'\nfields.a = { key = "a", kind = "name" }""",
    ],
)
def test_a_mistyped_form_file_is_refused(tmp_path: Path, mistake: str):
    with pytest.raises(FormError):
        load_forms(write(tmp_path, FORM + mistake))


def test_a_sound_form_file_is_accepted(tmp_path: Path):
    library = load_forms(
        write(tmp_path, FORM + '[[row]]\nslots = [{ label = "name", key = "a", kind = "name" }]\n')
    )
    assert library.forms[0].rows[0].slots[0].label == ("Họ và tên",)
