"""Whoever changes a sealed copy is found out."""

from __future__ import annotations

import io
import json
import logging

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from storage.checks import Outcome, overall
from storage.pdfa import SealPage, TextLine, TextWord, build_pdfa
from storage.signing.demo_authority import DemoAuthority, create_authority
from storage.signing.pades import sign_pades
from storage.signing.timestamps import TimestampAuthority
from storage.verapdf import VeraPdf
from storage.verify import load_trust, verify_pdf
from storage.verify_signature import TrustRoots
from storage.xmp import SealMetadata


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="pyhanko")


@pytest.fixture
def trust(authority: DemoAuthority) -> TrustRoots:
    return load_trust(authority.trust)


@pytest.fixture
def signed(jpeg: bytes, metadata: SealMetadata, authority: DemoAuthority, tsa: TimestampAuthority) -> bytes:
    word = TextWord("Được", ((50, 50), (150, 50), (150, 90), (50, 90)))
    page = SealPage(jpeg, "image/jpeg", 600, 800, 100, lines=(TextLine((word,)),))
    record = json.dumps({"nksHoTen": "Được"}).encode()
    pdf = build_pdfa([page], record, metadata, block=None)
    return sign_pades(pdf, authority.signing_key(), tsa=tsa, reason="Số hóa", location="", name="Cán bộ")


def problems(pdf: bytes, trust: TrustRoots) -> set[str]:
    return {f"{c.subject}:{c.code}" for c in verify_pdf(pdf, trust) if c.outcome is Outcome.FAILED}


def incremental(signed: bytes, change: object) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def test_an_untouched_copy_passes_every_check(signed: bytes, trust: TrustRoots, validator: VeraPdf) -> None:
    checks = verify_pdf(signed, trust, validator=validator)
    assert overall(checks) is Outcome.PASSED
    assert [c.subject for c in checks] == [
        "signature",
        "signer",
        "coverage",
        "timestamp",
        "container",
        "pdfa",
        "record",
        "images",
        "text-layer",
    ]


def test_without_a_validator_nothing_is_claimed_about_pdfa(signed: bytes, trust: TrustRoots) -> None:
    checks = verify_pdf(signed, trust)
    assert overall(checks) is Outcome.INDETERMINATE
    assert [c.code for c in checks if c.subject == "pdfa"] == ["NOT_VALIDATED"]


def test_a_flipped_bit_in_the_scan_is_found_twice(signed: bytes, jpeg: bytes, trust: TrustRoots) -> None:
    changed = bytearray(signed)
    changed[signed.index(jpeg) + len(jpeg) // 2] ^= 1
    assert problems(bytes(changed), trust) == {"signature:SIGNED_CONTENT_CHANGED", "images:IMAGE_CHANGED"}


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
def test_a_flipped_bit_anywhere_before_the_signature_is_found(
    signed: bytes, trust: TrustRoots, share: float
) -> None:
    changed = bytearray(signed)
    changed[int(signed.index(b"/ByteRange") * share)] ^= 4
    assert any(p.startswith("signature:") for p in problems(bytes(changed), trust))


def test_a_page_turned_by_an_update_is_found(signed: bytes, trust: TrustRoots) -> None:
    def turn(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Rotate"] = generic.NumberObject(90)
        writer.update_container(page)

    assert "coverage:CHANGED_AFTER_SIGNING" in problems(incremental(signed, turn), trust)


def test_content_painted_over_by_an_update_is_found(signed: bytes, trust: TrustRoots) -> None:
    def paint(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        paint = writer.add_object(generic.StreamObject(stream_data=b"1 g 0 0 200 200 re f"))
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), paint])
        writer.update_container(page)

    assert "coverage:CHANGED_AFTER_SIGNING" in problems(incremental(signed, paint), trust)


def test_a_copy_saved_anew_by_another_program_is_found(signed: bytes, trust: TrustRoots) -> None:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(signed)) as document:
        document.save(output)
    assert problems(output.getvalue(), trust)


def test_a_forger_who_seals_and_signs_a_changed_record_is_not_trusted(
    jpeg: bytes,
    metadata: SealMetadata,
    trust: TrustRoots,
    tmp_path_factory: pytest.TempPathFactory,
    tsa: TimestampAuthority,
) -> None:
    forger = create_authority(tmp_path_factory.mktemp("forger"))
    pdf = build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=None)
    forged = sign_pades(pdf, forger.signing_key(), tsa=tsa, reason="", location="", name="Cán bộ")
    assert problems(forged, trust) == {"signer:SIGNER_NOT_TRUSTED"}


@pytest.mark.parametrize("part", ["record.json", "text", "image"])
def test_the_parts_prove_each_other_even_without_a_signature(
    signed: bytes, trust: TrustRoots, part: str
) -> None:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(signed)) as document:
        page = document.pages[0]
        if part == "record.json":
            document.attachments[part].get_file().obj.write(b'{"nksHoTen": "Sai"}')
        elif part == "text":
            stream = page.Contents.read_bytes()
            page.Contents.write(stream.replace(b"] TJ", b" <0002>] TJ", 1))
        else:
            page.Resources.XObject.Scan.write(b"\xff\xd8\xff\xd9", filter=pikepdf.Name.DCTDecode)
        document.save(output)
    expected = {"record.json": "record:RECORD_CHANGED", "text": "text-layer:TEXT_CHANGED"}
    assert expected.get(part, "images:IMAGE_CHANGED") in problems(output.getvalue(), trust)


def test_without_trust_roots_the_signer_is_undecided_not_condemned(signed: bytes) -> None:
    codes = {c.subject: (c.outcome, c.code) for c in verify_pdf(signed, ())}
    assert codes["signer"] == (Outcome.INDETERMINATE, "NO_TRUST_ROOTS")
    assert codes["signature"] == (Outcome.PASSED, "OK")


@pytest.mark.parametrize("data", [b"", b"not a pdf", b"%PDF-1.7\n%%EOF"])
def test_what_is_no_sealed_copy_fails_and_raises_nothing(data: bytes, trust: TrustRoots) -> None:
    assert overall(verify_pdf(data, trust)) is Outcome.FAILED


def test_no_bit_of_a_signed_copy_can_be_flipped_unnoticed(signed: bytes, trust: TrustRoots) -> None:
    """Neither of what is signed nor of the room that the signature left unused.

    Left out is the signature itself: of the certificates that it carries, those not needed to reach the
    trusted root are covered by nothing; only the digest in the store's index knows them.
    """
    start = signed.index(b"/Contents <") + 11
    end = signed.index(b">", start)
    used = start + len(signed[start:end].rstrip(b"0"))
    step = len(signed) // 150
    places = [*range(0, start, step), *range(used + 2, end, step), end - 1, *range(end, len(signed), 50)]
    for place in places:
        changed = bytearray(signed)
        changed[place] ^= 1
        assert problems(bytes(changed), trust), f"byte {place} of {len(signed)}"
