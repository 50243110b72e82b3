"""What an archive is told about a sealed copy, and the schema of the record in it."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from pipeline.models import Record
from pipeline.stages.fields import reading_of
from storage.xmp import SealMetadata

_DATE_KEYS = ("ngayDangKy", "ngayCap", "ngayKy")


def seal_metadata(record: Record, content_sha256: str) -> SealMetadata:
    """Title, keywords and the archive elements that the record itself knows; the archive adds the rest."""
    assert record.approved_at is not None
    fields = reading_of(record).fields
    date = next((fields[k].value for k in _DATE_KEYS if k in fields and fields[k].value), "")
    identifier = f"urn:uuid:{record.pk}:v{record.version}"
    known = {
        "docCode": identifier,
        "docDate": date,
        "language": "Tiếng Việt",
        "numberOfPage": str(len(record.pages)),
        "confidenceLevel": "Số hóa",
        "paperFileCode": record.book_key,
    }
    return SealMetadata(
        title=f"{record.form} {record.entry}".strip(),
        identifier=identifier,
        creator=record.office.name,
        created=record.approved_at.replace(microsecond=0),
        keywords=(record.form, record.office.code),
        extra={k: v for k, v in known.items() if v} | {"contentSha256": content_sha256},
    )


@lru_cache(maxsize=1)
def record_schema() -> bytes:
    """JSON schema of ``record.json``."""
    return resources.files("pipeline.stages").joinpath("record_schema.json").read_bytes()
