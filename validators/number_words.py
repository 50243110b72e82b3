"""Numbers in Vietnamese words, both ways.

Reads what officers write and what OCR makes of it: lost diacritics, a wrong letter in a syllable,
missing blanks. Syllables are matched against the closed set below; what fits two numbers is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from validators.letters import fold, fold_words, marks, tidy

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_UNITS = {
    "khong": 0,
    "mot": 1,
    "hai": 2,
    "ba": 3,
    "bon": 4,
    "tu": 4,
    "nam": 5,
    "lam": 5,
    "nham": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
}
_SCALES = {"ty": 10**9, "ti": 10**9, "trieu": 10**6, "nghin": 1000, "ngan": 1000}
_LINKS = {"linh", "le"}
_COMMA = {"phay", "phai", "phet"}
NUMBER_SYLLABLES = (
    "không",
    "một",
    "mốt",
    "hai",
    "ba",
    "bốn",
    "tư",
    "năm",
    "lăm",
    "nhăm",
    "sáu",
    "bảy",
    "bẩy",
    "tám",
    "chín",
    "mười",
    "mươi",
    "hăm",
    "trăm",
    "nghìn",
    "ngàn",
    "triệu",
    "tỷ",
    "tỉ",
    "linh",
    "lẻ",
    "phẩy",
    "phảy",
    "phết",
)
# Words in their own right that stand beside numbers and are one letter from a syllable of them.
_OTHER_WORDS = {"sào", "rưỡi", "rưởi", "đầu", "mẫu", "công", "tuổi"}
# "mươi" without a digit before it: "mười" with a lost tone, or a lost "hai"
_ORPHANED_TENS = re.compile(r"(?:^|\b(?:ngày|tháng|trăm|phẩy)\s+)mươi\b", re.IGNORECASE)
_MIN_FUZZY_LENGTH = 3  # two-letter syllables differ by one letter from too many others
_SHORTEST = 2  # where the whole date or number decides, they may be told after all
_MOST_WAYS = 400
_LONGEST_WORD, _MOST_WORDS = 60, 60  # more is no number, and takes long to take apart


@dataclass(frozen=True, slots=True)
class Syllables:
    """Words snapped to a closed set, and whether any had to be guessed."""

    words: tuple[str, ...]
    exact: bool


@lru_cache(maxsize=4096)
def _near(word: str, vocabulary: tuple[str, ...], shortest: int) -> tuple[tuple[int, str], ...]:
    """Folded members of the vocabulary one letter away, with the letters and marks that differ."""
    bare = fold(word)
    if len(bare) < shortest:
        return ()
    return tuple(
        (Levenshtein.distance(marks(word), marks(v)), fold(v))
        for v in vocabulary
        if len(fold(v)) >= shortest and Levenshtein.distance(bare, fold(v)) <= 1
    )


def _nearest(word: str, vocabulary: tuple[str, ...]) -> str | None:
    """The nearest member, or None where two differ equally little."""
    near = _near(word, vocabulary, _MIN_FUZZY_LENGTH)
    rivals = {name for distance, name in near if distance == min(near)[0]}
    return rivals.pop() if len(rivals) == 1 else None


def _unglue(word: str, known: frozenset[str]) -> tuple[str, ...] | None:
    """Split syllables that lost the blank between them; None unless there is exactly one way."""
    if len(word) > _LONGEST_WORD:
        return None
    ways: list[list[tuple[str, ...]]] = [[()], *([] for _ in word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            if word[start:end] in known:
                ways[end] += [(*head, word[start:end]) for head in ways[start]]
    return ways[-1][0] if len(ways[-1]) == 1 and len(ways[-1][0]) > 1 else None


def _tokens(text: str) -> list[str] | None:
    """Words without punctuation; None where one is no part of a number."""
    raw = (tidy(t).strip("()[]{}.,;:!?\"'-–/…") for t in tidy(text).replace(",", " ").split())
    tokens = [token.casefold() for token in raw if fold_words(token)]
    if len(tokens) > _MOST_WORDS:
        return None
    for token in tokens:
        pieces = fold_words(token)
        if token in _OTHER_WORDS or (len(pieces) > 1 and any(p.isdigit() for p in pieces)):
            return None  # "1.234" and "0/1984" are no number that could be read off digit by digit
    return tokens


def snap(text: str, vocabulary: tuple[str, ...] = NUMBER_SYLLABLES) -> Syllables | None:
    """Snap every word to the vocabulary.

    Args:
        text: as written, punctuation allowed.
        vocabulary: accented syllables that may occur.

    Returns:
        Folded syllables and digit strings, or None when a word fits nothing plausible.
    """
    known = frozenset(fold(v) for v in vocabulary)
    spelled = known | frozenset(vocabulary)  # with all diacritics or with none; "nám" is neither
    words: list[str] = []
    exact = _ORPHANED_TENS.search(tidy(text)) is None
    tokens = _tokens(text)
    if tokens is None:
        return None
    for token in tokens:
        bare = "".join(fold_words(token))
        if bare in known or bare.isdigit():
            words.append(bare)
            exact = exact and (bare.isdigit() or token in spelled)
            continue
        exact = False
        near = _nearest(token, vocabulary)
        if near is not None:
            words.append(near)
        elif (parts := _unglue(bare, known)) is not None:
            words.extend(parts)
        else:
            return None
    return Syllables(tuple(words), exact)


def every_way(text: str, vocabulary: tuple[str, ...] = NUMBER_SYLLABLES) -> list[tuple[str, ...]]:
    """All rows of syllables that damaged words may stand for, where one alone cannot be told.

    What they mean has to decide: a caller keeps the reading only where all that make sense agree.

    Returns:
        Empty where a word fits nothing, or where too many words are damaged.
    """
    known = frozenset(fold(v) for v in vocabulary)
    ways: list[tuple[str, ...]] = [()]
    for token in _tokens(text) or ():
        bare = "".join(fold_words(token))
        options: set[tuple[str, ...]] = {(bare,)}
        if bare not in known and not bare.isdigit():
            options = {(name,) for _, name in _near(token, vocabulary, _SHORTEST)}
            options |= {parts} if (parts := _unglue(bare, known)) is not None else set()
        ways = [(*way, *option) for way in ways for option in sorted(options)]
        if not 0 < len(ways) <= _MOST_WAYS:
            return []
    return ways if ways != [()] else []


def _below_hundred(words: Sequence[str]) -> int | None:
    """0-99 from syllables; "hai mốt" and "không ba" as spoken are read too."""
    match list(words):
        case [unit] if unit in _UNITS:
            return _UNITS[unit]
        case ["muoi"]:
            return 10
        case ["muoi", unit] if unit in _UNITS:
            return 10 + _UNITS[unit] if _UNITS[unit] else None
        case [tens, "muoi"] if _UNITS.get(tens, 0) > 1:
            return 10 * _UNITS[tens]
        case [tens, "muoi", unit] if _UNITS.get(tens, 0) > 1 and _UNITS.get(unit, 0):
            return 10 * _UNITS[tens] + _UNITS[unit]
        case ["ham", unit] if _UNITS.get(unit, 0):
            return 20 + _UNITS[unit]
        case [tens, unit] if tens in _UNITS and unit in _UNITS:
            return 10 * _UNITS[tens] + _UNITS[unit]
        case _:
            return None


def _below_thousand(words: Sequence[str], *, first: bool) -> int | None:
    """One group of three; later groups may start at the tens ("hai nghìn mười")."""
    if "tram" in words:
        at = words.index("tram")
        head, tail = words[:at], words[at + 1 :]
        if len(head) != 1 or head[0] not in _UNITS:
            return None
        if not tail:
            return 100 * _UNITS[head[0]]
        if tail[0] in _LINKS:
            rest = _below_hundred(tail[1:])
            return None if rest is None or rest > 9 else 100 * _UNITS[head[0]] + rest
        rest = _below_hundred(tail)
        lone = len(tail) == 1 and tail[0] in _UNITS  # "năm trăm hai": 502 or 520
        return None if rest is None or lone else 100 * _UNITS[head[0]] + rest
    if len(words) > 2 and words[0] == "khong" and words[1] in _LINKS:
        words = words[1:]  # "hai nghìn không lẻ sáu": the hundreds are named without "trăm"
    if words and words[0] in _LINKS:
        rest = _below_hundred(words[1:])
        return None if first or rest is None or rest > 9 else rest
    rest = _below_hundred(words)
    lone = len(words) == 1 and words[0] in _UNITS and not first  # "hai nghìn chín": 2009 or 2900
    return None if lone else rest


def integer_of(words: Sequence[str]) -> int | None:
    """Value of folded syllables, or None where they say no single number."""
    if len(words) == 1 and words[0].isdigit():
        return int(words[0])
    total, group, last = 0, list[str](), 10**12
    for word in words:
        if word not in _SCALES:
            group.append(word)
            continue
        scale = _SCALES[word]
        value = _below_thousand(group, first=total == 0) if group else None
        if value is None or scale >= last:
            return None
        total, group, last = total + value * scale, [], scale
    if not group:
        return total if words else None
    rest = _below_thousand(group, first=total == 0)
    return None if rest is None or last == 1 else total + rest


def digits_of(words: Sequence[str]) -> str | None:
    """Digits spoken one by one: "hai không một hai" -> "2012"."""
    return "".join(str(_UNITS[w]) for w in words) if words and all(w in _UNITS for w in words) else None


def decimal_of(words: Sequence[str]) -> Decimal | None:
    """Value of folded syllables with an optional part after "phẩy"."""
    comma = [i for i, w in enumerate(words) if w in _COMMA]
    if not comma:
        whole = integer_of(words)
        return None if whole is None else Decimal(whole)
    if len(comma) > 1:
        return None
    whole, tail = integer_of(words[: comma[0]]), list(words[comma[0] + 1 :])
    if tail and tail[0] in _LINKS:
        tail[0] = "khong"
    fraction = digits_of(tail)
    if fraction is None:
        value = integer_of(tail)
        fraction = None if value is None else str(value)
    return None if whole is None or fraction is None else Decimal(f"{whole}.{fraction}")


def _three_digits(value: int, *, leading: bool, link: str) -> list[str]:
    hundreds, rest = divmod(value, 100)
    tens, unit = divmod(rest, 10)
    words = [DIGITS[hundreds], "trăm"] if hundreds or not leading else []
    if tens == 0:
        if unit:
            words += [link, DIGITS[unit]] if words else [DIGITS[unit]]
    elif tens == 1:
        words += ["mười"] + ([{5: "lăm"}.get(unit, DIGITS[unit])] if unit else [])
    else:
        words += [DIGITS[tens], "mươi"] + (
            [{1: "mốt", 4: "tư", 5: "lăm"}.get(unit, DIGITS[unit])] if unit else []
        )
    return words


def to_words(value: int | Decimal, *, thousand: str = "nghìn", link: str = "linh") -> str:
    """Number below 10**12 in words, lower case, as in a registry book.

    Args:
        value: not negative; decimals are spoken digit by digit after "phẩy".
        thousand: "nghìn" in the north, "ngàn" in the south.
        link: "linh" or "lẻ" before a lone unit.

    Raises:
        ValueError: the number is negative or too large.
    """
    whole = int(value)
    if value < 0 or whole >= 10**12:
        raise ValueError(f"cannot put {value} into words")
    words: list[str] = []
    for scale, name in ((10**9, "tỷ"), (10**6, "triệu"), (1000, thousand), (1, "")):
        group, whole = divmod(whole, scale)
        if group:
            words += _three_digits(group, leading=not words, link=link) + ([name] if name else [])
    words = words or ["không"]
    if isinstance(value, Decimal) and value != int(value):
        fraction = format(value.normalize(), "f").split(".")[1]
        words += ["phẩy", *(DIGITS[int(d)] for d in fraction)]
    return " ".join(words)
