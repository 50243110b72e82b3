"""Records of an office as data for the shared provincial store, masked by purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from pipeline.events import record_event
from pipeline.handover.keeping import Handover, tell_refused
from pipeline.models import FieldValue, Record, RecordState, SealedCopy
from storage.packages.archive_files import remove_package
from storage.packages.archive_model import VIETNAM
from storage.packages.data import DataFormat, check_data, read_data, write_data
from storage.packages.data_model import DataRecord, DataSet, Evidence, Profile, masked
from storage.packages.problems import PackageRefused, refuse

KIND = "data"
_FINISHED = (RecordState.STORED, RecordState.DELIVERED)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        form: code of a form; "" for all.
        book: `Record.book_key`; "" for all.
        purpose: why personal data is read, in the asker's words.
    """

    office: str
    profile: Profile
    kind: DataFormat
    purpose: str
    actor: str
    form: str = ""
    book: str = ""


@dataclass(frozen=True, slots=True)
class DataExport:
    """What was handed over.

    Attributes:
        waiting: records of the same choice that are not stored yet and stand in no file.
    """

    folder: Path
    dataset: DataSet
    waiting: int


def export_data(order: Order, folder: Path) -> DataExport:
    """Write stored records as data, prove it from outside, and leave an event for every record read.

    Raises:
        PackageRefused: ``NO_CASES``, or ``PACK_REFUSED`` with everything that does not hold.
        PackageError: ``TARGET_EXISTS``.
    """
    handover = Handover(KIND, order.actor, order.office, order.purpose)
    chosen = Record.objects.filter(office__code=order.office).exclude(state=RecordState.SUPERSEDED)
    if order.form:
        chosen = chosen.filter(form=order.form)
    if order.book:
        chosen = chosen.filter(book_key=order.book)
    records = list(chosen.filter(state__in=_FINISHED).select_related("office").order_by("pk"))
    if not records:
        raise PackageRefused("NO_CASES", f"office {order.office} holds no stored record of this choice")
    dataset = masked(_dataset(order, records), order.profile)
    write_data(dataset, folder, order.kind)
    try:
        _prove(folder, dataset)
        _tell(order, records, folder)
    except PackageRefused as refused:
        remove_package(folder)
        tell_refused(handover, [c.code for c in refused.problems] or [refused.code], len(records))
        raise
    except BaseException:
        remove_package(folder)
        raise
    return DataExport(folder, dataset, chosen.exclude(state__in=_FINISHED).count())


def _prove(folder: Path, dataset: DataSet) -> None:
    refuse(check_data(folder))
    if read_data(folder) != dataset:
        raise PackageRefused("PACK_REFUSED", "the data does not read back as it was meant")


def _dataset(order: Order, records: Sequence[Record]) -> DataSet:
    ids = [r.pk for r in records]
    copies = {(c.record_id, c.version): c.sha256 for c in SealedCopy.objects.filter(record__in=ids)}
    values: dict[object, dict[str, FieldValue]] = {}
    standing = FieldValue.objects.filter(record__in=ids, superseded_by__isnull=True).order_by("id")
    for value in standing.iterator(chunk_size=_CHUNK):
        values.setdefault(value.record_id, {})[value.key] = value
    rows = tuple(_row(r, values.get(r.pk, {}), copies.get((r.pk, r.version), "")) for r in records)
    evidence = tuple(
        _evidence(str(r.pk), values[r.pk][key]) for r in records for key in sorted(values.get(r.pk, {}))
    )
    return DataSet(Profile.FULL, order.office, datetime.now(UTC), rows, evidence)


def _row(record: Record, values: dict[str, FieldValue], sealed: str) -> DataRecord:
    assert record.approved_at is not None
    return DataRecord(
        record=str(record.pk),
        version=record.version,
        office=record.office.code,
        form=record.form,
        era=record.era,
        book=record.book_key,
        approved_at=record.approved_at.astimezone(VIETNAM).isoformat(),
        sealed_sha256=sealed,
        values={key: values[key].value for key in sorted(values) if values[key].value},
    )


def _evidence(record: str, value: FieldValue) -> Evidence:
    return Evidence(
        record=record,
        key=value.key,
        written=value.written,
        value=value.value,
        confidence=round(value.confidence, 4),
        status=value.status,
        source=value.said_by,
        accepted=value.accepted,
        page=value.page,
        box=",".join(map(str, value.box or ())),
    )


def _tell(order: Order, records: Sequence[Record], folder: Path) -> None:
    """One event a record read, and one for the data; the state of records does not change."""
    with transaction.atomic():
        for record in records:
            record_event(
                "record.exported",
                actor=order.actor,
                office=record.office.code,
                purpose=order.purpose,
                subject=f"record:{record.pk}",
                data={"package": KIND, "profile": order.profile.value, "version": record.version},
            )
        record_event(
            "package.exported",
            actor=order.actor,
            office=order.office,
            purpose=order.purpose,
            data={
                "package": KIND,
                "profile": order.profile.value,
                "records": len(records),
                "files": sorted(p.name for p in folder.iterdir()),
            },
        )
