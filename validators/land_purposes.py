"""Land purposes: names of the circulars and codes of today and of old books.

Names and codes follow circular 08/2024/TT-BTNMT, annex II; codes of older books (T, V, 2L, LNK, ĐM ...)
are kept, never translated. A code that no list knows is kept as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from validators.letters import fold, fold_words, likeness, tidy
from validators.tables import rows

MIN_LIKENESS = 0.82
MIN_MARGIN = 0.04
_AREA = re.compile(r"[:\-–]?\s*\(?\s*\d[\d.,\s]*\s*m\s*[²2]?\s*\)?", re.IGNORECASE)
_CODE = re.compile(r"\(?\b([A-ZĐ]{2,3}|[1-3]L|[TV])\b\)?")
OLD_CODES = frozenset({"T", "V", "1L", "2L", "3L", "ĐM"})
"""Codes of the books before the circulars: homestead, garden, rice by harvests, dry fields."""


@dataclass(frozen=True, slots=True)
class ParsedPurpose:
    """Codes joined by ";" (or the text as written), and whether every piece was known literally."""

    codes: str
    exact: bool
    known: bool


def _key(text: str) -> str:
    return " ".join(fold_words(text))


@cache
def codes() -> frozenset[str]:
    """Every code any list knows."""
    return frozenset(r["code"] for r in rows("land_purposes.csv"))


@cache
def _names() -> dict[str, tuple[str, str]]:
    """Folded name -> (name, code)."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows("land_purposes.csv"):
        for name in [row["name"], *filter(None, row["aliases"].split("|"))]:
            found.setdefault(_key(name), (name, row["code"]))
    return found


def _one(piece: str) -> tuple[str, bool] | None:
    """Code of one piece without its area, and whether it stands there literally."""
    text = tidy(piece).strip(" .,:-–+")
    if text.upper() in codes():
        return text.upper(), True
    in_brackets = re.search(r"\(\s*([A-ZĐ0-9]{1,3})\s*\)", text)
    if in_brackets and in_brackets.group(1) in codes():
        return in_brackets.group(1), True
    bare = re.sub(r"\([^)]*\)?", "", text).strip(" .,:")
    known = _names().get(_key(bare))
    if known is not None:
        return known[1], True
    leading = _CODE.match(text)
    if leading and leading.group(1) in codes():
        return leading.group(1), True
    if len(fold(bare)) < 6:
        return None
    best: dict[str, float] = {}
    for name, code in _names().values():
        best[code] = max(best.get(code, 0.0), likeness(bare, name))
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    if ranked[0][1] < MIN_LIKENESS or ranked[0][1] - ranked[1][1] < MIN_MARGIN:
        return None
    return ranked[0][0], False


def parse_purpose(written: str) -> ParsedPurpose:
    """Read "Đất ở tại nông thôn (ONT): 300 m²; CLN: 489 m²" as "ONT;CLN"."""
    text = re.sub(r"^\s*mục đích sử dụng( đất)?\s*:", "", tidy(written), flags=re.IGNORECASE)
    pieces = [
        p
        for p in re.split(r"[;\n]|(?<=[²2])\s*,|\s\+\s?|^\+|,\s*(?=[Đđ]ất\b)", _AREA.sub(";", text))
        if p.strip(" .,:-()")
    ]
    if len(pieces) == 1 and re.fullmatch(r"[A-ZĐ0-9]{1,3}(?:\s*[+,/]\s*[A-ZĐ0-9]{1,3})+", pieces[0].strip()):
        pieces = re.split(r"[+,/]", pieces[0])
    found = [_one(piece) for piece in pieces]
    if not found or any(f is None for f in found):
        return ParsedPurpose(tidy(written), exact=False, known=False)
    unique = list(dict.fromkeys(f[0] for f in found if f))
    return ParsedPurpose(";".join(unique), all(f[1] for f in found if f), known=True)
