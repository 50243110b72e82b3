"""What officers are told of a register extract: rows left out, or why it is not used at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from validators.errors import RegisterExtractError
from validators.population import ExtractReport, ProblemCode
from validators.population.extract import rows_of_csv

SHOWN_PROBLEMS: Final = 20
_ROW_SENTENCES: Final[Mapping[ProblemCode, str]] = {
    ProblemCode.BAD_BYTES: "có ký tự hỏng",
    ProblemCode.BAD_QUOTES: "dấu ngoặc kép không đủ cặp",
    ProblemCode.COLUMN_COUNT: "số ô khác số cột",
    ProblemCode.FIELD_TOO_LONG: "có ô quá dài",
    ProblemCode.NAME_EMPTY: "thiếu họ tên",
    ProblemCode.BIRTH_INVALID: "ngày sinh không có thật",
    ProblemCode.SEX_INVALID: "giới tính không phải 1 hoặc 2",
    ProblemCode.NUMBER_INVALID: "số giấy tờ sai độ dài hoặc có chữ",
    ProblemCode.NUMBER_REPEATED: "số giấy tờ trùng với dòng khác",
}
_REFUSALS: Final[Mapping[str, str]] = {
    "REGISTER_COLUMNS_MISSING": "Tệp dân cư thiếu cột. Hãy xuất lại đủ các cột theo mẫu.",
    "REGISTER_ENCODING_UNKNOWN": "Không nhận ra bảng mã của tệp dân cư. Hãy xuất lại bằng UTF-8.",
    "REGISTER_MOSTLY_BROKEN": "Phần lớn các dòng của tệp dân cư bị hỏng nên không dùng tệp này. "
    "Hãy xuất lại từ hệ thống dân cư.",
}


def examined(path: Path) -> ExtractReport:
    """Read an extract through without keeping it, before a batch is received under it.

    Raises:
        RegisterExtractError: it would be refused.
    """
    report = ExtractReport()
    for _ in rows_of_csv(path, report):
        pass
    return report


def told_of(report: ExtractReport) -> Iterator[str]:
    """Vietnamese lines about rows that are not as they should be; none where all are sound."""
    for problem in report.problems[:SHOWN_PROBLEMS]:
        column = f", cột {problem.column}" if problem.column else ""
        yield f"Tệp dân cư, dòng {problem.row}{column}: {_ROW_SENTENCES[problem.code]} ({problem.code})."
    if found := report.counts.total():
        yield f"Tệp dân cư: nhận {report.taken} dòng, bỏ {report.left_out} dòng, {found} điều cần xem."


def refusal(error: RegisterExtractError) -> str:
    """Why an extract is not used, and which rows show it."""
    rows = ", ".join(str(getattr(p, "row", "")) for p in error.problems[:SHOWN_PROBLEMS])
    why = _REFUSALS.get(error.code, "Không dùng được tệp dân cư.")
    return f"{why} [{error.code}] {error}" + (f"\nCác dòng hỏng đầu tiên: {rows}." if rows else "")
