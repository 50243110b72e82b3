"""The ministry's pack: made as prescribed, refused when damaged in any way, read back as it was."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from storage.checks import Outcome
from storage.packages.ministry import MinistryBook, MinistryCase, PackPart, read_pack, write_pack
from storage.packages.ministry_check import check_pack
from storage.packages.ministry_columns import KINDS, Template, columns_of
from storage.packages.ministry_names import FileName, entry_number, export_stem, parse_file_name
from storage.packages.ministry_values import exported, iso_date, official_date
from storage.packages.problems import PackageRefused
from storage.pdfa import SealMetadata, SealPage, small_copy

OFFICIAL = Path(__file__).resolve().parents[4] / "shared" / "reference" / "hotich_templates.json"
UNIT = "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
BOOK = MinistryBook("KS", (2005,), "01", UNIT)
BIRTH = {
    "so": "51",
    "quyenSo": "1/2005",
    "trangSo": "26",
    "ngayDangKy": "2005-08-11",
    "noiDangKy": UNIT,
    "loaiDangKy": "1",
    "nksHoTen": "Nguyễn Thị Ỷ",
    "nksGioiTinh": "2",
    "nksNgaySinh": "2005-08-02",
    "nksSoDinhDanh": "083305001234",
    "nksNgaySinhBangChu": "Ngày hai tháng tám năm hai nghìn không trăm linh năm",
    "meNgaySinh": "1980",
    "chaNgaySinh": "1979-04",
    "chaHoTen": '=HYPERLINK("x")',
}
NUMBERS = ("51", "51a", "51 bis", "7", "120/2005")


def picture(case: MinistryCase, mode: str = "RGB") -> bytes:
    image = Image.new(mode, (827, 1169), "ivory" if mode == "RGB" else 240)
    ImageDraw.Draw(image).text((80, 80), case.id, fill="navy" if mode == "RGB" else 20)
    data = io.BytesIO()
    image.save(data, "JPEG", dpi=(100, 100))
    page = SealPage(data.getvalue(), "image/jpeg", 827, 1169, 100)
    return small_copy([page], SealMetadata("KS", "urn:uuid:1", "UBND", datetime(2026, 1, 1, tzinfo=UTC)))


def cases(*numbers: str) -> list[MinistryCase]:
    return [MinistryCase(f"r{n}", BIRTH | {"so": n}) for n in numbers or NUMBERS]


@pytest.fixture
def pack(tmp_path: Path) -> PackPart:
    (part,) = write_pack(BOOK, cases(), picture, tmp_path)
    return part


def codes(part: PackPart, **options: object) -> set[str]:
    found = check_pack(part.sheet, part.archive, "KS", Template.CURRENT, **options)
    return {c.code for c in found if c.outcome is Outcome.FAILED}


def test_the_columns_are_those_of_the_templates_in_their_order():
    if not OFFICIAL.is_file():
        pytest.skip("no reference folder beside the checkout")
    official = json.loads(OFFICIAL.read_text("utf-8"))
    assert columns_of("KS", Template.CURRENT) == tuple(official["KS_2024"])
    counts = {}
    for kind in KINDS:
        columns = columns_of(kind, Template.OLDER)
        assert columns == tuple(official[f"{kind}_older"])
        counts[kind] = len(columns)
    assert counts == {"KS": 60, "KH": 44, "KT": 48, "CMC": 50, "HN": 35}
    assert len(columns_of("KS", Template.CURRENT)) == 70


def test_a_paper_without_a_template_is_told_as_not_exportable():
    with pytest.raises(PackageRefused, match="NO_TEMPLATE"):
        columns_of("GKS", Template.CURRENT)


def test_the_sheet_holds_text_cells_under_a_white_on_blue_header(pack: PackPart):
    sheet = openpyxl.load_workbook(pack.sheet)["DL Import"]
    head, first = list(sheet.iter_rows())[:2]
    assert tuple(c.value for c in head) == columns_of("KS", Template.CURRENT)
    assert {(c.font.color.rgb[-6:], c.fill.fgColor.rgb[-6:]) for c in head} == {("FFFFFF", "0070C0")}
    assert {(c.data_type, c.number_format) for c in first if c.value is not None} == {("s", "@")}
    told = {h.value: c.value for h, c in zip(head, first, strict=True) if c.value is not None}
    assert (told["STT"], told["so"], told["quyenSo"], told["trangSo"]) == ("1", "07/2005", "01/2005", "26")
    assert (told["ngayDangKy"], told["chaNgaySinh"], told["meNgaySinh"]) == ("11.08.2005", "04.1979", "1980")
    assert told["nksSoDinhDanh"] == "083305001234"
    assert told["chaHoTen"] == '=HYPERLINK("x")'


def test_names_are_as_prescribed_and_suffixes_stay(pack: PackPart):
    assert pack.sheet.name == "xalocthuan_hbd_tbt.KS.2005.01.xlsx"
    assert pack.archive.name == "xalocthuan_hbd_tbt.KS.2005.01.zip"
    with zipfile.ZipFile(pack.archive) as packed:
        assert packed.namelist() == [
            f"KS.2005.01.2005-08-11.{n}.pdf" for n in ("7", "51", "51 bis", "51a", "120")
        ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("template", Template)
def test_what_was_written_is_read_back_equal(kind: str, template: Template, tmp_path: Path):
    unit = "noiCap" if kind == "HN" else "noiDangKy"
    columns = columns_of(kind, template)
    whole = {k: v for k, v in (BIRTH | {unit: UNIT}).items() if k in columns}
    given = [MinistryCase(n, whole | {"so": n, "ghiChu": "Cải chính\nngày 1/2/2006"}) for n in NUMBERS]
    book = MinistryBook(kind, (2005,), "01", UNIT, template, digits=3)
    (part,) = write_pack(book, given, picture, tmp_path)
    back = read_pack(part.sheet, part.archive, kind, template)
    assert {part.files[c.id]: exported(c.values) for c in given} == back


def test_a_large_book_is_split_and_no_case_is_lost(tmp_path: Path):
    parts = write_pack(BOOK, cases(*map(str, range(1, 8))), picture, tmp_path, most=3)
    assert [len(p.files) for p in parts] == [3, 3, 1]
    assert [p.sheet.stem[-4:] for p in parts] == [".p01", ".p02", ".p03"]
    assert sum(len(read_pack(p.sheet, p.archive, "KS", Template.CURRENT)) for p in parts) == 7


def test_a_book_of_several_years_takes_the_years_of_its_numbers_from_the_days(tmp_path: Path):
    book = MinistryBook("KS", (2004, 2006), "01", UNIT)
    values = BIRTH | {"quyenSo": "01/2004"}
    given = [MinistryCase("a", values), MinistryCase("b", values | {"ngayDangKy": "2006-01-03"})]
    (part,) = write_pack(book, given, picture, tmp_path)
    names = {"a": "KS.2004.2006.01.2005-08-11.51.pdf", "b": "KS.2004.2006.01.2006-01-03.51.pdf"}
    assert part.files == names
    back = read_pack(part.sheet, part.archive, "KS", Template.CURRENT)
    assert {name: case["so"] for name, case in back.items()} == {
        names["a"]: "51/2005",
        names["b"]: "51/2006",
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"so": ""}, "REQUIRED_EMPTY"),
        ({"so": "null"}, "NUMBER_MALFORMED"),
        ({"so": "51/2004"}, "YEAR_OF_NUMBER_DIFFERS"),
        ({"quyenSo": "01"}, "BOOK_NUMBER_MALFORMED"),
        ({"trangSo": "26b"}, "PAGE_NOT_NUMERIC"),
        ({"ngayDangKy": "2005-08"}, "REGISTRATION_DATE_MALFORMED"),
        ({"ngayDangKy": "2005-02-30"}, "REGISTRATION_DATE_MALFORMED"),
        ({"noiDangKy": ""}, "REQUIRED_EMPTY"),
        ({"nksNgaySinh": "mùa lúa 1975"}, "DATE_MALFORMED"),
        ({"nksGioiTinh": "Nam"}, "CODE_UNKNOWN"),
        ({"loaiDangKy": "7"}, "CODE_UNKNOWN"),
    ],
)
def test_a_case_that_the_import_would_refuse_refuses_the_pack_before_anything_is_written(
    changed: dict[str, str], code: str, tmp_path: Path
):
    given = [*cases("1", "2"), MinistryCase("bad", BIRTH | changed)]
    with pytest.raises(PackageRefused) as refused:
        write_pack(BOOK, given, picture, tmp_path)
    assert {(c.code, c.evidence["record"]) for c in refused.value.problems} == {(code, "bad")}
    assert list(tmp_path.iterdir()) == []


def test_an_age_instead_of_a_birth_date_is_allowed(tmp_path: Path):
    given = [MinistryCase("a", BIRTH | {"chaNgaySinh": "35t"})]
    (part,) = write_pack(BOOK, given, picture, tmp_path)
    assert codes(part) == set()


def test_two_cases_with_one_number_are_refused_with_both(tmp_path: Path):
    given = [MinistryCase("a", BIRTH), MinistryCase("b", BIRTH | {"so": "051"})]
    with pytest.raises(PackageRefused) as refused:
        write_pack(BOOK, given, picture, tmp_path)
    (check,) = refused.value.problems
    assert (check.code, check.evidence["record"], check.evidence["first"]) == ("ROW_TWICE", "b", "a")


def test_a_signed_or_unreadable_pdf_lets_no_pack_leave(tmp_path: Path):
    for data, code in ((picture(cases()[0]) + b"/ByteRange", "PDF_SIGNED"), (b"%PDF-1.7", "PDF_UNREADABLE")):
        with pytest.raises(PackageRefused, match=code):
            write_pack(BOOK, cases("1"), lambda _, data=data: data, tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_a_grey_scan_is_told_and_does_not_stop_the_pack(tmp_path: Path):
    (part,) = write_pack(BOOK, cases("1"), lambda case: picture(case, "L"), tmp_path)
    (check,) = check_pack(part.sheet, part.archive, "KS", Template.CURRENT)
    assert (check.code, check.outcome) == ("PDF_NOT_COLOUR", Outcome.INDETERMINATE)


def edit_zip(part: PackPart, change: Callable[[dict[str, bytes]], object]) -> None:
    with zipfile.ZipFile(part.archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    with zipfile.ZipFile(part.archive, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)


def edit_sheet(part: PackPart, change: Callable[[openpyxl.worksheet.worksheet.Worksheet], object]) -> None:
    book = openpyxl.load_workbook(part.sheet)
    change(book["DL Import"])
    book.save(part.sheet)


NAME = "KS.2005.01.2005-08-11.51.pdf"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda f: f.pop(NAME), {"PDF_MISSING"}),
        (lambda f: f.update({NAME.replace("51", "52"): f[NAME]}), {"PDF_WITHOUT_ROW"}),
        (lambda f: f.update({NAME.replace("51", "52"): f.pop(NAME)}), {"PDF_MISSING", "PDF_WITHOUT_ROW"}),
        (lambda f: f.update({NAME.replace("KS", "KT"): f.pop(NAME)}), {"PDF_MISSING", "PDF_OF_OTHER_BOOK"}),
        (lambda f: f.update({NAME.replace("51", "051"): f[NAME]}), {"FILE_TWICE"}),
        (
            lambda f: f.update({NAME.replace("51", "null"): f.pop(NAME)}),
            {"PDF_MISSING", "FILE_NAME_MALFORMED"},
        ),
        (lambda f: f.update({"../" + NAME: f.pop(NAME)}), {"PDF_MISSING", "UNSAFE_NAME"}),
        (lambda f: f.update({NAME: f[NAME] + bytes(5 * 1024 * 1024)}), {"PDF_TOO_LARGE"}),
        (lambda f: f.update({NAME: b"\xff\xd8\xff"}), {"PDF_UNREADABLE"}),
        (lambda f: f.update({NAME: f[NAME] + b"/ByteRange[0 1 2 3]"}), {"PDF_SIGNED"}),
    ],
)
def test_a_damaged_zip_is_told_by_its_code(pack: PackPart, change, expected: set[str]):
    edit_zip(pack, change)
    assert codes(pack) == expected
    with pytest.raises(PackageRefused, match="PACK_REFUSED"):
        read_pack(pack.sheet, pack.archive, "KS", Template.CURRENT)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s.move_range("B1:B6", cols=1), {"COLUMNS_DIFFER"}),
        (lambda s: s.delete_cols(70), {"COLUMNS_DIFFER"}),
        (lambda s: s.cell(1, 71, "them"), {"COLUMNS_DIFFER"}),
        (lambda s: s.cell(3, 4).__setattr__("value", 26.5), {"CELL_NOT_TEXT", "PAGE_NOT_NUMERIC"}),
        (lambda s: s.cell(3, 4).__setattr__("value", 26), {"CELL_NOT_TEXT"}),
        (lambda s: s.cell(3, 13).__setattr__("value", "=1+1"), {"CELL_NOT_TEXT"}),
        (lambda s: s.cell(3, 71).__setattr__("value", "x"), {"ROW_TOO_LONG"}),
        (lambda s: s.cell(3, 15).__setattr__("value", "02/08/2005"), {"DATE_NOT_WITH_POINTS"}),
        (lambda s: s.delete_rows(3), {"PDF_WITHOUT_ROW"}),
        (
            lambda s: s.cell(3, 2).__setattr__("value", "07/2005"),
            {"ROW_TWICE", "PDF_MISSING", "PDF_WITHOUT_ROW"},
        ),
        (lambda s: s.delete_rows(2, 9), {"NO_CASES", "PDF_WITHOUT_ROW"}),
    ],
)
def test_a_damaged_sheet_is_told_by_its_code(pack: PackPart, change, expected: set[str]):
    edit_sheet(pack, change)
    assert codes(pack) == expected


def test_files_that_are_no_pack_are_told_and_break_nothing(pack: PackPart, tmp_path: Path):
    other = tmp_path / "khac.zip"
    shutil.copy(pack.archive, other)
    assert {c.code for c in check_pack(pack.sheet, other, "KS", Template.CURRENT)} == {"NAMES_DIFFER"}
    whole = pack.archive.read_bytes()
    pack.archive.write_bytes(whole[: len(whole) // 2])
    assert codes(pack) == {"ARCHIVE_UNREADABLE"}
    pack.sheet.write_bytes(b"PK\x03\x04 no workbook")
    assert codes(pack) == {"WORKBOOK_UNREADABLE"}


def test_more_rows_than_an_import_takes_are_told(pack: PackPart):
    assert codes(pack, most=4) == {"TOO_MANY_ROWS"}


def test_names_are_read_whatever_their_padding():
    plain, padded = parse_file_name(NAME), parse_file_name("KS.2005.1.2005-08-11.051.pdf")
    assert plain.key == padded.key
    assert plain.text() == NAME
    assert plain.text(3) == "KS.2005.01.2005-08-11.051.pdf"
    assert parse_file_name("KS.2004.2006.01.2006-01-02.12.pdf").years == (2004, 2006)
    assert export_stem("phường 7, TP. Vũng Tàu, tỉnh Bà Rịa - Vũng Tàu", "KT", 2014, "01") == (
        "phuong7_tvt_tbrvt.KT.2014.01"
    )


@given(st.integers(1, 99999), st.sampled_from(["", "a", "đ", "bis", " bis"]), st.integers(1, 5))
def test_every_name_that_is_written_is_read_back(number: int, suffix: str, digits: int):
    name = FileName("CMC", (2011,), "01", "2009-02-09", number, suffix)
    assert parse_file_name(name.text(digits)) == name
    assert entry_number(f"{number}{suffix}", 2009).cell().endswith(f"{suffix}/2009")


@given(st.dates().map(str), st.sampled_from([4, 7, 10]))
def test_every_date_whole_or_partial_is_read_back(day: str, length: int):
    assert iso_date(official_date(day[:length])) == day[:length]


def test_the_small_pdf_stays_near_a_hundred_kilobytes(pack: PackPart):
    with zipfile.ZipFile(pack.archive) as packed:
        assert all(entry.file_size < 120_000 for entry in packed.infolist())
        with pikepdf.open(io.BytesIO(packed.read(NAME))) as pdf:
            assert len(pdf.pages) == 1
