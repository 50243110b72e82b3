"""Partial dates against each other, and what a rule says when they contradict."""

from __future__ import annotations

from validators.canonical import ValueContext, canonical
from validators.case import Case, Certainty
from validators.dates import agree, earliest, is_iso, latest
from validators.rules.registry import Violation, certainty, has
from validators.verdict import Outcome

PERSONS = ("nks", "me", "cha", "chong", "vo", "nkt", "cm", "nc", "nxn", "nyc", "chu1", "chu2")
BIRTH_FIELDS = tuple(f"{person}NgaySinh" for person in PERSONS)


def event_key(case: Case) -> str:
    """Key of the day the entry was made or the certificate issued."""
    return "ngayCap" if case.form == "GCN" else "ngayDangKy"


def dated(case: Case, *keys: str) -> bool:
    """Whether all fields carry a date, be it partial."""
    return has(case, *keys) and all(is_iso(case.value(k)) for k in keys)


def surely_after(case: Case, later: str, earlier: str) -> bool:
    """Whether one date lies after another on every reading of partial dates."""
    return dated(case, later, earlier) and earliest(case.value(later)) > latest(case.value(earlier))


def day_of(case: Case, digits: str, words: str) -> str:
    """Which of the two fields of one date says more: words where digits are unsure and do not contradict."""
    if not dated(case, words) or certainty(case, words) is not Certainty.SURE:
        return digits
    if not dated(case, digits):
        return words
    unsure = certainty(case, digits) is not Certainty.SURE
    return words if unsure and agree(case.value(digits), case.value(words)) else digits


def years_between(birth: str, event: str) -> int:
    """Most full years that may lie between two partial dates."""
    born, day = earliest(birth), latest(event)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def vietnamese(iso: str) -> str:
    """ISO date as officers write it."""
    return "/".join(reversed(iso.split("-")))


def contradiction(case: Case, keys: tuple[str, ...], message: str, *, guessed: bool = False) -> Violation:
    """A violation that shows the dates compared; a date repaired or computed rather than read only warns."""
    return Violation(
        keys, message, {k: case.value(k) for k in keys}, guessed=guessed or _repaired(case, keys)
    )


def _repaired(case: Case, keys: tuple[str, ...]) -> bool:
    context = ValueContext(case.form, case.era)
    for key in keys:
        written = case.fields[key].written
        kind = "date_words" if key.endswith("BangChu") else "date"
        if written and canonical(kind, written, context).outcome is not Outcome.PASSED:
            return True
    return False
