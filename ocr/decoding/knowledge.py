"""What registry fields say, by kind: lexicons and grammars for the decoder."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from ocr.decoding.grammar import Grammar
from ocr.decoding.lexicon import Lexicon, merged

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
_NUMBER_SHAPES: Final = {
    "id_number": (
        (re.compile(r"\d{9}|\d{12}"), -0.1),
        (re.compile(r"[A-Z]\d{7}"), -1.0),
        (re.compile(r"[-/.\s]*"), -1.5),
    ),
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
    "number": (
        (re.compile(r"\d+"), -0.2),
        (re.compile(r"\d[\d.]*(,\d+)?"), -1.0),
        (re.compile(r"[-/.\s]*"), -1.5),
    ),
}
_NUMBER_SIGNS: Final = {
    "date": _DIGITS + "/.- ",
    "id_number": _DIGITS + " ",
    "entry_number": _DIGITS + "/",
    "book_number": _DIGITS + "/",
    "page_number": _DIGITS,
    "number": _DIGITS + ".,",
}


def _table(name: str) -> dict[str, float]:
    """Words and weights of one data file; small letters, NFC; names of several words count for each."""
    weights: dict[str, float] = {}
    path = _DATA / name
    if not path.exists():
        return {"nguyễn": 1.0}  # TEMP
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            text, *_ = row.values()
            for word in unicodedata.normalize("NFC", text).lower().split():
                bare = word.strip(".,;:()")
                if bare:
                    weights[bare] = weights.get(bare, 0.0) + float(row.get("weight") or 1.0)
    return weights


class Knowledge:
    """Grammars by kind of field.

    Args:
        places: names of administrative units that may occur, with their weights; whole names.
    """

    def __init__(self, places: Mapping[str, float] | None = None) -> None:
        family, middle, given = (_table(f"{n}_names.tsv") for n in ("family", "middle", "given"))
        highland = _table("group_names.tsv")
        syllables = dict.fromkeys(_table("syllables.tsv"), 1.0)
        words = _table("words.tsv")
        streets = _table("street_and_hamlet.tsv")
        units = _words_of(places or {})
        first = Lexicon(merged([(family, 0.85), (highland, 0.1), (middle, 0.02), (given, 0.03)]))
        further = Lexicon(
            merged([(middle, 0.38), (given, 0.50), (highland, 0.05), (family, 0.04), (syllables, 0.03)])
        )
        spoken = Lexicon(merged([(words, 0.80), (units, 0.1), (syllables, 0.05), (given, 0.05)]))
        place = Lexicon(
            merged([(units, 0.55), (words, 0.28), (streets, 0.07), (syllables, 0.05), (highland, 0.05)])
        )
        number_words = Lexicon({word: words.get(word, 1.0) for word in _DATE_WORDS})
        groups = Lexicon(_words_of(dict.fromkeys(_lines("ethnic_groups.txt"), 1.0)))
        self._grammars: dict[str, Grammar] = {
            "name": Grammar((first, further), digit=-7.0, sign=-4.0),
            "date_words": Grammar((number_words,), unknown_word=-12.0, digit=-5.0),
            "area_words": Grammar((number_words,), unknown_word=-12.0, digit=-5.0),
            "ethnicity": Grammar((groups,), digit=-7.0, unknown_word=-7.0),
            "place": Grammar((place,), digit=-2.5, sign=-1.0),
            "text": Grammar((spoken,), digit=-2.0, sign=-1.5),
        }
        for kind, signs in _NUMBER_SIGNS.items():
            shapes = _DATE_SHAPES if kind == "date" else _NUMBER_SHAPES[kind]
            self._grammars[kind] = Grammar(allowed=frozenset(signs), foreign=-1.5, shapes=shapes)
        for kind in ("issuing_unit", "agency"):
            self._grammars[kind] = self._grammars["place"]
        for kind in ("serial", "registry_number", "barcode"):
            self._grammars[kind] = Grammar()

    def grammar(self, kind: str) -> Grammar:
        """What a field of a kind may say; unknown kinds say anything made of words."""
        return self._grammars.get(kind, self._grammars["text"])


_DATE_WORDS: Final = (
    "ngày tháng năm mồng mùng một hai ba bốn tư bảy sáu tám chín mười mươi mốt lăm nhăm rằm giêng chạp linh lẻ "
    "nghìn ngàn trăm không triệu tỷ phẩy rưỡi mét vuông héc ta âm lịch dương khoảng sinh giờ phút lúc năm"
).split()


def _lines(name: str) -> list[str]:
    path = _DATA / name
    if not path.exists():
        return [
            "kinh",
            "gia-rai",
            "gia rai",
            "ê-đê",
            "ba-na",
            "tày",
            "nùng",
            "thái",
            "mường",
            "hoa",
            "khơ-me",
            "jrai",
        ]  # TEMP
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _words_of(names: Mapping[str, float]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for name, weight in names.items():
        for word in unicodedata.normalize("NFC", name).lower().split():
            weights[word] = weights.get(word, 0.0) + weight
    return weights


def known_share(lexicon_words: Iterable[str], text: Sequence[str]) -> float:
    """Share of words that a lexicon holds."""
    known = set(lexicon_words)
    return sum(word.lower() in known for word in text) / len(text) if text else 1.0


@lru_cache(maxsize=1)
def default_knowledge() -> Knowledge:
    """Knowledge that Sohoa ships, without places."""
    return Knowledge()
