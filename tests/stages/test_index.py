"""The index comes back from the store alone, and says what does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from pipeline import renewals
from pipeline.decide import approve
from pipeline.deliveries import open_delivery
from pipeline.index import Rebuilding
from pipeline.models import Book, Event, Office, OutboxMessage, Record, Scan, SealedCopy
from pipeline.receive import ReceiveLimits, Reception, receive
from pipeline.replacements import Decision, correct
from pipeline.stages import seal, store
from pipeline.stages.sealed_record import record_document
from tests.stages.holdings import make_office, picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

DECISION = Decision(number="12/QĐ-UBND", date=date(2026, 3, 2), authority="UBND xã Ia Rong")


def empty_database() -> None:
    """What is left after the database was lost."""
    tables = [t for t in connection.introspection.table_names() if t.startswith("pipeline_")]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def keep(record: Record, equipment) -> None:
    seal.run(str(record.pk), equipment.for_sealing())
    store.run(str(record.pk), equipment.for_storing())
    record.refresh_from_db()
    assert record.state == "STORED", record.error_code


def test_records_copies_and_their_versions_come_back_equal_from_the_store_alone(
    approved, equipment, tmp_path
):
    keep(approved, equipment)
    again = correct(approved, {"nksHoTen": "NGUYỄN PHƯƠNG VI"}, DECISION, reason="Sai", actor="huong")
    keep(approve(again, actor="lan"), equipment)
    approved.refresh_from_db()
    waiting = tmp_path / "cho-doc.jpg"
    waiting.write_bytes(picture(7_141))
    receive([waiting], make_office(), actor="lan", vault=equipment.vault)

    fields = ("version", "bucket", "key", "version_id", "sha256", "content_sha256", "size", "locked_until")
    copies = list(SealedCopy.objects.filter(record=approved).values_list(*fields))
    before, scan = record_document(approved), Scan.objects.get(pk=approved.scan_id)
    search = (approved.entry, approved.person, approved.search, approved.state)
    empty_database()
    done = Rebuilding(equipment.vault, actor="quantri").run()

    record = Record.objects.get(pk=approved.pk)
    assert record_document(record) == before
    assert (record.entry, record.person, record.search, record.state) == search
    assert list(SealedCopy.objects.filter(record=record).values_list(*fields)) == copies
    assert record.sealed_copies.get(version=1).replaced_by.number == "12/QĐ-UBND"
    assert (record.scan.sha256, record.scan.version_id) == (scan.sha256, scan.version_id)
    assert not [p for p in done.problems if p.key in {c[2] for c in copies}]
    assert Office.objects.get(code="23942").name == "UBND xã Ia Rong"
    unread = Scan.objects.get(name=str(waiting))
    assert unread.state == "RECEIVED"
    assert OutboxMessage.objects.filter(task="sohoa.read_scan", arguments=[str(unread.pk)]).exists()


def test_a_second_run_changes_nothing(approved, equipment):
    keep(approved, equipment)
    first = Rebuilding(equipment.vault, actor="quantri").run()
    count = Record.objects.count()
    second = Rebuilding(equipment.vault, actor="quantri").run()
    assert first.counts["copies"] == second.counts["copies"]
    assert "records" not in second.counts
    assert Record.objects.count() == count


def test_the_newest_renewal_is_indexed_and_the_earlier_copies_can_be_found(approved, equipment):
    keep(approved, equipment)
    tools, far = equipment.for_sealing(), datetime.now(UTC) + timedelta(days=365 * 40)
    keys = [SealedCopy.objects.get().key]
    for _ in range(2):
        (due,) = renewals.due_copies(tools.vault, far)
        keys.append(renewals.renew(due, tools.vault, tools.signing, actor="lan").key)
    fields = ("key", "version_id", "sha256", "size", "locked_until")
    newest = SealedCopy.objects.values_list(*fields).get()
    empty_database()
    done = Rebuilding(equipment.vault, actor="quantri").run()
    assert SealedCopy.objects.values_list(*fields).get(record=approved.pk) == newest
    events = Event.objects.filter(verb=renewals.RENEWED, subject=f"record:{approved.pk}").order_by("id")
    assert [e.data["earlier"] for e in events] == keys[:2]
    assert all(equipment.vault.find_sealed(key) for key in keys)
    assert not [p for p in done.problems if p.key in keys]
    again = Rebuilding(equipment.vault, actor="quantri").run()
    assert "renewed" not in again.counts
    assert not [p for p in again.problems if p.key in keys]
    assert SealedCopy.objects.values_list(*fields).get(record=approved.pk) == newest


def test_a_record_corrected_after_a_renewal_keeps_its_predecessor(approved, equipment):
    keep(approved, equipment)
    tools, far = equipment.for_sealing(), datetime.now(UTC) + timedelta(days=365 * 40)
    (due,) = renewals.due_copies(tools.vault, far)
    renewed = renewals.renew(due, tools.vault, tools.signing, actor="lan")
    again = correct(approved, {"nksHoTen": "NGUYỄN PHƯƠNG VI"}, DECISION, reason="Sai", actor="huong")
    keep(approve(again, actor="lan"), equipment)
    before = record_document(Record.objects.get(pk=approved.pk))
    empty_database()
    Rebuilding(equipment.vault, actor="quantri").run()
    record = Record.objects.get(pk=approved.pk)
    assert record.sealed_copies.get(version=1).key == renewed.key
    assert record.sealed_copies.get(version=1).replaced_by.version == 2
    assert record_document(record) == before


def test_the_book_that_was_chosen_at_delivery_comes_back_with_its_records(approved, equipment, tmp_path):
    book = Book.objects.create(
        office=make_office(), kind="KS", year=1994, volume="01", issuing_unit="xã Ia Rong"
    )
    waiting = tmp_path / "cho-doc.jpg"
    waiting.write_bytes(picture(7_142))
    batch = open_delivery(make_office(), actor="lan", name="", book=book)
    reception = Reception(batch, batch.office, "lan", equipment.vault, ReceiveLimits())
    (receipt,) = reception.take(waiting)
    Scan.objects.filter(pk=receipt.scan).update(state="READ")
    approved.scan.pages.update(scan=receipt.scan)
    Record.objects.filter(pk=approved.pk).update(scan=receipt.scan)
    approved.refresh_from_db()
    keep(approved, equipment)
    empty_database()
    Rebuilding(equipment.vault, actor="quantri").run()
    record = Record.objects.select_related("book", "scan__batch__book").get(pk=approved.pk)
    assert str(record.book) == str(record.scan.batch.book) == "KS 01/1994 xã Ia Rong"
