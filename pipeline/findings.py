"""What persons do about findings: settle them with a reason, have rules look again, hold packs back.

A finding that blocks approval holds the record until a field is corrected or a person settles it. One that
blocks import lets the record be approved, sealed and stored; it keeps it out of the ministry's pack.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from pipeline.claims import database_now
from pipeline.decide import BLOCKING
from pipeline.events import record_event
from pipeline.models import Finding, Record
from pipeline.policies import keyed_twice
from pipeline.reading import confirmed_by_register, judge
from pipeline.stages.check import CheckTools, keep_judgement, settle, tell_extract_read
from pipeline.stages.fields import index, reading_of

MIN_REASON = 10
"""Letters: shorter ones tell nobody later why a finding was passed over."""

_CITIZEN_NUMBER = re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)")


class ReasonRefused(Exception):  # noqa: N818 - says what happened
    """The reason given says too little, or holds a citizen's number; the text says so in Vietnamese."""


class FindingClosed(Exception):  # noqa: N818 - says what happened
    """Somebody settled the finding before, or its rule no longer raises it."""


def settle_finding(finding: Finding, *, by: str, reason: str) -> Finding:
    """A person takes responsibility for a finding: the paper is as it is.

    The record is decided again; it may go on without further questions.

    Args:
        finding: open.
        by: account of the person.
        reason: why, for those who read it later; kept with the finding, not in the chain of events.

    Raises:
        ReasonRefused: too short, or with an identity number in it.
        FindingClosed: there is nothing to settle any more.
    """
    reason = " ".join(reason.split())
    if sum(c.isalpha() for c in reason) < MIN_REASON:
        raise ReasonRefused(f"Hãy ghi rõ lý do (ít nhất {MIN_REASON} chữ cái).")
    if names_citizen(reason):
        raise ReasonRefused("Lý do không được chứa số giấy tờ của công dân.")
    with transaction.atomic():
        record = _locked(finding.record_id) if finding.record_id else None
        row = Finding.objects.select_for_update().get(pk=finding.pk)
        if not row.open:
            raise FindingClosed(row.code)
        row.settled_by, row.settled_at, row.settled_reason = by, database_now(), reason
        row.save()
        if record is not None:
            settle(record)
            record.save()
        office = record.office.code if record is not None else row.scan.office.code
        record_event(
            "finding.settled",
            actor=by,
            office=office,
            subject=f"record:{record.pk}" if record is not None else f"scan:{row.scan_id}",
            data={"finding": row.pk, "code": row.code, "severity": row.severity},
        )
    return row


def names_citizen(text: str) -> bool:
    """Whether a citizen's number stands in a text, grouped by blanks, dots or hyphens or not."""
    return bool(_CITIZEN_NUMBER.search(re.sub(r"(?<=\d)[\s.\-](?=\d)", "", text)))


def look_again(record: Record, tools: CheckTools, *, actor: str) -> Record:
    """Let rules and registers judge what stands there now, after a person changed a field.

    Args:
        tools: as the stage check has them; the first call under an extract loads it, which takes a while.
        actor: account of the person, on whose behalf persons are looked up in the extract.
    """
    register = tools.registers.register(record.scan.batch.register_sha256)
    with transaction.atomic():
        row = _locked(record.pk)
        reading = reading_of(row)
        index(row, reading.fields)
        judgement = judge({"it": reading}, register=register)["it"]
        confirmed = confirmed_by_register(reading, judgement, tools.policies)
        confirmed = keyed_twice(confirmed, tools.double_keying)
        verdicts = keep_judgement(row, judgement, confirmed, tools.asking, actor=actor)
        settle(row)
        row.save()
        tell_extract_read(row, verdicts, actor=actor)
    return row


def import_blockers(records: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Codes of the open findings that keep records out of the ministry's pack; others are left out.

    Whatever blocks approval blocks import as well: a record may have been approved over it.
    """
    blocked: dict[UUID, list[str]] = defaultdict(list)
    found = Finding.objects.filter(
        record__in=list(records), severity__in=BLOCKING, settled_at__isnull=True, withdrawn_at__isnull=True
    )
    for record, code in found.order_by("id").values_list("record", "code"):
        blocked[record].append(code)
    return {record: tuple(codes) for record, codes in blocked.items()}


def _locked(pk: UUID) -> Record:
    return Record.objects.select_for_update(of=("self",)).select_related("office", "scan").get(pk=pk)
