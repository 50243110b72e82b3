"""Reads register extracts row by row: a file in any encoding that offices use, or rows of a table.

A row is taken whole or not at all. What is wrong is told by row and code; a file that is wrong as a whole is
refused before anything of it is used.
"""

from __future__ import annotations

import csv
import enum
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from validators.dates import is_iso
from validators.errors import RegisterExtractError
from validators.letters import tidy
from validators.population.encodings import SAMPLE_BYTES, Encoding, detect_encoding
from validators.population.row import COLUMNS, RegisterRow

KEPT_PROBLEMS: Final = 1000
MAX_FIELD: Final = 2000
"""Letters; no name or address is longer, a file with its quotes astray is."""
_DAY_FIRST: Final = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$")
_NUMBER_LENGTHS: Final = ((12,), (9, 12))
_SEXES: Final = {"": "", "1": "1", "2": "2", "nam": "1", "nữ": "2", "nu": "2"}


class ProblemCode(enum.StrEnum):
    """What may be wrong with one row."""

    BAD_BYTES = "REGISTER_BAD_BYTES"
    BAD_QUOTES = "REGISTER_BAD_QUOTES"
    COLUMN_COUNT = "REGISTER_COLUMN_COUNT"
    FIELD_TOO_LONG = "REGISTER_FIELD_TOO_LONG"
    NAME_EMPTY = "REGISTER_NAME_EMPTY"
    BIRTH_INVALID = "REGISTER_BIRTH_INVALID"
    SEX_INVALID = "REGISTER_SEX_INVALID"
    NUMBER_INVALID = "REGISTER_NUMBER_INVALID"
    NUMBER_REPEATED = "REGISTER_NUMBER_REPEATED"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row that is not as it should be.

    Attributes:
        row: line of the file, the header being 1, or place in the table, counted from 1.
        column: official name, "" where the row as a whole is broken.
    """

    row: int
    code: ProblemCode
    column: str = ""


@dataclass(slots=True)
class ExtractReport:
    """What an extract held.

    Attributes:
        taken, left_out: rows. Rows whose number another row bears as well are taken and told.
        problems: the first ``KEPT_PROBLEMS``; `counts` has them all.
    """

    encoding: str = ""
    taken: int = 0
    left_out: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    counts: Counter[ProblemCode] = field(default_factory=Counter)

    def tell(self, problem: RowProblem) -> None:
        """Count a problem."""
        self.counts[problem.code] += 1
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(problem)


_clean: Final = lru_cache(maxsize=1 << 17)(tidy)


@lru_cache(maxsize=1 << 16)
def _iso_birth(text: str) -> str | None:
    """ISO of a date written either way round, "" for none, None where it is no date."""
    if not text or is_iso(text):
        return text
    found = _DAY_FIRST.match(text)
    turned = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else ""
    return turned if is_iso(turned) else None


def _broken_cell(values: Sequence[str]) -> tuple[ProblemCode, str] | None:
    whole = "".join(values)
    if len(whole) <= MAX_FIELD and "\ufffd" not in whole and "\x00" not in whole:
        return None
    for column, cell in zip(COLUMNS, values, strict=True):
        if len(cell) > MAX_FIELD:
            return ProblemCode.FIELD_TOO_LONG, column
        if "\ufffd" in cell or "\x00" in cell:
            return ProblemCode.BAD_BYTES, column
    return None


def sound_row(values: Sequence[str]) -> RegisterRow | tuple[ProblemCode, str]:
    """A row from cells in the order of ``COLUMNS``, or what is wrong with it and the column."""
    if broken := _broken_cell(values):
        return broken
    numbers = [n.replace(" ", "").replace(".", "").strip() for n in values[:2]]
    for column, number, lengths in zip(COLUMNS, numbers, _NUMBER_LENGTHS, strict=False):
        if number and not (len(number) in lengths and number.isascii() and number.isdigit()):
            return ProblemCode.NUMBER_INVALID, column
    name, birth, sex, *rest = map(_clean, values[2:])
    if not name:
        return ProblemCode.NAME_EMPTY, "hoTen"
    iso = _iso_birth(birth)
    if iso is None:
        return ProblemCode.BIRTH_INVALID, "ngaySinh"
    code = _SEXES.get(sex.casefold())
    if code is None:
        return ProblemCode.SEX_INVALID, "gioiTinh"
    return RegisterRow(numbers[0], numbers[1], name, iso, code, *rest)


@contextmanager
def _opened(source: str | Path) -> Iterator[tuple[IO[str], Encoding]]:
    if isinstance(source, str) and "\n" in source:
        yield io.StringIO(source), Encoding("utf-8", "utf-8")
        return
    path = Path(source)
    with path.open("rb") as stream:
        encoding = detect_encoding(stream.read(SAMPLE_BYTES))
    if encoding is None:
        raise RegisterExtractError(
            f"{path.name}: no known encoding shows Vietnamese words; export the extract as UTF-8",
            "REGISTER_ENCODING_UNKNOWN",
        )
    with path.open(encoding=encoding.codec, errors="replace", newline="") as text:
        yield text, encoding


def _whole_lines(
    lines: Iterable[str], encoding: Encoding, report: ExtractReport, at: list[int]
) -> Iterator[str]:
    """Lines with their quotes in pairs; one open quote would else swallow the thousands of rows after it."""
    for line in lines:
        at[0] += 1
        if line.count('"') % 2:
            report.left_out += 1
            report.tell(RowProblem(at[0], ProblemCode.BAD_QUOTES))
        elif not line.isspace():
            yield encoding.text(line)


def _table(lines: Iterator[str], at: list[int], report: ExtractReport) -> Iterator[tuple[int, list[str]]]:
    first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    header = [tidy(name) for name in next(csv.reader([first], delimiter=delimiter), [])]
    missing = [c for c in COLUMNS if c not in header]
    if missing:
        raise RegisterExtractError(
            f"register extract lacks the columns {', '.join(missing)}", "REGISTER_COLUMNS_MISSING"
        )
    places = [header.index(c) for c in COLUMNS]
    for cells in csv.reader(lines, delimiter=delimiter):
        if len(cells) != len(header):
            report.left_out += 1
            report.tell(RowProblem(at[0], ProblemCode.COLUMN_COUNT))
        else:
            yield at[0], [cells[p] for p in places]


def _sound(
    rows: Iterable[tuple[int, Sequence[str]]], report: ExtractReport
) -> Iterator[tuple[int, RegisterRow]]:
    for at, cells in rows:
        found = sound_row(cells)
        if isinstance(found, RegisterRow):
            report.taken += 1
            yield at, found
        else:
            report.left_out += 1
            report.tell(RowProblem(at, *found))
    if report.left_out > report.taken:
        raise RegisterExtractError(
            f"register extract: {report.left_out} rows are broken and {report.taken} are sound; "
            "this is no register extract, or it was exported wrongly",
            "REGISTER_MOSTLY_BROKEN",
            tuple(report.problems),
        )


def rows_of_csv(source: str | Path, report: ExtractReport) -> Iterator[tuple[int, RegisterRow]]:
    """Sound rows of a file with their line, one at a time.

    Args:
        source: a path, or the CSV text itself (recognised by its line breaks). The header names the columns
            in any order, further ones are ignored; cells are parted by comma, semicolon or tab.
        report: told as rows pass.

    Raises:
        RegisterExtractError: unknown encoding, a column is missing, or most rows are broken.
        OSError: the file cannot be read.
    """
    with _opened(source) as (text, encoding):
        report.encoding = encoding.name
        at = [0]
        lines = _whole_lines(text, encoding, report, at)
        yield from _sound(_table(lines, at, report), report)


def rows_of_table(
    rows: Iterable[Mapping[str, object]], report: ExtractReport
) -> Iterator[tuple[int, RegisterRow]]:
    """Sound rows of a table of the provincial store.

    Args:
        rows: by official column name, as a database cursor gives them; dates may be `datetime.date`.

    Raises:
        RegisterExtractError: as for files.
    """

    def cells() -> Iterator[tuple[int, list[str]]]:
        for at, row in enumerate(rows, start=1):
            if at == 1 and (missing := [c for c in COLUMNS if c not in row]):
                raise RegisterExtractError(
                    f"register table lacks the columns {', '.join(missing)}", "REGISTER_COLUMNS_MISSING"
                )
            yield at, ["" if (v := row.get(c)) is None else str(v) for c in COLUMNS]

    report.encoding = "table"
    yield from _sound(cells(), report)
