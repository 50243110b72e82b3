"""`sohoa check-package` tells what a receiver would say of a package, and survives every file it is given."""

from __future__ import annotations

import ast
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.cli import main
from pipeline.exit_codes import ExitCode
from pipeline.handover.checking import examine
from pipeline.handover.refusals import sentence
from storage.packages import archive_files
from storage.packages.data import DataFormat, write_data
from storage.packages.data_model import DataRecord, DataSet, Profile
from storage.packages.land import Certificate, write_land
from storage.packages.ministry import MinistryBook, MinistryCase, PackPart, write_pack
from storage.packages.ministry_columns import Template
from tests.unit.pipeline_cli.test_commands import in_vietnamese

ROOT = Path(__file__).parents[3]
UNIT = "xã Lộc Thuận, huyện Bình Đại, tỉnh Bến Tre"
DEATH = {"so": "7", "quyenSo": "1/2005", "ngayDangKy": "2005-08-11", "noiDangKy": UNIT, "nktHoTen": "Lê A"}
SIGNATURE = b"\n%/ByteRange[0 1 2 3]/SubFilter/ETSI.CAdES.detached\n"


@dataclass(frozen=True)
class Told:
    """What the command said."""

    code: int
    packages: list[dict[str, Any]]

    def codes(self, which: str = "failed") -> set[str]:
        return {problem["code"] for package in self.packages for problem in package[which]}


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    def run(path: Path, *options: str) -> Told:
        with pytest.raises(SystemExit) as left:
            main(["check-package", str(path), "--json", *options])
        assert isinstance(left.value.code, int)
        return Told(left.value.code, json.loads(capsys.readouterr().out))

    return run


@pytest.fixture(scope="module")
def page() -> bytes:
    """A page with a coloured picture."""
    import io

    from PIL import Image

    from storage.pdfa import SealPage, small_copy
    from storage.xmp import SealMetadata

    Image.new("RGB", (200, 280), "ivory").save(image := io.BytesIO(), "JPEG", dpi=(100, 100))
    metadata = SealMetadata("t", "urn:x", "UBND", datetime(2026, 1, 1, tzinfo=UTC))
    return small_copy([SealPage(image.getvalue(), "image/jpeg", 200, 280, 100)], metadata)


@pytest.fixture
def deaths(page: bytes, tmp_path: Path) -> PackPart:
    cases = [MinistryCase(n, DEATH | {"so": n}) for n in ("7", "8")]
    (part,) = write_pack(MinistryBook("KT", (2005,), "01", UNIT), cases, lambda _: page, tmp_path)
    return part


@pytest.fixture
def land(page: bytes, tmp_path: Path) -> Path:
    given = [Certificate(n, {"soPhatHanh": f"BM 75627{n}"}, ({},), ({},)) for n in "12"]
    write_land(given, lambda c: page + SIGNATURE if c.id == "1" else None, tmp_path)
    return tmp_path


def told_of(one: dict[str, Any]) -> tuple[object, ...]:
    return one["kind"], one["form"], one["records"], one["outcome"]


def test_an_import_pack_is_known_by_its_columns_from_either_file_or_their_folder(check, deaths):
    for path in (deaths.sheet, deaths.archive, deaths.sheet.parent):
        told = check(path)
        assert (told.code, [told_of(one) for one in told.packages]) == (
            ExitCode.OK,
            [("ministry-pack", "KT", 2, "PASSED")],
        )


@pytest.mark.parametrize("template", Template)
def test_both_templates_of_births_are_told_apart(check, page, tmp_path, template):
    birth = {key.replace("nkt", "nks"): value for key, value in DEATH.items()}
    book = MinistryBook("KS", (2005,), "01", UNIT, template)
    (part,) = write_pack(book, [MinistryCase("1", birth)], lambda _: page, tmp_path)
    (one,) = check(part.sheet).packages
    assert told_of(one) == ("ministry-pack", f"KS {template.value}", 1, "PASSED")


def test_several_packs_of_one_folder_are_all_told(check, deaths, page):
    births = {key.replace("nkt", "nks"): value for key, value in DEATH.items()}
    book = MinistryBook("KS", (2005,), "01", UNIT)
    write_pack(book, [MinistryCase("1", births)], lambda _: page, deaths.sheet.parent)
    (deaths.sheet.parent / f"{deaths.sheet.stem}.p02.zip").write_bytes(b"no zip")
    told = check(deaths.sheet.parent)
    assert [one["outcome"] for one in told.packages] == ["PASSED", "FAILED", "PASSED"]
    assert (told.code, told.codes()) == (ExitCode.REFUSED, {"SHEET_MISSING"})


def rename_column(pack: PackPart) -> None:
    book = openpyxl.load_workbook(pack.sheet)
    book.active["C1"] = "quyen"
    book.save(pack.sheet)


def rewrite(pack: PackPart, change: Callable[[dict[str, bytes]], object]) -> None:
    with zipfile.ZipFile(pack.archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    with zipfile.ZipFile(pack.archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)


def break_stream(pack: PackPart) -> None:
    """Bytes inside a compressed file that no inflater takes."""
    rewrite(pack, lambda files: None)
    with zipfile.ZipFile(pack.archive) as packed:
        first = packed.infolist()[0]
    data = bytearray(pack.archive.read_bytes())
    start = first.header_offset + 30 + len(first.filename.encode())
    data[start : start + 40] = b"\xff" * 40
    pack.archive.write_bytes(data)


NAME = "KT.2005.01.2005-08-11.7.pdf"


@pytest.mark.parametrize(
    ("damage", "codes"),
    [
        (lambda p: p.archive.unlink(), {"ARCHIVE_MISSING"}),
        (lambda p: p.archive.write_bytes(b"no zip"), {"ARCHIVE_UNREADABLE"}),
        (lambda p: p.sheet.unlink(), {"SHEET_MISSING"}),
        (lambda p: p.sheet.write_bytes(b"\xd0\xcf\x11\xe0 an old .xls"), {"WORKBOOK_UNREADABLE"}),
        (rename_column, {"COLUMNS_DIFFER"}),
        (lambda p: rewrite(p, lambda f: f.pop(NAME)), {"PDF_MISSING"}),
        (lambda p: rewrite(p, lambda f: f.update({NAME: f[NAME] + SIGNATURE})), {"PDF_SIGNED"}),
        (lambda p: rewrite(p, lambda f: f.update({f"../{NAME}": b"x"})), {"UNSAFE_NAME"}),
        (lambda p: rewrite(p, lambda f: f.update({f"/etc/{NAME}": b"x"})), {"UNSAFE_NAME"}),
        (lambda p: rewrite(p, lambda f: f.update({f"C:\\{NAME}": b"x"})), {"UNSAFE_NAME"}),
        (lambda p: rewrite(p, lambda f: f.update({NAME: bytes(300 * 2**20)})), {"PACKAGE_TOO_LARGE"}),
        (lambda p: rewrite(p, lambda f: f.update({NAME: bytes(6 * 2**20)})), {"PDF_TOO_LARGE"}),
        (break_stream, {"PDF_UNREADABLE"}),
    ],
)
def test_what_is_wrong_with_a_strangers_import_pack_is_told_by_code(check, deaths, damage, codes):
    damage(deaths)
    path = deaths.sheet if deaths.sheet.exists() else deaths.archive
    told = check(path)
    assert (told.code, told.codes()) == (ExitCode.REFUSED, codes)
    assert all(in_vietnamese(problem["message"]) for problem in told.packages[0]["failed"])
    assert told.packages[0]["records"] == 0


def test_a_swollen_workbook_is_not_unpacked(check, deaths):
    with zipfile.ZipFile(deaths.sheet, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/b", "w") as bomb:
        for _ in range(600):
            bomb.write(bytes(2**20))
    assert check(deaths.sheet).codes() == {"WORKBOOK_TOO_LARGE"}


def test_a_land_set_tells_certificates_without_a_scan_for_a_person_to_judge(check, land):
    told = check(land)
    assert [told_of(one) for one in told.packages] == [("pl3", "", 2, "INDETERMINATE")]
    assert (told.code, told.codes(), told.codes("undecided")) == (
        ExitCode.OK,
        set(),
        {"NO_RECORD_INSIDE", "NOLINK"},
    )
    assert check(land / "PL3.xlsx", "--strict").code == ExitCode.HELD


@pytest.mark.parametrize(
    ("damage", "codes"),
    [
        (lambda folder, page: (folder / "BM 756271-GCN.pdf").unlink(), {"PDF_MISSING"}),
        (lambda folder, page: (folder / "BM 756271-GCN.pdf").write_bytes(page), {"PDF_NOT_SIGNED"}),
        (
            lambda folder, page: (folder / "BM 756271-GCN.pdf").write_bytes(b"x"),
            {"PDF_NOT_SIGNED", "PDF_UNREADABLE"},
        ),
        (lambda folder, page: (folder / "BM 9-GCN.pdf").write_bytes(page), {"PDF_WITHOUT_ROW"}),
        (lambda folder, page: (folder / "danh-muc-kiem-tra.txt").unlink(), {"LIST_UNREADABLE"}),
    ],
)
def test_what_is_wrong_with_a_strangers_land_set_is_told_by_code(check, land, page, damage, codes):
    damage(land, page)
    told = check(land)
    assert (told.code, told.codes()) == (ExitCode.REFUSED, codes)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, some lost, some put in."""
    left = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(left))
        left[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    return bytes(left)


@pytest.mark.parametrize("seed", range(8))
def test_no_damage_to_any_file_breaks_the_check_of_an_import_pack(deaths, seed):
    breaks_nothing(deaths.sheet.parent, seed)


@pytest.mark.parametrize("seed", range(8))
def test_no_damage_to_any_file_breaks_the_check_of_a_land_set(land, seed):
    breaks_nothing(land, seed)


def breaks_nothing(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for _ in range(3):
            path.write_bytes(damaged(whole, chance))
            assert len(examine(folder)) == 1
        path.write_bytes(whole)


def test_data_for_the_shared_store_are_checked_too(check, tmp_path):
    record = DataRecord("r", 1, "23942", "KT", "2005", "KT|01", "2026-01-01T00:00:00+07:00", "a" * 64, DEATH)
    dataset = DataSet(Profile.FULL, "23942", datetime(2026, 1, 1, tzinfo=UTC), (record,), ())
    folder = write_data(dataset, tmp_path / "d", DataFormat.CSV)
    assert [told_of(one) for one in check(folder).packages] == [("data", "", 1, "PASSED")]
    (folder / "records.csv").unlink()
    assert check(folder).codes() == {"FILE_MISSING"}


def archive_zip(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("urn_x/METS.xml", b"<mets/>")
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def test_an_archive_package_that_leads_out_of_itself_or_lacks_files_is_told(check, tmp_path):
    told = check(archive_zip(tmp_path / "goi.zip", **{"urn_x/../../etc/passwd": b"x"}))
    assert (told.packages[0]["kind"], told.code) == ("aip", ExitCode.REFUSED)
    assert told.codes() == {"UNSAFE_NAME", "FILE_MISSING"}


def test_a_swollen_archive_package_is_not_unpacked(check, tmp_path, monkeypatch):
    monkeypatch.setattr(archive_files, "INFLATED_BYTES", 2**20)
    told = check(archive_zip(tmp_path / "goi.zip", **{"urn_x/a.xml": bytes(2**21)}))
    assert (told.code, told.codes()) == (ExitCode.REFUSED, {"PACKAGE_TOO_LARGE"})


def test_what_is_no_package_is_an_input_error_told_in_words(check, tmp_path, capsys):
    (tmp_path / "thu.txt").write_text("x")
    assert check(tmp_path / "thu.txt") == Told(ExitCode.INPUT, [])
    assert check(tmp_path) == Told(ExitCode.INPUT, [])
    with pytest.raises(SystemExit):
        main(["check-package", str(tmp_path)])
    assert in_vietnamese(capsys.readouterr().err)


def test_people_read_each_finding_with_its_code_and_place(deaths, capsys):
    shutil.copy(deaths.sheet, deaths.sheet.parent / "khac.xlsx")
    with pytest.raises(SystemExit):
        main(["check-package", str(deaths.sheet.parent)])
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith("  Lỗi ARCHIVE_MISSING: khac.zip – Thiếu tệp nén.") for line in said)
    assert said[-1] == "Đạt: đọc lại được 2 hồ sơ."


def codes_of(module: Path) -> set[str]:
    """Codes that a module gives to a finding or a refusal."""
    places = {"failed": 1, "undecided": 1, "PackageError": 0, "PackageRefused": 0}
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in places:
            argument = node.args[places[node.func.id]] if len(node.args) > places[node.func.id] else None
            if isinstance(argument, ast.Constant):
                found.add(argument.value)
    return found


def test_every_code_of_a_package_has_a_vietnamese_sentence():
    modules = (m for m in (ROOT / "storage" / "packages").glob("*.py") if not m.name.startswith("carry"))
    codes = set().union(*map(codes_of, modules))
    assert len(codes) > 60
    assert {code for code in codes if sentence(code) == "Gói không đạt kiểm tra."} == set()
