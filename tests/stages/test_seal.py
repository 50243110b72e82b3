import io

import pytest
from django.utils import timezone

from pipeline.claims import MAX_TRIES
from pipeline.decide import ApprovalBlocked, approve
from pipeline.events import verify_chain
from pipeline.models import Event, Finding, Record, Scan, SealedCopy, StageRun
from pipeline.stages import seal, store
from storage.errors import StoreUnavailable
from storage.signing.demo_authority import serving
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.verify_signature import load_trust
from tests.stages.holdings import make_record

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def due(record: Record) -> None:
    Record.objects.filter(pk=record.pk).update(not_before=None)


def versions(equipment, copy: SealedCopy) -> list[str]:
    return [v.version_id for v in equipment.vault.store.versions_of(copy.bucket, copy.key)]


def test_an_approved_record_becomes_one_signed_locked_copy_with_its_text(approved, equipment):
    import pikepdf
    import pypdfium2

    seal.run(str(approved.pk), equipment.for_sealing())
    approved.refresh_from_db()
    assert (approved.state, approved.error_code) == ("SEALED", "")
    store.run(str(approved.pk), equipment.for_storing())
    approved.refresh_from_db()
    copy = SealedCopy.objects.get()
    assert (approved.state, copy.verdict) == ("STORED", "PASSED")
    data = equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)
    text = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    assert "NGUYỄN PHƯƠNG VY" in " ".join(text.split())
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert b"nksHoTen" in pdf.attachments["record.json"].get_file().read_bytes()
        assert pdf.Root.AcroForm.Fields
    assert equipment.vault.store.state(copy.bucket, copy.key, copy.version_id).lock_mode == "COMPLIANCE"
    assert list(StageRun.objects.filter(subject=f"record:{approved.pk}").values_list("stage", flat=True)) == [
        "seal",
        "store",
    ]
    verbs = list(Event.objects.filter(subject=f"record:{approved.pk}").values_list("verb", flat=True))
    assert verbs == ["record.approved", "record.sealed", "record.stored"]
    assert verify_chain().sound


def test_a_second_run_finds_nothing_to_do(approved, equipment):
    assert seal.run(str(approved.pk), equipment.for_sealing())
    assert not seal.run(str(approved.pk), equipment.for_sealing())
    assert versions(equipment, SealedCopy.objects.get()) == [SealedCopy.objects.get().version_id]


def test_a_crash_between_store_and_commit_leads_to_one_copy_all_the_same(approved, equipment, monkeypatch):
    def crash(*_: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as broken:
        broken.setattr(seal, "_index", crash)
        seal.run(str(approved.pk), equipment.for_sealing())
    approved.refresh_from_db()
    assert approved.state == "APPROVED"
    assert not SealedCopy.objects.exists()
    due(approved)
    seal.run(str(approved.pk), equipment.for_sealing())
    copy = SealedCopy.objects.get()
    assert versions(equipment, copy) == [copy.version_id]
    assert equipment.vault.store.digest(copy.bucket, copy.key, copy.version_id) == copy.sha256
    assert StageRun.objects.get(stage="seal", outcome="OK").detail["adopted"] is True


def test_two_attempts_that_sign_at_once_adopt_the_first_stored_copy(approved, equipment, monkeypatch):
    tools = equipment.for_sealing()
    intent = seal.intended(Record.objects.get(pk=approved.pk))
    pdf = seal.draft(approved, intent, tools)
    signed = tools.signing.sign(pdf, office=approved.office.name, moment=intent.approved_at)
    first, _ = seal._keep(approved, intent, tools, signed, tools.signing.signer)
    monkeypatch.setattr(type(tools.vault), "find_sealed", lambda *_: None)
    seal.run(str(approved.pk), tools)
    copy = SealedCopy.objects.get()
    assert (copy.version_id, copy.sha256) == (first.version_id, first.sha256)
    assert versions(equipment, copy) == [first.version_id]


def test_without_timestamps_a_record_waits_and_is_never_sealed_without(approved, equipment):
    from dataclasses import replace

    tools = equipment.for_sealing()
    silent = TimestampAuthority("http://127.0.0.1:1/", timeout_s=1)
    dead = replace(tools, signing=replace(tools.signing, authority=silent))
    for _ in range(MAX_TRIES + 1):
        seal.run(str(approved.pk), dead)
        due(approved)
    approved.refresh_from_db()
    assert (approved.state, approved.error_code, approved.tries) == ("APPROVED", "TIMESTAMP_UNAVAILABLE", 0)
    (told,) = approved.findings.filter(stage="seal", withdrawn_at=None)
    assert told.code == "SEAL_TIMESTAMP_UNAVAILABLE"
    assert not SealedCopy.objects.exists()
    seal.run(str(approved.pk), equipment.for_sealing())
    approved.refresh_from_db()
    assert (approved.state, approved.error_code) == ("SEALED", "")
    assert not approved.findings.filter(stage="seal", withdrawn_at=None).exists()


def test_while_nobody_says_whether_certificates_count_a_record_waits(approved, equipment, tmp_path):
    from dataclasses import replace

    tools = equipment.for_sealing()
    with serving(tmp_path) as gone:
        key = gone.signing_key()
    silent = Revocations((*tools.signing.trust, *load_trust(gone.trust)), timeout_s=1)
    signing = replace(tools.signing, key=key, revocations=silent)
    seal.run(str(approved.pk), replace(tools, signing=signing))
    approved.refresh_from_db()
    assert (approved.state, approved.error_code, approved.tries) == ("APPROVED", "REVOCATION_UNAVAILABLE", 0)
    (told,) = approved.findings.filter(stage="seal", withdrawn_at=None)
    assert told.code == "SEAL_REVOCATION_UNAVAILABLE"
    assert not SealedCopy.objects.exists()


def test_a_clock_that_is_a_day_off_is_told_and_seals_nothing(approved, equipment):
    from dataclasses import replace
    from datetime import UTC, datetime, timedelta

    tools = equipment.for_sealing()
    url = tools.signing.authority.url
    off = TimestampAuthority(url, clock=lambda: datetime.now(UTC) + timedelta(days=1))
    seal.run(str(approved.pk), replace(tools, signing=replace(tools.signing, authority=off)))
    approved.refresh_from_db()
    assert (approved.state, approved.error_code) == ("APPROVED", "SEAL_CLOCK_OFF")
    assert [f.code for f in approved.findings.filter(stage="seal")] == ["SEAL_CLOCK_OFF"]
    assert not SealedCopy.objects.exists()


def test_a_certificate_that_ends_soon_is_told_on_what_it_seals(approved, equipment):
    from dataclasses import replace
    from datetime import timedelta

    tools = equipment.for_sealing()
    seal.run(str(approved.pk), replace(tools, signing=replace(tools.signing, warn=timedelta(days=10_000))))
    approved.refresh_from_db()
    assert approved.state == "SEALED"
    assert [f.code for f in approved.findings.filter(stage="seal")] == ["CERTIFICATE_EXPIRES_SOON"]


def test_a_store_that_is_down_leaves_the_record_approved(approved, equipment, monkeypatch):
    def down(*_: object, **__: object) -> None:
        raise StoreUnavailable("STORE_UNAVAILABLE", "down")

    with monkeypatch.context() as broken:
        broken.setattr(type(equipment.vault.store), "put_once", down)
        seal.run(str(approved.pk), equipment.for_sealing())
    approved.refresh_from_db()
    assert (approved.state, approved.error_code, approved.tries) == ("APPROVED", "STORE_UNAVAILABLE", 0)


def test_a_page_of_a_signed_file_is_never_sealed_again(approved, equipment):
    Scan.objects.filter(pk=approved.scan_id).update(signed=True)
    seal.run(str(approved.pk), equipment.for_sealing())
    store.run(str(approved.pk), equipment.for_storing())
    approved.refresh_from_db()
    copy = SealedCopy.objects.get()
    assert (approved.state, copy.signature_level) == ("STORED", "AS_DELIVERED")
    assert (copy.key, copy.version_id) == (approved.scan.key, approved.scan.version_id)


def test_open_findings_block_an_approval_until_they_are_settled(equipment, broker):
    record = make_record(state="TO_REVIEW")
    finding = Finding.objects.create(
        record=record, stage="check", code="DATE_WORDS_DIFFER", severity="blocks_approval", message="Khác."
    )
    with pytest.raises(ApprovalBlocked) as raised:
        approve(record, actor="lan")
    assert raised.value.codes == ("DATE_WORDS_DIFFER",)
    finding.settled_by, finding.settled_reason, finding.settled_at = "lan", "Xem bản gốc", timezone.now()
    finding.save()
    assert approve(record, actor="lan").state == "APPROVED"
