"""Whether a place as written existed on the day it is named for, and what it was called then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from validators.letters import tidy
from validators.places.gazetteer import Gazetteer
from validators.places.likeness import bare_of_marks, plain_key
from validators.places.resolving import ACCEPT_MARGIN, ACCEPT_SCORE, Resolution
from validators.places.units import Unit
from validators.verdict import Outcome, Verdict

FOUND = "PLACE_FOUND"
UNKNOWN = "PLACE_UNKNOWN"
AMBIGUOUS = "PLACE_AMBIGUOUS"
NOT_YET = "PLACE_NOT_YET"
NO_LONGER = "PLACE_NO_LONGER"

EXACT = 0.99  # of a name written letter for letter, with its level word
_NO_LEEWAY = timedelta(0)
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class PlaceCheck:
    """What became of a place as written.

    Attributes:
        verdict: PASSED `FOUND`; INDETERMINATE `UNKNOWN` or `AMBIGUOUS`, for a person to settle; FAILED
            `NOT_YET` or `NO_LONGER`, with ``unit``, ``from``, ``to``, ``then`` and ``act`` as evidence.
        resolution: what it means; None where that is not decided.
        misplaced: the units named that did not exist then, smallest first; only with FAILED.
        candidates: what else it may mean, best first; a person chooses among them.
    """

    verdict: Verdict
    resolution: Resolution | None = None
    misplaced: tuple[Unit, ...] = ()
    candidates: tuple[Resolution, ...] = ()

    @property
    def today(self) -> tuple[Unit, ...]:
        """Unit of today; several where it was split, and then none of them is the right one by itself."""
        return self.resolution.today if self.resolution else ()


def check_place(
    gazetteer: Gazetteer,
    text: str,
    on: date,
    *,
    until: date | None = None,
    leeway: timedelta = _NO_LEEWAY,
) -> PlaceCheck:
    """Resolve a place to the units of a day.

    Args:
        gazetteer: to search in.
        text: as written or read.
        on: day of the event.
        until: last day on which the place may have been named for it, such as that of a late registration.
        leeway: how long before its founding and after its end a name counts as right.
    """
    last = until or on
    found = gazetteer.resolve(text, last)
    best = _decided(gazetteer, text, found)
    if best is None or best.commune is None or _misplaced(gazetteer, best, on - leeway, last + leeway):
        timeless = gazetteer.resolve(text)
        meant = _decided(gazetteer, text, timeless)
        if meant is not None and (best is None or _rank(meant) > _rank(best)):
            best = meant
        found = found or timeless
    if best is None:
        unknown = not found or found[0].score < ACCEPT_SCORE or found[0].unread
        evidence = {"written": text, "candidates": "; ".join(_told(r, on, last) for r in found[:3])}
        verdict = Verdict(Outcome.INDETERMINATE, UNKNOWN if unknown else AMBIGUOUS, evidence)
        return PlaceCheck(verdict, candidates=tuple(found))
    others = tuple(r for r in found if r != best)
    misplaced = _misplaced(gazetteer, best, on - leeway, last + leeway)
    if not misplaced:
        return PlaceCheck(
            Verdict(Outcome.PASSED, FOUND, {"unit": _told(best, on, last)}), best, candidates=others
        )
    misplaced = tuple(_nearest(gazetteer, unit, on, last) for unit in misplaced)
    return PlaceCheck(_failed(gazetteer, misplaced[0], on, last), best, misplaced, others)


def _decided(gazetteer: Gazetteer, text: str, found: list[Resolution]) -> Resolution | None:
    """The first meaning, if it leaves no unit of the text out and no namesake is as likely.

    Names that differ in their diacritics only ("Ba Tơ", "Ba Tô") are told apart where one stands in the text
    letter for letter.
    """
    if not found or found[0].unread:
        return None
    best = found[0]
    key, written = plain_key(best.unit.name), tidy(text).casefold()
    spelled = best.unit.name.casefold() in written and not bare_of_marks(written)
    if not best.accepted:
        rivals = [r for r in found[1:] if best.score - r.score < ACCEPT_MARGIN]
        alike = all(plain_key(r.unit.name) == key and r.score < best.score for r in rivals)
        return best if spelled and alike and best.score >= EXACT else None
    beside = gazetteer.children(gazetteer[best.unit.parent]) if best.unit.level == "commune" else ()
    twins = any(
        u.name != best.unit.name and plain_key(u.name) == key and u.kind == best.unit.kind for u in beside
    )
    return None if twins and not spelled else best


def _rank(resolution: Resolution) -> int:
    return ("province", "district", "commune").index(resolution.unit.level)


def _misplaced(gazetteer: Gazetteer, resolution: Resolution, first: date, last: date) -> tuple[Unit, ...]:
    """Units named that did not exist in a period, nor, for a province, another one of its name."""
    return tuple(
        u
        for u in resolution.named
        if not stood(u, first, last)
        and not (u.level == "province" and any(stood(o, first, last) for o in _lives(gazetteer, u)))
    )


def _lives(gazetteer: Gazetteer, unit: Unit) -> list[Unit]:
    return [
        u for u in gazetteer.find(unit.name, unit.level) if (u.parent, u.name) == (unit.parent, unit.name)
    ]


def stood(unit: Unit, first: date, last: date) -> bool:
    """Whether a unit existed on any day of a period."""
    return (unit.valid_from is None or unit.valid_from <= last) and (
        unit.valid_to is None or unit.valid_to >= first
    )


def _nearest(gazetteer: Gazetteer, unit: Unit, on: date, last: date) -> Unit:
    """Of the lives of a unit that was merged and founded again, the next one, else the last that ended."""
    lives = _lives(gazetteer, unit)
    later = [(u.valid_from, u) for u in lives if u.valid_from is not None and u.valid_from > last]
    ended = [(u.valid_to, u) for u in lives if u.valid_to is not None and u.valid_to < on]
    if later:
        return min(later, key=itemgetter(0))[1]
    return max(ended, key=itemgetter(0))[1] if ended else unit


def _failed(gazetteer: Gazetteer, unit: Unit, on: date, last: date) -> Verdict:
    early = unit.valid_from is not None and unit.valid_from > last
    then = gazetteer.heirs(unit, on)
    if early:
        then = gazetteer.forerunners(unit, last) or tuple(
            u for heir in unit.successors for u in gazetteer.forerunners(gazetteer[heir], last)
        )
    evidence = {
        "unit": str(unit),
        "from": unit.valid_from.isoformat() if unit.valid_from else "",
        "to": unit.valid_to.isoformat() if unit.valid_to else "",
        "then": "; ".join(str(u) for u in then[:_MOST_NAMED]),
        "act": unit.act if early else unit.ended_by,
    }
    return Verdict(Outcome.FAILED, NOT_YET if early else NO_LONGER, evidence)


def _told(resolution: Resolution, on: date, last: date) -> str:
    """The units named, with those above them that existed then."""
    units = (resolution.commune, resolution.district, resolution.province)
    return ", ".join(str(u) for u in units if u and (u in resolution.named or stood(u, on, last)))
