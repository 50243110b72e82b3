"""Acceptance samples in the database: drawn from a book, inspected by people, told in signed minutes."""

from __future__ import annotations

import csv
import enum
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from pipeline.claims import database_now
from pipeline.events import record_event
from pipeline.models import AcceptanceSample, FieldValue, Office, RecordState, SampledValue
from pipeline.sampling import Estimate, Plan, Verdict, drawn, estimate, verdict

UNCHECKED = (
    RecordState.RECEIVED,
    RecordState.PREPARED,
    RecordState.READ,
    RecordState.RESCAN,
    RecordState.QUARANTINED,
    RecordState.SUPERSEDED,
)
"""Records in these states are no part of a lot: nobody has vouched for them yet, or nobody does any more."""
SHEET = (
    "stt",
    "so",
    "tep",
    "trang",
    "truong",
    "tren_giay",
    "gia_tri",
    "ket_qua",
    "gia_tri_dung",
    "ghi_chu",
)
"""Columns of the inspection sheet; officers fill in the last three."""
_OUTCOMES = {"dung": "RIGHT", "đúng": "RIGHT", "sai": "WRONG"}


class ResultFault(enum.StrEnum):
    """What may be wrong with a line of a filled-in sheet."""

    NO_SUCH_ITEM = "NO_SUCH_ITEM"
    ITEM_REPEATED = "ITEM_REPEATED"
    RESULT_UNKNOWN = "RESULT_UNKNOWN"


class BrokenResults(Exception):  # noqa: N818 - says what they are
    """A filled-in sheet cannot be taken; nothing of it was.

    Attributes:
        faults: line number of the file and code.
    """

    def __init__(self, faults: Sequence[tuple[int, ResultFault]]) -> None:
        super().__init__(faults)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "; ".join(f"dòng {line}: {_FAULTS[code]} ({code})" for line, code in self.faults)


_FAULTS = {
    ResultFault.NO_SUCH_ITEM: "không có số thứ tự này trong mẫu",
    ResultFault.ITEM_REPEATED: "số thứ tự này đã có ở dòng trên",
    ResultFault.RESULT_UNKNOWN: "kết quả phải là “dung” hoặc “sai”",
}


class SampleClosed(Exception):  # noqa: N818 - says what happened
    """The minutes are made; what they say can no longer change. The text says so in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a person found of one item; `outcome` is ``RIGHT`` or ``WRONG``."""

    ordinal: int
    outcome: str
    right_value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Where the inspection of a sample stands."""

    verdict: Verdict
    right: int
    wrong: int
    waiting: int
    estimate: Estimate


def lot_of(office: Office, book_key: str = "", *, machine_only: bool = False) -> dict[str, int]:
    """Current values of all checked records of a book: lasting name to primary key.

    Args:
        book_key: as `Record.book_key`; empty for all records of the office.
        machine_only: only what was accepted without a person.
    """
    values = FieldValue.objects.filter(record__office=office, superseded_by__isnull=True).exclude(
        record__state__in=UNCHECKED
    )
    if book_key:
        values = values.filter(record__book_key=book_key)
    if machine_only:
        values = values.filter(accepted=True, actor="")
    told = values.values_list("record__scan__sha256", "record__ordinal", "key", "id")
    return {f"{sha256}/{ordinal}/{key}": pk for sha256, ordinal, key, pk in told.iterator()}


def draw(
    office: Office,
    book_key: str,
    lot: Mapping[str, int],
    plan: Plan,
    *,
    seed: str,
    actor: str,
    machine_only: bool = False,
) -> AcceptanceSample:
    """Draw a sample by `plan` from `lot`, and keep it."""
    with transaction.atomic():
        sample = AcceptanceSample.objects.create(
            office=office,
            book_key=book_key,
            machine_only=machine_only,
            lot=plan.lot,
            size=plan.size,
            allowed=plan.allowed,
            limit=float(plan.limit),
            confidence=float(plan.confidence),
            seed=seed,
            drawn_by=actor,
        )
        names = drawn(lot, plan.size, seed)
        SampledValue.objects.bulk_create(
            SampledValue(sample=sample, ordinal=n, value_id=lot[name])
            for n, name in enumerate(names, start=1)
        )
        _event(sample, "sample.drawn", actor, size=plan.size, lot=plan.lot, seed=seed)
    return sample


def sheet_of(sample: AcceptanceSample, actor: str) -> str:
    """The inspection sheet as CSV with a byte order mark, so that spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(SHEET)
    for item in sample.items.select_related("value__record__scan"):
        value = item.value
        cells = (
            value.record.entry,
            value.record.scan.name,
            value.page,
            value.key,
            value.written,
            value.value,
        )
        result = {"RIGHT": "dung", "WRONG": "sai"}.get(item.outcome, "")
        row = (item.ordinal, *cells, result, item.right_value, item.note)
        writer.writerow([_inert(str(cell)) for cell in row])
    _event(sample, "sample.sheet_read", actor)
    return "\ufeff" + out.getvalue()


def results_in(text: str, size: int) -> list[Result]:
    """What a filled-in sheet says; lines without a result are still to be inspected.

    Args:
        text: CSV with at least the columns ``stt`` and ``ket_qua``.
        size: of the sample.

    Raises:
        BrokenResults: some line is not understood.
    """
    results: dict[int, Result] = {}
    faults: list[tuple[int, ResultFault]] = []
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    for row in reader:
        said = (row.get("ket_qua") or "").strip().casefold()
        if not said:
            continue
        number = (row.get("stt") or "").strip()
        ordinal = int(number) if number.isdecimal() else 0
        if not 1 <= ordinal <= size:
            faults.append((reader.line_num, ResultFault.NO_SUCH_ITEM))
        elif ordinal in results:
            faults.append((reader.line_num, ResultFault.ITEM_REPEATED))
        elif said not in _OUTCOMES:
            faults.append((reader.line_num, ResultFault.RESULT_UNKNOWN))
        else:
            results[ordinal] = Result(
                ordinal,
                _OUTCOMES[said],
                (row.get("gia_tri_dung") or "").strip(),
                (row.get("ghi_chu") or "").strip(),
            )
    if faults:
        raise BrokenResults(faults)
    return list(results.values())


def record_results(sample: AcceptanceSample, results: Iterable[Result], actor: str) -> Summary:
    """Keep what a person found; until the minutes are made a later word replaces an earlier one.

    Raises:
        SampleClosed: the minutes are made.
    """
    with transaction.atomic():
        held = AcceptanceSample.objects.select_for_update().get(pk=sample.pk)
        if held.minutes_key:
            raise SampleClosed(f"Mẫu này đã có biên bản {held.minutes_number}; hãy lấy mẫu mới.")
        now = database_now()
        items = {item.ordinal: item for item in held.items.all()}
        changed = []
        for result in results:
            item = items[result.ordinal]
            item.outcome, item.right_value, item.note = result.outcome, result.right_value, result.note
            item.checked_by, item.checked_at = actor, now
            changed.append(item)
        told = ["outcome", "right_value", "note", "checked_by", "checked_at"]
        SampledValue.objects.bulk_update(changed, told)
        _event(held, "sample.recorded", actor, items=sorted(item.ordinal for item in changed))
    return summary_of(held)


def summary_of(sample: AcceptanceSample) -> Summary:
    """Count outcomes and estimate the lot."""
    outcomes = list(sample.items.values_list("outcome", flat=True))
    right, wrong = outcomes.count("RIGHT"), outcomes.count("WRONG")
    return Summary(
        verdict(sample.size, sample.allowed, right, wrong),
        right,
        wrong,
        sample.size - right - wrong,
        estimate(right + wrong, wrong, float(sample.confidence)),
    )


def close(
    sample: AcceptanceSample, stored: tuple[str, str, str], number: str, at: datetime, actor: str
) -> None:
    """Note where the signed minutes lie: key, version id, SHA-256. From here on nothing changes."""
    with transaction.atomic():
        key, version_id, sha256 = stored
        AcceptanceSample.objects.filter(pk=sample.pk).update(
            minutes_key=key,
            minutes_version_id=version_id,
            minutes_sha256=sha256,
            minutes_number=number,
            minutes_at=at,
        )
        _event(sample, "sample.minutes", actor, sha256=sha256)


def sample_digest(sample: AcceptanceSample, number: str) -> str:
    """Hash of all that the minutes rest on; names the stored object."""
    outcomes = list(sample.items.values_list("ordinal", "value_id", "outcome", "right_value"))
    return hashlib.sha256(repr((str(sample.pk), number, outcomes)).encode()).hexdigest()


def _event(sample: AcceptanceSample, verb: str, actor: str, **data: object) -> None:
    record_event(
        verb,
        actor=actor,
        office=sample.office.code,
        purpose="Nghiệm thu chọn mẫu",
        subject=f"sample:{sample.pk}",
        data=data,
    )


def _inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and not text[1:].isdigit() and text else text
