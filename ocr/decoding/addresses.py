"""Addresses as units within units: what a damaged reading most likely names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rapidfuzz import fuzz

from ocr.engines.ctc import fold_letter

Tree: TypeAlias = Mapping[str, Mapping[str, Sequence[str]]]
"""Province -> district ("" for none) -> communes; names without their type words."""

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
_TYPES = {
    "commune": ("xã", "X.", "phường", "P.", "thị trấn", "TT."),
    "district": ("huyện", "H.", "thị xã", "TX.", "thành phố", "TP.", "quận", "Q."),
    "province": ("tỉnh", "T.", "thành phố", "TP."),
}
"""Type words as they are written before a name."""
_TYPE_WORD = re.compile(r"[^\W\d_]+\.?")
_TYPE_LIKENESS = 60.0


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
    level: str = ""


class AddressBook:
    """Names of units by province and district.

    Args:
        tree: all units that an address may name, of whatever time.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._keys: dict[str, str] = {}

    def guesses(self, text: str, here: Iterable[str] = (), *, most: int = 6) -> list[AddressGuess]:
        """Chains commune - district - province that a reading may mean, likeliest first.

        Args:
            text: as read, one or more lines joined by a blank.
            here: names of the issuing office's own units; they are likelier than others.
            most: guesses returned.
        """
        key = "".join(map(fold_letter, text))
        own = {self._key(name) for name in here}
        ranked: list[tuple[float, AddressGuess]] = []
        for province in self._best(key, "province", self._tree, len(key), own):
            for district in self._districts(key, province, own):
                before = district.start if district.name else province.start
                communes = self._tree[province.name].get(district.name, ())
                nothing = _Found("", before, before, 0.0)
                for commune in [*self._best(key, "commune", communes, before, own), nothing]:
                    chain = [f for f in (commune, district, province) if f.name]
                    edits = tuple(Edit(f.start, f.end, f.name) for f in chain)
                    known = sum(self._key(f.name) in own for f in chain)
                    spaced = (*edits, *_gaps(text, chain))
                    ranked.append(
                        (sum(f.weight for f in chain), AddressGuess(edits, spaced, len(chain), known))
                    )
        ranked.sort(key=lambda item: -item[0])
        return [guess for _, guess in ranked[:most]]

    def _districts(self, key: str, province: _Found, own: set[str]) -> list[_Found]:
        names = self._tree[province.name]
        found = self._best(key, "district", [n for n in names if n], province.start, own)
        return [*found, _Found("", province.start, province.start, 0.0)]

    def _best(self, key: str, level: str, names: Iterable[str], before: int, own: set[str]) -> list[_Found]:
        """Names that stand shortly before a place of the text."""
        text = key[:before]
        least = _LEAST_PROVINCE if level == "province" else _LEAST
        found: list[_Found] = []
        for name in names:
            wanted = self._key(name)
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
            found.append(_Found(name, start, end, weight, level))
        found.sort(key=lambda f: -f.weight)
        return found[:_WIDTH]

    def _key(self, name: str) -> str:
        known = self._keys.get(name)
        if known is None:
            known = self._keys[name] = "".join(map(fold_letter, name))
        return known


def _gaps(text: str, chain: Sequence[_Found]) -> list[Edit]:
    """What should stand before each name: a comma, a blank, the type word most like what was read."""
    edits: list[Edit] = []
    at = 0
    for found in chain:
        gap = text[at : found.start]
        kind, start = _type_before(gap, _TYPES[found.level])
        if kind:
            comma = ", " if at or gap[:start].strip(_SIGNS) else ""
            first = len(gap[:start].rstrip(_SIGNS))
            edits.append(Edit(at + first, found.start, f"{comma}{kind} "))
        at = found.end
    return edits


def _type_before(gap: str, kinds: Sequence[str]) -> tuple[str, int]:
    """The type word with which a gap ends, and where it starts in the gap; "" for none."""
    words = list(_TYPE_WORD.finditer(gap))
    best, chosen, start = _TYPE_LIKENESS, "", 0
    for kind in kinds:
        count = kind.count(" ") + 1
        if len(words) < count:
            continue
        first = words[-count].start()
        read = "".join(map(fold_letter, gap[first:])).strip(" ,;:-")
        likeness = fuzz.ratio(read, "".join(map(fold_letter, kind)))
        if likeness > best:
            best, chosen, start = likeness, kind, first
    return chosen, start


def _word_starts(text: str, start: int, end: int) -> list[int]:
    return [
        start,
        *(at + 1 for at in range(start, end - 1) if text[at] in _ENDS and text[at + 1] not in _ENDS),
    ]


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
    """The text with its edits made."""
    result, at = [], 0
    for edit in sorted(edits, key=lambda e: e.start):
        if edit.start >= at:
            result += [text[at : edit.start], edit.name]
            at = edit.end
    return "".join([*result, text[at:]])
