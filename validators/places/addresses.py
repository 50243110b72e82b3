"""Cuts a free-text address into parts, each with the level word it may carry."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from validators.letters import tidy

LEVELS: dict[str, tuple[str, ...]] = {
    "tỉnh": ("province",),
    "thành phố": ("province", "district"),
    "đặc khu": ("commune", "province"),
    "huyện": ("district",),
    "quận": ("district",),
    "thị xã": ("district",),
    "thị trấn": ("commune",),
    "phường": ("commune",),
    "xã": ("commune",),
}
ANY_LEVEL = ("commune", "district", "province")

_SHORT = {
    "tp": "thành phố", "tx": "thị xã", "tt": "thị trấn", "h": "huyện", "q": "quận", "p": "phường",
    "x": "xã", "t": "tỉnh", "đk": "đặc khu",
}  # fmt: skip
_FOLDED = {
    "thanh pho": "thành phố", "thi tran": "thị trấn", "thi xa": "thị xã", "dac khu": "đặc khu",
    "phuong": "phường", "huyen": "huyện", "quan": "quận", "tinh": "tỉnh", "xa": "xã",
}  # fmt: skip
_SURELY_SMALLER = re.compile(
    r"^(?:thon|xom|ap|to dan pho|tdp|khu pho|kp|so nha|khom|ngo|ngach|hem|tieu khu|can ho|chung cu)\b"
    r"|^(?:to|khu|doi|so|lo|cum|khoi|duong|lang|buon|ban)\s+(?:so\s+)?\d"
)
_MAYBE_SMALLER = re.compile(
    r"^(?:lang|buon|bon|plei|ploi|ban|to|khu|doi|duong|so|cum|khoi|phum|soc|kiet|quoc lo|lo)\b"
)
"""Words of hamlets and streets that also begin names of units: "Lạng Sơn", "Buôn Đôn", "Sóc Trăng"."""
_LONG = "|".join(LEVELS)
_DOTTED = r"t\s*\.\s*p|t\s*\.\s*x|t\s*\.\s*t|tp|tx|tt|đk|[hqpxt]"
_STRICT = re.compile(
    rf"(?<![\w.])(?:(?P<long>{_LONG})\s+|(?P<short>{_DOTTED})\s*\.\s*|(?P<bare>tp|tx|tt)\s+|(?P<digit>[qp])\s*(?=\d))",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?P<short>tp|tx|tt|[hqpxt])[\s.]+(?=\S)")
_LOOSE = re.compile(rf"\b(?P<long>{'|'.join(_FOLDED)})\s+|\b(?P<bare>tp|tx|tt)[\s.]+")
_PAIRS = re.compile(
    r"(ba ria|gia lai|vung tau|quang nam|phan rang|sai gon|thua thien|van mieu)\s*[-–]+\s*"
    r"(?=vung tau|kon tum|con dao|da nang|thap cham|gia dinh|hue|quoc tu giam)"
)
_DAMAGED = re.compile(r"(?:\w{1,3}\s*\.\s*|\w{1,3}\s+)(?=\w)")
DAMAGED_WORD = 0.94
"""Weight of a name behind what may be a misread level word: "XX. An Thanh", "y. Vị Xuyên"."""
_CUTS = re.compile(r"[,;\n]|\.\s{2,}")
_DASHES = re.compile(r"\s+[-–]\s*|\s*[-–]\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a part: level word (None: none) and name, and what a guess costs."""

    kind: str | None
    name: str
    weight: float = 1.0

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels the level word allows."""
        return ANY_LEVEL if self.kind is None else LEVELS[self.kind]


Part = tuple[Reading, ...]


def flat(text: str) -> str:
    """Small letters without diacritics, letter for letter, so that places in both texts agree."""
    return "".join(_flat_letter(c) for c in text)


@lru_cache(maxsize=1 << 10)
def _flat_letter(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return {"đ": "d", "ð": "d"}.get(base[0], base[0])


def cut(text: str) -> list[tuple[Part, ...]]:
    """Ways to cut an address, the most literal first.

    Level words with their diacritics are looked for before folded ones, because names hold their
    look-alikes ("Tam Quan Nam", "Hà Tĩnh", "Đan Phượng").
    """
    clean = tidy(text.replace("\n", ", ")).replace("’", "'")
    joined = _join_pairs(clean)
    chunks = [c for c in _CUTS.split(joined) if c.strip(" .-")]
    if len(chunks) == 1:
        chunks = [c for c in _DASHES.split(joined) if c.strip(" .-")]
    ways: dict[tuple[Part, ...], None] = {}
    for split in (_strictly, _by_first_word, _loosely):
        parts = tuple(p for chunk in chunks for p in split(chunk) if p and not _matches(_SURELY_SMALLER, p))
        if parts:
            if "province" in parts[0][0].levels and parts[0][0].kind and "commune" in parts[-1][0].levels:
                parts = parts[::-1]
            first = parts[0][0]
            if len(parts) > 2 and first.kind is not None and "commune" not in first.levels:
                parts = ((*parts[0], Reading(None, first.name, DAMAGED_WORD)), *parts[1:])
            ways[parts] = None
    return list(ways)


def _join_pairs(text: str) -> str:
    found = flat(text)
    for match in reversed(list(_PAIRS.finditer(found))):
        text = text[: match.end(1)] + " " + text[match.end() :]
    return text


@lru_cache(maxsize=1 << 14)
def may_be_smaller(part: Part) -> bool:
    """Whether a part begins like a hamlet or street, smaller than any unit of the tables."""
    return _matches(_MAYBE_SMALLER, part)


def _matches(words: re.Pattern[str], part: Part) -> bool:
    first = part[0]
    return first.kind is None and words.match(flat(first.name)) is not None


def _named(name: str, kind: str | None, weight: float = 1.0) -> Part:
    bare = name.strip(" .,:;-()")
    return (Reading(kind, bare, weight),) if bare else ()


def _strictly(chunk: str) -> list[Part]:
    found = list(_STRICT.finditer(chunk))
    parts = [_unmarked(chunk[: found[0].start()] if found else chunk)]
    for match, following in zip(found, [*found[1:], None], strict=False):
        parts.append(_named(chunk[match.end() : following.start() if following else None], _kind(match)))
    return parts


def _kind(match: re.Match[str]) -> str:
    written = (match["long"] or match["short"] or match["bare"] or match["digit"]).lower()
    return written if written in LEVELS else _SHORT[re.sub(r"[\s.]", "", written)]


def _unmarked(chunk: str) -> Part:
    text = chunk.strip(" .,:;-()")
    if not text:
        return ()
    if literal := _STRICT.match(text):
        return _named(text[literal.end() :], _kind(literal))
    readings = [Reading(None, text)]
    found = flat(text)
    if leading := _LEADING.match(found):
        readings.insert(0, Reading(_SHORT[leading["short"]], text[leading.end() :]))
    words = found.split(" ")
    for folded, kind in _FOLDED.items():
        count = folded.count(" ") + 1
        head, rest = " ".join(words[:count]), " ".join(text.split(" ")[count:])
        if not rest:
            continue
        distance = Levenshtein.distance(head, folded)
        if distance <= (2 if len(folded) > 5 else 1):
            reading = Reading(kind, rest, (1.0, 0.97, 0.93)[distance])
            readings.insert(0 if distance == 0 else len(readings), reading)
    if (damaged := _DAMAGED.match(text)) and len(readings) == 1:
        readings.append(Reading(None, text[damaged.end() :], DAMAGED_WORD))
    return tuple(readings)


def _by_first_word(chunk: str) -> list[Part]:
    return [_unmarked(chunk)]


def _loosely(chunk: str) -> list[Part]:
    found = flat(chunk)
    marks = list(_LOOSE.finditer(found))
    parts = [_unmarked(chunk[: marks[0].start()] if marks else chunk)]
    for match, following in zip(marks, [*marks[1:], None], strict=False):
        kind = _FOLDED[match["long"]] if match["long"] else _SHORT[match["bare"]]
        parts.append(_named(chunk[match.end() : following.start() if following else None], kind, 0.99))
    return parts
