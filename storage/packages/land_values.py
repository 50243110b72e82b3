"""Canonical values as cells of sheet PL3, in words, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from storage.packages.ministry_values import iso_date, official_date

_DATES = frozenset({"ngayCap", "ngaySinh"})
_SEX = {"1": "Nam", "2": "Nữ", "3": "Không xác định"}
_SEX_CODES = {word: code for code, word in _SEX.items()}


def cells_of(values: Mapping[str, str]) -> dict[str, str]:
    """Texts by key: dates ``DD/MM/YYYY`` as far as known, sex in words, the rest as it is."""
    return {key: _cell(key, value) for key, value in values.items() if value}


def _cell(key: str, value: str) -> str:
    if key in _DATES:
        return official_date(value).replace(".", "/") if re.fullmatch(r"[\d-]+", value) else value
    return _SEX.get(value, value) if key == "gioiTinh" else value


def values_of(cells: Mapping[str, str]) -> dict[str, str]:
    """Canonical values by key, empty ones left out."""
    return {key: _value(key, cell) for key, cell in cells.items() if cell}


def _value(key: str, cell: str) -> str:
    if key in _DATES:
        return iso_date(cell)
    return _SEX_CODES.get(cell, cell) if key == "gioiTinh" else cell
