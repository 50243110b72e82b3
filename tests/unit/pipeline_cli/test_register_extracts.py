from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.exit_codes import ExitCode
from pipeline.extract_reports import told_of
from validators.population import COLUMNS, ExtractReport, ProblemCode, RowProblem

GOOD = "064042124438,231479200,Nguyễn Thị Đào,1942-04-09,2,Kinh,,,,"


def extract(folder: Path, *rows: str) -> Path:
    path = folder / "register.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows, ""]), "utf-8")
    return path


def read(folder: Path, register: Path) -> int:
    scan = folder / "empty.pdf"
    scan.write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        main(["read", str(scan), "--register", str(register), "--jobs", "1", "--json"])
    return int(ended.value.code)


def test_rows_that_are_left_out_are_told_by_line_column_and_code(tmp_path: Path, capsys):
    read(tmp_path, extract(tmp_path, GOOD, GOOD, GOOD.replace("1942-04-09", "31/02/1942")))
    told = capsys.readouterr().err
    assert "dòng 4, cột ngaySinh" in told
    assert "REGISTER_BIRTH_INVALID" in told
    assert "nhận 2 dòng, bỏ 1 dòng" in told
    assert "REGISTER_NUMBER_REPEATED" in told


def test_a_sound_extract_is_not_talked_about(tmp_path: Path, capsys):
    read(tmp_path, extract(tmp_path, GOOD))
    assert "dân cư" not in capsys.readouterr().err


def test_an_extract_of_another_shape_ends_the_command_before_anything_is_read(tmp_path: Path, capsys):
    path = tmp_path / "register.csv"
    path.write_text("ten,ngay\nA,1\n", "utf-8")
    assert read(tmp_path, path) == ExitCode.INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "thiếu cột" in shown.err
    assert "hoTenMe" in shown.err


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_problem_has_a_vietnamese_sentence(code: ProblemCode):
    report = ExtractReport(taken=3)
    report.tell(RowProblem(2, code, "hoTen"))
    row, total = told_of(report)
    assert row.startswith("Tệp dân cư, dòng 2, cột hoTen: ")
    assert row.endswith(f"({code}).")
    assert "1 điều cần xem" in total
