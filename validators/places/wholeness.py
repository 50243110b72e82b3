"""Whether an address as written may have lost its beginning or its end."""

from __future__ import annotations

import re

from validators.letters import tidy

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
_ENDS_WAITING = re.compile(r"(?i)\b(?:xã|phường|thị trấn|huyện|quận|thị xã|thành phố|tỉnh)\W*$")


def may_be_cut(address: str) -> bool:
    """Whether an address of several parts ends where a unit's name is awaited, or begins within a part.

    "Quao, tỉnh Kiên Giang" is what a line break leaves of "huyện Gò Quao, tỉnh Kiên Giang". Addresses that
    name no unit by its word are told nothing of: people write them so.

    Args:
        address: as written, parts set off by commas.
    """
    parts = [part for part in tidy(address).split(",") if part.strip()]
    if len(parts) < 2:
        return False
    if _ENDS_WAITING.search(parts[-1]):
        return True
    return not _NAMES_A_PLACE.search(parts[0]) and any(_UNIT.search(part) for part in parts[1:])
