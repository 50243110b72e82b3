"""The land sheet: one row a certificate, parcel and person; signed scans linked; damage told by code."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from storage.checks import Outcome
from storage.packages.land import Certificate, LandPack, read_land, scan_names, write_land
from storage.packages.land_check import check_land
from storage.packages.land_columns import COLUMNS, NUMBERS
from storage.packages.problems import PackageRefused
from storage.pdfa import SealMetadata, SealPage, build_pdfa

_SIGNATURE = b"\n%/ByteRange[0 1 2 3]/SubFilter/ETSI.CAdES.detached\n"
OWNERS = (
    {
        "hoTen": "Kpă Đoan",
        "ngaySinh": "1960",
        "gioiTinh": "1",
        "soGiayTo": "064060003864",
        "diaChi": "làng Bluk",
    },
    {"hoTen": "Rơ Châm H'Bia", "ngaySinh": "1962-05-03", "soGiayTo": "230502016"},
)
PARCELS = (
    {"maXa": "23942", "toBanDoSo": "016", "thuaDatSo": "140", "dienTich": "1703.3", "mucDichSuDung_1": "ONT",
     "mucDichSuDung_2": "CLN", "thoiHanSuDung_1": "Lâu dài"},
    {"toBanDoSo": "38", "thuaDatSo": "231", "dienTich": "949.3", "mucDichSuDung_1": "V"},
)  # fmt: skip
VALUES = {"soPhatHanh": "0 319059", "soVaoSo": "CH 01950", "ngayCap": "1998-03-16"}


def certificate(key: str = "a", **values: str) -> Certificate:
    told = {k: v for k, v in (VALUES | values).items() if v}
    return Certificate(key, told, OWNERS, PARCELS)


def scan(of: Certificate, signature: bytes = _SIGNATURE) -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (200, 280), "ivory").save(image, "JPEG", dpi=(100, 100))
    field = {"value": of.values.get("soPhatHanh", "")}
    record = json.dumps({"fields": {"soPhatHanh": field}}).encode()
    metadata = SealMetadata("GCN", f"urn:x:{of.id}", "VPĐK", datetime(2026, 1, 1, tzinfo=UTC))
    pdf = build_pdfa([SealPage(image.getvalue(), "image/jpeg", 200, 280, 100)], record, metadata, block=None)
    return pdf + signature


@pytest.fixture
def pack(tmp_path: Path) -> LandPack:
    return write_land([certificate(), certificate("b", soPhatHanh="BM 756276")], scan, tmp_path)


def codes(pack: LandPack) -> set[str]:
    return {c.code for c in check_land(pack.sheet.parent) if c.outcome is Outcome.FAILED}


def test_the_sheet_has_forty_nine_columns_from_b_to_ax_with_the_numbers_of_the_form(pack: LandPack):
    assert len(COLUMNS) == 49
    assert [n for n in NUMBERS if n] == [str(n) for n in range(1, 50) if n not in (21, 22)]
    sheet = openpyxl.load_workbook(pack.sheet)["PL3"]
    assert sheet["B1"].value == "Mã đơn vị hành chính cấp xã"
    assert (sheet["AX1"].value, sheet["AX2"].value, sheet.max_column) == ("Tên tệp quét", "49", 50)
    assert (sheet["O2"].value, sheet["P2"].value, sheet["Q2"].value) == (None, None, "14")


def test_a_certificate_fills_one_row_for_each_parcel_and_person_in_words(pack: LandPack):
    rows = list(openpyxl.load_workbook(pack.sheet)["PL3"].iter_rows(min_row=3, values_only=True))
    assert len(rows) == 2 * 2 * 2
    head = {c.key: i for i, c in enumerate(COLUMNS, 1)}
    first = rows[0]
    told = {key: first[head[key]] for key in ("ngayCap", "gioiTinh", "toBanDoSo", "tenTepQuet", "ngaySinh")}
    assert told == {
        "ngayCap": "16/03/1998",
        "gioiTinh": "Nam",
        "toBanDoSo": "016",
        "tenTepQuet": "0 319059-GCN.pdf",
        "ngaySinh": "1960",
    }


def test_what_was_written_is_read_back_equal(pack: LandPack):
    back = read_land(pack.sheet.parent)
    assert back == (
        Certificate("1", certificate().values, OWNERS, PARCELS),
        Certificate("2", certificate(soPhatHanh="BM 756276").values, OWNERS, PARCELS),
    )


def test_scans_are_named_by_serial_and_numbered_only_where_several_share_one():
    given = [
        certificate("a"),
        certificate("b", soPhatHanh="BM 1"),
        certificate("c", soPhatHanh="BM 1"),
        certificate("d", soPhatHanh=""),
        certificate("e", soPhatHanh="BM/2"),
    ]
    names = {"a": "0 319059-GCN.pdf", "b": "BM 1-GCN-01.pdf", "c": "BM 1-GCN-02.pdf"}
    assert scan_names(given) == names


def test_unsigned_and_unlinked_certificates_stand_in_the_check_list(tmp_path: Path):
    given = [
        certificate(),
        certificate("unsigned", soPhatHanh="BM 1"),
        certificate("nameless", soPhatHanh=""),
        certificate("none", soPhatHanh="BM 2"),
    ]
    scans = {"a": scan(given[0]), "unsigned": scan(given[1], b""), "nameless": scan(given[2])}
    done = write_land(given, lambda c: scans.get(c.id), tmp_path)
    links = {key: set(told) & {"NOSIGN", "NOLINK"} for key, told in done.missing.items()}
    assert links == {
        "a": set(),
        "unsigned": {"NOSIGN", "NOLINK"},
        "nameless": {"NOLINK"},
        "none": {"NOSIGN", "NOLINK"},
    }
    assert {p.name for p in tmp_path.glob("*.pdf")} == {"0 319059-GCN.pdf"}
    lines = done.check_list.read_text("utf-8").splitlines()
    assert "unsigned|BM 1_1|HOSOQUET|NOSIGN" in lines
    assert "a|0 319059_1|THIEU|nguonGocSuDung" in lines


def edit(pack: LandPack, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(pack.sheet)
    book["PL3"][cell] = value
    book.save(pack.sheet)


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("C1", "Số vào sổ", {"COLUMNS_DIFFER"}),
        ("Y3", 1703.3, {"CELL_NOT_TEXT"}),
        ("Y3", "1703,3", {"VALUE_MALFORMED"}),
        ("B3", "2394", {"VALUE_MALFORMED"}),
        ("D3", "16/13/1998", {"DATE_MALFORMED", "CERTIFICATE_DIFFERS"}),
        ("A3", "x", {"COUNT_MALFORMED", "FILE_TWICE"}),
        ("AX3", "khac-GCN.pdf", {"CERTIFICATE_DIFFERS", "PDF_OF_OTHER_CERTIFICATE", "PDF_WITHOUT_ROW"}),
    ],
)
def test_a_damaged_sheet_is_told_by_its_code(pack: LandPack, cell: str, value: object, expected: set[str]):
    edit(pack, cell, value)
    assert codes(pack) == expected
    with pytest.raises(PackageRefused):
        read_land(pack.sheet.parent)


def test_damaged_scans_are_told_by_their_codes(pack: LandPack):
    folder = pack.sheet.parent
    one, other = folder / "0 319059-GCN.pdf", folder / "BM 756276-GCN.pdf"
    whole = one.read_bytes()
    one.write_bytes(other.read_bytes())
    assert codes(pack) == {"PDF_OF_OTHER_CERTIFICATE"}
    one.write_bytes(whole.removesuffix(_SIGNATURE))
    assert codes(pack) == {"PDF_NOT_SIGNED"}
    one.write_bytes(b"%PDF-1.7" + _SIGNATURE)
    assert codes(pack) == {"PDF_UNREADABLE"}
    one.unlink()
    assert codes(pack) == {"PDF_MISSING"}
    one.write_bytes(whole)
    (folder / "BX 1-GCN.pdf").write_bytes(whole)
    assert codes(pack) == {"PDF_WITHOUT_ROW"}


def test_a_check_list_that_hides_an_unlinked_certificate_is_told(tmp_path: Path):
    done = write_land([certificate()], lambda _: None, tmp_path)
    assert codes(done) == set()
    lines = [line for line in done.check_list.read_text("utf-8").splitlines() if "NOLINK" not in line]
    done.check_list.write_text("\n".join(lines), encoding="utf-8")
    assert codes(done) == {"LIST_DIFFERS"}
    done.check_list.unlink()
    assert codes(done) == {"LIST_UNREADABLE"}


def test_a_folder_that_holds_a_package_already_is_left_alone(pack: LandPack):
    before = {p.name: p.read_bytes() for p in pack.sheet.parent.iterdir()}
    with pytest.raises(PackageRefused, match="FOLDER_NOT_EMPTY"):
        write_land([certificate()], scan, pack.sheet.parent)
    assert {p.name: p.read_bytes() for p in pack.sheet.parent.iterdir()} == before
