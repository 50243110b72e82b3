"""Dates as registers write them: digits, words, partial, ages. Lunar dates are never taken for solar ones."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from validators.calendar_words import (
    FIRST_YEAR,
    LAST_YEAR,
    VOCABULARY,
    century,
    day_of,
    months_and_years,
    year_of,
)
from validators.letters import DIGIT_LOOKALIKES, fold, tidy
from validators.lunar_dates import is_lunar
from validators.number_words import DIGITS, every_way, integer_of, snap, to_words

_OLDEST = 130  # years; beyond, an age is a misreading
_ROMAN_MONTHS = {
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}
_LOOKALIKES = str.maketrans(DIGIT_LOOKALIKES)
_SLASHES = str.maketrans("∕⁄", "//")
_NUM = r"[0-9OoQIl|iBSsZz]"
_PARTED_YEAR = rf"[1lI|2Zz][089OoQBS]\s{_NUM}{{2}}"  # "19 84": forms print the century
_SPOKEN = re.compile(
    rf"(?:ng[aà]y\s*[.…:]*\s*(?P<d>{_NUM}{{1,2}})\s*[,.…]*\s*)?th[aá]ng\s*[.…:]*\s*(?P<m>{_NUM}{{1,2}})\s*[,.…]*\s*n[aă]m\s*[.…:]*\s*(?P<y>{_PARTED_YEAR}|{_NUM}{{2,4}})",
    re.IGNORECASE,
)
_SEP = r"\s*[/.\-–—,]\s*"
_FULL = re.compile(rf"(?P<d>{_NUM}{{1,2}}){_SEP}(?P<m>{_NUM}{{1,2}}){_SEP}(?P<y>{_NUM}{{4}}|{_NUM}{{2}})")
_MONTH = re.compile(rf"(?:th[aá]ng\s*|t\s*)?(?P<m>{_NUM}{{1,2}}){_SEP}(?P<y>{_NUM}{{4}})", re.IGNORECASE)
_YEAR = re.compile(rf"(?P<y>{_NUM}{{4}})")
_ROMAN = re.compile(rf"(?P<d>{_NUM}{{1,2}}){_SEP}(?P<m>[IVX]{{1,4}}){_SEP}(?P<y>{_NUM}{{4}}|{_NUM}{{2}})")
_OPEN = r"(?:[0Oo]{1,2}|[?xX*_.…]{1,4}|[-–—]{1,2})"  # a day or month left open
_OPEN_DAY = re.compile(rf"{_OPEN}\s*[/.\-]\s*(?:(?:{_OPEN}|(?P<m>\d{{1,2}}))\s*[/.\-]\s*)?(?P<y>\d{{4}})")
_RUN_TOGETHER = re.compile(r"(?P<d>\d\d)\s*(?P<m>\d\d)\s*(?P<y>\d{4})")
_YEAR_PREFIX = re.compile(r"^(?:(?:sinh\s*)?năm(?:\s*sinh)?|sn|s/n|khoảng|k\.)[\s.:]*", re.IGNORECASE)
_SOLAR_SIGN = re.compile(r"[\s(]*\b(?:dương\s*lịch|d\.?l)\b[\s.)]*$", re.IGNORECASE)
# "ngày ... tháng ... năm 1960": day and month were left open
_ONLY_YEAR = re.compile(r"\D*\bn[aă]m\s*[.…:]*\s*(?P<y>\d{4})\D{0,2}", re.IGNORECASE)
_FULL_INSIDE = re.compile(r"(?<![\d/.\-])(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4})(?![\d/])")
_ISO = re.compile(r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})")
_ABOUT = r"(?P<about>(?:khoang|tren|gan|hon|chung|do|duoi)\s+)?"
_AGE = re.compile(rf"{_ABOUT}(?P<age>[0-9oilsz|]{{1,3}}|(?:[a-z]+\s+){{1,4}}?)\s*(?:tuoi|t\.?)")
_PART_OF_MONTH = re.compile(r"^(?:đầu|giữa|cuối|khoảng)\s+(?=tháng)", re.IGNORECASE)
_REPEATED = re.compile(r"(?<=\d)\s*\(\s*[^\W\d]+(?:\s+[^\W\d]+){0,3}\s*\)")  # "ngày 02 (hai) tháng 4 (tư)"


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """ISO date, possibly partial, and whether it stands there literally."""

    iso: str
    exact: bool = True


def _iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    """ISO text of a date that exists within the years of the registers, else None."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _from_groups(found: re.Match[str], event_year: int | None, *, literal: bool = True) -> ParsedDate | None:
    groups = {k: re.sub(r"\s", "", v) for k, v in found.groupdict().items() if v and k in "dmy"}
    plain = {k: v.translate(_LOOKALIKES) for k, v in groups.items()}
    exact = literal and plain == groups and " " not in found["y"]
    if not all(v.isdigit() for v in plain.values()):
        return None
    year = int(plain["y"])
    if len(plain["y"]) == 2:
        year, exact = century(year, event_year), False
    elif len(plain["y"]) == 3:
        return None
    iso = _iso(year, *(int(plain[k]) if k in plain else None for k in ("m", "d")))
    return None if iso is None else ParsedDate(iso, exact)


def _with_roman_month(found: re.Match[str], event_year: int | None) -> ParsedDate | None:
    """Month in Roman numerals; "II" may be an 11 with two strokes and stays unread."""
    month = _ROMAN_MONTHS.get(found["m"])
    if month is None:
        return None
    day, year = found["d"].translate(_LOOKALIKES), found["y"].translate(_LOOKALIKES)
    full = int(year) if len(year) == 4 else century(int(year), event_year)
    iso = _iso(full, month, int(day))
    exact = len(year) == 4 and (day, year) == (found["d"], found["y"])
    return None if iso is None else ParsedDate(iso, exact)


def _from_age(text: str, event_year: int | None) -> ParsedDate | None:
    """Year of birth of an age at the event: "35t", "35 tuổi", "khoảng ba mươi lăm tuổi"."""
    found = _AGE.fullmatch(fold(text).strip(" .,;:()"))
    if found is None or event_year is None:
        return None
    said = found["age"].strip()
    digits = said.translate(_LOOKALIKES)
    if digits.isdigit():
        age, exact = int(digits), digits == said
    elif (words := snap(said)) is not None and (number := integer_of(words.words)) is not None:
        age, exact = number, words.exact or fold(said) == " ".join(words.words)
    else:
        return None
    year = event_year - age
    if age > _OLDEST or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return ParsedDate(f"{year:04d}", exact and not found["about"])


def parse_digits(written: str, event_year: int | None = None) -> ParsedDate | None:
    """Read a date in digits, with or without "ngày ... tháng ... năm" and a place before it.

    Args:
        written: "27/4/2008", "Gia Lai, ngày 13 tháng 06 năm 2025", "10/2018", "1960", "24 tuổi", "35t".
        event_year: year of registration, needed for ages and two-digit years.

    Returns:
        None where no existing solar date is written; look-alike letters make it not exact.
    """
    if is_lunar(written):
        return None
    as_written = _SOLAR_SIGN.sub("", tidy(written))
    text = unicodedata.normalize("NFKC", as_written.translate(_SLASHES)).strip()
    if (age := _from_age(text, event_year)) is not None:
        return age
    if (found := _ISO.fullmatch(text)) is not None:
        return _from_groups(found, event_year, literal=found["sep"] == "-")
    if (found := _SPOKEN.search(text)) is not None:
        return _from_groups(found, event_year, literal=text == as_written)
    if (found := _OPEN_DAY.fullmatch(text)) is not None:
        return _from_groups(found, event_year, literal=text.startswith("0"))
    return _bare_date(text, event_year, literal=text == as_written)


def _bare_date(text: str, event_year: int | None, *, literal: bool) -> ParsedDate | None:
    bare = _YEAR_PREFIX.sub("", re.sub(r"^ngày\s*:?\s*", "", text, flags=re.IGNORECASE)).strip(" .,;:()…")
    if (found := _ROMAN.fullmatch(bare)) is not None and len(found["m"]) > 1:
        return _with_roman_month(found, event_year)
    for pattern in (_FULL, _MONTH, _YEAR):
        if (found := pattern.fullmatch(bare)) is not None:
            return _from_groups(found, event_year, literal=literal)
    if (found := _ROMAN.fullmatch(bare)) is not None:
        return _with_roman_month(found, event_year)
    squeezed = re.sub(r"\s+", "", bare)
    for pattern in (_FULL, _MONTH, _YEAR):
        if squeezed != bare and (found := pattern.fullmatch(squeezed)) is not None:
            return _from_groups(found, event_year, literal=False)
    if (found := _RUN_TOGETHER.fullmatch(bare)) is not None:
        return _from_groups(found, event_year, literal=False)
    if (found := _ONLY_YEAR.fullmatch(text)) is not None:
        return _from_groups(found, event_year)
    inside = list(_FULL_INSIDE.finditer(text))
    return _from_groups(inside[0], event_year, literal=False) if len(inside) == 1 else None


_Said = set[tuple[int, int | None, int | None, bool]]
"""Every year, month, day that words may say, and whether in full."""


def _of_words(words: tuple[str, ...], event_year: int | None) -> _Said:
    months = [i for i, w in enumerate(words) if w == "thang"]
    if not months:
        rest = words[1:] if words[0] == "nam" else words
        year = year_of(rest, event_year) or year_of(words, event_year)
        return {(year[0], None, None, year[1])} if year else set()
    before = tuple(w for w in words[: months[0]] if w != "ngay")
    day = day_of(before) if before else None
    if len(months) > 1 or (before and day is None):
        return set()
    after = words[months[0] + 1 :]
    return {(year, month, day, sure) for month, year, sure in months_and_years(after, event_year)}


def _as_digits(token: str) -> str:
    """'l986' as digits; 'l1nh' is a word and stays."""
    digits = token.translate(_LOOKALIKES)
    return token if any(c.isalpha() for c in digits) else digits


def _said(written: str, event_year: int | None) -> tuple[_Said, bool]:
    """What the words of a date may say, and whether none of them was guessed."""
    plain = _REPEATED.sub("", _SOLAR_SIGN.sub("", tidy(written)))
    whole_month = _PART_OF_MONTH.sub("", plain)
    text = re.sub(r"\S*\d\S*", lambda m: _as_digits(m.group(0)), whole_month)
    if is_lunar(written):
        return set(), False
    syllables = snap(text, VOCABULARY)
    if syllables is not None:
        words = syllables.words
        exact = syllables.exact and text == plain and "ram" not in words
        return (_of_words(words, event_year) if words else set()), exact
    said = set().union(*(_of_words(way, event_year) for way in every_way(text, VOCABULARY) if "thang" in way))
    return {date for date in said if _iso(*date[:3]) is not None}, False


def parse_words(written: str, event_year: int | None = None) -> ParsedDate | None:
    """Read a date in words.

    Args:
        written: "Ngày hai mươi mốt tháng giêng năm hai ngàn không trăm lẻ ba", any diacritics lost,
            digits mixed in.
        event_year: year of registration, for years of two digits.

    Returns:
        None where a word fits nothing, two readings are possible, the day does not exist (31/02), or the
        date is lunar. "Rằm" is a word of the lunar calendar: with a plain year it is only a proposal.
    """
    said, exact = _said(written, event_year)
    dates = {(iso, sure) for y, m, d, sure in said if (iso := _iso(y, m, d)) is not None}
    if len({iso for iso, _ in dates}) != 1:
        return None
    iso, sure = next(iter(dates))
    return ParsedDate(iso, exact and sure)


def date_to_words(day: dt.date, *, thousand: str = "nghìn", link: str = "linh") -> str:
    """Date as an officer writes it out: "Ngày ... tháng ... năm ..."."""
    month = {4: "tư"}.get(day.month, to_words(day.month))
    return f"Ngày {to_words(day.day)} tháng {month} năm {to_words(day.year, thousand=thousand, link=link)}"


def spoken_year(year: int) -> str:
    """Year digit by digit: 2012 -> "hai không một hai"."""
    return " ".join(DIGITS[int(d)] for d in str(year))


def earliest(iso: str) -> dt.date:
    """First day a partial ISO date may mean."""
    parts = [int(p) for p in iso.split("-")]
    return dt.date(parts[0], *[*parts[1:], 1, 1][:2])


def latest(iso: str) -> dt.date:
    """Last day a partial ISO date may mean."""
    parts = [int(p) for p in iso.split("-")]
    month = parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], month)[1]
    return dt.date(parts[0], month, day)


def is_iso(value: str) -> bool:
    """Whether the value is a date or partial date that exists."""
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", value) is None:
        return False
    return _iso(*(int(p) for p in value.split("-"))) is not None


def agree(left: str, right: str) -> bool:
    """Whether two ISO dates are equal as far as both say something."""
    length = min(len(left), len(right))
    return left[:length] == right[:length]


def folded_age(written: str) -> bool:
    """Whether an age stands in the place of a birth date."""
    return _AGE.fullmatch(fold(written)) is not None or "tuoi" in fold(written)


def impossible(written: str) -> tuple[int, int, int] | None:
    """Day, month and year that are plainly written and yet make no date: 31/02/2001, 01/04/5005.

    Returns:
        Day and month are 0 where only a year stands ("1017"); None for dates that exist and for what is
        no date at all.
    """
    if parse_digits(written) is not None:
        return None
    text = tidy(written).strip(" .,;:()…")
    found = _FULL.fullmatch(text) or _SPOKEN.fullmatch(text) or _YEAR.fullmatch(text)
    if found is not None and all(v.isdigit() for v in found.groupdict().values() if v):
        day, month = (int(found.groupdict().get(k) or 0) for k in "dm")
        short = int(found["y"])
        years = (short,) if len(found["y"]) == 4 else (1900 + short, 2000 + short)
        if any(_iso(y, month or None, day or None) for y in years):
            return None
        return day, month, years[0]
    said, exact = _said(written, None)
    if not exact or len(said) != 1:
        return None
    year, said_month, said_day, sure = next(iter(said))
    return (said_day or 0, said_month or 0, year) if sure and not _iso(year, said_month, said_day) else None
