"""Workbooks of text cells, as import tools want them: nothing in them is a number, a date or a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from storage.packages.problems import ZIP_FAULTS, PackageRefused

HEADER_FILL, HEADER_INK = "0070C0", "FFFFFF"
MAX_WORKBOOK_BYTES = 512 * 1024 * 1024
"""Unpacked; a sheet of 10,000 births is about 60 MB."""
_MAX_CELL = 32_767  # characters, the limit of the format
_TEXT_FORMAT = "@"
_WIDTH = 18


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row as read back.

    Attributes:
        number: in the sheet, from 1.
        values: one text a column, "" where the cell is empty.
        not_text: columns, from 0, whose cell is a number, a date, a formula or a truth value.
    """

    number: int
    values: tuple[str, ...]
    not_text: tuple[int, ...] = ()


def write_sheet(title: str, head: Sequence[Sequence[str]], rows: Iterable[Sequence[str]]) -> bytes:
    """Write one sheet.

    Args:
        title: of the sheet.
        head: rows of column names, white on blue.
        rows: texts; "" leaves the cell empty.

    Raises:
        PackageRefused: ``CELL_TOO_LONG``.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = f"A{len(head) + 1}"
    for column in range(1, len(head[0]) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    font, fill = Font(bold=True, color=HEADER_INK), PatternFill("solid", fgColor=HEADER_FILL)
    wrapped = Alignment(wrap_text=True, vertical="center", horizontal="center")
    for names in head:
        cells = [_cell(sheet, name) for name in names]
        for cell in cells:
            if cell is not None:
                cell.font, cell.fill, cell.alignment = font, fill, wrapped
        sheet.append(cells)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cell(sheet: object, text: str) -> WriteOnlyCell | None:
    if not text:
        return None
    plain = ILLEGAL_CHARACTERS_RE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(plain) > _MAX_CELL:
        raise PackageRefused("CELL_TOO_LONG", f"a cell of {len(plain)} characters")
    cell = WriteOnlyCell(sheet, plain)
    # "=1+1" and "12" stay what is written on paper
    cell.data_type, cell.number_format = "s", _TEXT_FORMAT
    return cell


def read_sheet(data: bytes, title: str | None = None, *, most: int | None = None) -> tuple[SheetRow, ...]:
    """Rows of one sheet that hold anything, the header among them.

    Args:
        data: a workbook.
        title: of the sheet; None takes the first.
        most: rows to look at, from the top; None takes all.

    Raises:
        PackageRefused: ``WORKBOOK_UNREADABLE``, ``WORKBOOK_TOO_LARGE`` or ``SHEET_MISSING``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(i.file_size for i in packed.infolist()) > MAX_WORKBOOK_BYTES:
                raise PackageRefused("WORKBOOK_TOO_LARGE", "unpacks to more than any sheet of a book")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        names = book.sheetnames
        if not names or (title is not None and title not in names):
            raise PackageRefused("SHEET_MISSING", f"no sheet {title!r} among {names}")
        sheet = book[title if title is not None else names[0]]
        sheet.reset_dimensions()
        rows = [_row(number, cells) for number, cells in enumerate(islice(sheet.iter_rows(), most), 1)]
    except ZIP_FAULTS as error:
        raise PackageRefused("WORKBOOK_UNREADABLE", f"is no readable workbook: {error}") from error
    except (KeyError, TypeError, AttributeError, IndexError, SyntaxError, InvalidFileException) as error:
        raise PackageRefused("WORKBOOK_UNREADABLE", f"is no readable workbook: {error}") from error
    return tuple(row for row in rows if any(row.values))


def _row(number: int, cells: Sequence[object]) -> SheetRow:
    values, odd = [], []
    for column, cell in enumerate(cells):
        value = getattr(cell, "value", None)
        if value is None:
            values.append("")
            continue
        values.append(str(value))
        if not isinstance(value, str) or getattr(cell, "data_type", "s") not in {"s", "inlineStr", "str"}:
            odd.append(column)
    while values and not values[-1]:
        values.pop()
    return SheetRow(number, tuple(values), tuple(odd))


def padded(values: Sequence[str], width: int) -> tuple[str, ...]:
    """The row at full width; trailing empty cells are not stored."""
    return (*values, *[""] * (width - len(values)))


SAFE_IN_NAMES = re.compile(r'[^\\/:*?"<>|\x00-\x1f]+')
"""A text that every file system takes as (part of) a name."""
