"""Copies that an officer signs outside, with the token that the state gave out.

A copy goes out once for each version of a record and is kept in the store, so that days may pass, and
workers come and go, before it comes back. Meanwhile the record stays APPROVED.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from pipeline.claims import claim, database_now, postpone
from pipeline.events import record_event
from pipeline.models import Event, Record, RecordState
from pipeline.stages.attempts import new_owner
from pipeline.stages.fields import raise_findings
from pipeline.stages.runs import StageInput
from pipeline.stages.seal import VERSION, Intent, SealTools, draft, finish, intended
from storage.errors import SigningError, StorageError
from storage.signing.external import Accepted, accept, embed_cms, prepare_digest, prepare_document
from storage.signing.external import Handout as DigestHandout
from storage.signing.pades import Level, extend_pades
from validators.verdict import Finding as RaisedFinding
from validators.verdict import Severity

HANDED_OUT = "record.handed_out"
REASON = "Số hóa tài liệu"


class NothingToSign(Exception):  # noqa: N818 - says what happened
    """The record waits for no signature: it is unknown, not approved, or sealed already."""


@dataclass(frozen=True, slots=True)
class Handout:
    """A copy that is out for signing.

    Attributes:
        record: its id.
        document: PDF/A to sign.
        sha256: of `document`.
        digest: SHA-256 that a signer without the file signs, with `room` in the file for its CMS.
    """

    record: UUID
    document: bytes
    sha256: str
    digest: DigestHandout


def waiting(office: str = "") -> Iterator[UUID]:
    """Records that wait for an officer's signature, longest first."""
    rows = Record.objects.filter(state=RecordState.APPROVED, scan__signed=False)
    if office:
        rows = rows.filter(office__code=office)
    yield from rows.order_by("state_since").values_list("pk", flat=True)


def hand_out(record_id: UUID, tools: SealTools, *, actor: str) -> Handout:
    """Give the copy to sign; asked again, the very same bytes.

    Raises:
        NothingToSign: see there.
        StorageError: the copy cannot be made or kept.
    """
    record = _approved(record_id)
    intent = intended(record)
    known = _handed_out(record, intent, tools)
    if known is not None:
        return known
    document = prepare_document(draft(record, intent, tools))
    room = prepare_digest(document, reason=REASON, location=record.office.name)
    out = Handout(record.pk, document, hashlib.sha256(document).hexdigest(), room)
    room_sha256 = hashlib.sha256(room.document).hexdigest()
    tools.vault.keep_input(document, out.sha256, "application/pdf")
    tools.vault.keep_input(room.document, room_sha256, "application/pdf")
    with transaction.atomic():
        record_event(
            HANDED_OUT,
            actor=actor,
            office=record.office.code,
            subject=f"record:{record.pk}",
            data={
                "version": record.version,
                "content": intent.sha256,
                "sha256": out.sha256,
                "room": room_sha256,
                "digest": room.digest.hex(),
                "hole": [room.start, room.end],
            },
        )
    return out


def take_back(record_id: UUID, returned: bytes, tools: SealTools, *, actor: str) -> Accepted:
    """Seal a record with the copy that came back signed.

    Args:
        record_id: whose copy it is said to be.
        returned: the whole signed PDF, or the CMS over `Handout.digest`.
        tools: of the stage seal.
        actor: who brings it.

    Raises:
        NothingToSign: also where another worker seals it now, or nothing was handed out.
        SignatureRefused: see `storage.signing.external.accept`; the record carries the finding.
        StorageError: it cannot be completed now; bring it again.
    """
    record = _approved(record_id)
    intent = intended(record)
    out = _handed_out(record, intent, tools)
    if out is None:
        raise NothingToSign("Hồ sơ này chưa được xuất ra để ký: hãy gõ sohoa sign prepare trước.")
    Record.objects.filter(pk=record.pk, state=RecordState.APPROVED).update(not_before=None)
    held = claim(Record, [RecordState.APPROVED], new_owner(), tools.lease_seconds, pk=record.pk)
    if held is None:
        raise NothingToSign("Hồ sơ đang được xử lý; hãy thử lại sau ít phút.")
    start = time.monotonic()
    try:
        accepted = _accepted(out, returned, tools)
        signed = _completed(accepted, intent, record, tools)
        given = StageInput("seal", VERSION, {"content": intent.sha256, "outside": True})
        finish(held, given, intent, tools, signed, signer=accepted.signer, start=start)
    except SigningError as error:
        with transaction.atomic():
            postpone(held, 0.0, error.code, refusal(error).message)
            raise_findings("seal", [refusal(error)], now=database_now(), record=record)
            record_event(
                "record.signature_refused",
                actor=actor,
                office=record.office.code,
                subject=f"record:{record.pk}",
                data={"code": error.code},
            )
        raise
    except StorageError as error:
        postpone(held, 0.0, error.code, "Chưa lưu được bản đã ký; hãy nộp lại.")
        raise
    return accepted


def record_named(name: str) -> UUID:
    """The record that a file is about, by its name: the id, and whatever signing software adds to it.

    Raises:
        ValueError: the name does not begin with an id.
    """
    return UUID(name.rpartition("/")[2].split(".")[0].split("_")[0])


def refusal(error: SigningError) -> RaisedFinding:
    """What an officer is told about a signature that does not count."""
    sentence = _SENTENCES.get(error.code, "Chữ ký không dùng được; hãy ký lại tệp đã xuất ra.")
    code = error.code if error.code.startswith(("SIGNATURE_", "CERTIFICATE_")) else f"SIGNATURE_{error.code}"
    return RaisedFinding(code, Severity.WARNS, (), sentence)


def _approved(record_id: UUID) -> Record:
    record = Record.objects.filter(pk=record_id, state=RecordState.APPROVED).first()
    if record is None or record.scan.signed:
        raise NothingToSign("Hồ sơ này không chờ chữ ký nào.")
    return record


def _handed_out(record: Record, intent: Intent, tools: SealTools) -> Handout | None:
    events = Event.objects.filter(verb=HANDED_OUT, subject=f"record:{record.pk}").order_by("-id")
    for event in events:
        data = event.data
        if (data["content"], data["version"]) == (intent.sha256, record.version):
            room = tools.vault.input(data["room"])
            digest = DigestHandout(room, bytes.fromhex(data["digest"]), *data["hole"])
            return Handout(record.pk, tools.vault.input(data["sha256"]), data["sha256"], digest)
    return None


def _accepted(out: Handout, returned: bytes, tools: SealTools) -> Accepted:
    if not returned.lstrip().startswith(b"%PDF-"):
        returned = embed_cms(out.digest, returned)
    return accept(
        out.document, returned, allowed=tools.signing.allowed, revocations=tools.signing.revocations
    )


def _completed(accepted: Accepted, intent: Intent, record: Record, tools: SealTools) -> bytes:
    """With what the installation's level asks for, and the agency's seal."""
    signing = tools.signing
    level = Level.B_LT if signing.agency and signing.level is Level.B_LTA else signing.level
    raised = extend_pades(
        accepted.document, level=level, tsa=signing.authority, revocations=signing.revocations
    )
    return signing.seal(raised, office=record.office.name, moment=intent.approved_at)


_SENTENCES = {
    "NOT_SIGNED": "Tệp nộp lên chưa được ký; hãy ký rồi nộp lại.",
    "WRONG_DOCUMENT": "Tệp nộp lên là của tài liệu khác; hãy nộp đúng tệp của hồ sơ này.",
    "BYTES_CHANGED": "Tệp nộp lên không giữ nguyên nội dung đã xuất ra; "
    "hãy ký đúng tệp đã xuất, không lưu lại bằng phần mềm khác.",
    "TWO_SIGNATURES": "Tệp có nhiều hơn một chữ ký mới; chỉ ký một lần.",
    "SIGNED_IN_PART": "Chữ ký không bao trùm toàn bộ tệp.",
    "CHANGED_AFTER_SIGNING": "Tệp bị thêm nội dung sau khi ký.",
    "PAGES_ADDED": "Số trang của tệp đã thay đổi.",
    "CONTENT_CHANGED": "Nội dung của tệp đã thay đổi trước khi ký.",
    "SIGNATURE_INVALID": "Chữ ký không khớp với nội dung tệp.",
    "SIGNATURE_HOLE_CHANGED": "Vùng chứa chữ ký có dữ liệu lạ.",
    "WEAK_ALGORITHM": "Chữ ký dùng thuật toán băm không còn an toàn; cần SHA-256 trở lên.",
    "FIELDS_LOCKED": "Chữ ký khóa toàn bộ tài liệu nên không đóng được con dấu sau đó; hãy ký không khóa.",
    "SIGNER_NOT_ALLOWED": "Người ký không có trong danh sách được phép ký.",
    "KEY_USAGE": "Chứng thư này không dùng để ký văn bản.",
    "UNREADABLE": "Không đọc được tệp nộp lên.",
    "CMS_UNREADABLE": "Tệp nộp lên không phải chữ ký CMS hay PDF.",
    "CMS_TOO_LARGE": "Chữ ký CMS quá lớn.",
    "CERTIFICATE_EXPIRED": "Chứng thư của người ký đã hết hạn.",
    "CERTIFICATE_REVOKED": "Chứng thư của người ký đã bị thu hồi.",
    "CERTIFICATE_UNKNOWN": "Chứng thư của người ký không thuộc tổ chức tin cậy.",
    "REVOCATION_UNAVAILABLE": "Chưa hỏi được tình trạng chứng thư của người ký; hãy nộp lại sau.",
    "TIMESTAMP_UNAVAILABLE": "Dịch vụ dấu thời gian không trả lời; hãy nộp lại sau.",
}
