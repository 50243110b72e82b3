"""Records that were read before there was a search are found once their keys are made."""

from __future__ import annotations

import pytest

from pipeline import search_backfill
from pipeline.models import SearchEntry, SearchWord
from pipeline.people.models import Role
from tests.stages.commands import run_here
from tests.stages.test_searching import account, found, known


@pytest.fixture
def registrar(db):
    return account(Role.REGISTRAR)


def forget() -> None:
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()


def test_a_run_that_was_stopped_goes_on_where_it_was(registrar, monkeypatch):
    for name in ("Trần Thị Hoa", "Lê Văn Minh", "Đặng Phương Vy"):
        known(nksHoTen=name)
    forget()
    keep, kept = search_backfill.keep_terms, []

    def breaks_at_the_second(record, fields):
        if kept:
            raise ConnectionError
        keep(record, fields)
        kept.append(record.pk)

    with monkeypatch.context() as patched:
        patched.setattr(search_backfill, "keep_terms", breaks_at_the_second)
        with pytest.raises(ConnectionError):
            search_backfill.index_missing()
    assert list(SearchEntry.objects.values_list("record", flat=True)) == kept
    assert search_backfill.index_missing() == 2
    assert search_backfill.index_missing() == 0
    assert found(registrar, text="dang phuomg vy") == ["Đặng Phương Vy"]


@pytest.mark.django_db(transaction=True)
def test_the_command_makes_old_records_findable(servers, registrar):
    known(nksHoTen="Đặng Phương Vy")
    forget()
    assert found(registrar, text="phuong vy") == []
    assert run_here(servers, "search", "index", "--json") == (0, {"records": 1})
    assert found(registrar, text="phuong vy") == ["Đặng Phương Vy"]
