"""A row of the register, what a record asks for, and the parts of an address that tell people apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from validators.letters import fold
from validators.places.names import COMMUNE, units_of

_PLAIN_COMMUNE = re.compile(r"(?:^|,)\s*(?:xã|phường|thị trấn|đặc khu)\s+([^,]+?)\s*(?:,|$)")
_HAMLET = re.compile(r"(?:thôn|ấp|làng|buôn|bon|plei|tổ|khu|bản|xóm|số)\b")
COLUMNS = (
    "soDinhDanh",
    "soCMND",
    "hoTen",
    "ngaySinh",
    "gioiTinh",
    "danToc",
    "queQuan",
    "noiThuongTru",
    "hoTenCha",
    "hoTenMe",
)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One person of the extract; attributes are the columns, dates ISO, sex "1"/"2", "" where unknown."""

    soDinhDanh: str  # noqa: N815 - official column names
    soCMND: str  # noqa: N815
    hoTen: str  # noqa: N815
    ngaySinh: str  # noqa: N815
    gioiTinh: str  # noqa: N815
    danToc: str  # noqa: N815
    queQuan: str  # noqa: N815
    noiThuongTru: str  # noqa: N815
    hoTenCha: str  # noqa: N815
    hoTenMe: str  # noqa: N815


@dataclass(frozen=True, slots=True)
class Query:
    """What a record says of one person; "" and () where it says nothing.

    Attributes:
        name: as written.
        birth: ISO, possibly partial.
        personal_number: 12 digits.
        cmnd: 9 digits.
        communes: folded names of communes the person may live in, as of any time.
        hamlet: folded hamlet as written.
        other_names: further readings of the name.
    """

    name: str
    birth: str = ""
    sex: str = ""
    personal_number: str = ""
    cmnd: str = ""
    father: str = ""
    mother: str = ""
    communes: tuple[str, ...] = ()
    hamlet: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that a register knows; what is read otherwise was hardly written so.

    Attributes:
        communes: folded names of the communes where people live.
        name_words: words of all names, in small letters.
    """

    communes: frozenset[str] = frozenset()
    name_words: frozenset[str] = frozenset()


@lru_cache(maxsize=1 << 16)
def _commune(rest: str) -> str:
    if plain := _PLAIN_COMMUNE.search(rest):
        return fold(plain.group(1))
    unit = next((u for u in units_of(rest) if u.level == COMMUNE), None)
    return fold(unit.name) if unit else ""


def commune_of(address: str) -> str:
    """Folded name of the commune in an address, "" where none is named."""
    head, _, rest = address.partition(",")
    return _commune(rest) or _commune(head)


@lru_cache(maxsize=1 << 16)
def hamlet_of(address: str) -> str:
    """Folded first part of an address, when it is not a unit itself."""
    head = address.replace(" - ", ",").split(",")[0].strip()
    if not head or not head[0].isalnum():
        return ""
    return fold(head) if _HAMLET.match(head) or not units_of(head) else ""
