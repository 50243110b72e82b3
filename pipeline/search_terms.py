"""From fields to the typed keys that records are found by, and to the database.

Types: ``n`` word of a person's name, ``N`` a whole name, ``f`` and ``F`` the same of fathers and mothers,
``d`` day or year, ``k`` number of any kind, ``t`` parcel, ``m`` map sheet, ``u`` administrative unit of then
or of today, ``l`` word of a place, ``o`` office, ``r`` form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from django.db import connection

from ocr.elements import FieldReading
from pipeline.models import Record, SearchWord
from pipeline.places import office_gazetteer
from validators.places import Gazetteer, Unit

NUMBER_KINDS = frozenset({"id_number", "entry_number", "serial", "registry_number"})
_LONGEST = 60
_MONTH = 7
_ISSUED = ("NgayCapGiayToTuyThan", "NoiCapGiayToTuyThan")
"""Day and place of issue of somebody's papers: nobody looks for a record by them."""


def folded(text: str) -> str:
    """Lower case without diacritics, đ as d, one blank between words."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().replace("đ", "d").split())


def words(text: str) -> list[str]:
    """Folded words, without signs."""
    return re.findall(r"[^\W_]+", folded(text))


def number_key(text: str) -> str:
    """A number as it is compared: letters, digits and strokes, no zeros in front."""
    return re.sub(r"[^a-z0-9/]", "", folded(text)).lstrip("0")


def terms_of(record: Record, fields: Mapping[str, FieldReading], gazetteer: Gazetteer) -> set[str]:
    """All keys that a record can be found by."""
    found = {f"o:{record.office_id}", f"r:{record.form}"}
    for key, reading in fields.items():
        if reading.value and not key.endswith(_ISSUED):
            found.update(_terms(key, reading, gazetteer))
    return {term[:_LONGEST] for term in found}


def _terms(key: str, reading: FieldReading, gazetteer: Gazetteer) -> Iterator[str]:
    value = reading.value
    if reading.kind == "name":
        yield from _name_terms("n", value)
        if key.startswith(("cha", "me")):
            yield from _name_terms("f", value)
    elif reading.kind == "date":
        yield from {f"d:{value}", f"d:{value[:_MONTH]}", f"d:{value[:4]}"}
    elif reading.kind in NUMBER_KINDS:
        number = number_key(value)
        yield from {f"k:{number}", f"k:{number.split('/')[0]}"}
    elif key in ("thuaDatSo", "toBanDoSo"):
        yield f"{'t' if key == 'thuaDatSo' else 'm'}:{number_key(value)}"
    elif reading.kind in ("place", "issuing_unit"):
        yield from (f"l:{word}" for word in words(value))
        yield from (f"u:{unit.id}" for unit in units_meant(value, gazetteer))


def _name_terms(mark: str, name: str) -> Iterator[str]:
    parts = words(name)
    yield from (f"{mark}:{word}" for word in parts)
    yield f"{mark.upper()}:{' '.join(parts)}"


def units_meant(address: str, gazetteer: Gazetteer) -> set[Unit]:
    """Units that an address names, those of today in their place, and all above them; none where unsure."""
    best = next(iter(gazetteer.resolve(address)), None)
    if best is None or not best.accepted:
        return set()
    near = {*best.named, *best.today}
    return near | {above for unit in near for above in gazetteer.parents(unit)}


def keep_terms(record: Record, fields: Mapping[str, FieldReading]) -> None:
    """Write what a record can be found by, in the transaction that saves the record."""
    terms = terms_of(record, fields, office_gazetteer())
    write_terms(record.pk, terms)
    add_words(term[2:] for term in terms if term.startswith("n:"))


def write_terms(record: UUID, terms: Iterable[str]) -> None:
    """Put these keys in the place of those a record was found by before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into pipeline_searchentry (record_id, terms) values (%s, array_to_tsvector(%s::text[]))"
            " on conflict (record_id) do update set terms = excluded.terms",
            [record, sorted(terms)],
        )


def add_words(given: Iterable[str]) -> None:
    """Let these words be found by mistyped ones."""
    told = {word[:40] for word in given}
    known = set(SearchWord.objects.filter(word__in=told).values_list("word", flat=True))
    SearchWord.objects.bulk_create(SearchWord(word=word) for word in sorted(told - known))
