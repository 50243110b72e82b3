"""The names an address can hold, as plain nested data for whoever reads handwriting.

The reader of lines knows nothing of this package; it gets tuples and dictionaries of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from validators.places.gazetteer import Gazetteer
from validators.places.units import TWO_TIERS_SINCE, Unit

Entry = tuple[str, tuple[str, ...], tuple[str, ...], tuple["Entry", ...]]
"""Name without level word; level words it bears, the likeliest first; unit ids; entries below."""

TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "tỉnh": ("tỉnh", "T."),
    "thành phố": ("thành phố", "TP.", "Tp.", "TP"),
    "đặc khu": ("đặc khu",),
    "khu": ("khu",),
    "huyện": ("huyện", "H."),
    "quận": ("quận", "Q."),
    "thị xã": ("thị xã", "TX.", "Tx.", "TX"),
    "thị trấn": ("thị trấn", "TT.", "Tt.", "TT"),
    "phường": ("phường", "P."),
    "xã": ("xã", "X."),
}

_OTHER_SPELLINGS = {
    "Hồ Chí Minh": ("HCM",),
    "Bà Rịa - Vũng Tàu": ("BR-VT", "Bà Rịa Vũng Tàu"),
    "Đắk Lắk": ("Đăk Lăk", "Đắc Lắc", "Dak Lak", "ĐăkLăk", "ĐắkLắk"),
    "Đắk Nông": ("Đăk Nông", "Đắc Nông"),
    "Thừa Thiên Huế": ("Thừa Thiên - Huế", "TT-Huế", "TT Huế"),
    "Gia Lai - Kon Tum": ("Gia Lai Kon Tum", "Gia Lai - Công Tum", "GL-KT"),
    "Gia Lai": ("Gia lai", "GL"),
    "Kon Tum": ("Kontum", "KonTum", "Công Tum"),
    "Pleiku": ("Plei Ku", "Plei-ku", "PleiKu", "Plây Cu"),
    "Buôn Ma Thuột": ("Buôn Mê Thuột", "Ban Mê Thuột", "BMT"),
    "Bắc Kạn": ("Bắc Cạn",),
    "Quy Nhơn": ("Qui Nhơn",),
    "KBang": ("K'Bang", "K Bang", "Kbang"),
    "Đak Đoa": ("Đăk Đoa", "Đắk Đoa", "Đak Đoa"),
    "Đak Pơ": ("Đăk Pơ", "Đắk Pơ"),
    "Kông Chro": ("Kon Chro", "Kông Chro", "KôngChro"),
    "Mang Yang": ("MangYang", "Măng Yang"),
    "Phan Rang - Tháp Chàm": ("Phan Rang", "PR-TC"),
}
_OLD_PLACED = {
    "òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "òe": "oè", "óe": "oé", "ỏe": "oẻ",
    "ọe": "oẹ", "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ",
}  # fmt: skip
_OPEN_RHYME = re.compile(rf"(?:{'|'.join(_OLD_PLACED)})(?!\w)")


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Everything an address of a day may name, largest units first.

    Attributes:
        tiers: 3: provinces hold districts hold communes; 2: provinces hold communes.
        provinces: see `Entry`. Before July 2025 former provinces stand beside the later ones and hold the
            districts of all that took over; names borne twice ("Đắk Lắk" before and after 2004) are one
            entry with the districts of both.
        type_words: every way a level word is written, by level word.
        spellings: other ways names are written, by name: old places of tone marks, old and short forms.
    """

    tiers: int
    provinces: tuple[Entry, ...]
    type_words: dict[str, tuple[str, ...]]
    spellings: dict[str, tuple[str, ...]]


def address_book(gazetteer: Gazetteer, on: date) -> AddressBook:
    """The address book of a day.

    Args:
        gazetteer: where the names come from.
        on: day the paper was written. Units gone before may be named still (a place of birth), units
            founded later may not.
    """
    if on >= TWO_TIERS_SINCE:
        provinces = tuple(
            _entry([p], _merged((c, ()) for c in gazetteer.children(p, on))) for p in gazetteer.provinces(on)
        )
        return AddressBook(2, provinces, TYPE_WORDS, _spellings(provinces))
    districts: dict[str, tuple[Entry, ...]] = {}

    def communes(district: Unit) -> tuple[Entry, ...]:
        if district.id not in districts:
            below = (c for c in gazetteer.children(district) if _known(c, on))
            districts[district.id] = _merged((c, ()) for c in below)
        return districts[district.id]

    named: dict[str, list[Unit]] = {}
    for province in gazetteer.provinces():
        if _known(province, on):
            named.setdefault(province.name, []).append(province)
    provinces = tuple(
        _entry(
            same,
            _merged(
                (d, communes(d))
                for d in {d.id: d for p in same for d in gazetteer.children(p)}.values()
                if d.level == "district" and _known(d, on)
            ),
        )
        for same in named.values()
    )
    return AddressBook(3, provinces, TYPE_WORDS, _spellings(provinces))


def _known(unit: Unit, on: date) -> bool:
    return unit.valid_from is None or unit.valid_from <= on


def _merged(units: Iterable[tuple[Unit, tuple[Entry, ...]]]) -> tuple[Entry, ...]:
    """One entry a name: "thị xã An Khê" and "huyện An Khê" differ only in their level word."""
    named: dict[str, list[tuple[Unit, tuple[Entry, ...]]]] = {}
    for unit, below in units:
        named.setdefault(unit.name, []).append((unit, below))
    result = []
    for same in named.values():
        entries = [below for _, below in same if below]
        below = entries[0] if len(entries) == 1 else _joined(entries)
        result.append(_entry([u for u, _ in same], below))
    return tuple(result)


def _joined(parts: list[tuple[Entry, ...]]) -> tuple[Entry, ...]:
    named: dict[str, Entry] = {}
    for name, kinds, ids, below in (entry for part in parts for entry in part):
        if name in named:
            _, had_kinds, had_ids, had_below = named[name]
            kinds, ids = _union(had_kinds, kinds), _union(had_ids, ids)
            below = had_below or below
        named[name] = (name, kinds, ids, below)
    return tuple(named.values())


def _union(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))


def _entry(units: list[Unit], below: tuple[Entry, ...]) -> Entry:
    """Units of one name; those that lasted longest lead."""
    units = sorted(units, key=lambda u: u.valid_to or date.max, reverse=True)
    return (
        units[0].name,
        tuple(dict.fromkeys(u.kind for u in units)),
        tuple(dict.fromkeys(u.id for u in units)),
        below,
    )


def _spellings(provinces: tuple[Entry, ...]) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    names: set[str] = set()
    todo = list(provinces)
    done: set[int] = set()
    while todo:
        name, _, _, below = todo.pop()
        names.add(name)
        if id(below) not in done:
            done.add(id(below))
            todo += below
    for name in names:
        found = dict.fromkeys(_OTHER_SPELLINGS.get(name, ()))
        old = _OPEN_RHYME.sub(lambda m: _OLD_PLACED[m.group()], name)
        if "quy" not in name.casefold():
            found[old] = None
        if " - " in name:
            found[name.replace(" - ", "-")] = None
        found.pop(name, None)
        if found:
            result[name] = tuple(found)
    return result
