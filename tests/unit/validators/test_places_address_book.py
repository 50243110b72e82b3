"""What the reader of handwriting is told about addresses."""

from __future__ import annotations

import pickle
import time
from datetime import date

import pytest

from validators.places.address_book import AddressBook, Entry, address_book
from validators.places.gazetteer import load_gazetteer


@pytest.fixture(scope="module")
def before() -> AddressBook:
    return address_book(load_gazetteer(), date(2012, 3, 4))


def below(entries: tuple[Entry, ...], name: str) -> tuple[Entry, ...]:
    return next(entry[3] for entry in entries if entry[0] == name)


def names(entries: tuple[Entry, ...]) -> set[str]:
    return {entry[0] for entry in entries}


def test_before_the_reform_provinces_hold_districts_hold_communes(before):
    assert before.tiers == 3
    gia_lai = below(before.provinces, "Gia Lai")
    assert {"Pleiku", "Chư Sê", "Chư Pưh", "An Khê", "Mang Yang"} <= names(gia_lai)
    assert "Ia Phang" in names(below(gia_lai, "Chư Sê")), "as it lay before Chư Pưh was founded"
    an_khe = next(e for e in gia_lai if e[0] == "An Khê")
    assert an_khe[1] == ("thị xã", "huyện")


def test_former_provinces_hold_the_districts_of_all_that_took_over(before):
    both = below(before.provinces, "Gia Lai - Kon Tum")
    assert {"Pleiku", "Chư Prông", "Đắk Tô", "Sa Thầy"} <= names(both)
    assert {"Krông Nô", "Lắk"} <= names(below(before.provinces, "Đắk Lắk"))
    assert {"Đầm Dơi", "Hồng Dân"} <= names(below(before.provinces, "Minh Hải"))
    assert "Huế" not in names(before.provinces), "the city of 2025 was not known in 2012"
    assert "Thừa Thiên Huế" in names(before.provinces)


def test_since_the_reform_provinces_hold_communes():
    book = address_book(load_gazetteer(), date(2025, 9, 1))
    assert book.tiers == 2
    assert len(book.provinces) == 34
    assert sum(len({i for e in p[3] for i in e[2]}) for p in book.provinces) == 3321
    assert "Ia Pia" in names(below(book.provinces, "Gia Lai"))
    assert all(not commune[3] for p in book.provinces for commune in p[3])


def test_names_come_with_other_spellings_and_level_words_with_short_forms(before):
    assert "Đăk Lăk" in before.spellings["Đắk Lắk"]
    assert "Nhơn Hoà" in before.spellings["Nhơn Hòa"]
    assert "Bà Rịa-Vũng Tàu" in before.spellings["Bà Rịa - Vũng Tàu"]
    assert "Quy Nhơn" not in before.spellings.get("Quy Nhơn", ())
    kinds = {k for p in before.provinces for d in (p, *p[3]) for e in (d, *d[3]) for k in e[1]}
    assert kinds <= set(before.type_words)


def test_it_travels_between_processes_and_is_made_at_once(before):
    assert pickle.loads(pickle.dumps(before)) == before
    start = time.process_time()
    address_book(load_gazetteer(), date(2001, 1, 1))
    assert time.process_time() - start < 1.5  # 0.2 s on an idle core
