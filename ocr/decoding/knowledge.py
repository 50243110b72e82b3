"""What registry fields say, by kind: lexicons and grammars for the decoder."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz, process

from ocr.decoding.grammar import Grammar
from ocr.decoding.lexicon import Lexicon, merged, neighbours
from ocr.labels import fold

_DATA: Final = Path(__file__).parent / "data"
_DIGITS: Final = "0123456789"

_DATE_SHAPES: Final = (
    (re.compile(r"(0?[1-9]|[12]\d|3[01])\s?([/.\-])\s?(0?[1-9]|1[0-2])\s?\2\s?(18|19|20)\d\d"), -0.2),
    (re.compile(r"(18|19|20)\d\d"), -0.3),
    (re.compile(r"\d{1,3}( tuổi| t|t)"), -0.5),
    (re.compile(r"(0?[1-9]|1[0-2])\s?[/.\-]\s?(18|19|20)\d\d"), -1.0),
    (
        re.compile(
            r"(ngày\s?)?(0?[1-9]|[12]\d|3[01])\s?tháng\s?(0?[1-9]|1[0-2])\s?năm\s?(18|19|20)\d\d",
            re.IGNORECASE,
        ),
        -0.3,
    ),
    (re.compile(r"(0?[1-9]|[12]\d|3[01])\s?[/.\-]\s?(0?[1-9]|1[0-2])\s?[/.\-]\s?(18|19|20)?\d\d"), -1.5),
    (re.compile(r"(năm|khoảng năm|sinh năm)\s?(18|19|20)\d\d", re.IGNORECASE), -1.0),
    (re.compile(r"[-/.\s]*|nt|như trên", re.IGNORECASE), -1.5),
)
_NOTHING: Final = (re.compile(r"[-/.\s]*"), -1.5)
_NUMBER_SHAPES: Final = {
    "id_number": ((re.compile(r"\d{9}|\d{12}"), -0.1), (re.compile(r"[A-Z]\d{7}"), -1.0), _NOTHING),
    "entry_number": (
        (re.compile(r"\d{1,4}"), -0.2),
        (re.compile(r"\d{1,4}/(19|20)\d\d"), -0.3),
        (re.compile(r"\d{1,4}\s?([a-z]|bis)(/(19|20)\d\d)?"), -2.0),
    ),
    "book_number": (
        (re.compile(r"\d{1,3}/(19|20)\d\d"), -0.2),
        (re.compile(r"\d{1,3}"), -0.5),
        (re.compile(r"[IVX]+(/(19|20)\d\d)?"), -1.5),
        (re.compile(r"\d{1,3}[-.][A-Z]{2,4}/(19|20)\d\d"), -2.0),
    ),
    "page_number": ((re.compile(r"\d{1,3}"), -0.1),),
    "number": ((re.compile(r"\d+"), -0.2), (re.compile(r"\d[\d.]*(,\d+)?"), -1.0), _NOTHING),
    "serial": ((re.compile(r"[A-ZĐ]{1,2} ?(\d{6}|\d{8})"), -0.1),),
}
_NUMBER_SIGNS: Final = {
    "date": _DIGITS + "/.- ",
    "id_number": _DIGITS + " ",
    "entry_number": _DIGITS + "/",
    "book_number": _DIGITS + "/",
    "page_number": _DIGITS,
    "number": _DIGITS + ".,",
    "serial": _DIGITS + "ABCDĐEGHIKLMNOPQRSTUVXY ",
}


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def _phrases(name: str, topics: Iterable[str] = ()) -> dict[str, float]:
    """Entries of a data file with their weights; small letters, NFC.

    Args:
        name: of the file; its first column is the text.
        topics: only entries of these.
    """
    wanted = frozenset(topics)
    weights: dict[str, float] = {}
    for row in _rows(name):
        if not wanted or row["topic"] in wanted:
            text = unicodedata.normalize("NFC", next(iter(row.values()))).lower()
            weights[text] = weights.get(text, 0.0) + float(row.get("weight") or 1.0)
    return weights


def _words_of(phrases: Mapping[str, float]) -> dict[str, float]:
    """The single words of phrases, each as heavy as what it stands in."""
    weights: dict[str, float] = {}
    for phrase, weight in phrases.items():
        for word in unicodedata.normalize("NFC", phrase).lower().split():
            bare = word.strip(".,;:()")
            if bare:
                weights[bare] = weights.get(bare, 0.0) + weight
    return weights


class Knowledge:
    """Grammars by kind of field.

    Args:
        places: names of administrative units that may occur, with their weights; whole names.
    """

    def __init__(self, places: Mapping[str, float] | None = None) -> None:
        family, middle, given = (_words_of(_phrases(f"{n}_names.tsv")) for n in ("family", "middle", "given"))
        groups = _words_of(_phrases("group_names.tsv"))
        syllables, highland = _phrases("syllables.tsv"), _phrases("highland_syllables.tsv")
        words, streets = _words_of(_phrases("words.tsv")), _words_of(_phrases("street_and_hamlet.tsv"))
        units = _words_of(places or {})
        rare = [(syllables, 0.03), (highland, 0.005)]
        first = Lexicon(
            merged([(family, 0.84), (groups, 0.1), (middle, 0.02), (given, 0.03), (highland, 0.01)])
        )
        further = Lexicon(merged([(middle, 0.36), (given, 0.5), (groups, 0.065), (family, 0.04), *rare]))
        spoken = Lexicon(merged([(words, 0.81), (units, 0.1), (given, 0.05), (syllables, 0.04)]))
        address = _words_of(_phrases("words.tsv", _IN_ADDRESSES))
        self.address_words = frozenset(address) | _SHORTENED
        place = Lexicon(
            merged([(units, 0.52), (address, 0.28), (words, 0.05), (streets, 0.07), (groups, 0.03), *rare])
        )
        numbers = _words_of(_phrases("words.tsv", ("number", "date")))
        number_words = Lexicon({word: numbers.get(word, 1.0) for word in _DATE_WORDS})
        phrases, named = _phrases("words.tsv"), [name.lower() for name in places or {}]
        self._entries: dict[str, dict[str, str]] = {}
        name = Grammar(
            (first, further),
            digit=-7.0,
            sign=-4.0,
            pairs=neighbours(further, _phrases("given_pairs.tsv")),
            pair=2.0,
        )
        self._grammars: dict[str, Grammar] = {
            "name": name,
            "person": replace(name, digit=-1.5, sign=-2.0),
            "date_words": Grammar((number_words,), unknown_word=-12.0, digit=-5.0),
            "area_words": Grammar((number_words,), unknown_word=-12.0, digit=-5.0),
            "place": Grammar((place,), digit=-2.5, sign=-1.0, pairs=neighbours(place, [*phrases, *named])),
            "text": Grammar((spoken,), digit=-2.0, sign=-1.5, pairs=neighbours(spoken, [*phrases, *named])),
        }
        for kind, topics in _CLOSED.items():
            entries = _phrases("words.tsv", topics)
            self._grammars[kind] = Grammar((Lexicon(entries),), phrases=True, digit=-7.0, unknown_word=-9.0)
            self._entries[kind] = {entry: fold(entry) for entry in entries}
        for kind, signs in _NUMBER_SIGNS.items():
            shapes = _DATE_SHAPES if kind == "date" else _NUMBER_SHAPES[kind]
            self._grammars[kind] = Grammar(allowed=frozenset(signs), foreign=-1.5, shapes=shapes)
        for kind in ("issuing_unit", "agency"):
            self._grammars[kind] = self._grammars["place"]
        for kind in ("registry_number", "barcode"):
            self._grammars[kind] = Grammar()

    def entries_like(self, kind: str, text: str) -> list[str]:
        """Entries of a closed list that look most like a reading, capitals as in it; none for open kinds."""
        entries = self._entries.get(kind)
        if not entries:
            return []
        key = fold(text)
        found = process.extract(key, entries, scorer=fuzz.ratio, limit=_LIKE, score_cutoff=_LEAST_LIKE)
        return [_as_in(text, entry) for _, _, entry in found]

    def lists(self, kind: str, text: str) -> bool:
        """Whether a closed list has just this entry, marks and all; true for open kinds."""
        return kind not in self._entries or text.lower() in self._entries[kind]

    def grammar(self, kind: str) -> Grammar:
        """What a field of a kind may say; unknown kinds say anything made of words."""
        return self._grammars.get(kind, self._grammars["text"])


def _as_in(model: str, entry: str) -> str:
    """A small-letter entry with the capitals of a reading: all, the first, or none."""
    letters = [c for c in model if c.isalpha()]
    if len(letters) > 2 and all(c.isupper() for c in letters):
        return entry.upper()
    return entry[:1].upper() + entry[1:] if letters and letters[0].isupper() else entry


_LIKE: Final = 6
_LEAST_LIKE: Final = 45.0
_DATE_WORDS: Final = (
    "ngày tháng năm mồng mùng một hai ba bốn tư bảy sáu tám chín mười mươi mốt lăm nhăm rằm giêng chạp linh "
    "lẻ nghìn ngàn trăm không triệu tỷ phẩy rưỡi mét vuông héc ta âm lịch dương khoảng sinh giờ phút lúc"
).split()
_SHORTENED: Final = frozenset("x p tt h q tx tp t ubnd".split())
_IN_ADDRESSES: Final = ("address", "birthplace", "document")
_CLOSED: Final = {
    "sex": ("sex",),
    "ethnicity": ("ethnic",),
    "nationality": ("nationality",),
    "relation": ("relation",),
    "title": ("title",),
}
"""Kinds whose values are whole entries of a list, by topic of ``words.tsv``."""
