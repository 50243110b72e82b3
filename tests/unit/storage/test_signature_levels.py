"""From a bare signature to one that is proved offline for decades."""

from __future__ import annotations

import asyncio
import io
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from storage.checks import Outcome
from storage.errors import ClockOff, RevocationUnavailable, SigningError
from storage.pdfa import SealPage, build_pdfa
from storage.signing import pades
from storage.signing.demo_authority import DemoAuthority, create_authority, serving
from storage.signing.pades import Level, extend_pades, renew_timestamp, sign_pades
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.verapdf import VeraPdf
from storage.verify_signature import load_trust, signature_checks, signature_level
from storage.visible_block import VisibleBlock
from storage.xmp import SealMetadata

WHY = {"reason": "Số hóa sổ hộ tịch", "location": "Đồng Tháp", "name": "Cán bộ số hóa"}
LATER = [datetime(year, 3, 1, tzinfo=UTC) for year in (2027, 2030, 2046)]
"""The demo officer's certificate ends in 2045, that of the timestamps in 2050; lists live 30 days."""


@pytest.fixture
def pdf(jpeg: bytes, metadata: SealMetadata) -> bytes:
    return build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=None)


@pytest.fixture(scope="session")
def revocations(authority: DemoAuthority) -> Revocations:
    return Revocations(load_trust(authority.trust))


def faults(pdf: bytes, authority: DemoAuthority, at: datetime | None = None) -> list[str]:
    checks = signature_checks(pdf, load_trust(authority.trust), at=at)
    return [f"{c.subject}: {c.code}" for c in checks if c.outcome is not Outcome.PASSED]


def seen(pdf: bytes) -> tuple[str, bytes]:
    """Text and pixels of the first page, signature fields drawn."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        return document[0].get_textpage().get_text_bounded(), document[0].render(scale=1).to_pil().tobytes()


@pytest.mark.parametrize("level", list(Level))
def test_each_level_holds_what_it_promises(
    level: Level, pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, revocations: Revocations
) -> None:
    signed = sign_pades(pdf, authority.signing_key(), tsa=tsa, level=level, revocations=revocations, **WHY)
    assert signed.startswith(pdf)
    assert signature_level(signed) == level
    assert faults(signed, authority) == (["timestamp: NO_TIMESTAMP"] if level is Level.B_B else [])


@pytest.mark.parametrize("level", [Level.B_LT, Level.B_LTA])
def test_copies_with_validation_data_stay_pdfa(
    level: Level,
    pdf: bytes,
    authority: DemoAuthority,
    tsa: TimestampAuthority,
    revocations: Revocations,
    validator: VeraPdf,
    tmp_path: Path,
) -> None:
    path = tmp_path / "signed.pdf"
    key = authority.signing_key()
    path.write_bytes(sign_pades(pdf, key, tsa=tsa, level=level, revocations=revocations, **WHY))
    assert [v.compliant for v in validator.validate([path])] == [True]


@pytest.mark.parametrize("at", LATER)
def test_an_archive_copy_is_proved_after_the_signers_certificate_has_ended(
    at: datetime, pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, revocations: Revocations
) -> None:
    key = authority.signing_key()
    signed = sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    assert faults(signed, authority, at) == []


def test_the_european_standards_algorithm_agrees_offline(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, revocations: Revocations
) -> None:
    key = authority.signing_key()
    signed = sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=list(load_trust(authority.trust))),
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("hard-fail")),
    )
    local = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(policy, local))
    result = asyncio.run(ades_lta_validation(signature, spec))
    assert result.ades_subindic is AdESPassed.OK
    future = simulate_future_ades_lta_validation(signature, spec, datetime(2046, 6, 1, tzinfo=UTC))
    assert asyncio.run(future).ades_subindic is AdESPassed.OK


def test_without_a_network_an_archive_copy_is_proved_all_the_same(
    pdf: bytes,
    authority: DemoAuthority,
    tsa: TimestampAuthority,
    revocations: Revocations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = authority.signing_key()
    signed = sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)

    def closed(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", closed)
    assert faults(signed, authority) == []


@pytest.mark.parametrize(
    ("person", "code"), [("former", "CERTIFICATE_REVOKED"), ("retired", "CERTIFICATE_EXPIRED")]
)
def test_a_certificate_that_no_longer_counts_seals_nothing(
    person: str,
    code: str,
    pdf: bytes,
    authority: DemoAuthority,
    tsa: TimestampAuthority,
    revocations: Revocations,
) -> None:
    key = authority.signing_key(person)
    with pytest.raises(SigningError, match=code):
        sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    with pytest.raises(SigningError, match=code):
        revocations.require_valid(key.certificate, key.chain)


def test_a_certificate_of_an_authority_that_nobody_trusts_is_unknown(
    tmp_path: Path, revocations: Revocations
) -> None:
    stranger = create_authority(tmp_path / "stranger").signing_key()
    with pytest.raises(SigningError, match="CERTIFICATE_UNKNOWN"):
        revocations.require_valid(stranger.certificate, stranger.chain)


def test_a_higher_level_is_never_quietly_a_lower_one(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority
) -> None:
    with pytest.raises(SigningError, match="LEVEL_NEEDS_SERVICE"):
        sign_pades(pdf, authority.signing_key(), tsa=tsa, level=Level.B_LTA, **WHY)
    with pytest.raises(SigningError, match="LEVEL_NEEDS_SERVICE"):
        sign_pades(pdf, authority.signing_key(), tsa=None, level=Level.B_T, **WHY)


def test_silent_revocation_services_can_be_tried_again_and_then_serve(
    pdf: bytes, tmp_path: Path, tsa: TimestampAuthority
) -> None:
    folder = tmp_path / "authority"
    with serving(folder) as gone:
        revocations = Revocations(load_trust(gone.trust), timeout_s=1)
        port = gone.url
    key = gone.signing_key()
    stamps = TimestampAuthority(tsa.url)
    with pytest.raises(RevocationUnavailable) as failure:
        sign_pades(pdf, key, tsa=stamps, level=Level.B_LT, revocations=revocations, **WHY)
    assert failure.value.retryable
    with serving(folder) as back:
        assert back.url != port
        key, stamps = back.signing_key(), TimestampAuthority(back.tsa_url)
        signed = sign_pades(pdf, key, tsa=stamps, level=Level.B_LT, revocations=revocations, **WHY)
        assert faults(signed, back) == []


def test_answers_about_certificates_are_asked_for_once_in_a_batch(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    asked: list[str] = []
    for verb in ("get", "post"):
        original = getattr(requests, verb)

        def counting(*args: object, original=original, url: str, **kwargs: object) -> object:
            asked.append(url)
            return original(*args, url=url, **kwargs)

        monkeypatch.setattr(requests, verb, counting)
    now = [datetime.now(UTC)]
    revocations = Revocations(load_trust(authority.trust), clock=lambda: now[0])
    key = authority.signing_key()
    for _ in range(3):
        sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    once = len(asked)
    assert once <= 3
    now[0] += timedelta(minutes=11)
    sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    assert len(asked) == 2 * once


def test_a_clock_that_is_a_day_off_seals_nothing_until_it_is_set(
    pdf: bytes, authority: DemoAuthority, revocations: Revocations
) -> None:
    behind = [timedelta(days=1)]
    tsa = TimestampAuthority(authority.tsa_url, clock=lambda: datetime.now(UTC) - behind[0])
    key = authority.signing_key()
    with pytest.raises(ClockOff, match="SEAL_CLOCK_OFF") as failure:
        sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    assert failure.value.retryable
    behind[0] = timedelta()
    assert sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)


def test_the_agencys_seal_after_the_officers_signature_breaks_neither_and_the_page_tells_both(
    jpeg: bytes,
    metadata: SealMetadata,
    authority: DemoAuthority,
    tsa: TimestampAuthority,
    revocations: Revocations,
    validator: VeraPdf,
    tmp_path: Path,
) -> None:
    moment = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    block = VisibleBlock("Bản số hóa", "UBND xã Mỹ Hiệp", moment)
    pdf = build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=block)
    both_times = WHY | {"tsa": tsa, "revocations": revocations, "signing_time": moment}
    first = sign_pades(pdf, authority.signing_key(), level=Level.B_LT, **both_times)
    agency = authority.signing_key("agency")
    both = sign_pades(first, agency, level=Level.B_LTA, field_name=pades.SEAL_FIELD_NAME, **both_times)
    assert both.startswith(first)
    assert faults(both, authority) == []
    signatures = PdfFileReader(io.BytesIO(both)).embedded_regular_signatures
    assert [s.field_name for s in signatures] == ["ChuKySo", "ConDau"]
    assert {s.self_reported_timestamp for s in signatures} == {moment}
    (text, shown), (_, before) = seen(both), seen(pdf)
    assert "Cơ quan: UBND xã Mỹ Hiệp" in text
    assert "Thời gian ký: 22-11-2026 09:30:00 +07:00" in text
    assert shown == before
    path = tmp_path / "both.pdf"
    path.write_bytes(both)
    assert [v.compliant for v in validator.validate([path])] == [True]


@pytest.mark.parametrize("own_stamp", [True, False])
def test_a_signature_from_outside_is_raised_to_the_archive_level_without_a_change(
    own_stamp: bool,
    pdf: bytes,
    authority: DemoAuthority,
    tsa: TimestampAuthority,
    revocations: Revocations,
) -> None:
    outside = sign_pades(pdf, authority.signing_key(), tsa=tsa if own_stamp else None, **WHY)
    raised = extend_pades(outside, level=Level.B_LTA, tsa=tsa, revocations=revocations)
    assert raised.startswith(outside)
    assert signature_level(raised) == "B-LTA"
    assert faults(raised, authority) == []
    assert [faults(raised, authority, at) for at in LATER] == [[], [], []]


def test_renewed_timestamps_only_append_and_prove_the_earlier_ones(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, revocations: Revocations
) -> None:
    key = authority.signing_key()
    signed = sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    renewed = renew_timestamp(signed, tsa=tsa, revocations=revocations)
    assert renewed.startswith(signed)
    assert len(PdfFileReader(io.BytesIO(renewed)).embedded_timestamp_signatures) == 2
    assert faults(renewed, authority) == []
    assert [faults(renewed, authority, at) for at in LATER] == [[], [], []]


def test_a_change_behind_the_archive_timestamp_is_found(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, revocations: Revocations
) -> None:
    key = authority.signing_key()
    signed = sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY)
    with pikepdf.open(io.BytesIO(signed)) as opened:
        opened.pages[0].rotate(90, relative=False)
        opened.save(changed := io.BytesIO())
    assert faults(changed.getvalue(), authority)


def test_a_file_with_a_plain_cross_reference_table_is_proved_and_its_stray_bytes_are_found(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, revocations: Revocations
) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(table := io.BytesIO(), object_stream_mode=pikepdf.ObjectStreamMode.disable)
    key, services = authority.signing_key(), {"tsa": tsa, "revocations": revocations}
    signed = sign_pades(table.getvalue(), key, level=Level.B_LTA, **services, **WHY)
    assert signed.count(b"\nxref") > 2
    assert faults(signed, authority) == []
    assert faults(signed + b" ", authority) == ["coverage: CHANGED_AFTER_SIGNING"]
