"""Stage store: the sealed copy is read back by version id and proved before anybody relies on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.claims import claim, database_now, finishing, move
from pipeline.events import record_event
from pipeline.models import Record, RecordState
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.runs import OK, StageInput, note
from pipeline.vault import Vault
from storage.errors import NotLocked, StoreRefused

VERSION = "1"


@dataclass(frozen=True, slots=True)
class StoreTools:
    """What the stage needs from outside."""

    vault: Vault
    lease_seconds: float


def run(record_id: str, tools: StoreTools) -> bool:
    """Prove one sealed record's copy; false where there was nothing to do."""
    held = claim(Record, [RecordState.SEALED], new_owner(), tools.lease_seconds, pk=record_id)
    if held is None:
        return False
    record = held.row
    copy = record.sealed_copies.get(version=record.version)
    given = StageInput("store", VERSION, {"copy": copy.sha256}, {"version_id": copy.version_id})
    with attempt(held, given):
        start = time.monotonic()
        store = tools.vault.store
        digest = store.digest(copy.bucket, copy.key, copy.version_id)
        if digest != copy.sha256:
            raise StoreRefused("CONTENT_DIFFERS", f"{copy.key} {copy.version_id} came back as {digest}")
        state = store.state(copy.bucket, copy.key, copy.version_id)
        if (
            state.lock_mode != "COMPLIANCE"
            or state.retain_until is None
            or state.retain_until < datetime.now(UTC)
        ):
            raise NotLocked(
                "VERSION_NOT_LOCKED", f"{copy.key} {copy.version_id}: {state.lock_mode or 'no lock'}"
            )
        with finishing(held) as row:
            copy.verified_at, copy.verdict = database_now(), "PASSED"
            copy.locked_until = state.retain_until
            copy.save(update_fields=["verified_at", "verdict", "locked_until"])
            note(
                row,
                given,
                OK,
                output=digest,
                seconds=time.monotonic() - start,
                attempt=held.attempt,
                worker=held.owner,
            )
            move(row, RecordState.STORED)
            record_event(
                "record.stored",
                actor="sohoa",
                office=row.office.code,
                subject=f"record:{row.pk}",
                data={"version": row.version, "sha256": copy.sha256, "version_id": copy.version_id},
            )
    return True
