"""Fields that a code on the page carries for its person, believed over what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from ocr.elements import Alternative, Barcode, FieldReading, FieldStatus
from ocr.forms.schema import PersonCode
from ocr.labels import fold

_SAME_PERSON = 60.0
"""Likeness of the name read and the name in the code, 0 to 100; a declarant's own card must not pass."""


def told_by_code(
    fields: Mapping[str, FieldReading], codes: Sequence[Barcode], form: PersonCode
) -> dict[str, FieldReading]:
    """The fields with what a fitting code says of them.

    What stands on paper keeps its place and, where it says the same, its wording. The code has a check sum
    and the paper none, so elsewhere the code's word leads and the reading stays as an alternative.

    Args:
        fields: of one record, as read.
        codes: of the record's page.
        form: which codes carry which fields.
    """
    result = dict(fields)
    for code in codes:
        match = form.regex.fullmatch(code.text) if code.format in form.formats else None
        if match is None:
            continue
        known = fields.get(form.fields[form.name].key)
        if known is not None and known.written and _likeness(known.written, match[form.name]) < _SAME_PERSON:
            continue
        for group, part in form.fields.items():
            reading, said = fields.get(part.key), match[group]
            if reading is not None and said:
                result[part.key] = _confirmed(reading, said)
        break
    return result


def _confirmed(reading: FieldReading, said: str) -> FieldReading:
    if _bare(reading.written) == _bare(said):
        return replace(reading, confidence=1.0, status=FieldStatus.READ, source="QR", alternatives=())
    lost = (Alternative(reading.written, reading.confidence),) if reading.written else ()
    text = f"{said[:2]}/{said[2:4]}/{said[4:]}" if reading.kind == "date" and len(said) == 8 else said
    if reading.kind == "date" and _same_day(reading.written, text):
        return replace(reading, confidence=1.0, status=FieldStatus.READ, source="QR", alternatives=())
    return replace(
        reading,
        written=text,
        value=text,
        confidence=1.0,
        status=FieldStatus.READ,
        source="QR",
        alternatives=lost,
    )


def _same_day(read: str, said: str) -> bool:
    numbers = [
        "".join(c for c in part if c.isdigit()).lstrip("0") for part in read.replace(".", "/").split("/")
    ]
    return numbers == [part.lstrip("0") for part in said.split("/")]


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _likeness(a: str, b: str) -> float:
    return fuzz.ratio(fold(a), fold(b))
