"""A form added by an administrator: checked, tried on a scan, drawn, and then read without code."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline_bad_input"))
from drawn import encoded, register_sheet

from ocr.engines import InProcessTesseract
from ocr.errors import EngineError
from pipeline.cli.form import command as form_command
from pipeline.cli.read import command as read_command
from pipeline.exit_codes import ExitCode
from pipeline.reading import default_reader

GUIDE = Path(__file__).parents[3] / "docs" / "them-bieu-mau.md"
TITLE = "SỔ ĐĂNG KÝ GIÁM HỘ"
ROWS = (
    (("Quyển số:", "01/2018"),),
    (("Số:", "7"), ("Ngày đăng ký:", "12/03/2018")),
    (("PHẦN GHI VỀ NGƯỜI GIÁM HỘ", ""),),
    (("Họ, chữ đệm, tên:", "Trần Thị Bưởi"),),
    (("Ngày, tháng, năm sinh:", "05/08/1966"), ("Giới tính:", "Nữ")),
    (("Nơi cư trú:", "thôn 3, xã Chư Gu"),),
    (("PHẦN GHI VỀ NGƯỜI ĐƯỢC GIÁM HỘ", ""),),
    (("Họ, chữ đệm, tên:", "Lê Văn Sơn"),),
    (("Ngày, tháng, năm sinh:", "21/11/2009"), ("Giới tính:", "Nam")),
    (("Lý do giám hộ:", "cha mẹ đã mất"),),
)


def example() -> str:
    """The form file of the guide."""
    found = re.search(r"```toml\n(form = .*?)```", GUIDE.read_text("utf-8"), re.S)
    assert found
    return found.group(1)


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    folder = tmp_path / "bieu-mau"
    folder.mkdir()
    (folder / "giam_ho.toml").write_text(example(), encoding="utf-8")
    return folder


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "trang.jpg"
    path.write_bytes(encoded(register_sheet(TITLE, ROWS)))
    return path


def checked(*arguments: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(form_command, ["check", *arguments, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_the_example_of_the_guide_reads_a_page_and_draws_what_it_found(
    forms: Path, scan: Path, tmp_path: Path
):
    code, answer = checked(str(forms / "giam_ho.toml"), str(scan), "--draw", str(tmp_path / "anh"))
    assert code == ExitCode.OK
    (tried,) = answer["scans"]  # type: ignore[misc]
    (record,) = tried["records"]
    fields = record["fields"]
    assert (record["form"], record["era"]) == ("GH", "2016+")
    assert fields["ngayDangKy"]["value"] == "2018-03-12"
    assert fields["nghHoTen"]["box"]
    assert fields["lyDoGiamHo"]["box"]
    assert fields["nghGioiTinh"]["value"] == "2"
    assert fields["ndghGioiTinh"]["value"] == "1"
    (picture,) = tried["drawn"]
    drawn = cv2.imread(picture)
    left, top, right, _ = fields["nghHoTen"]["box"]
    assert drawn.shape[:2] == (2339, 1654)
    edge = drawn[top, left:right].astype(int)
    assert (abs(edge[:, 1] - edge[:, 0]) > 60).mean() > 0.8


def test_forms_of_a_folder_are_read_beside_those_that_are_shipped(
    forms: Path, scan: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOHOA_FORMS_DIR", "")
    monkeypatch.delenv("SOHOA_FORMS_DIR")
    default_reader.cache_clear()
    done = CliRunner().invoke(read_command, [str(scan), "--forms", str(forms), "--jobs", "1", "--json"])
    assert done.exit_code == 0, done.output
    (answer,) = json.loads(done.stdout)
    (record,) = answer["records"]
    assert record["form"] == "GH"
    assert record["fields"]["quyenSo"]["value"] == "01/2018"


def test_without_the_folder_the_page_is_unknown(scan: Path):
    default_reader.cache_clear()
    done = CliRunner().invoke(read_command, [str(scan), "--jobs", "1", "--json"])
    (answer,) = json.loads(done.stdout)
    assert answer["records"] == []


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("titles =", "titel =", "titles"),
        ('label = "full_name"', 'label = "full_nam"', "full_name"),
        ('kind = "sex"', 'kind = "seks"', "sex"),
        ('layout = "sheet"', 'layout = "shet"', "sheet"),
        ('side = "left"', 'side = "links"', "left"),
        ('key = "nghHoTen"', 'key = "ndghHoTen"', "ndghHoTen"),
        ("years = [2016, 2100]", 'years = "2016"', "years"),
        ('form = "GH"', 'form = "GH', "TOML"),
    ],
)
def test_a_mistake_is_told_in_vietnamese_with_what_to_write(forms: Path, wrong: str, right: str, told: str):
    path = forms / "giam_ho.toml"
    path.write_text(path.read_text("utf-8").replace(wrong, right), encoding="utf-8")
    code, answer = checked(str(path))
    assert code == ExitCode.CONFIG
    (problem,) = answer["problems"]  # type: ignore[misc]
    assert told in problem
    assert "giam_ho.toml" in problem


def test_a_scan_of_another_paper_gets_advice(forms: Path, tmp_path: Path):
    other = tmp_path / "khac.jpg"
    other.write_bytes(encoded(register_sheet()))
    code, answer = checked(str(forms / "giam_ho.toml"), str(other))
    assert code == ExitCode.INPUT
    (tried,) = answer["scans"]  # type: ignore[misc]
    assert tried["records"] == []
    assert any("titles" in advice for advice in tried["advice"])


def test_wordings_of_the_office_are_added_to_those_that_are_shipped(forms: Path):
    (forms / "vocabulary.toml").write_text('[labels]\nfull_name = ["Tên họ và chữ lót"]\n', encoding="utf-8")
    code, answer = checked(str(forms / "giam_ho.toml"))
    assert code == ExitCode.OK
    assert answer["era"] == "2016+"


def test_the_same_scan_is_tried_again_without_asking_an_engine(
    forms: Path, scan: Path, monkeypatch: pytest.MonkeyPatch
):
    def silent(*_: object, **__: object) -> str:
        raise EngineError("asked again")

    first = checked(str(forms / "giam_ho.toml"), str(scan))
    monkeypatch.setattr(InProcessTesseract, "_run", silent)
    monkeypatch.setattr("ocr.engines.line_net._run", silent)
    path = forms / "giam_ho.toml"
    path.write_text(path.read_text("utf-8").replace('"nghHoTen"', '"nghTen"'), encoding="utf-8")
    code, again = checked(str(path), str(scan))
    assert code == ExitCode.OK
    before, after = (answer["scans"][0]["records"][0]["fields"] for answer in (first[1], again))  # type: ignore[index]
    assert after["nghTen"] == before["nghHoTen"]
    assert after["lyDoGiamHo"] == before["lyDoGiamHo"]
