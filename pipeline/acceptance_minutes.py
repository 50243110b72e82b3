"""What the minutes of an acceptance sample say, and how they come to be signed and locked."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pipeline.acceptance import Summary, close, sample_digest, summary_of
from pipeline.models import AcceptanceSample, SampledValue
from pipeline.sampling import Verdict
from pipeline.stages.seal import SealTools
from pipeline.vault import PACKAGE
from storage.errors import ObjectConflict
from storage.keys import sealed_key
from storage.minutes import Minutes, MinutesTable, minutes_pdf
from storage.xmp import SealMetadata
from validators.rules.labels import label

BOOK_CODE = "BBNT"
"""Stands in the object keys of minutes where a sealed copy has the code of its form."""
_VERDICTS = {
    Verdict.ACCEPTED: "ĐẠT: chấp nhận dữ liệu của quyển này",
    Verdict.REJECTED: "KHÔNG ĐẠT: dữ liệu phải được kiểm tra lại toàn bộ rồi lấy mẫu mới",
    Verdict.PENDING: "CHƯA KẾT LUẬN: chưa kiểm tra hết mẫu",
}


class NotInspected(Exception):  # noqa: N818 - says what is missing
    """The sample has no verdict yet; the text says how many items are left, in Vietnamese."""


def make_minutes(
    sample: AcceptanceSample, tools: SealTools, *, number: str, place: str, at: datetime, actor: str
) -> bytes:
    """Draw up, sign, lock and note the minutes; the signed PDF.

    Args:
        number: of the document, as the office numbers its papers.
        place: where, as printed before the date.
        at: aware.

    Raises:
        NotInspected: the sample has no verdict yet.
    """
    summary = summary_of(sample)
    if summary.verdict is Verdict.PENDING:
        raise NotInspected(f"Còn {summary.waiting} trường trong mẫu chưa kiểm tra.")
    digest = sample_digest(sample, number)
    office = sample.office.name
    metadata = SealMetadata(
        title=f"Biên bản nghiệm thu chọn mẫu {number}",
        identifier=f"urn:uuid:{sample.pk}",
        creator=office,
        created=at,
        keywords=("nghiệm thu chọn mẫu", sample.office.code),
    )
    pdf = minutes_pdf(minutes_of(sample, summary, number=number, place=place, at=at), metadata)
    signed = tools.signing.sign(pdf, office=office, moment=at, reason="Nghiệm thu chọn mẫu")
    key = sealed_key(sample.office.code, BOOK_CODE, at.year, digest)
    sha256 = hashlib.sha256(signed).hexdigest()
    try:
        kept = tools.vault.keep_sealed(
            signed, key, sha256, retention_class=PACKAGE, metadata={"sample": str(sample.pk)}
        )
    except ObjectConflict as conflict:  # an attempt that was cut off stored them; those count
        kept = conflict.existing
        signed = tools.vault.store.get(kept.bucket, kept.key, kept.version_id)
    close(sample, (kept.key, kept.version_id, kept.sha256), number, at, actor)
    return signed


def minutes_of(
    sample: AcceptanceSample, summary: Summary, *, number: str, place: str, at: datetime
) -> Minutes:
    """The text."""
    found = summary.estimate
    book = _book(sample) if sample.book_key else "toàn bộ hồ sơ của đơn vị"
    kind = "các trường máy tự chấp nhận" if sample.machine_only else "mọi trường dữ liệu"
    inspectors = sorted(set(sample.items.exclude(checked_by="").values_list("checked_by", flat=True)))
    limit, sure = _percent(float(sample.limit)), _percent(float(sample.confidence))
    waiting = f", {summary.waiting} chưa kiểm tra" if summary.waiting else ""
    paragraphs = (
        f"Đối tượng nghiệm thu: {kind} của {book}; quy mô lô N = {sample.lot} trường.",
        (
            f"Phương án: lấy mẫu ngẫu nhiên không hoàn lại n = {sample.size} trường, số lỗi cho phép "
            f"c = {sample.allowed}. Nếu tỷ lệ lỗi của lô vượt {limit} thì lô bị loại với xác suất ít nhất "
            f"{sure} (tính chính xác theo phân phối siêu bội)."
        ),
        (
            f"Cách lấy mẫu: các trường có SHA-256 của “{sample.seed}|<tên trường>” nhỏ nhất; "
            "ai có hạt giống này cũng lấy lại được đúng mẫu ấy."
        ),
        (
            f"Kết quả: {found.checked} trường đã kiểm tra trên bản quét: {summary.right} đúng, "
            f"{summary.wrong} sai{waiting}. Tỷ lệ lỗi ước lượng {_percent(found.share)}, khoảng tin cậy "
            f"{_percent(found.confidence)} (Clopper–Pearson) từ {_percent(found.low)} đến "
            f"{_percent(found.high)}."
        ),
    )
    wrong = sample.items.filter(outcome="WRONG").select_related("value__record")
    tables = (_wrong_table(list(wrong)),) if summary.wrong else ()
    return Minutes(
        office=sample.office.name,
        above=sample.office.parent.name if sample.office.parent else "",
        number=number,
        subject="Nghiệm thu chọn mẫu dữ liệu số hóa",
        place=place,
        at=at,
        paragraphs=paragraphs,
        tables=tables,
        conclusion=(f"Kết luận: {_VERDICTS[summary.verdict]}.",),
        signers=(("Người kiểm tra", ", ".join(inspectors)), ("Đại diện đơn vị", "")),
    )


def _wrong_table(items: list[SampledValue]) -> MinutesTable:
    rows = tuple(
        (
            str(i.ordinal),
            i.value.record.entry,
            label(i.value.key),
            i.value.value or "(trống)",
            i.right_value,
            i.note,
        )
        for i in items
    )
    head = ("TT", "Số", "Trường", "Trong dữ liệu", "Trên giấy", "Ghi chú")
    return MinutesTable("Các trường sai", (head, *rows), (1, 2, 3, 4, 4, 3))


def _book(sample: AcceptanceSample) -> str:
    """The book as its own pages name it; its key has lost the diacritics."""
    form, volume, *_ = sample.book_key.split("|")
    fields = sample.items.select_related("value__record")[0].value.record.current_fields()
    unit = next(
        (fields[key].value.replace("\n", ", ") for key in ("noiDangKy", "noiCap") if key in fields), ""
    )
    return f"quyển {volume} ({form}{', ' + unit if unit else ''})"


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " %"
