"""Archive timestamps are renewed before the certificate behind the last one ends.

A renewed copy is the earlier one followed by one timestamp more. Objects are written once, so it is stored
beside the earlier one, which stays, locked; the index names the newest.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from pyhanko.pdf_utils.reader import PdfFileReader

from pipeline.claims import database_now
from pipeline.events import record_event
from pipeline.models import SealedCopy
from pipeline.signing import Signing
from pipeline.vault import Vault
from storage.checks import Outcome
from storage.errors import SealError, StorageError
from storage.objects import StoredObject
from storage.signing.pades import Level, renew_timestamp
from storage.verify_signature import signature_checks

RENEWED = "record.timestamp_renewed"
_RENEWED_KEY = re.compile(r"(?:\.r\d+)?\.pdf$")


@dataclass(frozen=True, slots=True)
class Due:
    """A copy whose last archive timestamp ends soon.

    Attributes:
        copy: id of its row.
        key: in the store.
        ends: when the certificate behind the last archive timestamp ends.
    """

    copy: int
    key: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of one copy: the key of the renewed one, or why there is none."""

    due: Due
    key: str = ""
    error: str = ""


def due_copies(vault: Vault, until: datetime) -> Iterator[Due]:
    """Archive copies whose last archive timestamp's certificate ends by `until`.

    Raises:
        StoreError: a copy cannot be read.
    """
    copies = SealedCopy.objects.filter(signature_level=Level.B_LTA).order_by("timestamped_at", "pk")
    for copy in copies.iterator(chunk_size=200):
        ends = timestamp_end(vault.store.get(copy.bucket, copy.key, copy.version_id))
        if ends is not None and ends <= until:
            yield Due(copy.pk, copy.key, ends)


def timestamp_end(pdf: bytes) -> datetime | None:
    """When the certificate behind the last archive timestamp ends; ``None`` where there is none."""
    stamps = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_timestamp_signatures
    end: datetime | None = stamps[-1].signer_cert.not_valid_after if stamps else None
    return end


def renew(due: Due, vault: Vault, signing: Signing, *, actor: str) -> Renewal:
    """Add an archive timestamp; a renewal that was cut short is found and indexed.

    What goes wrong stands in the answer, so that the others are renewed.
    """
    copy = SealedCopy.objects.get(pk=due.copy)
    try:
        before = vault.store.get(copy.bucket, copy.key, copy.version_id)
        if hashlib.sha256(before).hexdigest() != copy.sha256:
            raise SealError("CONTENT_CHANGED", f"{copy.key} is not what was indexed")
        stored = _renewed(copy, before, vault, signing)
    except StorageError as error:
        return Renewal(due, error=error.code)
    with transaction.atomic():
        row = SealedCopy.objects.select_for_update().get(pk=copy.pk)
        if row.key != copy.key:
            return Renewal(due, row.key)
        row.timestamped_at = database_now()
        adopt(row, stored, actor=actor)
    return Renewal(due, stored.key)


def origin(key: str) -> str:
    """Key of the copy as it was sealed, whichever renewal of it `key` names."""
    return _RENEWED_KEY.sub(".pdf", key)


def adopt(row: SealedCopy, stored: StoredObject, *, actor: str) -> None:
    """Let the index name a renewal; the event keeps the earlier copy's key. Within a transaction."""
    earlier = row.key
    row.key, row.version_id = stored.key, stored.version_id
    row.sha256, row.size = stored.sha256, stored.size
    row.locked_until = stored.retain_until or row.locked_until
    row.save()
    record_event(
        RENEWED,
        actor=actor,
        office=row.record.office.code,
        subject=f"record:{row.record_id}",
        data={"key": stored.key, "sha256": stored.sha256, "earlier": earlier},
    )


def _renewed(copy: SealedCopy, before: bytes, vault: Vault, signing: Signing) -> StoredObject:
    key = f"{origin(copy.key).removesuffix('.pdf')}.r{_stamps(before) + 1}.pdf"
    stored = vault.find_sealed(key)
    if stored is not None:
        if not vault.store.get(stored.bucket, key, stored.version_id).startswith(before):
            raise SealError("STORED_COPY_DIFFERS", f"{key} holds another copy")
        return stored
    after = renew_timestamp(before, tsa=signing.authority, revocations=signing.revocations)
    faults = [c for c in signature_checks(after, signing.trust) if c.outcome is Outcome.FAILED]
    if faults or not after.startswith(before):
        raise SealError("SEAL_NOT_VALID", ", ".join(f"{c.subject}: {c.code}" for c in faults))
    earlier = vault.store.state(copy.bucket, copy.key, copy.version_id)
    return vault.keep_sealed(
        after,
        key,
        hashlib.sha256(after).hexdigest(),
        retention_class=copy.record.form,
        metadata={**earlier.metadata, "renews": copy.key},
    )


def _stamps(pdf: bytes) -> int:
    return len(PdfFileReader(io.BytesIO(pdf), strict=False).embedded_timestamp_signatures)
