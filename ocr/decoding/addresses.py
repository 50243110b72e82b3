"""Addresses as units within units: what a damaged reading most likely names."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from ocr.labels import fold


@dataclass(frozen=True, slots=True)
class Place:
    """A unit and the units in it.

    Attributes:
        name: without its type word.
        kinds: its type words in running text, such as "thị xã"; more than one where it changed.
        below: districts or communes; a commune has none.
    """

    name: str
    kinds: tuple[str, ...]
    below: tuple[Place, ...] = ()


_ENDS = " ,.;:()"
_SIGNS = " ,.;:-"
_LEAST = 62.0
_LEAST_PROVINCE = 68.0
_WIDTH = 3
_FAR = 14
"""Signs that may stand between two names: a comma and the type word of the next unit."""
_PER_SIGN_OFF = 0.6
_KNOWN_HERE = 8.0
_NUMBERED = re.compile(r"\d+")
_SHORT = {
    "xã": "X.",
    "phường": "P.",
    "thị trấn": "TT.",
    "huyện": "H.",
    "quận": "Q.",
    "thị xã": "TX.",
    "thành phố": "TP.",
    "tỉnh": "T.",
}
"""Type words and how they are shortened before a name."""
_WORD = re.compile(r"\w+")
_UNIT_AT = re.compile(
    r"(?i)\b(?:xã|phường|thị trấn|huyện|quận|thị xã|thành phố|tỉnh|đặc khu|(?:tp|tx|tt|[xphqt])(?=\.))\b"
)
"""A word for a unit, or a short form before a point."""
_TYPE_WORD = re.compile(r"[^\W\d_]+\.?")
_TYPE_LIKENESS = 60.0
_LOST = 2
"""So much may be left in place of a shortened type word that the reader did not recognise."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[start:end]` by the name of a unit."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class AddressGuess:
    """Units that a reading may name.

    Attributes:
        edits: names put right, from left to right.
        spaced: the type words and commas between the names put right as well.
        units: how many levels were found, 1 to 3.
        here: how many of them are units of the issuing office itself.
    """

    edits: tuple[Edit, ...]
    spaced: tuple[Edit, ...]
    units: int
    here: int


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    start: int
    end: int
    weight: float
    place: Place = Place("", ())


class AddressBook:
    """Names of units by what they lie in.

    Args:
        provinces: all that an address may name, of whatever time; a province of communes alone stands
            beside one of the same name with districts.
    """

    def __init__(self, provinces: Sequence[Place]) -> None:
        self._provinces = provinces

    def guesses(self, text: str, here: Iterable[str] = (), *, most: int = 6) -> list[AddressGuess]:
        """Chains commune - district - province that a reading may mean, likeliest first.

        Args:
            text: as read, one or more lines joined by a blank.
            here: names of the issuing office's own units; they are likelier than others.
            most: guesses returned.
        """
        key = fold(text)
        own = {fold(name) for name in here}
        ranked: dict[tuple[Edit, ...], tuple[float, AddressGuess]] = {}
        for chain in self._chains(key, own):
            edits = tuple(Edit(f.start, f.end, f.name) for f in chain)
            known = sum(fold(f.name) in own for f in chain)
            weight = sum(f.weight for f in chain)
            if edits not in ranked or weight > ranked[edits][0]:
                spaced = (*edits, *_gaps(text, chain))
                ranked[edits] = (weight, AddressGuess(edits, spaced, len(chain), known))
        return [guess for _, guess in sorted(ranked.values(), key=lambda item: -item[0])[:most]]

    def is_exact(self, text: str, units: int, usual: Container[str]) -> bool:
        """Whether a text names a chain of so many units, and nothing but usual words besides.

        Args:
            text: as read.
            units: how many levels must be named.
            usual: small-letter words that addresses have beside names of units.
        """
        for guess in self.guesses(text, most=3):
            named = all(text[e.start : e.end].casefold() == e.name.casefold() for e in guess.edits)
            if not named or guess.units < units:
                continue
            rest = edited(text, [Edit(e.start, e.end, "") for e in guess.edits]).lower()
            if all(word in usual or word.isdigit() for word in _WORD.findall(rest)):
                return True
        return False

    @cached_property
    def _names(self) -> frozenset[str]:
        below = [unit for province in self._provinces for unit in province.below]
        places = (*self._provinces, *below, *(commune for unit in below for commune in unit.below))
        return frozenset(place.name.casefold() for place in places)

    def ends_whole(self, text: str) -> bool:
        """Whether the last unit that an address names has a name that some unit bears.

        "huyện Gò" and "tỉnh Long" are what is left of a name; words without a unit are told nothing of.
        """
        last = text.rpartition(",")[2].strip(" .")
        units = list(_UNIT_AT.finditer(last))
        if not units:
            return "," not in text or last.casefold() in self._names
        name = last[units[-1].end() :].strip(" .").casefold()
        return not name or name in self._names

    def _chains(self, key: str, own: set[str]) -> Iterator[list[_Found]]:
        for province in self._best(key, self._provinces, len(key), own, _LEAST_PROVINCE):
            yield [province]
            for unit in self._best(key, province.place.below, province.start, own, _LEAST):
                yield [unit, province]
                for commune in self._best(key, unit.place.below, unit.start, own, _LEAST):
                    yield [commune, unit, province]

    def _best(
        self, key: str, places: Iterable[Place], before: int, own: set[str], least: float
    ) -> list[_Found]:
        """Units whose names stand shortly before a place of the text."""
        text = key[:before]
        found: list[_Found] = []
        for place in places:
            wanted = fold(place.name)
            if len(wanted) < 2 or len(text) < len(wanted) - 1 or _NUMBERED.fullmatch(wanted):
                continue
            window = max(0, len(text) - len(wanted) - 2 * _FAR)
            match = fuzz.partial_ratio_alignment(wanted, text[window:], score_cutoff=least)
            if match is None:
                continue
            start, end = _whole_words(text, window + match.dest_start, window + match.dest_end)
            start = max(_word_starts(text, start, end), key=lambda at: fuzz.ratio(wanted, text[at:end]))
            score = fuzz.ratio(wanted, text[start:end])
            if score < least:
                continue
            weight = len(wanted) * (score - 45) / 55 - _PER_SIGN_OFF * max(0, before - end - _FAR)
            weight += _KNOWN_HERE if wanted in own else 0.0
            found.append(_Found(place.name, start, end, weight, place))
        found.sort(key=lambda f: -f.weight)
        return found[:_WIDTH]


def _gaps(text: str, chain: Sequence[_Found]) -> list[Edit]:
    """What should stand before each name: a comma, a blank, the type word most like what was read."""
    read: list[tuple[str, int]] = []
    at = 0
    for found in chain:
        gap = text[at : found.start]
        read.append(_type_before(gap, found.place.kinds))
        at = found.end
    shortened = any(kind.endswith(".") for kind, _ in read)
    edits: list[Edit] = []
    at = 0
    for found, (kind, start) in zip(chain, read, strict=True):
        gap = text[at : found.start]
        comma = gap.rfind(",")
        lost = gap[comma + 1 :].strip(_SIGNS)
        if not kind and shortened and (at or comma > 0) and len(lost) <= _LOST and not lost.isalpha():
            kind, start = _SHORT.get(found.place.kinds[0], ""), comma + 1
        if kind:
            first = len(gap[:start].rstrip(_SIGNS))
            sign = ", " if at else _sign_after(gap[:first], gap[first:start])
            edits.append(Edit(at + first, found.start, f"{sign}{kind} "))
        at = found.end
    return edits


def _sign_after(detail: str, read: str) -> str:
    """What stands between a detail and the smallest unit: "thôn 12, xã", but "Trạm y tế xã"."""
    if not detail:
        return ""
    return ", " if detail[-1].isdigit() or any(sign in read for sign in ",.;") else " "


def _type_before(gap: str, kinds: Sequence[str]) -> tuple[str, int]:
    """The type word with which a gap ends, whole or shortened, and where it starts; "" for none."""
    words = list(_TYPE_WORD.finditer(gap))
    best, chosen, start = _TYPE_LIKENESS, "", 0
    for kind in (*kinds, *(_SHORT[k] for k in kinds if k in _SHORT)):
        count = kind.count(" ") + 1
        if len(words) < count:
            continue
        first = words[-count].start()
        read = fold(gap[first:]).strip(" ,;:-")
        likeness = fuzz.ratio(read, fold(kind))
        if likeness > best:
            best, chosen, start = likeness, kind, first
    return chosen, start


def _word_starts(text: str, start: int, end: int) -> list[int]:
    inner = range(start, end - 1)
    return [start, *(at + 1 for at in inner if text[at] in _ENDS and text[at + 1] not in _ENDS)]


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1] not in _ENDS:
        start -= 1
    while start < end and text[start] in _ENDS:
        start += 1
    while end < len(text) and text[end] not in _ENDS:
        end += 1
    while end > start and text[end - 1] in _ENDS:
        end -= 1
    return start, end


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with its edits made, in capitals where the text is."""
    result, at = [], 0
    for edit in sorted(edits, key=lambda e: e.start):
        if edit.start >= at:
            result += [text[at : edit.start], edit.name.upper() if text.isupper() else edit.name]
            at = edit.end
    return "".join([*result, text[at:]])
