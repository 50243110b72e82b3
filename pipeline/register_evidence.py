"""What a register's MATCH says of the fields of a record: a second source, found by the other fields.

A row that was found by a value cannot confirm that same value alone. So a name counts as confirmed where
the row was also pinned by a full birth date or a number, a date where it was pinned by the name spelled
alike or a number, and so on. The book itself is never changed by what the register says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ocr.elements import FieldReading, RecordReading
from validators.population import RegisterVerdict
from validators.population.agreement import spelling

_FULL_DATE = 10


def with_register(record: RecordReading, verdicts: Mapping[str, RegisterVerdict]) -> RecordReading:
    """The record with a signal ``register`` on every field that a matching row confirms.

    Args:
        verdicts: by prefix of the person, as `validators.population.check_population` gives them.
    """
    confirmed: set[str] = set()
    for prefix, verdict in verdicts.items():
        if str(verdict.verdict) == "MATCH" and verdict.candidates:
            confirmed |= _confirmed(record.fields, prefix, verdict)
    fields = {
        key: replace(f, signals={**f.signals, "register": 1.0}) if key in confirmed else f
        for key, f in record.fields.items()
    }
    return replace(record, fields=fields)


def _confirmed(fields: Mapping[str, FieldReading], prefix: str, verdict: RegisterVerdict) -> set[str]:
    row = verdict.candidates[0]
    name, birth, sex = f"{prefix}HoTen", f"{prefix}NgaySinh", f"{prefix}GioiTinh"
    registered = {row.soDinhDanh, row.soCMND} - {""}
    numbers = [
        key
        for key, f in fields.items()
        if key.startswith(prefix) and f.kind == "id_number" and f.value in registered
    ]
    same_name = name in fields and _alike(fields[name].value, row.hoTen)
    date = fields[birth].value if birth in fields else ""
    same_date = len(date) == _FULL_DATE and date == row.ngaySinh
    found = set()
    if same_name and (same_date or numbers):
        found.add(name)
        if sex in fields and fields[sex].value == row.gioiTinh:
            found.add(sex)
        parents = {"chaHoTen": row.hoTenCha, "meHoTen": row.hoTenMe} if prefix == "nks" else {}
        found.update(k for k, told in parents.items() if k in fields and _alike(fields[k].value, told))
    if same_date and (same_name or numbers):
        found.add(birth)
    if same_name or same_date:
        found.update(numbers)
    return found


def _alike(written: str, registered: str) -> bool:
    return bool(written and registered) and spelling(written) == spelling(registered)
