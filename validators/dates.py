"""Dates as registers write them: digits, words, partial, ages."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from validators.letters import DIGIT_LOOKALIKES, fold, tidy
from validators.number_words import DIGITS, NUMBER_SYLLABLES, digits_of, integer_of, snap, to_words

FIRST_YEAR, LAST_YEAR = 1850, 2100  # outside, a year is a misreading ("1017" stands in an official sample)
_DAY_NAMES = {"ram": 15}
_MONTH_NAMES = {"gieng": 1, "chap": 12}
_VOCABULARY = (*NUMBER_SYLLABLES, "ngày", "tháng", "năm", "mồng", "mùng", "rằm", "giêng", "chạp")
_LOOKALIKES = str.maketrans(DIGIT_LOOKALIKES)
_NUM = r"[0-9OoQIl|iBSsZz]"
_SPOKEN = re.compile(
    rf"(?:ng[aà]y\s*[.…:]*\s*(?P<d>{_NUM}{{1,2}})\s*[,.…]*\s*)?th[aá]ng\s*[.…:]*\s*(?P<m>{_NUM}{{1,2}})\s*[,.…]*\s*n[aă]m\s*[.…:]*\s*(?P<y>{_NUM}{{2,4}})",
    re.IGNORECASE,
)
_SEP = r"\s*[/.\-–—,]\s*"
_FULL = re.compile(rf"(?P<d>{_NUM}{{1,2}}){_SEP}(?P<m>{_NUM}{{1,2}}){_SEP}(?P<y>{_NUM}{{4}}|{_NUM}{{2}})")
_MONTH = re.compile(rf"(?:th[aá]ng\s*)?(?P<m>{_NUM}{{1,2}}){_SEP}(?P<y>{_NUM}{{4}})", re.IGNORECASE)
_YEAR = re.compile(rf"(?P<y>{_NUM}{{4}})")
_YEAR_PREFIX = re.compile(r"^(?:(?:sinh\s*)?năm(?:\s*sinh)?|sn|s/n|khoảng|k\.)[\s.:]*", re.IGNORECASE)
# "ngày ... tháng ... năm 1960": day and month were left open
_ONLY_YEAR = re.compile(r"\D*\bn[aă]m\s*[.…:]*\s*(?P<y>\d{4})\D{0,2}", re.IGNORECASE)
_FULL_INSIDE = re.compile(r"(?<![\d/.\-])(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4})(?![\d/])")
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_AGE = re.compile(r"(?P<age>\d{1,3})\s*(?:t\.?|tuổi|tuoi)", re.IGNORECASE)


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


def _century(short: int, event_year: int | None) -> int:
    """Full year of a two-digit one: the latest that is not after the event."""
    limit = event_year or 1999
    return max((y for y in (1900 + short, 2000 + short) if y <= limit), default=1900 + short)


def _from_groups(found: re.Match[str], event_year: int | None, *, literal: bool = True) -> ParsedDate | None:
    groups = found.groupdict()
    plain = {k: v.translate(_LOOKALIKES) for k, v in groups.items() if v}
    exact = literal and all(v == groups[k] for k, v in plain.items())
    if not all(v.isdigit() for v in plain.values()):
        return None
    year = int(plain["y"])
    if len(plain["y"]) == 2:
        year, exact = _century(year, event_year), False
    elif len(plain["y"]) == 3:
        return None
    iso = _iso(year, *(int(plain[k]) if k in plain else None for k in ("m", "d")))
    return None if iso is None else ParsedDate(iso, exact)


def parse_digits(written: str, event_year: int | None = None) -> ParsedDate | None:
    """Read a date in digits, with or without "ngày ... tháng ... năm" and a place before it.

    Args:
        written: "27/4/2008", "Gia Lai, ngày 13 tháng 06 năm 2025", "10/2018", "1960", "24 tuổi", "35t".
        event_year: year of registration, needed for ages and two-digit years.

    Returns:
        None where no existing date is written; look-alike letters make it not exact.
    """
    text = tidy(written)
    if (age := _AGE.fullmatch(text)) is not None:
        if event_year is None or int(age["age"]) > 130:
            return None
        return ParsedDate(str(event_year - int(age["age"])))
    if (found := _ISO.fullmatch(text)) is not None:
        return _from_groups(found, event_year)
    if (found := _SPOKEN.search(text)) is not None:
        return _from_groups(found, event_year)
    bare = _YEAR_PREFIX.sub("", re.sub(r"^ngày\s*:?\s*", "", text, flags=re.IGNORECASE)).strip(" .,;:()…")
    for pattern in (_FULL, _MONTH, _YEAR):
        if (found := pattern.fullmatch(bare)) is not None:
            return _from_groups(found, event_year)
    squeezed = re.sub(r"\s+", "", bare)
    for pattern in (_FULL, _MONTH, _YEAR):
        if squeezed != bare and (found := pattern.fullmatch(squeezed)) is not None:
            return _from_groups(found, event_year, literal=False)
    if (found := _ONLY_YEAR.fullmatch(text)) is not None:
        return _from_groups(found, event_year)
    inside = list(_FULL_INSIDE.finditer(text))
    return _from_groups(inside[0], event_year, literal=False) if len(inside) == 1 else None


def _year_of(words: tuple[str, ...], event_year: int | None) -> tuple[int, bool] | None:
    value = integer_of(words)
    if value is not None and value >= 1000:
        return value, True
    spoken = digits_of(words)
    if spoken is not None and len(spoken) == 4:
        return int(spoken), True
    if len(words) > 2 and words[-2] in ("nghin", "ngan") and (head := integer_of(words[:-1])) is not None:
        last = digits_of(words[-1:])
        return None if last is None else (head + int(last), False)  # "hai nghìn chín"
    if value is not None and 10 <= value < 100:
        return _century(value, event_year), False
    return None


def _day_of(words: tuple[str, ...]) -> int | None:
    if words and words[0] in ("mong", "mung"):
        value = integer_of(words[1:])
        return value if value is not None and value <= 10 else None
    if len(words) == 1 and words[0] in _DAY_NAMES:
        return _DAY_NAMES[words[0]]
    return integer_of(words)


def _month_of(words: tuple[str, ...]) -> int | None:
    if len(words) == 1 and words[0] in _MONTH_NAMES:
        return _MONTH_NAMES[words[0]]
    return integer_of(words)


def _month_and_year(words: tuple[str, ...], event_year: int | None) -> list[tuple[int, int, bool]]:
    """Every way to read what stands after "tháng"; "năm" is both five and the word for year."""
    marked: list[tuple[int, int, bool]] = []
    unmarked: list[tuple[int, int, bool]] = []
    for length in (1, 2):
        month = _month_of(words[:length])
        if month is None or not 1 <= month <= 12:
            continue
        rest = words[length:]
        if rest[:1] == ("nam",) and (year := _year_of(rest[1:], event_year)) is not None:
            marked.append((month, *year))
        if (year := _year_of(rest, event_year)) is not None:
            unmarked.append((month, year[0], False))
    return marked or unmarked


def parse_words(written: str, event_year: int | None = None) -> ParsedDate | None:
    """Read a date in words.

    Args:
        written: "Ngày hai mươi mốt tháng giêng năm hai ngàn không trăm lẻ ba", any diacritics lost,
            digits mixed in.
        event_year: year of registration, for years of two digits.

    Returns:
        None where a word fits nothing, two readings are possible, or the day does not exist (31/02).
    """
    # 'l986' and the like: only words that hold a digit may be look-alikes
    text = re.sub(r"\S*\d\S*", lambda m: m.group(0).translate(_LOOKALIKES), written)
    syllables = snap(text, _VOCABULARY)
    if syllables is None or not syllables.words:
        return None
    words = syllables.words
    exact = syllables.exact and text == written
    months = [i for i, w in enumerate(words) if w == "thang"]
    if not months:
        rest = words[1:] if words[0] == "nam" else words
        year = _year_of(rest, event_year) or _year_of(words, event_year)
        iso = _iso(year[0]) if year else None
        return None if year is None or iso is None else ParsedDate(iso, exact and year[1])
    if len(months) > 1:
        return None
    before = tuple(w for w in words[: months[0]] if w != "ngay")
    day = _day_of(before) if before else None
    if before and day is None:
        return None
    dates = {
        (iso, sure)
        for m, y, sure in _month_and_year(words[months[0] + 1 :], event_year)
        if (iso := _iso(y, m, day)) is not None
    }
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
    return _AGE.fullmatch(tidy(written)) is not None or "tuoi" in fold(written)
