"""What comes back from an officer's token counts only if it is what went out, signed once."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from storage.errors import SignatureRefused, SigningError
from storage.pdfa import SealPage, build_pdfa
from storage.signing.demo_authority import DemoAuthority, create_authority
from storage.signing.external import AllowedSigner, accept, embed_cms, prepare_digest, prepare_document
from storage.signing.keys import SigningKey
from storage.signing.pades import sign_pades
from storage.signing.revocation import Revocations
from storage.verify_signature import load_trust
from storage.xmp import SealMetadata

WHY = {"tsa": None, "reason": "Ký số", "location": "xã", "name": "Cán bộ"}


@dataclass(frozen=True)
class Desk:
    """A document that went out, another one, and who may sign."""

    document: bytes
    other: bytes
    authority: DemoAuthority
    stranger: SigningKey

    def key(self, person: str = "officer") -> SigningKey:
        return self.authority.signing_key(person)

    def signed(self, document: bytes | None = None, person: str = "officer", field: str = "KySo") -> bytes:
        return sign_pades(document or self.document, self.key(person), field_name=field, **WHY)


@pytest.fixture
def desk(jpeg: bytes, metadata: SealMetadata, authority: DemoAuthority, tmp_path: Path) -> Desk:
    page = SealPage(jpeg, "image/jpeg", 600, 800, 100)
    document = prepare_document(build_pdfa([page], b"{}", metadata, block=None))
    other = prepare_document(build_pdfa([page], b'{"another": 1}', metadata, block=None))
    return Desk(document, other, authority, create_authority(tmp_path / "stranger").signing_key())


@pytest.fixture(scope="module")
def revocations(authority: DemoAuthority) -> Revocations:
    return Revocations(load_trust(authority.trust))


def edited(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def turned(writer: IncrementalPdfFileWriter) -> None:
    from pyhanko.pdf_utils import generic

    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = generic.NumberObject(90)
    writer.mark_update(page.container_ref if hasattr(page, "container_ref") else page)


def with_another_page(writer: IncrementalPdfFileWriter) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import PageObject

    contents = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.insert_page(PageObject(contents=contents, media_box=(0, 0, 100, 100)))


def flipped(pdf: bytes, at: int) -> bytes:
    changed = bytearray(pdf)
    changed[at] ^= 1
    return bytes(changed)


def rewritten(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(output := io.BytesIO())
    return output.getvalue()


def covering_a_part(desk: Desk) -> bytes:
    """The byte range ends early: what lies behind the hole is signed by nobody."""
    signed = desk.signed()
    start = signed.rindex(b"/ByteRange")
    end = signed.index(b"]", start) + 1
    numbers = [int(n) for n in signed[start:end].split(b"[")[1].rstrip(b"]").split()]
    numbers[3] -= 40
    shorter = b"/ByteRange [" + b" ".join(b"%d" % n for n in numbers) + b"]"
    return signed[:start] + shorter.ljust(end - start) + signed[end:]


def locking_every_field(desk: Desk) -> bytes:
    spec = SigFieldSpec("KySo", on_page=0, field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL))
    metadata = PdfSignatureMetadata(field_name="KySo", subfilter=SigSeedSubFilter.PADES)
    signer = PdfSigner(metadata, signer=desk.key().signer(), new_field_spec=spec)
    output = io.BytesIO()
    signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(desk.document)), output=output)
    return output.getvalue()


def with_another_cms(desk: Desk) -> bytes:
    """A good signature of another document stands in the hole."""
    mine, other = desk.signed(), desk.signed(desk.other)
    hole = other[other.rindex(b"/Contents <") + 10 : other.index(b">", other.rindex(b"/Contents <")) + 1]
    start = mine.rindex(b"/Contents <") + 10
    return mine[:start] + hole + mine[start + len(hole) :]


def with_a_certificate_for_ciphers(desk: Desk) -> bytes:
    """The demo root issued the certificate, but not for signing."""
    folder, now = desk.authority.folder, datetime.now(UTC)
    root = x509.load_pem_x509_certificate(desk.authority.trust.read_bytes())
    root_key = load_pem_private_key((folder / "keys" / "root.key.pem").read_bytes(), None)
    officer = load_pem_private_key(desk.authority.officer_key.read_bytes(), None)
    usage = dict.fromkeys(inspect.signature(x509.KeyUsage).parameters, False) | {"key_encipherment": True}
    issued = (
        x509.CertificateBuilder(root.subject, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mã hóa")]))
        .public_key(officer.public_key())
        .serial_number(77)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    chain = folder / "ciphers.chain.pem"
    chain.write_bytes(issued.public_bytes(Encoding.PEM) + desk.authority.trust.read_bytes())
    key = SigningKey.from_pem(desk.authority.officer_key, chain)
    return sign_pades(desk.document, key, **WHY)


REFUSALS: dict[str, tuple[str, Callable[[Desk], bytes]]] = {
    "not signed at all": ("NOT_SIGNED", lambda d: d.document),
    "changed and not signed": ("NOT_SIGNED", lambda d: edited(d.document, turned)),
    "another document": ("WRONG_DOCUMENT", lambda d: d.signed(d.other)),
    "rewritten by another program before": ("BYTES_CHANGED", lambda d: d.signed(rewritten(d.document))),
    "a byte of the document changed": ("BYTES_CHANGED", lambda d: flipped(d.signed(), 5000)),
    "a byte behind the document changed": (
        "SIGNATURE_INVALID",
        lambda d: flipped(d.signed(), d.signed().rindex(b"/Reason") + 12),
    ),
    "another document's signature in the hole": ("SIGNATURE_INVALID", with_another_cms),
    "a page more": ("PAGES_ADDED", lambda d: d.signed(edited(d.document, with_another_page))),
    "a page turned before signing": ("CONTENT_CHANGED", lambda d: d.signed(edited(d.document, turned))),
    "a page turned after signing (shadow)": (
        "CHANGED_AFTER_SIGNING",
        lambda d: edited(d.signed(), turned),
    ),
    "a page more after signing (shadow)": (
        "CHANGED_AFTER_SIGNING",
        lambda d: edited(d.signed(), with_another_page),
    ),
    "bytes behind the end": ("CHANGED_AFTER_SIGNING", lambda d: d.signed() + b"\n% more\n"),
    "signed in part": ("SIGNED_IN_PART", covering_a_part),
    "two signatures": ("TWO_SIGNATURES", lambda d: d.signed(d.signed(), field="HaiLan")),
    "every field locked": ("FIELDS_LOCKED", locking_every_field),
    "cut off": ("UNREADABLE", lambda d: d.signed()[:-400]),
    "no PDF": ("UNREADABLE", lambda _: b"hello"),
    "revoked": ("CERTIFICATE_REVOKED", lambda d: d.signed(person="former")),
    "expired": ("CERTIFICATE_EXPIRED", lambda d: d.signed(person="retired")),
    "unknown": ("CERTIFICATE_UNKNOWN", lambda d: sign_pades(d.document, d.stranger, **WHY)),
    "a certificate that is not for signing": ("KEY_USAGE", with_a_certificate_for_ciphers),
    "not on the list": ("SIGNER_NOT_ALLOWED", lambda d: d.signed(person="agency")),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_does_not_count_is_refused_with_its_code(
    case: str, desk: Desk, revocations: Revocations
) -> None:
    code, forge = REFUSALS[case]
    officer = AllowedSigner(serial=f"{desk.key().certificate.serial_number:x}")
    with pytest.raises(SigningError) as refusal:
        accept(desk.document, forge(desk), allowed=[officer], revocations=revocations)
    assert refusal.value.code == code


def test_the_document_signed_once_is_accepted_as_it_is(desk: Desk, revocations: Revocations) -> None:
    certificate = desk.key().certificate
    listed = AllowedSigner(
        issuer=certificate.issuer.native["common_name"],
        serial=f"00{certificate.serial_number:X}",
        subject=desk.key().common_name,
    )
    returned = desk.signed()
    accepted = accept(desk.document, returned, allowed=[listed], revocations=revocations)
    assert (accepted.document, accepted.signer) == (returned, desk.key().common_name)
    assert accept(desk.document, returned, allowed=[], revocations=revocations).field == "KySo"


def test_the_next_officers_signature_is_accepted_on_the_first(desk: Desk, revocations: Revocations) -> None:
    first = desk.signed()
    second = desk.signed(first, person="agency", field="HaiLan")
    assert accept(first, second, allowed=[], revocations=revocations).field == "HaiLan"


def test_a_digest_signed_outside_becomes_a_signature_of_the_document(
    desk: Desk, revocations: Revocations
) -> None:
    handout = prepare_digest(desk.document, reason="Ký số", location="xã")
    assert handout.document.startswith(desk.document)
    token = desk.key().signer()

    content = asyncio.run(token.async_sign(handout.digest, "sha256", use_pades=True))
    returned = embed_cms(handout, content.dump())
    accepted = accept(desk.document, returned, allowed=[], revocations=revocations)
    assert accepted.signer == desk.key().common_name


def test_what_is_no_signature_does_not_fill_the_hole(desk: Desk) -> None:
    handout = prepare_digest(desk.document, reason="Ký số", location="xã")
    for junk in (b"", b"junk", cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()):
        with pytest.raises(SignatureRefused, match="CMS_UNREADABLE"):
            embed_cms(handout, junk)
