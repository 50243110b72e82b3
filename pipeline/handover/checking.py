"""Packages that somebody made, here or elsewhere, seen as their receivers would; no server is needed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.handover.refusals import Problem, problem_of
from storage.checks import Check, Outcome, failed, overall
from storage.errors import PackageError
from storage.packages import land_check, ministry_check
from storage.packages.archive import METS_NAME, read_archive
from storage.packages.archive_check import check_archive
from storage.packages.data import METADATA_NAME, check_data, read_data
from storage.packages.land_files import SHEET_FILE
from storage.packages.ministry_columns import Template
from storage.packages.problems import ZIP_FAULTS

MINISTRY, LAND, ARCHIVE, DATA = "ministry-pack", "pl3", "aip", "data"
"""Kinds, named as the subcommands of ``sohoa export`` that make them."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a check found.

    Attributes:
        path: the package's file or folder; of an import pack its sheet.
        kind: one of the kinds above.
        form: register and template of an import pack; "" for others.
        records: rows, certificates, documents or records that were read back; 0 where the package fails.
        outcome: INDETERMINATE where a person has to judge.
        failed: what is wrong.
        undecided: what a person has to judge.
    """

    path: Path
    kind: str
    form: str
    records: int
    outcome: Outcome
    failed: tuple[Problem, ...]
    undecided: tuple[Problem, ...]


def examine(path: Path) -> list[Examined]:
    """Check and read every package that a file or folder is; an empty list where it is none.

    Args:
        path: an import pack's sheet or zip, or a folder of such; a folder with `SHEET_FILE`; an archive
            package as ZIP or folder; a folder of data.
    """
    if path.name == SHEET_FILE:
        path = path.parent
    if not path.is_dir():
        if path.suffix.lower() not in {".zip", ".xlsx"}:
            return []
        return [_archive(path) if _holds_archive(path) else _ministry(path.with_suffix(""))]
    if (path / METS_NAME).is_file():
        return [_archive(path)]
    if (path / METADATA_NAME).is_file():
        return [_data(path)]
    if (path / SHEET_FILE).is_file():
        return [_land(path)]
    return list(_several(path))


def _several(folder: Path) -> Iterator[Examined]:
    """Import packs, part by part, and archive packages that lie in one folder."""
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".zip", ".xlsx"} and p.is_file())
    archives = [p for p in files if _holds_archive(p)]
    yield from map(_archive, archives)
    yield from map(_ministry, dict.fromkeys(p.with_suffix("") for p in files if p not in archives))


def _holds_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            return any(name.partition("/")[2] == METS_NAME for name in packed.namelist())
    except ZIP_FAULTS:
        return False


def _ministry(stem: Path) -> Examined:
    sheet, archive = (stem.with_name(stem.name + ending) for ending in (".xlsx", ".zip"))
    try:
        register, template = ministry_check.sheet_template(sheet)
    except PackageError as error:
        return _told(sheet, MINISTRY, (failed("sheet", error.code, name=sheet.name),), 0)
    checks = ministry_check.check_pack(sheet, archive, register, template)
    form = f"{register} {template.value}" if register == "KS" else register
    rows = 0 if _fails(checks) else _rows(sheet, archive, register, template)
    return _told(sheet, MINISTRY, checks, rows, form)


def _rows(sheet: Path, archive: Path, register: str, template: Template) -> int:
    return len(dict(ministry_check.read_rows(sheet, archive, register, template)))


def _land(folder: Path) -> Examined:
    checks = land_check.check_land(folder)
    rows = () if _fails(checks) else land_check.read_rows(folder / SHEET_FILE)
    return _told(folder, LAND, checks, len({count for count, _ in rows}))


def _archive(path: Path) -> Examined:
    checks = check_archive(path)
    return _told(path, ARCHIVE, checks, 0 if _fails(checks) else len(read_archive(path).documents))


def _data(folder: Path) -> Examined:
    checks = check_data(folder)
    return _told(folder, DATA, checks, 0 if _fails(checks) else len(read_data(folder).records))


def _fails(checks: tuple[Check, ...]) -> bool:
    return overall(checks) is Outcome.FAILED


def _told(path: Path, kind: str, checks: tuple[Check, ...], records: int, form: str = "") -> Examined:
    wrong, unclear = (
        tuple(problem_of(c) for c in checks if c.outcome is outcome)
        for outcome in (Outcome.FAILED, Outcome.INDETERMINATE)
    )
    return Examined(path, kind, form, records, overall(checks), wrong, unclear)
