"""Days, months and years in words: "rằm", "mồng ba", "giêng", "chạp", "năm tám tư"."""

from __future__ import annotations

from validators.number_words import NUMBER_SYLLABLES, digits_of, integer_of

FIRST_YEAR, LAST_YEAR = 1850, 2100  # outside, a year is a misreading ("1017" stands in an official sample)
VOCABULARY = (*NUMBER_SYLLABLES, "ngày", "tháng", "năm", "mồng", "mùng", "rằm", "giêng", "chạp")
_DAY_NAMES = {"ram": 15}
_MONTH_NAMES = {"gieng": 1, "chap": 12}
_CENTURIES = (18, 19, 20)


def century(short: int, event_year: int | None) -> int:
    """Full year of a two-digit one: the latest that is not after the event."""
    limit = event_year or 1999
    return max((y for y in (1900 + short, 2000 + short) if y <= limit), default=1900 + short)


def _in_halves(words: tuple[str, ...]) -> int | None:
    """Year spoken as two numbers: "hai không mười hai", "mười chín tám tư"."""
    found = set[int]()
    for at in range(1, len(words)):
        spoken = digits_of(words[:at])
        head = int(spoken) if spoken and len(spoken) == 2 else integer_of(words[:at])
        rest = integer_of(words[at:])
        if head in _CENTURIES and rest is not None and 10 <= rest < 100:
            found.add(100 * head + rest)
    return found.pop() if len(found) == 1 else None


def year_of(words: tuple[str, ...], event_year: int | None) -> tuple[int, bool] | None:
    """Year of folded syllables, and whether it is said in full; None where it may be two."""
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
        return century(value, event_year), False
    halves = _in_halves(words)
    return None if halves is None else (halves, False)


def day_of(words: tuple[str, ...]) -> int | None:
    """Day of the month; "mồng" stands before the first ten only."""
    if words and words[0] in ("mong", "mung"):
        value = integer_of(words[1:])
        return value if value is not None and value <= 10 else None
    if len(words) == 1 and words[0] in _DAY_NAMES:
        return _DAY_NAMES[words[0]]
    return integer_of(words)


def month_of(words: tuple[str, ...]) -> int | None:
    """Month of folded syllables, or None outside 1-12."""
    if len(words) == 1 and words[0] in _MONTH_NAMES:
        return _MONTH_NAMES[words[0]]
    value = integer_of(words)
    return value if value is not None and 1 <= value <= 12 else None


def months_and_years(words: tuple[str, ...], event_year: int | None) -> list[tuple[int, int, bool]]:
    """Every way to read what stands after "tháng"; "năm" is both five and the word for year.

    Returns:
        Month, year, and whether both are said in full.
    """
    marked: list[tuple[int, int, bool]] = []
    unmarked: list[tuple[int, int, bool]] = []
    for length in (1, 2):
        month = month_of(words[:length])
        if month is None:
            continue
        rest = words[length:]
        if rest[:1] == ("nam",) and (year := year_of(rest[1:], event_year)) is not None:
            marked.append((month, *year))
        if (year := year_of(rest, event_year)) is not None:
            unmarked.append((month, year[0], False))
    return marked or unmarked
