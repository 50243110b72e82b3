"""The administrative units this installation knows: those shipped and those its office imported."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.configuration import ConfigurationError, load_settings
from validators.errors import PlaceTableError
from validators.places import Gazetteer, load_gazetteer
from validators.places.importing import PlaceTable, extended, merged, read_place_table
from validators.places.units import UNIT_COLUMNS

_FILES = ("units.csv", "names.csv")
"""In the order in which they build on each other."""


def places_folder() -> Path:
    """Where this installation keeps what its office imported."""
    return load_settings().data_dir / "places"


def office_gazetteer() -> Gazetteer:
    """The gazetteer as it now stands; made anew only after an import.

    Raises:
        ConfigurationError: what was imported does not fit the shipped units any more.
    """
    folder = places_folder()
    return _loaded(folder, _stamps(folder))


def _stamps(folder: Path) -> tuple[int, ...]:
    paths = (folder / name for name in _FILES)
    return tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in paths)


@lru_cache(maxsize=2)
def _loaded(folder: Path, stamps: tuple[int, ...]) -> Gazetteer:
    gazetteer = load_gazetteer()
    for name, stamp in zip(_FILES, stamps, strict=True):
        if stamp:
            gazetteer = extended(gazetteer, _table(folder / name, gazetteer))
    return gazetteer


def _table(path: Path, gazetteer: Gazetteer) -> PlaceTable:
    try:
        return read_place_table(path.read_bytes(), gazetteer)
    except PlaceTableError as error:
        told = f"Bảng địa danh {path} không còn dùng được: {error}. Hãy sửa tệp này hoặc xóa rồi nhập lại."
        raise ConfigurationError(told) from error


def import_places(content: bytes, folder: Path | None = None) -> PlaceTable:
    """Add a table to what this installation knows; the whole of it or nothing.

    Raises:
        PlaceTableError: with every row that is wrong; then nothing has changed.
    """
    folder = folder or places_folder()
    known = _loaded(folder, _stamps(folder))
    table = read_place_table(content, known)
    name = _FILES[0] if table.columns == UNIT_COLUMNS else _FILES[1]
    base = load_gazetteer() if name == _FILES[0] else known
    path, names = folder / name, folder / _FILES[1]
    whole = merged(_table(path, base), table) if path.is_file() else content
    checked = extended(base, read_place_table(whole, base))
    if path != names and names.is_file():
        read_place_table(names.read_bytes(), checked)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(whole)
    fresh.replace(path)
    return table
