"""What answers of the interface look like."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema


class Receipt(Schema):
    """What became of one delivered file; `code` is empty where it goes its way."""

    file: str
    sha256: str
    scan: UUID | None
    code: str
    message: str


class Delivered(Schema):
    """A batch that was taken in; reading goes on behind it."""

    batch: UUID
    files: list[Receipt]
    passed_over: int


class BatchStatus(Schema):
    """How far a batch is; `busy` while a machine still has something to do."""

    batch: UUID
    office: str
    state: str
    created: datetime
    scans: int
    records: int
    reading: int
    checking: int
    sealing: int
    stored: int
    busy: bool
    files: list[Receipt]


class RecordHead(Schema):
    """One record in a list; `person` and `entry` as they stand in the record now."""

    id: UUID
    office: str
    form: str
    era: str
    state: str
    version: int
    book: str
    entry: str
    person: str


class RecordPage(Schema):
    """A part of a list; `next` is the cursor of the following part, empty at the end."""

    items: list[RecordHead]
    next: str


class FoundRecords(Schema):
    """What a search found, best first; `more` where the question should say more."""

    items: list[RecordHead]
    more: bool


class RecordDetail(RecordHead):
    """One record. `record` has the shape that `sohoa read --json` prints for a record."""

    scan: str
    approved_at: datetime | None
    record: dict[str, Any]


class Copy(Schema):
    """One signed, locked copy; `version_id` names the bytes for ever."""

    version: int
    key: str
    version_id: str
    sha256: str
    size: int
    pdfa: str
    pdfa_verdict: str
    signature_level: str
    signer: str
    signed_at: datetime
    locked_until: datetime
    verified_at: datetime | None
    verdict: str


class CopyLink(Schema):
    """Where a browser fetches a signed copy, without a sign-in, until `expires`."""

    url: str
    expires: datetime


class EventRow(Schema):
    """One link of the log."""

    id: int
    at: datetime
    actor: str
    office: str
    purpose: str
    verb: str
    subject: str
    data: dict[str, Any]
    hash: str


class EventPage(Schema):
    """A part of the log, newest first; `next` is the cursor of the following part, empty at the end."""

    items: list[EventRow]
    next: str


class Health(Schema):
    """Which parts of the installation answer."""

    ok: bool
    parts: dict[str, bool]
