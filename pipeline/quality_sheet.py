"""The quality report as a workbook: one row a book, and a sheet that says what every column counts."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from pipeline.quality import MEASURES, WORDS, Quality, QualityReport

_BOLD = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def quality_workbook(report: QualityReport) -> bytes:
    """The report as xlsx; shares are numbers with a percent format, blank where nothing was counted."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Chất lượng"
    sheet.append([f"Chất lượng dữ liệu – {report.name} ({report.office})"])
    sheet.append([f"Thời điểm: {report.at:%d/%m/%Y %H:%M %Z}"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([])
    sheet.append(["Quyển", "Số hồ sơ", *WORDS.values(), *(f"{WORDS[m.word]}: {m.name}" for m in MEASURES)])
    for row in (report.total, *report.books):
        sheet.append(
            [_named(row, report), row.records, *row.words().values(), *(s.share for s in row.shares)]
        )
    for cell in sheet[4]:
        cell.font, cell.alignment = _BOLD, _WRAPPED
    for line in sheet.iter_rows(min_row=5, min_col=3):
        for cell in line:
            cell.number_format = "0.0%"
    sheet.freeze_panes = "C5"
    sheet.column_dimensions["A"].width = 44
    for column in range(2, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 14
    meaning = book.create_sheet("Giải thích")
    meaning.append(["Từ", "Chỉ tiêu", "Cách tính", "Đạt", "Trên tổng số"])
    for share in report.total.shares:
        measure = share.measure
        meaning.append([WORDS[measure.word], measure.name, measure.meaning, share.good, share.of])
    for cell in meaning[1]:
        cell.font = _BOLD
    for column, width in zip("ABCDE", (14, 24, 80, 10, 14), strict=True):
        meaning.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _named(row: Quality, report: QualityReport) -> str:
    if row is report.total:
        return "Toàn đơn vị"
    # a leading apostrophe keeps a spreadsheet from taking what was read on a page for a formula
    return f"'{row.book}" if row.book.startswith(("=", "+", "-", "@")) else row.book or "(chưa rõ quyển)"
