"""Reads a table by which an office adds units or names to the gazetteer; all of it is good or none counts.

Two kinds of table, told apart by their header: units, with the columns of ``validators/data/units.csv``, and
names as written ("written,unit,province,since,until").
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from validators.errors import PlaceTableError, TableProblem
from validators.letters import tidy
from validators.places.addresses import cut
from validators.places.gazetteer import Gazetteer
from validators.places.likeness import plain_key
from validators.places.units import UNIT_COLUMNS, Unit, unit_of_row

NAME_COLUMNS = ("written", "unit", "province", "since", "until")
KINDS = {
    "province": ("tỉnh", "thành phố", "khu", "đặc khu"),
    "district": ("huyện", "quận", "thị xã", "thành phố"),
    "commune": ("xã", "phường", "thị trấn", "đặc khu"),
}
_ABOVE = {"province": (), "district": ("province",), "commune": ("province", "district")}
_NOT_IN_CODES = re.compile(r"[^\w-]")
_YEARS = range(1900, 2101)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlaceTable:
    """A sound table.

    Attributes:
        columns: of its kind.
        rows: with tidy values, each with every column.
        units: in the table, and versions of known ones under other names.
        names: other names without years, folded, by unit id.
        ended: ids of units that the table takes out of force, with their new ids.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    units: tuple[Unit, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    ended: tuple[tuple[str, str], ...] = ()


def merged(old: PlaceTable, new: PlaceTable) -> bytes:
    """Both tables, of one kind, as CSV; a row of the new one replaces the old row about the same thing."""
    about = ("level", "code", "valid_from") if new.columns == UNIT_COLUMNS else ("written", "unit", "until")
    rows = {tuple(row[c] for c in about): row for row in (*old.rows, *new.rows)}
    text = io.StringIO()
    writer = csv.DictWriter(text, new.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    return text.getvalue().encode()


def extended(gazetteer: Gazetteer, table: PlaceTable) -> Gazetteer:
    """A gazetteer that knows the table too; rows of the table replace units of the same id."""
    moved = dict(table.ended)
    units = {u.id: u for u in gazetteer if u.id not in moved}
    units |= {u.id: u for u in table.units}
    if moved:
        units = {
            u.id: replace(u, successors=tuple(moved.get(i, i) for i in u.successors)) for u in units.values()
        }
    former = {u.id: gazetteer.aliases(u) for u in units.values() if gazetteer.aliases(u)}
    for unit_id, name in table.names:
        former[unit_id] = tuple(dict.fromkeys((*former.get(unit_id, ()), name)))
    return Gazetteer(units.values(), former)


def read_place_table(content: bytes, gazetteer: Gazetteer) -> PlaceTable:
    """Check a table against itself and what is known.

    Args:
        content: UTF-8 CSV with a header.
        gazetteer: that it shall extend.

    Raises:
        PlaceTableError: with everything that is wrong, by row (the header is row 1) and code.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = "Tệp không phải UTF-8; hãy lưu lại dạng CSV UTF-8."
        raise PlaceTableError((TableProblem(0, "ENCODING", told),)) from error
    reader = csv.DictReader(text.splitlines())
    header = tuple(tidy(column) for column in reader.fieldnames or ())
    if header not in (UNIT_COLUMNS, NAME_COLUMNS):
        told = f"Dòng đầu phải là {','.join(UNIT_COLUMNS)} hoặc {','.join(NAME_COLUMNS)}."
        raise PlaceTableError((TableProblem(1, "HEADER", told),))
    reader.fieldnames = list(header)
    rows: list[tuple[int, dict[str, str]]] = []
    problems: list[TableProblem] = []
    for number, row in enumerate(reader, 2):
        if None in row or None in row.values():
            problems.append(TableProblem(number, "COLUMNS", f"Dòng phải có {len(header)} cột."))
        else:
            rows.append((number, {key: tidy(value) for key, value in row.items()}))
    if not rows and not problems:
        problems.append(TableProblem(1, "EMPTY", "Bảng không có dòng nào."))
    check = _units if header == UNIT_COLUMNS else _names
    table = check(rows, gazetteer, problems)
    if problems:
        raise PlaceTableError(tuple(sorted(problems, key=lambda p: p.row)))
    return table


def _units(
    rows: list[tuple[int, dict[str, str]]], gazetteer: Gazetteer, problems: list[TableProblem]
) -> PlaceTable:
    units: dict[str, tuple[int, Unit]] = {}
    for number, row in rows:
        found = list(_unit_problems(row))
        problems += [TableProblem(number, code, told) for code, told in found]
        if found:
            continue
        unit = unit_of_row(row)
        if unit.id in units:
            told = f"Trùng với dòng {units[unit.id][0]} (cùng mã, cùng ngày kết thúc)."
            problems.append(TableProblem(number, "REPEATED", told))
        units.setdefault(unit.id, (number, unit))
    ended = tuple(
        (unit.code, unit.id)
        for _, unit in units.values()
        if unit.valid_to and unit.code not in units and unit.code in known_ids(gazetteer)
        and gazetteer[unit.code].valid_from == unit.valid_from
    )  # fmt: skip
    table = PlaceTable(
        UNIT_COLUMNS, tuple(row for _, row in rows), tuple(unit for _, unit in units.values()), ended=ended
    )
    if not problems:
        _check_whole(extended(gazetteer, table), units, problems)
    return table


def known_ids(gazetteer: Gazetteer) -> frozenset[str]:
    """Ids of every unit."""
    return frozenset(u.id for u in gazetteer)


def _unit_problems(row: Row) -> Iterator[tuple[str, str]]:
    level = row["level"]
    if level not in KINDS:
        yield "LEVEL", f"Cấp “{level}” không có; dùng {', '.join(KINDS)}."
    elif row["kind"] not in KINDS[level]:
        yield "KIND", f"Loại “{row['kind']}” không thuộc cấp này; dùng {', '.join(KINDS[level])}."
    if not row["name"]:
        yield "NAME", "Thiếu tên đơn vị."
    if not row["code"] or _NOT_IN_CODES.search(row["code"]):
        yield "CODE", "Thiếu mã đơn vị, hoặc mã có ký tự lạ."
    days: dict[str, date | None] = {}
    for column in ("valid_from", "valid_to"):
        try:
            days[column] = date.fromisoformat(row[column]) if row[column] else None
        except ValueError:
            yield "DATE", f"Ngày “{row[column]}” ({column}) không phải dạng 2026-04-14."
    first, last = days.get("valid_from"), days.get("valid_to")
    if first and last and first > last:
        yield "DATE_ORDER", "Ngày kết thúc trước ngày bắt đầu."
    if bool(row["valid_to"]) != bool(row["successors"]):
        yield "SUCCESSOR", "Đơn vị đã kết thúc phải có đơn vị kế thừa; đơn vị còn hiệu lực thì không."


def _check_whole(
    gazetteer: Gazetteer, units: Mapping[str, tuple[int, Unit]], problems: list[TableProblem]
) -> None:
    """Parents and heirs exist, and every chain of heirs ends in a unit in force."""
    ids = known_ids(gazetteer)
    for unit in gazetteer:
        number = units[unit.id][0] if unit.id in units else 0
        lost = [i for i in unit.successors if i not in ids]
        if unit.parent not in ids if unit.parent else unit.level != "province":
            told = f"Không có đơn vị cấp trên “{unit.parent}” của {unit}."
            problems.append(TableProblem(number, "PARENT", told))
        elif unit.parent and gazetteer[unit.parent].level not in _ABOVE[unit.level]:
            problems.append(
                TableProblem(number, "PARENT", f"{gazetteer[unit.parent]} không thể là cấp trên.")
            )
        if lost:
            told = f"Không có đơn vị kế thừa “{' '.join(lost)}” của {unit}."
            problems.append(TableProblem(number, "SUCCESSOR", told))
    if not problems:
        for unit_id, (number, unit) in units.items():
            if _comes_back(gazetteer, unit_id):
                told = f"Chuỗi kế thừa của {unit} quay lại chính nó."
                problems.append(TableProblem(number, "CIRCLE", told))


def _comes_back(gazetteer: Gazetteer, unit_id: str) -> bool:
    seen: set[str] = set()
    todo = list(gazetteer[unit_id].successors)
    while todo:
        at = todo.pop()
        if at == unit_id:
            return True
        if at not in seen:
            seen.add(at)
            todo += gazetteer[at].successors
    return False


def _names(
    rows: list[tuple[int, dict[str, str]]], gazetteer: Gazetteer, problems: list[TableProblem]
) -> PlaceTable:
    ids = known_ids(gazetteer)
    units: dict[str, Unit] = {}
    names: dict[tuple[str, str], None] = {}
    for number, row in rows:
        found = list(_name_problems(row))
        unit = gazetteer[row["unit"]] if row["unit"] in ids else _told(gazetteer, row["unit"])
        if unit is None:
            found.append(("UNIT", f"Không rõ đơn vị “{row['unit']}”; hãy ghi mã, hoặc tên đầy đủ các cấp."))
        elif row["province"] and not _lies_in(gazetteer, unit, row["province"]):
            found.append(("PROVINCE", f"{unit} không thuộc tỉnh “{row['province']}”."))
        problems += [TableProblem(number, code, told) for code, told in found]
        if found or unit is None:
            continue
        reading = cut(row["written"])[0][0][0]
        key = plain_key(reading.name)
        if not row["until"]:
            names[unit.id, key] = None
            continue
        kind = reading.kind if reading.kind in KINDS[unit.level] else unit.kind
        first = date(int(row["since"]), 1, 1) if row["since"] else None
        last = date(int(row["until"]), 12, 31)
        known = Unit(
            f"{unit.id}~{key}-{row['until']}", f"{unit.code}~{key}", unit.level, kind, reading.name,
            unit.parent, first, last, "", "", (unit.id,),
        )  # fmt: skip
        units[known.id] = known
    return PlaceTable(NAME_COLUMNS, tuple(row for _, row in rows), tuple(units.values()), tuple(names))


def _name_problems(row: Row) -> Iterator[tuple[str, str]]:
    ways = cut(row["written"])
    if not ways or len(ways[0]) != 1 or not plain_key(ways[0][0][0].name):
        yield "WRITTEN", "Cột written phải là tên của đúng một đơn vị, như “xã Ia Rong”."
    years = []
    for column in ("since", "until"):
        if row[column] and not (row[column].isdecimal() and int(row[column]) in _YEARS):
            yield "YEAR", f"Năm “{row[column]}” ({column}) không phải từ 1900 đến 2100."
        elif row[column]:
            years.append(int(row[column]))
    if years != sorted(years):
        yield "YEAR_ORDER", "Năm kết thúc trước năm bắt đầu."
    if row["since"] and not row["until"]:
        yield "YEAR", "Có năm bắt đầu (since) thì phải có năm kết thúc (until)."


def _told(gazetteer: Gazetteer, written: str) -> Unit | None:
    """The unit that a full name surely means."""
    found = gazetteer.resolve(written)
    return found[0].unit if found and found[0].accepted and not found[0].unread else None


def _lies_in(gazetteer: Gazetteer, unit: Unit, province: str) -> bool:
    above: Iterable[Unit] = (unit, *gazetteer.parents(unit))
    return any(u.level == "province" and province in (u.code, u.id, u.name, str(u)) for u in above)
