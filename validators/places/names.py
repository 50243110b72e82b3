"""Administrative units as written: levels, abbreviations, letterheads.

No gazetteer: this only tells level words from names, so that "X. Ia Phang, H. Chư Sê, T. Gia Lai" and
"xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai" compare as equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from validators.letters import fold, likeness, tidy, title_case

PROVINCE, DISTRICT, COMMUNE = "province", "district", "commune"
_LEVEL_WORDS = {
    "tỉnh": PROVINCE, "thành phố": DISTRICT, "thị xã": DISTRICT, "thị trấn": COMMUNE, "huyện": DISTRICT,
    "quận": DISTRICT, "phường": COMMUNE, "đặc khu": COMMUNE, "xã": COMMUNE,
}  # fmt: skip
_CENTRAL_CITIES = {"ha noi", "ho chi minh", "hai phong", "da nang", "can tho", "hue"}
_ABBREVIATIONS = (
    (r"\bTP\s*\.\s*|\bT\.P\.?\s*|\bTp\s*\.\s*|\bTP\s+(?=[A-ZĐ])", "thành phố "),
    (r"\bTX\s*\.\s*|\bT\.X\.?\s*|\bTx\s*\.\s*|\bTX\s+(?=[A-ZĐ])", "thị xã "),
    (r"\bTT\s*\.\s*|\bT\.T\.?\s*|\bTt\s*\.\s*", "thị trấn "),
    (r"\bX\s*\.\s*", "xã "),
    (r"\bH\s*\.\s*", "huyện "),
    (r"\bT\s*\.\s*", "tỉnh "),
    (r"\bQ\s*\.\s*", "quận "),
    (r"\bP\s*\.\s*", "phường "),
)
_COMMITTEE = re.compile(
    r"(?:UBND|U\.B\.N\.D|ỦY\s+BAN\s+NHÂN\s+DÂN|UỶ\s+BAN\s+NHÂN\s+DÂN)\b\.?", re.IGNORECASE
)
_COMMITTEE_FOLDED = re.compile(r"^\W*(?:ubnd|u?y ban nhan dan|uy ban nhan dan)\b\W*")
_STATE_LINES = ("cong hoa xa hoi chu nghia viet nam", "doc lap tu do hanh phuc", "viet nam dan chu cong hoa")
_MARKERS = "|".join(sorted(_LEVEL_WORDS, key=len, reverse=True))
_SPLIT = re.compile(rf"(?<=\S)(?<!\bthị)\s+(?=(?:{_MARKERS})\s)", re.IGNORECASE)
_STATE_TAIL = re.compile(r"C[ỘO]NG\s+H[ÒÓO][AÀ]\s+X[ÃA]\s+H[ỘO]I.*$", re.IGNORECASE)
MIN_STATE_LINE = 0.8


@dataclass(frozen=True, slots=True)
class Unit:
    """One administrative unit as written: level word in small letters, name, rank."""

    word: str
    name: str
    level: str
    exact: bool = True

    def __str__(self) -> str:
        return f"{self.word} {self.name}"


def expand_abbreviations(address: str) -> str:
    """Spell out level words: "TP. Pleiku" -> "thành phố Pleiku"; everything else stays as written."""
    text = tidy(address)
    for pattern, word in _ABBREVIATIONS:
        text = re.sub(pattern, word, text)
    return tidy(text)


def _level_word(chunk: str, *, of_committee: bool = False) -> tuple[str, str, bool] | None:
    """Level word at the start of a chunk, the rest, and whether it is spelled right.

    Args:
        chunk: one unit.
        of_committee: "UBND" stands before it, so that even two letters may be a damaged "xã".
    """
    words = chunk.split()
    for marker in _LEVEL_WORDS:
        count = len(marker.split())
        head, rest = " ".join(words[:count]), " ".join(words[count:])
        if rest and tidy(head).casefold() == marker:
            return marker, rest, True
    for marker in _LEVEL_WORDS:
        count = len(marker.split())
        head, rest = " ".join(words[:count]), " ".join(words[count:])
        allowed = 1 if len(marker) > 3 or (of_committee and len(head) <= 3) else 0
        if rest and Levenshtein.distance(fold(head), fold(marker)) <= allowed:
            return marker, rest, False
    return None


def _unit(chunk: str, *, of_committee: bool = False) -> Unit | None:
    found = _level_word(chunk.strip(" .,:;-"), of_committee=of_committee)
    if found is None:
        return None
    word, name, exact = found
    name = name.strip(" .,:;")
    level = PROVINCE if word == "thành phố" and fold(name) in _CENTRAL_CITIES else _LEVEL_WORDS[word]
    return Unit(word, title_case(name) if _in_capitals(name) else name, level, exact)


def _in_capitals(name: str) -> bool:
    """Whether a name is printed in capitals, a misread small letter or two aside."""
    letters = [c for c in name if c.isalpha()]
    return (len(letters) > 2 and sum(c.isupper() for c in letters) > 0.6 * len(letters)) or name.isupper()


def _is_state_line(line: str) -> bool:
    return any(likeness(fold(line).replace("-", " "), state) >= MIN_STATE_LINE for state in _STATE_LINES)


def units_of(written: str) -> tuple[Unit, ...]:
    """Units named in a letterhead or an address, smallest first, at most one a level.

    Args:
        written: lines of a letterhead (largest unit first) or one line with commas (smallest first).
    """
    chunks: list[tuple[str, bool]] = []
    for whole_line in written.split("\n"):
        line = _STATE_TAIL.sub("", whole_line)
        if not line.strip() or _is_state_line(line):
            continue
        committee = _COMMITTEE.search(line) is not None
        text = expand_abbreviations(_COMMITTEE.sub(" , ", line))
        if folded := _COMMITTEE_FOLDED.match(fold(text)):
            text, committee = text[folded.end() :], True
        for part in text.split(","):
            chunks += [(c, committee) for c in _SPLIT.split(part) if c.strip(" .-:")]
    found: dict[str, Unit] = {}
    for chunk, committee in chunks:
        unit = _unit(tidy(chunk), of_committee=committee)
        if unit is not None and unit.level not in found:
            found[unit.level] = unit
    return tuple(found[level] for level in (COMMUNE, DISTRICT, PROVINCE) if level in found)


def compare_key(written: str) -> str:
    """Folded units without level words, for blocking and equality; the folded text where none is named."""
    units = units_of(written)
    return "/".join(fold(u.name) for u in units) if units else fold(expand_abbreviations(written))
