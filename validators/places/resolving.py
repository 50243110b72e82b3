"""From an address as written to the unit it means: province first, then district, then commune."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import Indel

from validators.places.addresses import Part, cut, may_be_smaller
from validators.places.likeness import VIEWS, bare_of_marks, marked_key, name_likeness, plain_key
from validators.places.units import TWO_TIERS_SINCE, Unit

if TYPE_CHECKING:
    from validators.places.gazetteer import Gazetteer

ACCEPT_SCORE = 0.7
ACCEPT_MARGIN = 0.048
"""Above both an address counts as resolved; scripts/bench_places measures how often that errs."""

LEAST_LIKENESS = 0.55
OTHER_KIND = 0.96  # "xã" before a name that is a town's
FORMER_NAME = 0.97
NO_DISTRICT = 0.95
NO_PROVINCE = 0.9
UNREAD_MARKED = 0.7  # a part with a level word that nothing answers to
UNREAD_BETWEEN = 0.8  # a part left out between two that are used
UNREAD_BEFORE = 0.8  # a part before the smallest unit that may be a commune
HAMLET = 0.98  # a part before the commune
FOUNDED_LATER = 0.85
GONE_BEFORE = 0.99
PROVINCES_WITHIN = 0.75  # of the best one's likeness
FOLLOWED = 0.7  # of the best score; below this nothing comes near enough to matter
SURE = 0.97  # no other way to cut the address is tried
GOOD_WHOLE = 0.72  # of a commune with its district, as below
GOOD_ENOUGH = 0.8  # a province or district that was left out or misread is not looked for
MOST = 8
NEAREST = 6


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address may mean.

    Attributes:
        province, district, commune: units named or above those named, as they were; None where not found.
        named: those the address itself names, smallest first.
        today: units in force that may be meant now: of the commune, if one is named, else of the province;
            several where a commune was split in 2025.
        score: 0-1, how well text and units agree.
        margin: distance of the score to the best resolution that means another place.
        unread: a part of the address has a level word and is none of these units.
        accepted: the margin rule holds; only ever true for the first of a list.
    """

    province: Unit | None
    district: Unit | None
    commune: Unit | None
    today: tuple[Unit, ...]
    score: float
    named: tuple[Unit, ...] = ()
    unread: bool = False
    margin: float = 0.0
    accepted: bool = False

    @property
    def unit(self) -> Unit:
        """The smallest unit named."""
        found = self.commune or self.district or self.province
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class _Found:
    """A unit, the part it was read from and how well."""

    unit: Unit
    score: float
    at: int


class _Pool:
    """Units among which a part is looked up."""

    def __init__(self, units: Iterable[Unit], gazetteer: Gazetteer) -> None:
        self._units = tuple(units)
        self._views = [[view(u.name) for u in self._units] for view in VIEWS]
        self.named: dict[str, list[Unit]] = {}
        for unit in self._units:
            for key in {plain_key(unit.name), *gazetteer.aliases(unit)}:
                self.named.setdefault(key, []).append(unit)

    def alike(self, name: str) -> list[Unit]:
        """The units most alike in any view, in no order; some may be less alike than they need be."""
        found: dict[int, None] = {}
        for view, keys in zip(VIEWS, self._views, strict=True):
            if view is marked_key and bare_of_marks(name):
                continue
            for _, _, at in process.extract(
                view(name),
                keys,
                scorer=Indel.normalized_similarity,
                processor=None,
                score_cutoff=LEAST_LIKENESS,
                limit=NEAREST,
            ):
                found[at] = None
        return [self._units[at] for at in found]


class Resolver:
    """Searches a gazetteer; keeps the units below others, by level, once they were asked for.

    Args:
        gazetteer: to search in.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._pools: dict[tuple[str, str], _Pool] = {}

    def resolve(self, text: str, on: date | None) -> list[Resolution]:
        """See `Gazetteer.resolve`."""
        search = _Search(self, on)
        for number, parts in enumerate(cut(text)):
            search.run(parts[-5:], 0.995**number)
            if search.best >= SURE:
                break
        ranked = sorted(search.found.values(), key=lambda r: -r.score)[:MOST]
        return _with_margins(ranked)

    def pool(self, level: str, within: Unit | None) -> _Pool:
        """Units of a level anywhere below another."""
        slot = (level, within.id if within else "")
        if slot not in self._pools:
            self._pools[slot] = _Pool(self._walk(level, within), self.gazetteer)
        return self._pools[slot]

    def _walk(self, level: str, within: Unit | None) -> Iterable[Unit]:
        if within is None:
            return (u for u in self.gazetteer if u.level == level)
        found: dict[str, Unit] = {}
        for child in self.gazetteer.children(within):
            if child.level == level:
                found[child.id] = child
            elif child.level == "district" and level == "commune":
                found.update((u.id, u) for u in self.gazetteer.children(child) if u.level == level)
        return found.values()


class _Search:
    """One address being resolved.

    Attributes:
        best: the highest score so far; what stays far below is not followed up.
        found: the best resolution for every meaning.
    """

    def __init__(self, resolver: Resolver, on: date | None) -> None:
        self._gazetteer = resolver.gazetteer
        self._pool = resolver.pool
        self._on = on
        self._seen: dict[tuple[Part, str, str, bool], list[_Found]] = {}
        self._parts: Sequence[Part] = ()
        self._share = 1.0
        self._whole = 0.0
        self.best = 0.0
        self.found: dict[tuple[str, ...], Resolution] = {}

    def run(self, parts: Sequence[Part], share: float) -> None:
        """Look for units in one way to cut the address; ``share`` lowers what it finds."""
        self._parts, self._share = parts, share
        end = len(parts)
        provinces = [f for at in range(max(0, end - 2), end) for f in self._provinces(parts[at], at)]
        provinces.sort(key=lambda f: -f.score)
        least = PROVINCES_WITHIN * provinces[0].score if provinces else 0.0
        provinces = [f for f in provinces[:8] if f.score >= least]
        for province in provinces:
            self._in_province(province)
        if not provinces or provinces[0].score < 0.9:
            self._without_province(thorough=False)
        if self.best < GOOD_ENOUGH and self._whole < GOOD_WHOLE:
            for province in provinces:
                self._communes_of_province(province, thorough=True)
            self._without_province(thorough=True)

    def _in_province(self, province: _Found) -> None:
        self._keep(province, None, None)
        before = self._parts[: province.at]
        for at in range(len(before) - 1, max(-1, len(before) - 4), -1):
            for district in self._matches(before[at], at, "district", province.unit):
                self._in_district(province, district)
        self._communes_of_province(province, thorough=False)

    def _communes_of_province(self, province: _Found, *, thorough: bool) -> None:
        for at in range(province.at - 1, max(-1, province.at - 4), -1):
            for commune in self._matches(
                self._parts[at], at, "commune", province.unit, equal_only=not thorough
            ):
                self._keep(province, None, commune)

    def _without_province(self, *, thorough: bool) -> None:
        parts = self._parts
        for at in range(len(parts) - 1, max(-1, len(parts) - 3), -1):
            for district in self._anywhere(parts[at], at, "district", thorough):
                self._in_district(None, district)
            if at == len(parts) - 1:
                for commune in self._anywhere(parts[at], at, "commune", thorough=False):
                    self._keep(None, None, commune)

    def _in_district(self, province: _Found | None, district: _Found) -> None:
        """The district itself and the communes in it, unless too little of what was read fits."""
        above = district.score * (province.score if province else NO_PROVINCE) * self._share
        if above < FOLLOWED * self.best:
            return
        self._keep(province, district, None)
        for at in range(district.at - 1, max(-1, district.at - 3), -1):
            for commune in self._matches(self._parts[at], at, "commune", district.unit):
                self._keep(province, district, commune)

    def _provinces(self, part: Part, at: int) -> list[_Found]:
        found = self._matches(part, at, "province", None)
        for reading in part:
            if "province" in reading.levels:
                found += [
                    _Found(u, 0.98 * reading.weight, at)
                    for u in self._gazetteer.find(reading.name, level="province")
                ]
        best: dict[str, _Found] = {}
        for f in found:
            if f.unit.id not in best or best[f.unit.id].score < f.score:
                best[f.unit.id] = f
        return list(best.values())

    def _anywhere(self, part: Part, at: int, level: str, thorough: bool) -> list[_Found]:
        if thorough:
            return self._matches(part, at, level, None)
        found = []
        for reading in part:
            if level not in reading.levels:
                continue
            for unit in self._gazetteer.find(reading.name, level=level):
                score = _kind_share(reading.kind, unit) * reading.weight
                found.append(_Found(unit, score * _exactness(reading.name, unit), at))
        return found[:40]

    def _matches(
        self, part: Part, at: int, level: str, within: Unit | None, equal_only: bool = False
    ) -> list[_Found]:
        """Units of a level below another that a part may name: the equal ones, else those alike."""
        slot = (part, level, within.id if within else "", equal_only)
        if slot not in self._seen:
            self._seen[slot] = self._match(part, at, level, within, equal_only)
        known = self._seen[slot]
        return known if not known or known[0].at == at else [replace(f, at=at) for f in known]

    def _match(self, part: Part, at: int, level: str, within: Unit | None, equal_only: bool) -> list[_Found]:
        best: dict[str, _Found] = {}

        def keep(unit: Unit, score: float) -> None:
            if unit.id not in best or best[unit.id].score < score:
                best[unit.id] = _Found(unit, score, at)

        pool = self._pool(level, within)
        for reading in part:
            if level not in reading.levels:
                continue
            equal = pool.named.get(plain_key(reading.name), ())
            for unit in equal:
                keep(unit, _kind_share(reading.kind, unit) * reading.weight * _exactness(reading.name, unit))
            if equal and reading.weight == 1.0:
                break
            for unit in () if equal_only else pool.alike(reading.name):
                likeness = name_likeness(reading.name, unit.name, LEAST_LIKENESS)
                if likeness:
                    keep(unit, likeness * _kind_share(reading.kind, unit) * reading.weight)
        return sorted(best.values(), key=lambda f: -f.score)[:6]

    def _keep(self, province: _Found | None, district: _Found | None, commune: _Found | None) -> None:
        used = [f for f in (province, district, commune) if f is not None]
        score = self._share
        for found in used:
            score *= found.score * _age_share(found.unit, self._on)
        sure = commune is not None and district is not None
        score *= _unread(self._parts, {f.at for f in used}, HAMLET if sure else UNREAD_BEFORE)
        if province is None:
            score *= NO_PROVINCE
        if score < FOLLOWED * self.best:
            return
        smallest = used[-1].unit
        above = {u.level: u for u in self._gazetteer.parents(smallest)}
        if commune is not None and district is None and "district" in above:
            score *= NO_DISTRICT
        self.best = max(self.best, score)
        if sure:
            self._whole = max(self._whole, score)
        if commune is not None or (district is not None and self._is_island(district.unit)):
            today = self._gazetteer.today(smallest)
        else:
            today = self._gazetteer.today(above.get("province", smallest) if district else smallest)
        key = (smallest.level, *sorted(u.id for u in today))
        if smallest.level == "district":
            key = (*key, plain_key(smallest.name))
        if key not in self.found or self.found[key].score < score:
            self.found[key] = Resolution(
                province.unit if province else above.get("province"),
                district.unit if district else (above.get("district") if commune else None),
                commune.unit if commune else None,
                today,
                score,
                tuple(f.unit for f in reversed(used)),
                any(
                    part[0].kind is not None and not may_be_smaller(part)
                    for at, part in enumerate(self._parts)
                    if at not in {f.at for f in used}
                ),
            )

    def _is_island(self, district: Unit) -> bool:
        """Districts without communes went on as one special zone."""
        return len(district.successors) == 1 and self._gazetteer[district.successors[0]].level == "commune"


def _exactness(written: str, unit: Unit) -> float:
    if plain_key(written) != plain_key(unit.name):
        return FORMER_NAME
    return max(FORMER_NAME, name_likeness(written, unit.name))


def _kind_share(kind: str | None, unit: Unit) -> float:
    if kind is None or kind == unit.kind:
        return 1.0
    return OTHER_KIND if unit.level == "commune" else 0.99


def _age_share(unit: Unit, on: date | None) -> float:
    if on is None or unit.in_force(on):
        return 1.0
    if unit.valid_from is not None and on < unit.valid_from:
        return FOUNDED_LATER if unit.valid_from >= TWO_TIERS_SINCE else 0.97
    return GONE_BEFORE


def _unread(parts: Sequence[Part], used: set[int], before: float) -> float:
    share, smallest = 1.0, min(used)
    for at, part in enumerate(parts):
        if at in used or may_be_smaller(part):
            continue
        if part[0].kind is not None:
            share *= UNREAD_MARKED
        elif at > smallest:
            share *= UNREAD_BETWEEN
        else:
            share *= before
    return share


def _with_margins(ranked: list[Resolution]) -> list[Resolution]:
    result = []
    for at, this in enumerate(ranked):
        other = ranked[at + 1].score if at + 1 < len(ranked) else 0.0
        margin = this.score - other
        accepted = at == 0 and this.score >= ACCEPT_SCORE and margin >= ACCEPT_MARGIN
        result.append(replace(this, margin=round(margin, 4), accepted=accepted))
    return result
