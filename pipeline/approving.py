"""Approval of many records at once: each by itself, and what hinders one does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from pipeline.claims import WrongState
from pipeline.decide import ApprovalBlocked, approve
from pipeline.field_decisions import DecisionCode
from pipeline.models import Record, RecordState

READY = (RecordState.REVIEWED, RecordState.ACCEPTED)
"""What waits for approval: looked at by a person, or sure enough for the machine."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as the registrar saw it.

    Attributes:
        last_word: id of the newest word on its fields then; 0 where it has none.
    """

    record: UUID
    last_word: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one record was not approved.

    Attributes:
        code: ``FINDINGS_OPEN``, ``CHANGED_SINCE`` or ``NOT_READY``.
        findings: messages of those that block, for ``FINDINGS_OPEN``.
    """

    record: Record
    code: str
    findings: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What to do next."""
        return f"{_SENTENCES[self.code]} {' '.join(self.findings)}".strip()


@dataclass(frozen=True, slots=True)
class Approvals:
    """What became of a batch."""

    approved: tuple[Record, ...]
    refused: tuple[Refused, ...]


def approve_batch(seen: Iterable[Seen], *, actor: str) -> Approvals:
    """Approve what is ready and as it was seen; findings are never overridden here.

    Args:
        seen: records of offices for which the caller checked that the actor may approve.
        actor: account.
    """
    approved: list[Record] = []
    refused: list[Refused] = []
    for one in seen:
        answer = _approve(one, actor)
        (approved if isinstance(answer, Record) else refused).append(answer)  # type: ignore[arg-type]
    return Approvals(tuple(approved), tuple(refused))


def _approve(seen: Seen, actor: str) -> Record | Refused:
    with transaction.atomic():
        row = Record.objects.select_for_update().get(pk=seen.record)
        if row.state not in READY:
            return Refused(row, "NOT_READY")
        if (row.values.aggregate(last=Max("id"))["last"] or 0) != seen.last_word:
            return Refused(row, "CHANGED_SINCE")
        try:
            return approve(row, actor=actor)
        except ApprovalBlocked as blocked:
            open_ones = row.findings.filter(settled_at=None, withdrawn_at=None, code__in=blocked.codes)
            told = [DecisionCode(code).sentence for code in blocked.codes if code in list(DecisionCode)]
            return Refused(row, "FINDINGS_OPEN", (*open_ones.values_list("message", flat=True), *told))
        except WrongState:
            return Refused(row, "NOT_READY")


_SENTENCES = {
    "FINDINGS_OPEN": "Còn mục phải giải quyết ở phần Kiểm tra:",
    "CHANGED_SINCE": "Có người vừa sửa hồ sơ này; hãy xem lại rồi duyệt.",
    "NOT_READY": "Hồ sơ không còn chờ duyệt: đã được duyệt, hoặc đang được xem lại.",
}
