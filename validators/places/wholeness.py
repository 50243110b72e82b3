"""Whether an address as written may have lost its beginning or its end."""

from __future__ import annotations

import re

from validators.letters import fold, tidy

_UNITS = (
    "thôn|xóm|ấp|buôn|bon|làng|plei|bản|sóc|phum|khu|khóm|tổ|đội|số|đường|phố|ngõ|hẻm|kp|tdp|tk|"
    "xã|phường|thị trấn|thị tứ|huyện|quận|thị xã|thành phố|tỉnh|tp|tx|tt|p|x|h|q|t"
)
_HOUSES = (
    "bệnh viện|bv|bệnh xá|trạm|nhà|trung tâm|phòng|cơ sở|viện|trường|trại|công ty|nông trường|lâm trường|"
    "nông trang|hợp tác xã|htx|đơn vị|đồn|chùa|cô nhi viện|chung cư|cư xá"
)
_NAMES_A_PLACE = re.compile(rf"(?i)\d|\b(?:{_UNITS}|{_HOUSES})\b")
_UNIT = re.compile(rf"(?i)\b(?:{_UNITS})\b")
_HALF_A_WORD = re.compile(r"\b(?:thành|thị|công|bệnh)\W*$")
"""In small letters, the first syllable of a word for a place; "xã Tân Thành" ends with a name."""
_BEGINS = re.compile(rf"(?i)(?:tại|ở|do|gần|cạnh|ca|công an|ubnd|ủy ban|uỷ ban|sở|cục|{_UNITS}|{_HOUSES})\b")
_TELLING = ("bệnh viện", "trạm y tế", "thị trấn", "thị xã", "thành phố", "khu phố", "công an")
"""Words that stand in no name, each of two syllables at least."""
_HOUSE = re.compile(rf"(?i)(?:{_HOUSES})\b")
"""The hospital of a district needs no name: "Bệnh viện huyện"."""
_NO_OFFICE = re.compile(r"(?i)(?:công an|ca|ubnd|u[ỷỹ] ban nhân dân|ủy ban nhân dân|cục|sở)\W*")
_ENDS_WAITING = re.compile(r"(?i)\b(?:xã|phường|thị trấn|huyện|quận|thị xã|thành phố|tỉnh)\W*$")


def may_be_cut(address: str) -> bool:
    """Whether an address lost a mark, ends where more is awaited, or begins within a part.

    "Quao, tỉnh Kiên Giang" is what a line break leaves of "huyện Gò Quao, tỉnh Kiên Giang". Addresses that
    name no unit by its word are told nothing of: people write them so.

    Args:
        address: as written, parts set off by commas.
    """
    text = tidy(address)
    parts = [part for part in text.split(",") if part.strip()]
    if not parts:
        return False
    if _lost_marks(text):
        return True
    if text.endswith(",") or _NO_OFFICE.fullmatch(text) or _HALF_A_WORD.search(text):
        return True
    if _ENDS_WAITING.search(parts[-1]) and not (len(parts) == 1 and _HOUSE.match(text)):
        return True
    if text[0].islower() and not _BEGINS.match(text):
        return True
    return (
        len(parts) > 1
        and not _NAMES_A_PLACE.search(parts[0])
        and any(_UNIT.search(part) for part in parts[1:])
    )


def _lost_marks(text: str) -> bool:
    """Whether a word for a kind of place stands there without a mark of its own: "Bênh viên", "thi trấn"."""
    said, plain = text.lower(), fold(text)
    return any(
        said[found.start() : found.end()] != words
        for words in _TELLING
        for found in re.finditer(rf"\b{fold(words)}\b", plain)
    )
