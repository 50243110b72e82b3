"""The index is built again from the store alone: originals, sealed copies and the records inside them.

What only the database knew is not in the store and does not come back: readings that were superseded before
the seal, records that were not sealed yet (their scans are read anew), candidates of the population register,
words on the page beside the fields, entry numbers that a book ought to hold. The chain of events comes
back from a backup, see `pipeline.backup`.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import pikepdf
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pipeline import outbox
from pipeline.book_metadata import book_told
from pipeline.events import record_event
from pipeline.fingerprint import canonical_json
from pipeline.index_rows import write_copy, write_fields, write_findings
from pipeline.models import (
    Batch,
    BatchState,
    Book,
    Office,
    Page,
    Record,
    RecordState,
    Replacement,
    Scan,
    ScanState,
    SealedCopy,
)
from pipeline.renewals import adopt, origin
from pipeline.replacements import LOCKED
from pipeline.stages.chosen_book import put_into_book
from pipeline.stages.fields import reading_of
from pipeline.stages.seal import AS_DELIVERED, sealed_place
from pipeline.stages.sealed_record import record_document
from pipeline.vault import Vault
from storage.errors import ObjectMissing
from storage.keys import ORIGINALS, SEALED, original_key, original_sha256
from storage.objects import ObjectState, ObjectStore, StoredObject
from storage.seal_manifest import RECORD_NAME


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the store that does not fit the index.

    Attributes:
        code: ``COPY_UNREADABLE``, ``COPY_DIFFERS``, ``ORIGINAL_MISSING``, ``PREDECESSOR_MISSING``,
            ``ORDINAL_TAKEN`` or ``ORDINALS_MISSING``.
        key: of the object, or id of the record.
    """

    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a run found and made."""

    counts: dict[str, int]
    problems: tuple[Problem, ...]


class Rebuilding:
    """One run over both buckets; rows that are there already are kept and brought in line."""

    def __init__(self, vault: Vault, *, actor: str) -> None:
        self._vault = vault
        self._actor = actor
        self._counts: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._batches: dict[tuple[Office, Book | None], Batch] = {}

    def run(self) -> Rebuilt:
        """Originals first, then first versions of records, then what renewed or replaced them, in order."""
        for stored, state in first_versions(self._vault.store, self._vault.originals, ORIGINALS):
            self._original(stored, state)
        later: list[tuple[int, StoredObject, ObjectState]] = []
        for stored, state in first_versions(self._vault.store, self._vault.sealed, SEALED):
            if "record" not in state.metadata:
                self._counts["other_documents"] += 1
                continue
            version = int(state.metadata.get("record-version", "1"))
            if version > 1 or "renews" in state.metadata:
                later.append((version, stored, state))
            else:
                self._copy(stored, state)
        for _, stored, state in sorted(later, key=lambda found: (found[0], len(found[1].key), found[1].key)):
            self._copy(stored, state)
        self._find_gaps()
        self._queue_unread()
        record_event("index.rebuilt", actor=self._actor, data=dict(self._counts))
        return Rebuilt(dict(self._counts), tuple(self._problems))

    def _original(self, stored: StoredObject, state: ObjectState) -> None:
        sha256 = original_sha256(stored.key)
        if sha256 is None:
            return
        self._counts["originals"] += 1
        moved = Scan.objects.filter(sha256=sha256).exclude(version_id=stored.version_id)
        moved.update(bucket=stored.bucket, key=stored.key, version_id=stored.version_id)
        told = state.metadata
        if "office" in told:
            self._scan(told["office"], told.get("office-name", ""), sha256, stored, state)

    def _scan(self, code: str, name: str, sha256: str, stored: StoredObject, state: ObjectState) -> Scan:
        office, _ = Office.objects.get_or_create(code=code, defaults={"name": name or code})
        found = Scan.objects.filter(office=office, sha256=sha256).first()
        if found is not None:
            return found
        told, fault = state.metadata, state.metadata.get("code", "")
        self._counts["scans"] += 1
        return Scan.objects.create(
            office=office,
            batch=self._batch(office, book_told(office, told)),
            sha256=sha256,
            name=told.get("name", sha256),
            size=state.size,
            media_type="" if state.content_type == "application/octet-stream" else state.content_type,
            page_count=int(told.get("pages", "0")),
            signed=told.get("signed") == "True",
            bucket=stored.bucket,
            key=stored.key,
            version_id=stored.version_id,
            state=ScanState.QUARANTINED if fault not in ("", "ALREADY_SIGNED") else ScanState.RECEIVED,
            state_since=timezone.now(),
            error_code=fault,
        )

    def _batch(self, office: Office, book: Book | None) -> Batch:
        if (office, book) not in self._batches:
            self._batches[office, book] = Batch.objects.create(
                office=office,
                name="Dựng lại từ kho",
                book=book,
                actor=self._actor,
                state=BatchState.RECEIVED,
                state_since=timezone.now(),
            )
        return self._batches[office, book]

    def _copy(self, stored: StoredObject, state: ObjectState) -> None:
        try:
            document = embedded_record(self._vault.store, stored, state)
        except (pikepdf.PdfError, KeyError, ValueError, ObjectMissing):
            self._problems.append(Problem("COPY_UNREADABLE", stored.key))
            return
        self._counts["copies"] += 1
        with transaction.atomic():
            scan = self._scan_of(document, stored)
            if scan is None:
                return
            record, fresh = self._record(document, scan)
            if state.metadata.get("signature-level") == AS_DELIVERED:
                stored = StoredObject(
                    scan.bucket, scan.key, scan.version_id, scan.sha256, scan.size, stored.retain_until
                )
            known = SealedCopy.objects.filter(record=record, version=document["version"]).first()
            if known is not None:
                self._again(known, stored, state.metadata.get("renews"))
                return
            if not fresh and document["version"] > record.version:
                self._advance(record, document)
            copy = write_copy(record, document, stored, state)
            self._link(record, document, copy)

    def _again(self, known: SealedCopy, stored: StoredObject, renews: str | None) -> None:
        if known.key != stored.key and origin(known.key) == origin(stored.key):
            if renews == known.key:
                adopt(known, stored, actor=self._actor)
                self._counts["renewed"] += 1
        elif known.sha256 != stored.sha256:
            self._problems.append(Problem("COPY_DIFFERS", stored.key))
        elif known.version_id != stored.version_id:
            known.bucket, known.key, known.version_id = stored.bucket, stored.key, stored.version_id
            known.save(update_fields=["bucket", "key", "version_id"])
            self._counts["moved"] += 1

    def _scan_of(self, document: dict[str, Any], stored: StoredObject) -> Scan | None:
        """The scan of a record, of its own office; the bytes may have been delivered by another one."""
        sha256, bucket = document["scan"]["sha256"], self._vault.originals
        store, key = self._vault.store, original_key(sha256)
        versions = [v for v in store.versions_of(bucket, key) if not v.delete_marker]
        if not versions:
            self._problems.append(Problem("ORIGINAL_MISSING", stored.key))
            return None
        state = store.state(bucket, key, versions[-1].version_id)
        original = StoredObject(bucket, key, versions[-1].version_id, sha256, state.size, state.retain_until)
        scan = self._scan(document["office"], document["officeName"], sha256, original, state)
        if scan.state == ScanState.RECEIVED:
            scan.state, scan.name = ScanState.READ, document["scan"]["name"]
            scan.save()
        for page in document["pageReports"]:
            Page.objects.get_or_create(
                scan=scan, number=page["page"], defaults={k: page[k] for k in _PAGE_FIELDS}
            )
        return scan

    def _record(self, document: dict[str, Any], scan: Scan) -> tuple[Record, bool]:
        known = Record.objects.filter(pk=document["id"]).first()
        if known:
            return known, False
        self._counts["records"] += 1
        record = Record(
            pk=document["id"],
            office=scan.office,
            scan=scan,
            state=RecordState.STORED,
            state_since=timezone.now(),
            approved_by=document["approved"]["by"],
            approved_at=datetime.fromisoformat(document["approved"]["at"]),
            **{name: document[name] for name in _RECORD_FIELDS},
        )
        taken = set(scan.records.values_list("ordinal", flat=True))
        if record.ordinal in taken:  # read twice, and both were sealed: none is lost
            self._problems.append(Problem("ORDINAL_TAKEN", scan.key))
            record.ordinal = max(taken) + 1
        record.save(force_insert=True)
        write_fields(record, document)
        write_findings(record, document)
        put_into_book({record: reading_of(record)}, scan.batch.book)
        return record, True

    def _advance(self, record: Record, document: dict[str, Any]) -> None:
        """A later version that was sealed takes the place of the one before."""
        record.version = document["version"]
        record.approved_by = document["approved"]["by"]
        record.approved_at = datetime.fromisoformat(document["approved"]["at"])
        write_fields(record, document)
        record.findings.update(withdrawn_at=timezone.now())
        write_findings(record, document)

    def _link(self, record: Record, document: dict[str, Any], copy: SealedCopy) -> None:
        if (told := document["replaces"]) is None:
            return
        previous = SealedCopy.objects.filter(record=record, version=told["version"]).first()
        if previous is None or origin(previous.key) != origin(told["copy"]["key"]):
            self._problems.append(Problem("PREDECESSOR_MISSING", copy.key))
            return
        Replacement.objects.get_or_create(
            record=record,
            version=copy.version,
            defaults={
                "previous": previous,
                "previous_copy": told["copy"],
                "number": told["decision"]["number"],
                "decided": date.fromisoformat(told["decision"]["date"]),
                "authority": told["decision"]["authority"],
                "reason": told["reason"],
                "actor": told["by"],
                "at": datetime.fromisoformat(told["at"]),
            },
        )
        self._counts["replacements"] += 1

    def _find_gaps(self) -> None:
        """Scans of which some records were sealed and earlier ones were not: a person has to look."""
        for scan in Scan.objects.filter(batch__in=self._batches.values(), state=ScanState.READ).iterator():
            ordinals = set(scan.records.values_list("ordinal", flat=True))
            if ordinals and ordinals != set(range(1, max(ordinals) + 1)):
                self._problems.append(Problem("ORDINALS_MISSING", scan.key))

    def _queue_unread(self) -> None:
        waiting = Scan.objects.filter(batch__in=self._batches.values(), state=ScanState.RECEIVED)
        for pk in waiting.values_list("pk", flat=True).iterator():
            outbox.post("sohoa.read_scan", pk)
            self._counts["to_read_again"] += 1


_PAGE_FIELDS = ("width", "height", "state", "report")
_RECORD_FIELDS = ("version", "form", "era", "ordinal", "page", "pages", "box")


def first_versions(
    store: ObjectStore, bucket: str, prefix: str
) -> Iterator[tuple[StoredObject, ObjectState]]:
    """The first version of every key, which is the record; later ones are incidents for `sohoa verify`."""
    for key, rows in groupby(store.list_versions(bucket, prefix), key=lambda row: row.key):
        contents = [row for row in rows if not row.delete_marker]
        if not contents:
            continue
        version = contents[-1].version_id
        state = store.state(bucket, key, version)
        digest = original_sha256(key) or state.metadata.get("sha256", "")
        yield StoredObject(bucket, key, version, digest, state.size, state.retain_until), state


def embedded_record(store: ObjectStore, stored: StoredObject, state: ObjectState) -> dict[str, Any]:
    """The record inside a sealed copy, or in the file beside a delivery that came signed.

    Raises:
        ValueError, KeyError, pikepdf.PdfError: it cannot be read.
    """
    data = store.get(stored.bucket, stored.key, stored.version_id)
    if state.content_type != "application/json":
        with pikepdf.open(io.BytesIO(data)) as pdf:
            data = pdf.attachments[RECORD_NAME].get_file().read_bytes()
    return dict(json.loads(data))


def unequal_records(vault: Vault) -> Iterator[str]:
    """Ids of stored records whose rows do not give what is embedded in their newest copy."""
    newest = SealedCopy.objects.filter(version=F("record__version"), record__state__in=LOCKED)
    for copy in newest.select_related("record").iterator():
        bucket, key = copy.bucket, copy.key
        if copy.signature_level == AS_DELIVERED:
            bucket, key = vault.sealed, f"{sealed_place(copy.record).removesuffix('pdf')}json"
        found = next(first_versions(vault.store, bucket, key), None)
        told = json.loads(canonical_json(record_document(copy.record)))
        if found is None or embedded_record(vault.store, *found) != told:
            yield str(copy.record_id)
