"""The ministry's import pack of one civil-registry book: a sheet, and a zip with one PDF a case.

Facts: one case is one row and one small, unsigned, colour PDF; one book is one sheet and one zip; at most
10,000 cases an export. The pack is checked from outside before it stands where it was asked for; one fault
and nothing stands there.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.checks import Check, failed
from storage.packages.ministry_check import check_cases, check_pack, read_rows
from storage.packages.ministry_columns import SERIAL_COLUMN, Template, columns_of
from storage.packages.ministry_names import FileName, entry_number, export_stem
from storage.packages.ministry_values import cell_of, exported, value_of
from storage.packages.problems import PackageRefused, refuse
from storage.packages.sheet import write_sheet

MAX_CASES = 10_000
SHEET = "DL Import"
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class MinistryBook:
    """A register book as the ministry's system knows it.

    Attributes:
        kind: ``KS``, ``KH``, ``KT``, ``CMC`` or ``HN``.
        years: in which it was opened, then further ones of a book of several years.
        volume: as `storage.packages.ministry_names.volume` gives it.
        unit: issuing unit as it then was.
        template: which form of the sheet.
        digits: to which the number in file names is padded.
    """

    kind: str
    years: tuple[int, ...]
    volume: str
    unit: str
    template: Template = Template.CURRENT
    digits: int = 1

    @property
    def stem(self) -> str:
        """Name of sheet and zip without ending."""
        return export_stem(self.unit, self.kind, self.years[0], self.volume)


@dataclass(frozen=True, slots=True)
class MinistryCase:
    """One registration case.

    Attributes:
        id: of the record, for messages; no part of the pack.
        values: by official key, canonical; dates in words as written.
    """

    id: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PackPart:
    """What lies in the folder: one sheet and its zip."""

    sheet: Path
    archive: Path
    files: Mapping[str, str]
    """Name of the PDF by record id."""


def write_pack(
    book: MinistryBook,
    cases: Sequence[MinistryCase],
    picture: Callable[[MinistryCase], bytes],
    folder: Path,
    *,
    most: int = MAX_CASES,
) -> tuple[PackPart, ...]:
    """Make the pack, check it, and only then let it stand in `folder`.

    Args:
        book: whose pack.
        cases: all of the book, in any order.
        picture: gives the small PDF of a case; called once a case, after the rows were found sound.
        folder: existing; files of the same names are replaced.
        most: cases a part.

    Raises:
        PackageRefused: ``NO_TEMPLATE``, ``NO_CASES``, or ``PACK_REFUSED`` with all problems.
    """
    columns = columns_of(book.kind, book.template)
    if not cases:
        raise PackageRefused("NO_CASES", f"book {book.stem} has no case")
    full = [MinistryCase(case.id, exported(case.values)) for case in cases]
    refuse(check_cases(book.kind, ((case.id, case.values) for case in full)))
    full.sort(key=lambda case: entry_number(case.values["so"]))
    refuse(_taken_twice(book, full))
    names = [file_name(book, case).text(book.digits) for case in full]
    shares = [range(at, min(at + most, len(full))) for at in range(0, len(full), most)]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        parts = []
        for number, share in enumerate(shares, 1):
            stem = book.stem if len(shares) == 1 else f"{book.stem}.p{number:02d}"
            sheet, archive = Path(place) / f"{stem}.xlsx", Path(place) / f"{stem}.zip"
            rows = (_row(columns, full[i].values, i + 1) for i in share)
            sheet.write_bytes(write_sheet(SHEET, [columns], rows))
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
                for i in share:
                    packed.writestr(zipfile.ZipInfo(names[i], _FIXED_TIME), picture(full[i]))
            refuse(check_pack(sheet, archive, book.kind, book.template, most=most))
            parts.append(PackPart(sheet, archive, {full[i].id: names[i] for i in share}))
        return tuple(
            PackPart(
                part.sheet.replace(folder / part.sheet.name),
                part.archive.replace(folder / part.archive.name),
                part.files,
            )
            for part in parts
        )


def file_name(book: MinistryBook, case: MinistryCase) -> FileName:
    """Name of a case's PDF; the case as `exported` gives it, found sound."""
    number = entry_number(case.values["so"])
    registered = case.values["ngayDangKy"]
    return FileName(book.kind, book.years, book.volume, registered, number.number, number.suffix)


def read_pack(sheet: Path, archive: Path, kind: str, template: Template) -> dict[str, dict[str, str]]:
    """Cases of a pack by the name of their PDF, in canonical form as `exported` gives them.

    Raises:
        PackageRefused: ``PACK_REFUSED``; the pack does not pass its check.
    """
    refuse(check_pack(sheet, archive, kind, template))
    cases = {}
    for name, cells in read_rows(sheet, archive, kind, template):
        cases[name] = {k: value_of(k, c) for k, c in cells.items() if c and k != SERIAL_COLUMN}
    return cases


def _row(columns: Sequence[str], values: Mapping[str, str], serial: int) -> list[str]:
    return [str(serial) if key == SERIAL_COLUMN else cell_of(key, values.get(key, "")) for key in columns]


def _taken_twice(book: MinistryBook, cases: Sequence[MinistryCase]) -> list[Check]:
    first: dict[object, str] = {}
    found = []
    for case in cases:
        name = file_name(book, case)
        if first.setdefault(name.key, case.id) != case.id:
            found.append(
                failed("name", "FILE_TWICE", name=name.text(), record=case.id, first=first[name.key])
            )
    return found
