"""Signs that print readers confuse, put right where spelling leaves only one choice."""

from __future__ import annotations

import re

from ocr.labels import fold

_SQUARE_METRE = re.compile(r"(?<=\d)(\s?)m(?:[?°ˆ^¿*\"'º¹³²]|2\?|\u0303)+(?=$|[\s;,.)])")
_MELTED_METRE = re.compile(r"(?<=\d)(\s?)m[ẽẻẹ](?=$|[\s;,.)])")
_DASH = re.compile(r"(?<=\d)[~=–—](?=\d)")
_UNIT = re.compile(
    r"\b(?:tinh|huyen|xa|thi tran|thanh pho|phuong|quan|lang|buon|plei|ban|tp|h\.|x\.|t\.)\s+(la)(?=\s+\S)"
)
_FIRST = re.compile(r"^(la)(?=\s+\S+,)")
_AREAS = frozenset({"area", "land_purpose", "text"})
_PLACES = frozenset({"place", "issuing_unit", "agency", "text"})
_DIGITS = frozenset({"date", "id_number", "book_number", "entry_number"})


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
