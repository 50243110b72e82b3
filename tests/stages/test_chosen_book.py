"""Records of a delivery stand in the book that was chosen for it, unless they plainly name another."""

from __future__ import annotations

import pytest

from pipeline.models import Book, FieldValue, Finding
from pipeline.reviewing import Word, say, take_back
from pipeline.stages.chosen_book import put_into_book
from pipeline.stages.fields import reading_of
from tests.stages.holdings import make_batch, make_office, make_record, make_scan


@pytest.fixture
def book(db) -> Book:
    return Book.objects.create(office=make_office(), kind="KS", year=1994, volume="01")


def entry(book: Book, volume: str, *, form: str = "KS", sure: bool = True):
    made = make_record(make_scan(make_batch(book=book), state="READ"), form=form)
    FieldValue.objects.create(
        record=made, key="quyenSo", kind="book_number", written=volume, value=volume, confidence=0.9,
        status="READ", page=1, said_by="line-net", accepted=sure,
    )  # fmt: skip
    return made


@pytest.mark.parametrize(("volume", "sure"), [("01/1994", True), ("1", True), ("07/1994", False), ("", True)])
def test_a_record_that_does_not_plainly_name_another_book_stands_in_the_chosen_one(book, volume, sure):
    record = entry(book, volume, sure=sure)
    assert put_into_book({record: reading_of(record)}, book) == {}
    record.refresh_from_db()
    assert record.book == book


@pytest.mark.parametrize(
    ("volume", "form"),
    [("02/1994", "KS"), ("01/1995", "KS"), ("01/1994", "KH")],
    ids=["volume", "year", "kind"],
)
def test_a_record_of_another_book_stays_out_and_is_told(book, volume, form):
    record = entry(book, volume, form=form)
    ((finding,),) = put_into_book({record: reading_of(record)}, book).values()
    assert finding.code == "BOOK_NOT_AS_CHOSEN"
    assert f"Hồ sơ ghi {form} {volume}, nhưng khi tiếp nhận đã chọn quyển KS 01/1994" in finding.message
    record.refresh_from_db()
    assert record.book is None


def test_a_record_that_a_person_put_into_a_book_stays_there(book):
    other = Book.objects.create(office=make_office(), kind="KS", year=1990, volume="03")
    record = entry(book, "01/1994")
    type(record).objects.filter(pk=record.pk).update(book=other)
    put_into_book({record: reading_of(record)}, book)
    record.refresh_from_db()
    assert record.book == other
    assert not Finding.objects.exists()


def told(record) -> list[str]:
    return list(
        record.findings.filter(withdrawn_at=None, code="BOOK_NOT_AS_CHOSEN").values_list("code", flat=True)
    )


def test_a_word_on_the_book_number_withdraws_the_finding_or_raises_it(book):
    record = entry(book, "07/1994")
    type(record).objects.filter(pk=record.pk).update(state="TO_REVIEW")

    def write(number: str) -> FieldValue:
        seen = record.current_fields()["quyenSo"].pk
        value = say(record.pk, "quyenSo", Word.VALUE, written=number, seen=seen, actor="lan").value
        record.refresh_from_db()
        return value

    write("01/1994")
    assert (told(record), record.book) == ([], book)
    wrong = write("07/1994")
    assert (told(record), record.book) == (["BOOK_NOT_AS_CHOSEN"], None)
    take_back(record.pk, "quyenSo", seen=wrong.pk, actor="lan")
    record.refresh_from_db()
    assert (told(record), record.book) == ([], book)
