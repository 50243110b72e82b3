"""Canonical values as cells of the import template, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from storage.packages.ministry_columns import is_date
from storage.packages.ministry_names import book_number, entry_number
from storage.packages.problems import PackageRefused

ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")
OFFICIAL = re.compile(r"(?:(?:(?P<day>\d\d)[./-])?(?P<month>\d\d)[./-])?(?P<year>\d{4})")
"""``DD.MM.YYYY``, ``MM.YYYY`` or ``YYYY``; sheets of others also use strokes."""


def official_date(iso: str) -> str:
    """``1994-10-02`` as ``02.10.1994``, ``1994-10`` as ``10.1994``; anything else unchanged."""
    found = ISO.fullmatch(iso)
    return ".".join(part for part in reversed(found.groups()) if part) if found else iso


def iso_date(cell: str) -> str:
    """``02.10.1994`` as ``1994-10-02``; anything else, such as an age, unchanged."""
    found = OFFICIAL.fullmatch(cell)
    if found is None:
        return cell
    return "-".join(part for part in (found["year"], found["month"], found["day"]) if part)


def exported(values: Mapping[str, str]) -> dict[str, str]:
    """A case as a pack carries it: number and book in full, in canonical form otherwise; no empty values.

    The year of the number comes from the day of registration where the paper names none: a book of several
    years begins again from 1. What has no such form stays as it is, for the check to refuse.

    Args:
        values: by official key; dates ISO and possibly partial, codes as digits, text NFC.
    """
    full = {key: value for key, value in values.items() if value}
    registered = ISO.fullmatch(values.get("ngayDangKy", ""))
    try:
        year = int(registered["year"]) if registered else None
        full["so"] = entry_number(values.get("so", ""), year).cell()
    except PackageRefused:
        pass
    try:
        volume, opened = book_number(values.get("quyenSo", ""))
        full["quyenSo"] = f"{volume}/{opened}"
    except PackageRefused:
        pass
    return full


def cell_of(key: str, value: str) -> str:
    """Text of one cell."""
    return official_date(value) if is_date(key) else value


def value_of(key: str, cell: str) -> str:
    """Canonical value of one cell."""
    return iso_date(cell) if is_date(key) else cell
