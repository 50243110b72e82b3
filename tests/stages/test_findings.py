"""Findings: what persons settle, what they hold back, and what other deliveries have to do with it."""

from __future__ import annotations

import pytest

from pipeline.decide import ApprovalBlocked, approve
from pipeline.findings import FindingClosed, ReasonRefused, import_blockers, look_again, settle_finding
from pipeline.models import Book, Event, FieldValue, Finding, Record
from pipeline.stages import books, check
from pipeline.stages.fields import index, reading_of
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

UNIT = "xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai"
BIRTH = {
    "so": ("entry_number", "51"),
    "quyenSo": ("book_number", "01/2008"),
    "noiDangKy": ("issuing_unit", UNIT),
    "ngayDangKy": ("date", "2008-06-05"),
    "nksHoTen": ("name", "NGUYỄN PHƯƠNG VY"),
    "nksNgaySinh": ("date", "2008-05-20"),
}


@pytest.fixture
def enter(db, broker, equipment):
    """A birth entry read without doubt and checked; other values by key."""

    def enter(scan=None, form: str = "KS", **values: str) -> Record:
        record = make_record(scan, form=form)
        for key, (kind, value) in (BIRTH | {k: (BIRTH[k][0], v) for k, v in values.items()}).items():
            say(record, key, kind, value)
        index(record, reading_of(record).fields)
        record.save()
        assert check.run(str(record.pk), equipment.for_checking())
        record.refresh_from_db()
        return record

    return enter


def say(record: Record, key: str, kind: str, value: str, **more: object) -> FieldValue:
    given = {"status": "READ", "said_by": "tesseract", "confidence": 0.99, "accepted": True} | more
    return FieldValue.objects.create(
        record=record, key=key, kind=kind, written=value, value=value, page=1, box=[0, 0, 9, 9], **given
    )


def key_in(record: Record, key: str, value: str) -> None:
    before = record.current_fields()[key]
    say(record, key, before.kind, value, status="KEYED", actor="lan", supersedes=before)


def opened(record: Record) -> dict[str, Finding]:
    return {f.code: f for f in Finding.objects.filter(record=record) if f.open}


def test_approval_waits_until_a_person_settles_the_finding_with_a_reason(enter):
    record = enter(nksNgaySinh="2008-06-20")
    assert record.state == "TO_REVIEW"
    assert "Không ai được đăng ký trước khi sinh" in opened(record)["BIRTH_AFTER_REGISTRATION"].why
    with pytest.raises(ApprovalBlocked) as blocked:
        approve(record, actor="lan")
    assert blocked.value.codes == ("BIRTH_AFTER_REGISTRATION",)
    finding = settle_finding(
        opened(record)["BIRTH_AFTER_REGISTRATION"], by="lan", reason="Giấy ghi đúng như vậy, đã xem bản gốc."
    )
    assert (finding.settled_by, finding.settled_reason) == ("lan", "Giấy ghi đúng như vậy, đã xem bản gốc.")
    record.refresh_from_db()
    assert record.state == "ACCEPTED", "nothing else holds it"
    event = Event.objects.get(verb="finding.settled")
    assert (event.actor, event.subject) == ("lan", f"record:{record.pk}")
    assert event.data == {
        "finding": finding.pk, "code": "BIRTH_AFTER_REGISTRATION", "severity": "blocks_approval"
    }  # fmt: skip
    assert approve(record, actor="lan").state == "APPROVED"
    with pytest.raises(FindingClosed):
        settle_finding(finding, by="hoa", reason="Xem lại lần thứ hai cho chắc.")


@pytest.mark.parametrize("reason", ["", "ok", "1234567890", "Đã gọi người có số 048 218 287 610 hỏi lại"])
def test_a_reason_that_says_nothing_or_names_a_citizen_is_refused(enter, reason: str):
    finding = opened(enter(nksNgaySinh="2008-06-20"))["BIRTH_AFTER_REGISTRATION"]
    with pytest.raises(ReasonRefused, match="do"):
        settle_finding(finding, by="lan", reason=reason)
    finding.refresh_from_db()
    assert finding.open


def test_what_blocks_import_holds_the_pack_and_not_the_approval(enter):
    record = enter(so="51/2007")
    assert set(opened(record)) >= {"YEAR_OF_NUMBER_DIFFERS"}
    assert approve(record, actor="lan").state == "APPROVED"
    assert import_blockers([record.pk]) == {record.pk: ("YEAR_OF_NUMBER_DIFFERS",)}
    settle_finding(
        opened(record)["YEAR_OF_NUMBER_DIFFERS"], by="lan", reason="Sổ ghi năm cũ, đã hỏi Sở Tư pháp."
    )
    assert import_blockers([record.pk]) == {}


def test_a_corrected_field_takes_the_finding_back_and_other_evidence_opens_it_anew(enter, equipment):
    record = enter(nksNgaySinh="2008-06-20")
    settle_finding(opened(record)["BIRTH_AFTER_REGISTRATION"], by="lan", reason="Đã xem bản gốc, để nguyên.")
    key_in(record, "nksNgaySinh", "2008-07-20")
    look_again(record, equipment.for_checking(), actor="lan")
    assert "BIRTH_AFTER_REGISTRATION" in opened(record), "it was settled for another date"
    key_in(record, "nksNgaySinh", "2008-05-20")
    assert look_again(record, equipment.for_checking(), actor="lan").state == "ACCEPTED"
    assert "BIRTH_AFTER_REGISTRATION" not in opened(record)


def test_a_doubtful_contradiction_blocks_once_a_person_keyed_the_same(enter, equipment):
    record = enter()
    born = record.current_fields()["nksNgaySinh"]
    say(record, "nksNgaySinh", "date", "2008-06-20", status="LOW_CONFIDENCE", supersedes=born)
    look_again(record, equipment.for_checking(), actor="lan")
    assert opened(record)["BIRTH_AFTER_REGISTRATION"].severity == "warns"
    key_in(record, "nksNgaySinh", "2008-06-20")
    look_again(record, equipment.for_checking(), actor="lan")
    assert opened(record)["BIRTH_AFTER_REGISTRATION"].severity == "blocks_approval"


def deliver(enter, equipment, *entries: dict[str, str], office: str = "23942") -> list[Record]:
    """One delivery, read and checked to the end."""
    batch = make_batch(make_office(office), state="RECEIVED")
    records = [
        enter(make_scan(batch, state="READ", name=f"trang {n}.jpg"), **values)
        for n, values in enumerate(entries, start=1)
    ]
    assert books.run(str(batch.pk), equipment.for_checking())
    return records


def person(n: int) -> dict[str, str]:
    return {
        "so": str(n),
        "nksHoTen": f"TRẦN VĂN {'ABCDEFGH'[n % 8]}",
        "nksNgaySinh": f"2008-05-{n % 28 + 1:02}",
    }


def test_a_later_delivery_fills_the_gap_of_an_earlier_one_and_repeats_none_of_its_numbers(enter, equipment):
    _, third = deliver(enter, equipment, person(1), person(3))
    assert set(opened(third)) >= {"NUMBER_GAP"}
    second, again = deliver(enter, equipment, person(2), {**person(5), "so": "3"})
    assert "NUMBER_GAP" not in opened(third)
    assert "DUPLICATE_NUMBER" not in opened(second)
    assert opened(again)["DUPLICATE_NUMBER"].evidence["first"] == str(third.pk)


def test_a_case_registered_twice_is_told_across_books_deliveries_and_offices(enter, equipment):
    (first,) = deliver(enter, equipment, person(1))
    (second,) = deliver(enter, equipment, {**person(1), "so": "7", "quyenSo": "02/2008"}, office="23945")
    assert opened(second)["DUPLICATE_CASE"].evidence == {"first": str(first.pk)}
    assert "DUPLICATE_CASE" not in opened(first)
    deliver(enter, equipment, {**person(2), "quyenSo": "03/2008"})
    assert "DUPLICATE_CASE" in opened(second), "a delivery that has nothing to do with it takes nothing back"


def test_a_closed_book_on_the_office_list_is_counted(enter, equipment):
    Book.objects.create(
        office=make_office(),
        kind="KS",
        year=2008,
        volume="01",
        issuing_unit=UNIT,
        expected=[1, 2, 3],
        closed=True,
    )
    _, last = deliver(enter, equipment, person(1), person(2))
    assert opened(last)["BOOK_COUNT_DIFFERS"].evidence == {"count": "3", "found": "2"}
    assert "NUMBER_GAP" in opened(last)
