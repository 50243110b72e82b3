"""Lunar dates as registers write them: "mồng ba tháng giêng năm Giáp Tý", "15/8 âm lịch năm 1984".

A lunar date is kept as written. The solar days it may mean are only proposed: a name of the cycle comes
again after sixty years, and almanacs differed until 1975.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from validators.calendar_words import (
    FIRST_YEAR,
    LAST_YEAR,
    VOCABULARY,
    day_of,
    month_of,
    months_and_years,
    year_of,
)
from validators.letters import fold, fold_words
from validators.lunar_calendar import LunarDay, cycle_place, cycle_years, solar_days
from validators.number_words import snap

_LONGEST_LIFE = 110  # years before the event in which a name of the cycle is looked for
_SIGN = re.compile(r"\b(?:am\s*lich|lich\s*(?:am|ta)|a\.\s?l\b\.?|al\b)|\(\s*am\s*\)")
_LEAP = re.compile(r"\bnhuan\b")
_FULL_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d|2100)(?!\d)")
_IN_DIGITS = re.compile(r"(?<!\d)(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """What a lunar date says.

    Attributes:
        day, month: None where left open.
        leap: the doubled month.
        years: Gregorian years in which the lunar year may begin.
        solar: days it may mean; empty for a partial date and for one that no almanac has.
    """

    day: int | None
    month: int | None
    leap: bool
    years: tuple[int, ...]
    solar: tuple[dt.date, ...]


def _cycle_name(words: tuple[str, ...]) -> tuple[int, int] | None:
    """Where a name of the cycle of sixty years stands among folded words, and its place in the cycle."""
    for at in range(len(words) - 1):
        if (place := cycle_place(words[at], words[at + 1])) is not None:
            return at, place
    return None


def is_lunar(written: str) -> bool:
    """Whether the text names the lunar calendar, a leap month or a year of the cycle of sixty years."""
    folded = fold(written)
    return bool(_SIGN.search(folded) or _LEAP.search(folded)) or _cycle_name(fold_words(written)) is not None


def _years(folded: str, place: int | None, event_year: int | None) -> tuple[int, ...]:
    named = [int(y) for y in _FULL_YEAR.findall(folded)]
    if place is None:
        return tuple(named[:1])
    first = max(FIRST_YEAR, event_year - _LONGEST_LIFE) if event_year else FIRST_YEAR
    years = cycle_years(place, first, event_year or LAST_YEAR)
    return tuple(y for y in years if y in named) or years


def parse_lunar(written: str, event_year: int | None = None) -> LunarDate | None:
    """Read a lunar date.

    Args:
        written: as on paper, diacritics possibly lost.
        event_year: year of registration; a year of the cycle lies at most 110 years before.

    Returns:
        None where nothing in the text is lunar.
    """
    if not is_lunar(written):
        return None
    folded = _SIGN.sub(" ", fold(written))
    leap = _LEAP.search(folded) is not None
    words = fold_words(_LEAP.sub(" ", folded))
    cycle = _cycle_name(words)
    if cycle is not None:
        words = words[: cycle[0]] + words[cycle[0] + 2 :]
    years = _years(folded, cycle[1] if cycle else None, event_year)
    day = month = None
    if found := _IN_DIGITS.search(folded):
        day, month = int(found[1]), int(found[2])
    elif (said := snap(" ".join(words), VOCABULARY)) is not None and "thang" in said.words:
        at = said.words.index("thang")
        day = day_of(tuple(w for w in said.words[:at] if w != "ngay"))
        rest = said.words[at + 1 :]
        with_year = months_and_years(rest, event_year)
        if cycle is None and len(with_year) == 1:
            month, years = with_year[0][0], years or (with_year[0][1],)
        else:
            bare = tuple(w for w in rest if not (w.isdigit() and len(w) == 4))
            month = month_of(bare[:-1] if bare[-1:] == ("nam",) and len(bare) > 1 else bare)
    elif said is not None and not years and (year := year_of(said.words[-4:], event_year)) is not None:
        years = (year[0],)
    solar = tuple(
        sorted({d for y in years for d in solar_days(LunarDay(y, month, day, leap))}) if day and month else ()
    )
    return LunarDate(day, month, leap, years, solar)
