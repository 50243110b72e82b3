"""What a sealed copy proves, in words for officers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.claims import database_now
from pipeline.events import record_event
from pipeline.models import SealedCopy
from pipeline.renewals import timestamp_end
from pipeline.stages.seal import AS_DELIVERED
from pipeline.vault import Vault
from storage.checks import Check, Outcome
from storage.errors import StorageError
from storage.objects import StoredObject
from storage.verapdf import VeraPdf
from storage.verify import ObjectReport, verify_object
from storage.verify_signature import TrustRoots


@dataclass(frozen=True, slots=True)
class Holding:
    """What the store says about a copy now.

    Attributes:
        provable_until: when the certificate behind the last archive timestamp ends; it is renewed before.
        held: kept whatever its lock says, by a legal hold.
        reached: false where the store did not answer; the rest is unknown then.
    """

    provable_until: datetime | None = None
    locked_until: datetime | None = None
    held: bool = False
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """One check in words."""

    outcome: Outcome
    subject: str
    sentence: str
    code: str


def holding(copy: SealedCopy, vault: Vault) -> Holding:
    """Ask the store; an answer that fails leaves things unknown, the desk goes on."""
    try:
        state = vault.store.state(copy.bucket, copy.key, copy.version_id)
        delivered = copy.signature_level == AS_DELIVERED
        content = b"" if delivered else vault.store.get(copy.bucket, copy.key, copy.version_id)
    except StorageError:
        return Holding(reached=False)
    return Holding(timestamp_end(content) if content else None, state.retain_until, state.legal_hold)


def prove(
    copy: SealedCopy, vault: Vault, trust: TrustRoots, validator: VeraPdf | None, *, actor: str
) -> ObjectReport:
    """Prove a copy against what was recorded; the outcome stands on its row and in the log.

    Raises:
        StoreUnavailable: nothing can be said now.
    """
    delivered = copy.signature_level == AS_DELIVERED
    stored = StoredObject(
        copy.bucket,
        copy.key,
        copy.version_id,
        copy.sha256,
        copy.size,
        None if delivered else copy.locked_until,
    )
    # a file that came signed was signed under somebody else's roots; of it only the bytes are proved
    report = verify_object(vault.store, stored, None if delivered else trust, validator=validator)
    copy.verified_at, copy.verdict = database_now(), report.outcome.value
    copy.save(update_fields=["verified_at", "verdict"])
    record_event(
        "copy.verified",
        actor=actor,
        office=copy.record.office.code,
        subject=f"record:{copy.record_id}",
        data={
            "version": copy.version,
            "outcome": report.outcome.value,
            "codes": sorted({c.code for c in report.checks if c.outcome is not Outcome.PASSED}),
        },
    )
    return report


def told(check: Check) -> Told:
    """A check in Vietnamese."""
    good, bad = _SUBJECTS.get(check.subject, (check.subject, check.subject))
    if check.outcome is Outcome.PASSED:
        return Told(check.outcome, good, "", check.code)
    return Told(check.outcome, bad, _CODES.get(check.code, "Kiểm chứng này không đạt."), check.code)


def conclusion(outcome: Outcome) -> str:
    """The whole in one sentence, with what to do next."""
    return _CONCLUSIONS[outcome]


LEVELS = {
    "B-B": "Chữ ký cơ bản, chưa có dấu thời gian: chỉ kiểm được khi chứng thư của người ký còn hạn.",
    "B-T": "Chữ ký có dấu thời gian: biết chắc ký trước thời điểm đó.",
    "B-LT": "Chữ ký có dấu thời gian và dữ liệu kiểm chứng kèm theo: kiểm được cả khi không có mạng.",
    "B-LTA": "Chữ ký mức lưu trữ lâu dài: có dấu thời gian lưu trữ, kiểm được nhiều năm sau và gia hạn được.",
    AS_DELIVERED: "Tệp đã có chữ ký số khi được giao; được giữ nguyên, hệ thống không ký lại.",
}
"""What a signature level means."""

_CONCLUSIONS = {
    Outcome.PASSED: "Bản lưu hợp lệ: đúng như lúc ký, chữ ký đúng, còn khóa.",
    Outcome.INDETERMINATE: "Chưa kết luận được hết; các mục bên dưới nói còn thiếu gì.",
    Outcome.FAILED: "Có sự cố! Không dùng bản này; hãy báo ngay người quản trị.",
}

_SUBJECTS = {
    "signature": ("Chữ ký khớp với nội dung tệp", "Chữ ký"),
    "signer": ("Chứng thư của người ký đáng tin cậy", "Người ký"),
    "coverage": ("Chữ ký bao trùm toàn bộ tệp, sau khi ký không ai sửa", "Phạm vi chữ ký"),
    "container": ("Vùng chứa chữ ký không có gì lạ", "Vùng chứa chữ ký"),
    "timestamp": ("Dấu thời gian hợp lệ", "Dấu thời gian"),
    "archive": ("Dấu thời gian lưu trữ hợp lệ", "Dấu thời gian lưu trữ"),
    "pdfa": ("Tệp đúng chuẩn lưu trữ PDF/A", "Chuẩn PDF/A"),
    "record": ("Dữ liệu hồ sơ kèm trong tệp còn nguyên", "Dữ liệu kèm theo"),
    "images": ("Ảnh các trang còn nguyên", "Ảnh trang"),
    "text-layer": ("Lớp chữ để tìm kiếm còn nguyên", "Lớp chữ"),
    "object": ("Nội dung đúng từng byte như khi lưu", "Nội dung lưu"),
    "lock": ("Bản lưu đang bị khóa, không ai xóa được", "Khóa lưu trữ"),
    "versions": ("Không ai ghi đè hay đánh dấu xóa", "Các phiên bản trong kho"),
}

_CODES = {
    "CHANGED_AFTER_SIGNING": "Tệp bị thêm hoặc sửa sau khi ký.",
    "CONTENT_CHANGED": "Nội dung không còn đúng như khi lưu.",
    "CONTENT_UNREADABLE": "Không đọc được nội dung bên trong tệp.",
    "DELETE_MARKER_ON_TOP": "Có người đã đánh dấu xóa; bản gốc vẫn còn.",
    "IMAGE_CHANGED": "Ảnh trang đã bị thay đổi.",
    "LOCK_EXPIRED": "Thời hạn khóa đã hết; hãy nhờ quản trị gia hạn.",
    "LOCK_SHORTENED": "Thời hạn khóa ngắn hơn đã ghi.",
    "MANIFEST_CONTRADICTS_ITSELF": "Bản kê trong tệp mâu thuẫn.",
    "NOT_LOCKED": "Bản lưu không bị khóa.",
    "NOT_PDFA": "Tệp không đúng chuẩn PDF/A.",
    "NOT_SIGNED": "Tệp không có chữ ký.",
    "NOT_VALIDATED": "Máy này chưa cài bộ kiểm PDF/A (cần Java); các mục khác vẫn có giá trị.",
    "NO_SEAL_PARTS": "Tệp không kèm dữ liệu hồ sơ.",
    "NO_TIMESTAMP": "Chữ ký không có dấu thời gian.",
    "NO_TRUST_ROOTS": "Chưa cấu hình chứng thư gốc nên chưa biết người ký có đáng tin cậy không.",
    "ONLY_DELETE_MARKERS": "Trong kho chỉ còn dấu xóa.",
    "PAGE_COUNT": "Số trang đã thay đổi.",
    "PDFA_UNREADABLE": "Bộ kiểm PDF/A không đọc được tệp.",
    "RECORD_CHANGED": "Dữ liệu hồ sơ kèm theo đã bị thay đổi.",
    "RECORD_NOT_JSON": "Dữ liệu hồ sơ kèm theo bị hỏng.",
    "SCHEMA_CHANGED": "Mô tả cấu trúc dữ liệu kèm theo đã bị thay đổi.",
    "SIGNATURE_HOLE_CHANGED": "Vùng chứa chữ ký có dữ liệu lạ.",
    "SIGNATURE_UNREADABLE": "Không đọc được chữ ký.",
    "SIGNED_CONTENT_CHANGED": "Nội dung đã bị sửa sau khi ký.",
    "SIGNER_NOT_TRUSTED": "Chứng thư của người ký không thuộc tổ chức tin cậy.",
    "TEXT_CHANGED": "Lớp chữ đã bị thay đổi.",
    "TEXT_NOT_NFC": "Lớp chữ dùng kiểu mã hóa dấu không chuẩn.",
    "TIMESTAMP_INVALID": "Dấu thời gian không khớp.",
    "TIMESTAMP_NOT_TRUSTED": "Dấu thời gian không đáng tin cậy, hoặc chứng thư của nó đã hết hạn.",
    "UNKNOWN_NEWER_VERSION": "Có bản ghi đè lạ; bản gốc vẫn còn.",
    "VERSION_MISSING": "Không thấy bản này trong kho.",
    "WEAK_ALGORITHM": "Chữ ký hoặc dấu thời gian dùng thuật toán băm không còn an toàn.",
}
