"""Which administrative unit a name means on a day, and which units it is today.

Built from tables beside the code; see validators/data/README.md for what they hold and where from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, cached_property

from validators.places.likeness import name_likeness, plain_key
from validators.places.resolving import Resolution, Resolver
from validators.places.units import TWO_TIERS_SINCE, Unit, all_units, former_names

MIN_LIKENESS = 0.7

_PROVINCE_SHORT = {
    "hcm": "79", "sg": "79", "hn": "01", "brvt": "77", "gl": "64", "tth": "46", "dl": "66", "vtau": "77",
    "hp": "31", "dn": "48", "ct": "92", "daclac": "66", "daclak": "66", "dacnong": "67", "vungtau": "77",
}  # fmt: skip
"""Short and old spellings, with the code of before July 2025; they mean every life of the province."""


class Gazetteer:
    """Units by id, by parent and by name.

    Args:
        units: every unit, each with ids of its parent and successors.
        former: folded former names by unit id.
    """

    def __init__(self, units: Iterable[Unit], former: dict[str, tuple[str, ...]] | None = None) -> None:
        self._units = {unit.id: unit for unit in units}
        self._former = former or {}
        self._children: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            self._children.setdefault(unit.parent, []).append(unit)
        self._resolver = Resolver(self)

    def __len__(self) -> int:
        return len(self._units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def __contains__(self, unit_id: str) -> bool:
        return unit_id in self._units

    def __getitem__(self, unit_id: str) -> Unit:
        return self._units[unit_id]

    def provinces(self, on: date | None = None) -> tuple[Unit, ...]:
        """Provinces in force on a day; without a day, all there ever were."""
        return tuple(u for u in self._children[""] if u.in_force(on))

    def children(self, unit: Unit, on: date | None = None) -> tuple[Unit, ...]:
        """Units directly below, on a day.

        A former province or district without units of its own in the tables gives those of the units that
        took over: "Gia Lai - Kon Tum" has the districts of Gia Lai and of Kon Tum.
        """
        found = {u.id: u for u in self._children.get(unit.id, ())}
        if unit.level != "commune" and unit.valid_to is not None:
            of_today = unit.valid_to >= TWO_TIERS_SINCE  # the same province before it became a city
            if of_today or unit.level == "district" or _ends_early(unit) or not found:
                heirs = (self._units[i] for i in unit.successors if i != unit.id)
                inherited = (c for heir in heirs for c in self.children(heir))
                found |= {c.id: c for c in inherited if of_today or _counts(c)}
        return tuple(u for u in found.values() if u.in_force(on))

    def today(self, unit: Unit) -> tuple[Unit, ...]:
        """Unit or units in force that took over; for a district, those of its communes."""
        if unit.valid_to is None:
            return (unit,)
        if unit.level == "district" and not _all_current(self, unit.successors):
            below = self.children(unit)
            return _unique(t for child in below if child.level == "commune" for t in self.today(child))
        return _unique(t for i in unit.successors for t in self.today(self._units[i]))

    def heirs(self, unit: Unit, on: date) -> tuple[Unit, ...]:
        """Units in force on a later day that took over, directly or through others."""
        return self._followed(unit, on, lambda u: (self._units[i] for i in u.successors))

    def forerunners(self, unit: Unit, on: date) -> tuple[Unit, ...]:
        """Units in force on an earlier day whose territory, or a part of it, the unit took over."""
        return self._followed(unit, on, lambda u: self._came_from.get(u.id, ()))

    def _followed(self, unit: Unit, on: date, steps: Callable[[Unit], Iterable[Unit]]) -> tuple[Unit, ...]:
        seen, todo = {unit.id}, [unit]
        found: list[Unit] = []
        while todo:
            for step in steps(todo.pop()):
                if step.id not in seen:
                    seen.add(step.id)
                    (found if step.in_force(on) else todo).append(step)
        return tuple(found)

    def parents(self, unit: Unit) -> tuple[Unit, ...]:
        """The units above, nearest first."""
        if not unit.parent:
            return ()
        above = self._units[unit.parent]
        return (above, *self.parents(above))

    def aliases(self, unit: Unit) -> tuple[str, ...]:
        """Folded names that the unit, or a part of it, bore before."""
        return self._former.get(unit.id, ())

    def find(
        self, name: str, level: str | None = None, within: Unit | None = None, on: date | None = None
    ) -> tuple[Unit, ...]:
        """Units whose name is the same but for diacritics, blanks and signs.

        Args:
            name: without the level word.
            level: only this level.
            within: only units anywhere below this one.
            on: only units in force on this day.
        """
        key = plain_key(name)
        found = self._by_name.get(key, ())
        if key in _PROVINCE_SHORT and level in (None, "province"):
            names = {u.name for u in self._children[""] if u.code == _PROVINCE_SHORT[key]}
            found = (*found, *(u for u in self._children[""] if u.name in names))
        allowed = self._below(within) if within is not None else None
        return tuple(
            u
            for u in _unique(found)
            if (level is None or u.level == level) and u.in_force(on) and (allowed is None or u.id in allowed)
        )

    def fuzzy(
        self,
        name: str,
        level: str | None = None,
        within: Unit | None = None,
        on: date | None = None,
        least: float = MIN_LIKENESS,
    ) -> list[tuple[Unit, float]]:
        """Units whose name looks like the given one, with the likeness (0-1), best first."""
        pool: Iterable[Unit] = self._units.values()
        if within is not None:
            pool = (self._units[i] for i in self._below(within))
        found = [
            (u, score)
            for u in pool
            if (level is None or u.level == level)
            and u.in_force(on)
            and (score := name_likeness(name, u.name, least)) > 0
        ]
        return sorted(found, key=lambda pair: -pair[1])

    def resolve(self, text: str, on: date | None = None) -> list[Resolution]:
        """What a free-text address may mean, best first; see `Resolution`.

        Args:
            text: as written or read: "X. Ia Phang, H. Chư Sê, T. Gia Lai".
            on: day of the event or paper; without one both structures are tried.
        """
        return self._resolver.resolve(text, on)

    @cached_property
    def _by_name(self) -> dict[str, tuple[Unit, ...]]:
        index: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            for key in (plain_key(unit.name), *self.aliases(unit)):
                index.setdefault(key, []).append(unit)
        return {key: tuple(units) for key, units in index.items()}

    @cached_property
    def _came_from(self) -> dict[str, list[Unit]]:
        index: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            for heir in unit.successors:
                index.setdefault(heir, []).append(unit)
        return index

    def _below(self, unit: Unit) -> dict[str, None]:
        found: dict[str, None] = {}
        for child in self.children(unit):
            found[child.id] = None
            found.update(self._below(child))
        return found


def _ends_early(unit: Unit) -> bool:
    return unit.valid_to is not None and unit.valid_to < date(2025, 6, 30)


def _counts(unit: Unit) -> bool:
    """Whether a unit may stand below a former one: nothing founded by the reform of 2025."""
    return unit.valid_from is None or unit.valid_from < TWO_TIERS_SINCE


def _all_current(gazetteer: Gazetteer, ids: Iterable[str]) -> bool:
    heirs = [gazetteer[i] for i in ids]
    return bool(heirs) and all(u.valid_to is None for u in heirs)


def _unique(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple({u.id: u for u in units}.values())


@cache
def load_gazetteer() -> Gazetteer:
    """The gazetteer of the tables shipped with the project, read once a process."""
    return Gazetteer(all_units(), former_names())
