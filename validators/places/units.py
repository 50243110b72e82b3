"""Administrative units with the days they were in force, as the tables beside the code list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from validators.tables import rows

TWO_TIERS_SINCE = date(2025, 7, 1)
"""From this day a province holds communes; before, districts that hold communes."""


UNIT_COLUMNS = (
    *("level", "kind", "code", "name", "parent"),
    *("valid_from", "valid_to", "act", "ended_by", "successors"),
)
"""Of the table of units, and of those that an office imports."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit while its name, kind and parent stayed the same.

    Attributes:
        id: the official code for units in force today; code and last day ("23563-20250630") for others.
        code: of the statistics office; a word of our own ("gia-lai-kon-tum") for units older than its list.
        level: "province", "district" or "commune".
        kind: level word as written in running text: "thị trấn".
        name: without the level word; "1" for "phường 1".
        parent: id of the unit above; empty for provinces.
        valid_from: first day, without an act a lower bound; None: older than our sources.
        valid_to: last day, without an act an upper bound; None: in force.
        act: the legal act that founded it, where known.
        ended_by: the legal act that ended it, where known.
        successors: ids of the units that took over; for units gone before 30 June 2025 these lie in the
            structure of that day, from there in today's.
    """

    id: str
    code: str
    level: str
    kind: str
    name: str
    parent: str
    valid_from: date | None
    valid_to: date | None
    act: str
    ended_by: str
    successors: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def in_force(self, on: date | None) -> bool:
        """Whether the unit existed on a day; without a day, always."""
        if on is None:
            return True
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@lru_cache(maxsize=1 << 10)
def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def unit_of_row(row: Mapping[str, str]) -> Unit:
    """Unit of a sound row with `UNIT_COLUMNS`."""
    code, last = row["code"], row["valid_to"]
    return Unit(
        id=f"{code}-{last.replace('-', '')}" if last else code,
        code=code,
        level=row["level"],
        kind=row["kind"],
        name=row["name"],
        parent=row["parent"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(last),
        act=row["act"],
        ended_by=row["ended_by"],
        successors=tuple(row["successors"].split()),
    )


@cache
def all_units() -> tuple[Unit, ...]:
    """Every unit of the table, parents before their children."""
    return tuple(unit_of_row(row) for row in rows("units.csv"))


@cache
def former_names() -> dict[str, tuple[str, ...]]:
    """Folded names that units of June 2025 or parts of them bore before: unit id -> names."""
    return {row["unit"]: tuple(row["names"].split()) for row in rows("unit_aliases.csv")}
