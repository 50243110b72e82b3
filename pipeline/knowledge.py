"""What the decoder knows of places, taken from the gazetteer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from ocr.decoding.addresses import AddressBook, Place
from ocr.decoding.knowledge import Knowledge
from validators.places.address_book import Entry, address_book
from validators.places.gazetteer import load_gazetteer

_STRUCTURES = (date(2025, 6, 30), date(2026, 12, 31))
"""Days whose books together hold the units of all times: three tiers with former ones, two tiers."""
_WEIGHT_BY_DEPTH = (20.0, 5.0, 1.0)


@lru_cache(maxsize=1)
def shipped_knowledge() -> tuple[Knowledge, AddressBook]:
    """Grammars and address book over the units of all times; built once per process.

    A paper names units as they then were or as its clerk remembered them, so no day is asked for.
    """
    gazetteer = load_gazetteer()
    provinces: list[Place] = []
    names: Counter[str] = Counter()
    for day in _STRUCTURES:
        book = address_book(gazetteer, day)
        known: dict[int, tuple[Place, ...]] = {}
        provinces += _places(book.provinces, book.spellings, known)
        for name, depth in _named(book.provinces):
            for spelling in (name, *book.spellings.get(name, ())):
                names[spelling] += _WEIGHT_BY_DEPTH[min(depth, 2)]
    return Knowledge(names), AddressBook(tuple(provinces))


def _places(
    entries: Iterable[Entry], spellings: Mapping[str, Iterable[str]], known: dict[int, tuple[Place, ...]]
) -> list[Place]:
    """The same units in the decoder's own words, each once per spelling; shared parts stay shared."""
    places = []
    for entry in entries:
        name, kinds, _, inside = entry
        if id(inside) not in known:
            known[id(inside)] = tuple(_places(inside, spellings, known))
        places += [Place(n, tuple(kinds), known[id(inside)]) for n in (name, *spellings.get(name, ()))]
    return places


def _named(entries: Iterable[Entry], depth: int = 0) -> Iterator[tuple[str, int]]:
    for name, _, _, inside in entries:
        yield name, depth
        yield from _named(inside, depth + 1)
