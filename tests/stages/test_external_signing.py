"""Officers sign outside; timestamps are renewed: the record's way through both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import renewals
from pipeline.external_signing import NothingToSign, hand_out, take_back, waiting
from pipeline.models import Event, SealedCopy
from pipeline.stages import seal, store
from storage.errors import SignatureRefused
from storage.signing.external import AllowedSigner
from storage.signing.pades import sign_pades
from storage.signing.timestamps import TimestampAuthority
from storage.verify_signature import signature_level

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
WHY = {"reason": "Ký số", "location": "xã", "name": "Cán bộ"}


@pytest.fixture
def outside(equipment):
    tools = equipment.for_sealing()
    return replace(tools, signing=replace(tools.signing, key=None))


@pytest.fixture
def token(equipment):
    return equipment.for_sealing().signing.key


def content(equipment, copy: SealedCopy) -> bytes:
    return equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)


def test_a_record_signed_outside_is_sealed_at_the_archive_level(approved, equipment, outside, token):
    assert not seal.run(str(approved.pk), outside)
    assert list(waiting()) == [approved.pk]
    out = hand_out(approved.pk, outside, actor="lan")
    assert hand_out(approved.pk, outside, actor="lan") == out
    returned = sign_pades(out.document, token, tsa=None, **WHY)
    take_back(approved.pk, returned, outside, actor="lan")
    store.run(str(approved.pk), equipment.for_storing())
    approved.refresh_from_db()
    copy = SealedCopy.objects.get()
    assert (approved.state, copy.signature_level, copy.signer) == ("STORED", "B-LTA", token.common_name)
    sealed = content(equipment, copy)
    assert sealed.startswith(returned)
    assert signature_level(sealed) == "B-LTA"


def test_the_agencys_seal_follows_a_signature_from_outside(approved, equipment, outside, token):
    tools = replace(outside, signing=replace(outside.signing, agency=token))
    out = hand_out(approved.pk, tools, actor="lan")
    take_back(approved.pk, sign_pades(out.document, token, tsa=None, **WHY), tools, actor="lan")
    store.run(str(approved.pk), equipment.for_storing())
    approved.refresh_from_db()
    assert approved.state == "STORED"
    assert content(equipment, SealedCopy.objects.get()).count(b"/ETSI.CAdES.detached") == 2


def test_a_refused_signature_leaves_the_record_waiting_with_a_finding(approved, outside, token):
    with pytest.raises(NothingToSign):
        take_back(approved.pk, b"%PDF-1.7", outside, actor="lan")
    out = hand_out(approved.pk, outside, actor="lan")
    strict = replace(outside, signing=replace(outside.signing, allowed=(AllowedSigner(subject="Ai khác"),)))
    with pytest.raises(SignatureRefused, match="SIGNER_NOT_ALLOWED"):
        take_back(approved.pk, sign_pades(out.document, token, tsa=None, **WHY), strict, actor="lan")
    approved.refresh_from_db()
    assert (approved.state, approved.tries) == ("APPROVED", 0)
    assert [f.code for f in approved.findings.filter(stage="seal")] == ["SIGNATURE_SIGNER_NOT_ALLOWED"]
    assert Event.objects.filter(verb="record.signature_refused").count() == 1
    take_back(approved.pk, sign_pades(out.document, token, tsa=None, **WHY), outside, actor="lan")
    approved.refresh_from_db()
    assert approved.state == "SEALED"


def test_timestamps_that_end_soon_are_renewed_once_and_the_earlier_copy_stays(approved, equipment):
    tools = equipment.for_sealing()
    seal.run(str(approved.pk), tools)
    store.run(str(approved.pk), equipment.for_storing())
    before = SealedCopy.objects.get()
    far = datetime.now(UTC) + timedelta(days=365 * 40)
    assert list(renewals.due_copies(tools.vault, datetime.now(UTC) + timedelta(days=180))) == []
    (due,) = renewals.due_copies(tools.vault, far)
    done = renewals.renew(due, tools.vault, tools.signing, actor="lan")
    after = SealedCopy.objects.get()
    assert (done.error, done.key) == ("", after.key)
    assert content(equipment, after).startswith(content(equipment, before))
    assert content(equipment, before) != content(equipment, after)
    assert renewals.renew(due, tools.vault, tools.signing, actor="lan").error == ""
    assert Event.objects.filter(verb=renewals.RENEWED).count() == 2


def test_a_renewal_that_was_cut_short_is_found_again(approved, equipment, monkeypatch):
    tools = equipment.for_sealing()
    seal.run(str(approved.pk), tools)
    (due,) = renewals.due_copies(tools.vault, datetime.now(UTC) + timedelta(days=365 * 40))

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as broken:
        broken.setattr(renewals, "record_event", crash)
        with pytest.raises(RuntimeError):
            renewals.renew(due, tools.vault, tools.signing, actor="lan")
    silent = TimestampAuthority("http://127.0.0.1:1/", timeout_s=1)
    done = renewals.renew(due, tools.vault, replace(tools.signing, authority=silent), actor="lan")
    assert (done.error, SealedCopy.objects.get().key) == ("", done.key)
