"""The Vietnamese lunar calendar: new moons, months, leap months, and the cycle of sixty years.

After Hồ Ngọc Đức's method (new moon and longitude of the sun after Meeus, "Astronomical Algorithms"). The
day of a new moon depends on the time zone: the North counts at UTC+7 since 1968 (decision 121/CP of
8 August 1967), the South counted at UTC+8 until 1975, and older almanacs followed the Chinese one. Until
1975 a lunar date may therefore mean two days.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import lru_cache

_NORTH, _CHINA = 7.0, 8.0
_DOUBT = 0.05  # hours by which the method may miss a new moon; nearer to midnight both days count
_ONE_COUNT_SINCE = 1976  # lunar year from which all of Vietnam counts at UTC+7
_SYNODIC_MONTH = 29.530588853
_JULIAN_EPOCH = 1721424.5  # Julian date of 0001-01-01T00:00 less the ordinal 1
_STEMS = ("giap", "at", "binh", "dinh", "mau", "ky", "canh", "tan", "nham", "quy")
_BRANCHES = ("ty", "suu", "dan", "mao", "thin", "ty", "ngo", "mui", "than", "dau", "tuat", "hoi")
_OTHER_SPELLINGS = {"ki": "ky", "qui": "quy", "ti": "ty", "meo": "mao", "vi": "mui"}


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar calendar; `year` is the Gregorian year in which the lunar one begins."""

    year: int
    month: int
    day: int
    leap: bool = False


def cycle_place(stem: str, branch: str) -> int | None:
    """Place 0-59 in the cycle of sixty years; "tý" and "tỵ" are told apart by the stem.

    Args:
        stem: folded: "giap", "at" ... "quy".
        branch: folded: "ty", "suu" ... "hoi".

    Returns:
        None for words that name no year.
    """
    stem, branch = (_OTHER_SPELLINGS.get(w, w) for w in (stem, branch))
    if stem not in _STEMS or branch not in _BRANCHES:
        return None
    return next((n for n in range(60) if _STEMS[n % 10] == stem and _BRANCHES[n % 12] == branch), None)


def cycle_years(place: int, first: int, last: int) -> tuple[int, ...]:
    """Years with that place in the cycle; 1984 was Giáp Tý, place 0."""
    return tuple(year for year in range(first, last + 1) if (year - 1984) % 60 == place)


@lru_cache(maxsize=4096)
def _new_moon(k: int) -> float:
    """Julian date (UT) of the k-th new moon since 1900-01-01."""
    t = k / 1236.85
    angle = math.radians
    mean = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    mean += 0.00033 * math.sin(angle(166.56 + 132.87 * t - 0.009173 * t**2))
    sun = angle(359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3)
    moon = angle(306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3)
    node = angle(21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3)
    shift = (0.1734 - 0.000393 * t) * math.sin(sun) + 0.0021 * math.sin(2 * sun)
    shift += -0.4068 * math.sin(moon) + 0.0161 * math.sin(2 * moon) - 0.0004 * math.sin(3 * moon)
    shift += 0.0104 * math.sin(2 * node) - 0.0051 * math.sin(sun + moon) - 0.0074 * math.sin(sun - moon)
    shift += 0.0004 * math.sin(2 * node + sun) - 0.0004 * math.sin(2 * node - sun)
    shift += -0.0006 * math.sin(2 * node + moon) + 0.0010 * math.sin(2 * node - moon)
    shift += 0.0005 * math.sin(2 * moon + sun)
    late = -0.000278 + 0.000265 * t + 0.000262 * t**2  # of terrestrial time against the turning earth
    return mean + shift - late


def _month_start(k: int, zone: float) -> int:
    """Ordinal of the day on which the k-th new moon falls."""
    return math.floor(_new_moon(k) + zone / 24 - _JULIAN_EPOCH)


def _sun_sector(ordinal: int, zone: float) -> int:
    """Twelfth of the ecliptic, 0-11 from the spring equinox, in which the sun stands at midnight."""
    t = (ordinal + _JULIAN_EPOCH - zone / 24 - 2451545.0) / 36525
    mean = math.radians(357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3)
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * math.sin(mean)
    longitude += (0.019993 - 0.000101 * t) * math.sin(2 * mean) + 0.000290 * math.sin(3 * mean)
    longitude -= 0.00569 + 0.00478 * math.sin(math.radians(125.04 - 1934.136 * t))
    return int((longitude % 360) // 30)


def _moon_number(ordinal: int) -> int:
    return math.floor((ordinal + _JULIAN_EPOCH - 2415021.076998695) / _SYNODIC_MONTH)


@lru_cache(maxsize=1024)
def _eleventh_month(year: int, zone: float) -> int:
    """Number of the new moon that opens month 11, the month of the winter solstice."""
    k = _moon_number(dt.date(year, 12, 31).toordinal())
    return k - 1 if _sun_sector(_month_start(k, zone), zone) >= 9 else k


@lru_cache(maxsize=1024)
def _months(year: int, zone: float) -> tuple[tuple[int, bool, int], ...]:
    """(month, leap, number of its new moon) of a lunar year, in order."""
    before, after = _eleventh_month(year - 1, zone), _eleventh_month(year, zone)
    beyond = _eleventh_month(year + 1, zone)
    numbered: list[tuple[int, bool, int]] = []
    for start, end in ((before, after), (after, beyond)):
        sectors = [_sun_sector(_month_start(k, zone), zone) for k in range(start, end + 1)]
        leap = None
        if end - start == 13:  # the first month in which the sun enters no new sector is doubled
            leap = next(i for i in range(1, 13) if sectors[i] == sectors[i + 1])
        for i in range(end - start):
            place = i if leap is None or i < leap else i - 1
            numbered.append(((place + 10) % 12 + 1, i == leap, start + i))
    first = next(i for i, (month, leap_month, _) in enumerate(numbered) if month == 1 and not leap_month)
    rest = numbered[first:]
    last = next((i for i, m in enumerate(rest) if i and m[0] == 1 and not m[1]), len(rest))
    return tuple(rest[:last])


def _solar(lunar: LunarDay, zone: float) -> dt.date | None:
    found = next(
        (k for m, leap, k in _months(lunar.year, zone) if (m, leap) == (lunar.month, lunar.leap)), None
    )
    if found is None:
        return None
    start, end = _month_start(found, zone), _month_start(found + 1, zone)
    return dt.date.fromordinal(start + lunar.day - 1) if 1 <= lunar.day <= end - start else None


def solar_days(lunar: LunarDay) -> tuple[dt.date, ...]:
    """Days that a lunar date may mean, in order; two where almanacs differ or a new moon is near midnight.

    Returns:
        Empty for a month or day that the year does not have, such as day 30 of a short month.
    """
    counts = (_NORTH,) if lunar.year >= _ONE_COUNT_SINCE else (_NORTH, _CHINA)
    zones = (count + doubt for count in counts for doubt in (-_DOUBT, _DOUBT))
    return tuple(sorted({day for zone in zones if (day := _solar(lunar, zone)) is not None}))


def lunar_day(day: dt.date, *, zone: float = _NORTH) -> LunarDay:
    """Lunar date of a day.

    Args:
        day: from 1850 to 2100; outside, the method is not kept to a minute.
        zone: hours before UTC: 7 as Vietnam counts today, 8 as the South did until 1975.
    """
    ordinal = day.toordinal()
    for year in (day.year, day.year - 1):
        for month, leap, k in reversed(_months(year, zone)):
            start = _month_start(k, zone)
            if start <= ordinal < _month_start(k + 1, zone):
                return LunarDay(year, month, ordinal - start + 1, leap)
    raise AssertionError(f"no lunar month holds {day}")
