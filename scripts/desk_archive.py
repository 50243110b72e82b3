"""A province's archive in the tables that the search reads: births, marriages, deaths, land certificates."""

from __future__ import annotations

import hashlib
import sys
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_population_people import Household, Province
from django.db import connection
from psycopg.types.json import Jsonb

from ocr.elements import FieldReading, FieldStatus
from pipeline.models import Batch, Office, Record, Scan, SearchWord
from pipeline.places import office_gazetteer
from pipeline.search_terms import terms_of

OFFICES = 120
"""Communes of a province since 2025, about."""
PER_SCAN = 200
_KINDS = {
    "nksNgaySinh": "date", "chongNgaySinh": "date", "voNgaySinh": "date", "nktNgaySinh": "date",
    "ngayDangKy": "date", "nksNoiSinh": "place", "diaChiThuaDat": "place", "noiDangKy": "issuing_unit",
    "so": "entry_number", "nksSoDinhDanh": "id_number", "soPhatHanh": "serial", "thuaDatSo": "number",
    "toBanDoSo": "number",
}  # fmt: skip
"""All others are names."""


@dataclass(frozen=True, slots=True)
class Case:
    """One record as an officer knows it."""

    form: str
    person: str
    entry: str
    place: str
    fields: Mapping[str, str]


def cases(people: Province, records: int) -> Iterator[Case]:
    """So many records of one household after the other."""
    drawn = 0
    while drawn < records:
        for case in _of(people.household(), people):
            yield case
            drawn += 1
            if drawn == records:
                return


def _of(home: Household, people: Province) -> Iterator[Case]:
    dice = people.dice
    father, mother = home.father, home.mother
    commune = father.noiThuongTru.partition(", ")[2]
    numbers = iter(range(dice.randrange(1, 400), 10_000, 3))
    for child in home.children:
        year = child.ngaySinh[:4]
        so = f"{next(numbers)}/{year}"
        yield Case("KS", child.hoTen, so, commune, {
            "nksHoTen": child.hoTen, "nksNgaySinh": child.ngaySinh, "nksNoiSinh": child.noiThuongTru,
            "nksSoDinhDanh": child.soDinhDanh, "chaHoTen": father.hoTen, "meHoTen": mother.hoTen,
            "so": so, "noiDangKy": commune, "ngayDangKy": people.birth(int(year)),
        })  # fmt: skip
    wedding = str(int(mother.ngaySinh[:4]) + dice.randint(18, 27))
    so = f"{next(numbers)}/{wedding}"
    yield Case("KH", father.hoTen, so, commune, {
        "chongHoTen": father.hoTen, "voHoTen": mother.hoTen, "chongNgaySinh": father.ngaySinh,
        "voNgaySinh": mother.ngaySinh, "so": so, "noiDangKy": commune,
    })  # fmt: skip
    if father.ngaySinh < "1965":
        so = f"{next(numbers)}/{dice.randint(1990, 2024)}"
        yield Case("KT", father.hoTen, so, commune, {
            "nktHoTen": father.hoTen, "nktNgaySinh": father.ngaySinh, "so": so, "noiDangKy": commune,
        })  # fmt: skip
    serial = f"{dice.choice('ABCD')}{dice.choice('ABCDEGHKLMNPQS')} {dice.randrange(100_000, 1_000_000)}"
    yield Case("GCN", mother.hoTen, serial, commune, {
        "chu1HoTen": father.hoTen, "chu2HoTen": mother.hoTen, "soPhatHanh": serial, "diaChiThuaDat": commune,
        "thuaDatSo": str(dice.randrange(1, 900)), "toBanDoSo": str(dice.randrange(1, 120)),
    })  # fmt: skip


def make_offices() -> list[Office]:
    """The province with its communes, the province first."""
    top = Office.objects.create(code="gia-lai", name="Tỉnh Gia Lai", kind="department")
    below = [Office(code=f"xa-{n:03}", name=f"UBND xã số {n}", parent=top) for n in range(OFFICES)]
    return [top, *Office.objects.bulk_create(below)]


def office_at(case: Case, offices: int) -> int:
    """Which of so many communes keeps the record."""
    return zlib.crc32(case.place.encode()) % offices


def load(drawn: Iterator[Case], offices: list[Office], keep_one_in: int) -> list[Case]:
    """Copy records into the database, index them, and give back some of them to ask for."""
    from django.utils import timezone

    communes, now = offices[1:], timezone.now()
    known = office_gazetteer()
    # addresses repeat, and a million take long
    gazetteer = SimpleNamespace(resolve=cache(known.resolve), parents=cache(known.parents))
    kept: list[Case] = []
    heard: set[str] = set()
    batch = Batch.objects.create(office=communes[0], state="CHECKED", state_since=now, actor="bench")
    scans: dict[int, tuple[Scan, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = 'search_terms'")
        (definition,) = cursor.fetchone()
        cursor.execute("drop index search_terms")
    rows: list[tuple[Any, ...]] = []
    for number, case in enumerate(drawn):
        at = office_at(case, len(communes))
        scan, ordinal = scans.get(at, (None, PER_SCAN))
        if ordinal == PER_SCAN:
            scan, ordinal = _scan(batch, communes[at], now), 0
        scans[at] = (scan, ordinal + 1)
        readings = {k: _reading(k, v) for k, v in case.fields.items()}
        terms = terms_of(SimpleNamespace(office_id=communes[at].pk, form=case.form), readings, gazetteer)
        heard.update(t[2:] for t in terms if t.startswith("n:"))
        rows.append((uuid.uuid4(), communes[at].pk, scan.pk, ordinal + 1, case, _vector(terms)))
        if number % keep_one_in == 0:
            kept.append(case)
        if len(rows) == 20_000:
            _copy(rows, now)
            rows.clear()
    _copy(rows, now)
    SearchWord.objects.bulk_create([SearchWord(word=w[:40]) for w in sorted(heard)], batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute(definition)
        cursor.execute("analyze")
    return kept


def _scan(batch: Batch, office: Office, now: Any) -> Scan:
    name = uuid.uuid4().hex
    return Scan.objects.create(
        office=office, batch=batch, sha256=hashlib.sha256(name.encode()).hexdigest(), name=f"{name}.pdf",
        size=1, bucket="b", key=name, version_id="v", state="READ", state_since=now,
    )  # fmt: skip


def _reading(key: str, value: str) -> FieldReading:
    kind = _KINDS.get(key, "name")
    return FieldReading(key, kind, value, value, 1.0, FieldStatus.READ, "print", 1, None, "bench")


def _vector(terms: set[str]) -> str:
    return " ".join("'" + t.replace("\\", "\\\\").replace("'", "''") + "'" for t in terms)


def _copy(rows: list[tuple[Any, ...]], now: Any) -> None:
    same = {
        "era": "", "page": 1, "pages": Jsonb([1]), "box": Jsonb([]), "version": 1, "match_keys": Jsonb([]),
        "search": "", "created": now, "state": "TO_REVIEW", "state_since": now, "lease_owner": "",
        "attempt": 0, "tries": 0, "error_code": "", "error_message": "", "approved_by": "",
    }  # fmt: skip
    own = ("id", "office_id", "scan_id", "ordinal", "form", "book_key", "entry", "person")
    names = ",".join((*own, *same))
    with connection.cursor() as cursor:
        with cursor.copy(f"copy {Record._meta.db_table} ({names}) from stdin") as target:
            for pk, office, scan, ordinal, case, _ in rows:
                known = (case.form, case.place, case.entry, case.person)
                target.write_row((pk, office, scan, ordinal, *known, *same.values()))
        with cursor.copy("copy pipeline_searchentry (record_id, terms) from stdin") as target:
            for pk, *_, vector in rows:
                target.write_row((pk, vector))
