"""An approval is taken back as long as nothing was sealed."""

from __future__ import annotations

from django.db import transaction

from pipeline.claims import WrongState, database_now, move
from pipeline.events import record_event
from pipeline.models import Record, RecordState
from pipeline.stages.seal import sealed_place
from pipeline.vault import Vault


def withdraw(record: Record, *, actor: str, reason: str, vault: Vault) -> Record:
    """Send an approved record back to review.

    Args:
        record: approved and not sealed.
        actor: who takes it back.
        reason: kept in the event.
        vault: where an attempt that was cut short may have left a copy; then the approval stands, and what
            is wrong is corrected by a decision (`pipeline.replacements`).

    Raises:
        WrongState: not approved, being sealed at this moment, or sealed already.
        StoreUnavailable: nobody can tell now whether it was sealed.
    """
    with transaction.atomic():
        row = Record.objects.select_for_update().get(pk=record.pk)
        if row.state != RecordState.APPROVED:
            raise WrongState(f"record {row.pk}: {row.state} has no approval to take back")
        if row.lease_until is not None and row.lease_until > database_now():
            raise WrongState(f"record {row.pk}: is being sealed")
        if vault.store.versions_of(vault.sealed, sealed_place(row)):
            raise WrongState(f"record {row.pk}: its copy is sealed")
        row.approved_by, row.approved_at = "", None
        row.attempt += 1
        row.lease_owner, row.lease_until = "", None
        move(row, RecordState.TO_REVIEW)
        row.save()
        record_event(
            "record.approval_withdrawn",
            actor=actor,
            office=row.office.code,
            purpose=reason,
            subject=f"record:{row.pk}",
            data={"version": row.version},
        )
    return row
