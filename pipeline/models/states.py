"""Where a scan, a record and a batch may stand; DESIGN §3 draws the way."""

from __future__ import annotations

from django.db.models import TextChoices


class ScanState(TextChoices):
    """A delivered file. From READ on, its records live their own lives."""

    RECEIVED = "RECEIVED", "Đã nhận"
    PREPARED = "PREPARED", "Đã xử lý ảnh"
    READ = "READ", "Đã đọc"
    RESCAN = "RESCAN", "Cần quét lại"
    QUARANTINED = "QUARANTINED", "Cách ly"


class RecordState(TextChoices):
    """One registration case or certificate."""

    RECEIVED = "RECEIVED", "Đã nhận"
    PREPARED = "PREPARED", "Đã xử lý ảnh"
    READ = "READ", "Đã đọc"
    CHECKED = "CHECKED", "Đã kiểm tra"
    ACCEPTED = "ACCEPTED", "Máy chấp nhận"
    TO_REVIEW = "TO_REVIEW", "Chờ cán bộ xem"
    REVIEWED = "REVIEWED", "Đã xem"
    APPROVED = "APPROVED", "Đã duyệt"
    SEALED = "SEALED", "Đã ký số"
    STORED = "STORED", "Đã lưu khóa"
    DELIVERED = "DELIVERED", "Đã giao nộp"
    RESCAN = "RESCAN", "Cần quét lại"
    QUARANTINED = "QUARANTINED", "Cách ly"
    SUPERSEDED = "SUPERSEDED", "Đã thay thế"


class BatchState(TextChoices):
    """A delivery. Book rules run once all its scans are read."""

    RECEIVING = "RECEIVING", "Đang nhận"
    RECEIVED = "RECEIVED", "Đã nhận"
    CHECKED = "CHECKED", "Đã kiểm tra theo quyển"
    QUARANTINED = "QUARANTINED", "Cách ly"


UNREAD_SCANS = (ScanState.RECEIVED, ScanState.PREPARED)

NEXT_RECORD_STATES: dict[str, frozenset[str]] = {
    state: frozenset(following)
    for state, following in {
        "RECEIVED": ("PREPARED", "READ", "RESCAN", "QUARANTINED"),
        "PREPARED": ("READ", "RESCAN", "QUARANTINED"),
        "READ": ("CHECKED", "ACCEPTED", "TO_REVIEW", "RESCAN", "QUARANTINED", "SUPERSEDED"),
        "CHECKED": ("ACCEPTED", "TO_REVIEW", "RESCAN", "QUARANTINED", "SUPERSEDED"),
        "ACCEPTED": ("READ", "TO_REVIEW", "REVIEWED", "APPROVED", "RESCAN", "SUPERSEDED"),
        "TO_REVIEW": ("READ", "ACCEPTED", "REVIEWED", "APPROVED", "RESCAN", "SUPERSEDED"),
        "REVIEWED": ("TO_REVIEW", "APPROVED", "RESCAN", "SUPERSEDED"),
        "APPROVED": ("SEALED", "TO_REVIEW"),
        "SEALED": ("STORED",),
        "STORED": ("DELIVERED", "TO_REVIEW", "SUPERSEDED"),
        "DELIVERED": ("TO_REVIEW", "SUPERSEDED"),
        "RESCAN": ("SUPERSEDED", "TO_REVIEW"),
        "QUARANTINED": ("READ", "SUPERSEDED", "TO_REVIEW"),
        "SUPERSEDED": (),
    }.items()
}
"""Which state may follow which. APPROVED goes back only by withdrawing an approval before the seal,
a locked record only as a new version by a decision."""
