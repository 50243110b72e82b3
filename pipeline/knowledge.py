"""What the decoder knows of places, taken from the gazetteer."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from ocr.decoding.addresses import AddressBook
from ocr.decoding.knowledge import Knowledge
from validators.places.gazetteer import load_gazetteer

_OLD_SPELLINGS = {"Đắk Lắk": ("Đắc Lắc", "Đăk Lăk"), "Đắk Nông": ("Đăk Nông", "Đắc Nông")}
"""Provinces whose names offices long wrote otherwise."""


@lru_cache(maxsize=1)
def shipped_knowledge() -> tuple[Knowledge, AddressBook]:
    """Grammars and address book over the units of all times; built once per process.

    A paper names units as they then were or as its clerk remembered them, so no day is asked for.
    """
    gazetteer = load_gazetteer()
    tree: dict[str, dict[str, list[str]]] = {}
    names: Counter[str] = Counter()
    for province in gazetteer.provinces():
        districts = tree.setdefault(province.name, {"": []})
        names[province.name] += 20
        for unit in gazetteer.children(province):
            if unit.level == "commune":
                districts[""].append(unit.name)
                names[unit.name] += 1
                continue
            communes = [c.name for c in gazetteer.children(unit)]
            districts.setdefault(unit.name, []).extend(communes)
            names[unit.name] += 5
            names.update(communes)
    for name, others in _OLD_SPELLINGS.items():
        for other in others:
            tree[other] = tree[name]
            names[other] += 5
    unique = {p: {d: tuple(dict.fromkeys(cs)) for d, cs in ds.items()} for p, ds in tree.items()}
    return Knowledge(names), AddressBook(unique)
