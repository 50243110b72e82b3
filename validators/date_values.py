"""Canonical value of a date: solar, partial, counted from an age, or lunar and kept."""

from __future__ import annotations

import re

from validators import dates
from validators.canonical_value import CanonicalValue, Reason, failed, kept, parsed
from validators.letters import tidy
from validators.lunar_dates import LunarDate, parse_lunar

# "3/4/1984 (tức 3/3 năm Giáp Tý)": one day in both calendars
_WITH_AGE = re.compile(r"(?P<date>.*\d)[\s,;(]+(?P<age>\d{1,3}\s*(?:t|tuổi|tuoi))[\s.)]*", re.IGNORECASE)
_ABOUT = re.compile(r"\?|\b(?:khoảng|khoang|chừng|độ)\s+(?:năm|tháng|ngày|\d)", re.IGNORECASE)
_THAT_IS = re.compile(r"[(;,]?\s*\b(?:tức(?:\s+là)?|nhằm)\b\s*", re.IGNORECASE)


def date_value(written: str, event_year: int | None, *, words_first: bool = False) -> CanonicalValue:
    """Canonical value of a date as written.

    Args:
        written: digits, words or both; partial; an age; solar or lunar.
        event_year: year of registration, for ages, two-digit years and names of the lunar cycle.
        words_first: the field holds a date in words.

    Returns:
        An ISO date, possibly partial; a lunar date as written, with its possible solar days as evidence;
        "" for an impossible one. What the clerk marked as a guess ("khoảng 1960", "1960?") is never sure.
    """
    text = tidy(written)
    lunar = parse_lunar(text, event_year)
    if lunar is not None:
        return _lunar_value(text, lunar, event_year)
    if (both := _WITH_AGE.fullmatch(text)) is not None:
        born, age = (dates.parse_digits(both[part], event_year) for part in ("date", "age"))
        if born is not None:
            near = age is not None and abs(int(age.iso) - int(born.iso[:4])) <= 1
            return parsed(born.iso, text, exact=born.exact and near)
    readers = (dates.parse_digits, dates.parse_words)
    for reader in reversed(readers) if words_first else readers:
        if (found := reader(text, event_year)) is not None:
            return parsed(found.iso, text, exact=found.exact and not _ABOUT.search(text))
    if dates.folded_age(text):
        return kept(text, Reason.AS_WRITTEN if event_year else Reason.AGE_WITHOUT_YEAR)
    if (parts := dates.impossible(text)) is not None:
        return failed(Reason.DATE_IMPOSSIBLE, written=text, parts="/".join(map(str, parts)))
    return failed(written=text)


def _lunar_value(text: str, lunar: LunarDate, event_year: int | None) -> CanonicalValue:
    """A lunar date as written, or the solar one beside it; sure only where the calendars agree."""
    parts = _THAT_IS.split(text)
    solar = [found for part in parts if (found := dates.parse_digits(part, event_year)) is not None]
    if len(parts) > 1 and len(solar) == 1:
        beside = [day for part in parts if (said := parse_lunar(part, event_year)) for day in said.solar]
        agree = solar[0].iso in [day.isoformat() for day in beside]
        return parsed(solar[0].iso, text, exact=solar[0].exact and agree)
    numbers = {"day": lunar.day, "month": lunar.month, "leap": lunar.leap}
    return kept(
        text,
        Reason.DATE_LUNAR,
        **{key: str(int(value)) for key, value in numbers.items() if value},
        years=" ".join(map(str, lunar.years)),
        solar=" ".join(day.isoformat() for day in lunar.solar),
    )
