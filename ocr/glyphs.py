"""Signs that print readers confuse, put right where spelling leaves only one choice."""

from __future__ import annotations

import re

from ocr.labels import fold

_SQUARE_METRE = re.compile(r"(?<=\d)(\s?)m(?:[?°ˆ^¿*\"'º¹³²]|2\?|\u0303)+(?=$|[\s;,.)])")
_MELTED_METRE = re.compile(r"(?<=\d)(\s?)m(?:2|[ẽẻẹ]|[^\W\d_](?=$|[;,.)]))(?=$|[\s;,.)])")
_DASH = re.compile(r"(?<=\d)[~=–—](?=\d)")
_UNIT = re.compile(
    r"\b(?:tinh|huyen|xa|thi tran|thanh pho|phuong|quan|lang|buon|plei|ban|tp|h\.|x\.|t\.)\s+(la)(?=\s+\S)"
)
_FIRST = re.compile(r"^(la)(?=\s+\S+,)")
_LOST_APOSTROPHE = re.compile(
    r"\b([HM])(?=[BCDĐGKLMNRSTVX][a-zà-ỹăâđêôơưŭĭŏč])|\b(H(?=[BCDĐGKLRSTVX])|M(?=[BCDĐGKRSTVX]))(?=[^\W\d_a-z]{2})"
)
_WORD = re.compile(r"[^\W\d_]+")
_QUOTES = re.compile(r"[“”„\"«»]")
_NOT_IN_SERIALS = re.compile(r"^[^\w]+|[^\w)]+$")
_AREAS = frozenset({"area", "land_purpose", "text"})
_PLACES = frozenset({"place", "issuing_unit", "agency", "text"})
_NAMED = frozenset({"place", "issuing_unit", "agency", "name"})
_DIGITS = frozenset({"date", "id_number", "book_number", "entry_number"})
_NUMBERS = frozenset("entry_number page_number id_number".split())
_BEFORE_DIGITS = re.compile(r"^(?:[^\W\d_]{2,} )+(?=\d)")
"""Words of a label ("thứ tự 128") before a number."""
_WORDED = frozenset("name place text date date_words relation time".split())
_DOT_BEHIND = re.compile(r"([^\W\d_]{2,})[.…]+( *)(?=\w)")
_DOT_BETWEEN = re.compile(r"(?<=\d)\.(?=\d)")
_YEAR_ALONE = re.compile(r"(?:19|20)\d\d")
_DOT_BEFORE = re.compile(r"(?<=\d)[.…]+ *(?=[^\W\d_])")
_COMMA = re.compile(r"\s*,[.,\s]*(?=[^\W\d_])")
_SHORT = 4
"""Short forms in capitals have so few letters: "TP.", "UBND."."""


def repaired(text: str, kind: str) -> str:
    """A value as its spelling must have been.

    The raised two of "m²" is no sign the reader knows, so it comes as "?", "°" or an accent. No place name
    begins with a small letter: "xã la Tô" is "xã Ia Tô". A date has hyphens, not tildes.

    Args:
        text: as read.
        kind: of field, as in the form files.
    """
    if kind in _AREAS:
        text = _MELTED_METRE.sub(r"\1m²", _SQUARE_METRE.sub(r"\1m²", text))
    if kind == "place":
        text = text.replace("„", ",")
    if kind in ("name", "place"):
        text = " ".join(_QUOTES.sub(" ", text).split())
    if kind in _WORDED:
        text = _without_leader_dots(text, kind)
    if kind in ("serial", "registry_number"):
        text = _NOT_IN_SERIALS.sub("", "".join(map(_plain_capital, text)))
    if kind in _NUMBERS:
        text = _DOT_BETWEEN.sub("", _BEFORE_DIGITS.sub("", text))
    if kind in _DIGITS:
        text = _DASH.sub("-", text)
    if kind in _PLACES:
        folded = fold(text)
        for found in (*_UNIT.finditer(folded), *_FIRST.finditer(folded)):
            at = found.start(1)
            behind = text[at + 2 :].lstrip()
            if text[at : at + 2] == "la" and behind[:1].isupper():
                text = f"{text[:at]}Ia{text[at + 2 :]}"
    return text


def _without_leader_dots(text: str, kind: str) -> str:
    """Without dots of the line that words stand on: "Bệnh.viện", "khu phố.2", "ngày 0.7 tháng.06"."""

    def parted(match: re.Match[str]) -> str:
        word, blank = match[1], match[2]
        short = kind != "name" and ((word.isupper() and len(word) <= _SHORT) or not _spoken(word))
        sentence = kind == "text" and blank and match.string[match.end() :][:1].isupper()
        return match[0] if short or sentence else f"{word} "

    text = _DOT_BEHIND.sub(parted, text)
    if kind == "place":
        text = _COMMA.sub(", ", text)
    if kind == "date" and _YEAR_ALONE.fullmatch(text.replace(".", "")):
        text = text.replace(".", "")
    if kind == "time" or (kind == "date" and "thang" in fold(text)):
        text = _DOT_BETWEEN.sub("", text)
        text = _DOT_BEFORE.sub(" ", text)
    return text


def with_apostrophes(text: str, kind: str) -> str:
    """Names of the highlands with the apostrophe that readers drop: "CƯ MGAR" is "CƯ M'GAR".

    No Vietnamese syllable begins with H or M and another consonant that is a capital of its own; yet some
    families write without the sign, so this is only a proposal.
    """
    if kind not in _NAMED:
        return text
    return _WORD.sub(lambda m: _LOST_APOSTROPHE.sub(r"\g<0>'", m[0]) if _spoken(m[0]) else m[0], text)


def _spoken(word: str) -> bool:
    """Whether a word has a vowel; short forms such as HĐND have none."""
    return any(letter in "aeiouy" for letter in fold(word))


def _plain_capital(letter: str) -> str:
    """Serials carry capitals without accents; Đ occurs ("QSDĐ")."""
    if letter in "Đđ" or not letter.isalpha() or not letter.isupper():
        return letter
    return fold(letter).upper()
