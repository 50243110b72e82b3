"""What the table of administrative units says of the office that a record names.

An issuing unit is made of nothing but names of units, so a reading that gives an existing commune in an
existing district and province, letter by letter, has a second source. Where a grammar that knows those
names took part in the reading, the strokes alone have to say the same.
"""

from __future__ import annotations

from dataclasses import replace

from ocr.elements import FieldReading, FieldStatus, Ink, RecordReading
from pipeline.places import office_gazetteer

_SAME = 0.999
_NAMED_AS_IN_TABLE = 0.999


def with_places(record: RecordReading) -> RecordReading:
    """The record with a signal ``place`` on an issuing unit that the table knows as it was read."""
    fields = {
        key: replace(f, signals={**f.signals, "place": 1.0}) if _may_be_told(f) and _exists(f.value) else f
        for key, f in record.fields.items()
    }
    return replace(record, fields=fields)


def _may_be_told(reading: FieldReading) -> bool:
    read = reading.status in (FieldStatus.READ, FieldStatus.LOW_CONFIDENCE) and bool(reading.value)
    unaided = reading.signals.get("plain", 1.0) > _SAME
    return read and unaided and reading.kind == "issuing_unit" and reading.ink is not Ink.HAND


def _exists(address: str) -> bool:
    """Whether commune and all above it are named, and stand so in the table at some time."""
    found = office_gazetteer().resolve(address)
    if not found:
        return False
    best = found[0]
    return best.accepted and best.commune is not None and not best.unread and best.score >= _NAMED_AS_IN_TABLE
