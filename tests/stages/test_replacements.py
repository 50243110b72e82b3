"""A locked record is corrected by a decision; the old version stays readable and provable."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from pipeline import renewals
from pipeline.claims import WrongState
from pipeline.decide import approve
from pipeline.index import embedded_record
from pipeline.models import Event, Record, Replacement, SealedCopy
from pipeline.replacements import CorrectionRefused, Decision, correct, replaced
from pipeline.stages import seal, store
from pipeline.withdrawals import withdraw
from storage.checks import Outcome
from storage.objects import StoredObject
from storage.verify import verify_object
from storage.verify_signature import load_trust

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

DECISION = Decision(number="12/QĐ-UBND", date=date(2026, 3, 2), authority="UBND xã Ia Rong")


def keep(record: Record, equipment) -> SealedCopy:
    seal.run(str(record.pk), equipment.for_sealing())
    store.run(str(record.pk), equipment.for_storing())
    record.refresh_from_db()
    assert record.state == "STORED", record.error_code
    return record.sealed_copies.get(version=record.version)


def document(copy: SealedCopy, equipment) -> dict:
    held = equipment.vault.store
    stored = StoredObject(copy.bucket, copy.key, copy.version_id, copy.sha256, copy.size, copy.locked_until)
    return embedded_record(held, stored, held.state(copy.bucket, copy.key, copy.version_id))


@pytest.fixture
def corrected(approved, equipment) -> Record:
    keep(approved, equipment)
    return correct(
        approved, {"nksHoTen": "NGUYỄN PHƯƠNG VI"}, DECISION, reason="Ghi sai chữ đệm", actor="huong"
    )


def test_a_correction_goes_through_approval_and_seal_and_is_linked_both_ways(corrected, equipment):
    assert (corrected.state, corrected.version) == ("TO_REVIEW", 2)
    old = corrected.sealed_copies.get()
    new = keep(approve(corrected, actor="lan"), equipment)
    told = document(new, equipment)
    assert told["fields"]["nksHoTen"]["value"] == "NGUYỄN PHƯƠNG VI"
    assert told["replaces"]["copy"] == {"bucket": old.bucket, "key": old.key, "sha256": old.sha256}
    assert told["replaces"]["decision"] == {
        "number": "12/QĐ-UBND",
        "date": "2026-03-02",
        "authority": "UBND xã Ia Rong",
    }
    assert old.replaced_by.record.sealed_copies.get(version=old.replaced_by.version) == new
    event = Event.objects.get(verb="record.corrected")
    assert (event.actor, event.purpose, event.data["fields"]) == ("huong", "12/QĐ-UBND", ["nksHoTen"])


def test_the_old_version_stays_readable_and_provable(corrected, equipment, servers):
    old = corrected.sealed_copies.get()
    keep(approve(corrected, actor="lan"), equipment)
    assert document(old, equipment)["fields"]["nksHoTen"]["value"] == "NGUYỄN PHƯƠNG VY"
    stored = StoredObject(old.bucket, old.key, old.version_id, old.sha256, old.size, None)
    report = verify_object(equipment.vault.store, stored, load_trust(servers.endpoints.trust_roots))
    assert [c.code for c in report.checks if c.outcome is Outcome.FAILED] == []


def test_a_predecessor_that_is_renewed_meanwhile_leaves_the_new_copy_as_it_was(corrected, equipment):
    tools = equipment.for_sealing()
    again = approve(corrected, actor="lan")
    before, intent = replaced(again), seal.intended(again)
    old = corrected.sealed_copies.get()
    (due,) = renewals.due_copies(tools.vault, datetime.now(UTC) + timedelta(days=365 * 40))
    renewed = renewals.renew(due, tools.vault, tools.signing, actor="lan")
    assert renewed.key == corrected.sealed_copies.get().key != old.key
    again = Record.objects.get(pk=again.pk)
    assert (replaced(again), seal.intended(again)) == (before, intent)
    new = keep(again, equipment)
    copy = document(new, equipment)["replaces"]["copy"]
    assert copy == {"bucket": old.bucket, "key": old.key, "sha256": old.sha256}


@pytest.mark.parametrize(
    ("values", "decision", "code"),
    [
        ({"nksHoTen": "NGUYỄN PHƯƠNG VY"}, DECISION, "NOTHING_CHANGES"),
        ({"khongCo": "x"}, DECISION, "FIELD_UNKNOWN"),
        ({}, DECISION, "NOTHING_CHANGES"),
        (
            {"nksHoTen": "NGUYỄN PHƯƠNG VI"},
            DECISION.model_copy(update={"date": timezone.now().date() + timedelta(days=2)}),
            "DECISION_IN_FUTURE",
        ),
    ],
)
def test_a_correction_without_ground_is_refused_and_changes_nothing(
    approved, equipment, values, decision, code
):
    keep(approved, equipment)
    with pytest.raises(CorrectionRefused) as refusal:
        correct(approved, values, decision, reason="Thử", actor="huong")
    assert refusal.value.code == code
    approved.refresh_from_db()
    assert (approved.state, approved.version, Replacement.objects.count()) == ("STORED", 1, 0)


def test_a_record_that_is_not_locked_is_not_corrected_by_decision(approved):
    with pytest.raises(WrongState):
        correct(approved, {"nksHoTen": "X"}, DECISION, reason="Thử", actor="huong")


def test_an_approval_is_taken_back_before_the_seal_and_given_again(approved, equipment):
    back = withdraw(approved, actor="lan", reason="Chưa xem trang sau", vault=equipment.vault)
    assert (back.state, back.approved_by) == ("TO_REVIEW", "")
    assert not seal.run(str(back.pk), equipment.for_sealing())
    keep(approve(back, actor="huong"), equipment)


def test_an_approval_is_not_taken_back_once_a_copy_was_sealed(approved, equipment, monkeypatch):
    def crash(*_: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as broken:
        broken.setattr(seal, "_index", crash)
        seal.run(str(approved.pk), equipment.for_sealing())
    with pytest.raises(WrongState, match="its copy is sealed"):
        withdraw(approved, actor="lan", reason="Thử", vault=equipment.vault)
