"""Where a register and a book differ: findings with reason codes, for an officer to settle.

The book is never changed; what the register says is a proposal that stands in the finding's evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.claims import database_now
from pipeline.confirmations import standing_checks
from pipeline.models import FieldValue, QueryState, Record, RegisterCheck
from pipeline.stages.fields import raise_findings
from validators.verdict import Finding as RaisedFinding
from validators.verdict import Severity

STAGE = "register"
LINKAGE = "linkage"
"""Of what a batch run finds (`pipeline.linkage`); the stage above would take it back."""

_BY_COLUMN = {
    "hoTen": ("REGISTER_NAME_DIFFERS", "Họ tên trong sổ khác cơ sở dữ liệu dân cư."),
    "ngaySinh": ("REGISTER_BIRTH_DIFFERS", "Ngày sinh trong sổ khác cơ sở dữ liệu dân cư."),
    "gioiTinh": ("REGISTER_SEX_DIFFERS", "Giới tính trong sổ khác cơ sở dữ liệu dân cư."),
    "soDinhDanh": ("REGISTER_NUMBER_DIFFERS", "Số định danh trong sổ khác cơ sở dữ liệu dân cư."),
    "soCMND": ("REGISTER_NUMBER_DIFFERS", "Số CMND trong sổ khác cơ sở dữ liệu dân cư."),
    "hoTenCha": ("REGISTER_FATHER_DIFFERS", "Họ tên cha trong sổ khác cơ sở dữ liệu dân cư."),
    "hoTenMe": ("REGISTER_MOTHER_DIFFERS", "Họ tên mẹ trong sổ khác cơ sở dữ liệu dân cư."),
}
_BY_VERDICT = {
    "NOT_FOUND": ("REGISTER_NOT_FOUND", "Cơ sở dữ liệu dân cư không có ai với số, họ tên và ngày sinh này."),
    "AMBIGUOUS": ("REGISTER_AMBIGUOUS", "Cơ sở dữ liệu dân cư có nhiều người giống; hãy chọn đúng người."),
}  # fmt: skip
_DOWN = (
    "REGISTER_DOWN",
    "Chưa hỏi được cơ sở dữ liệu dân cư sau nhiều lần thử; hãy cho hỏi lại hoặc bỏ qua.",
)
_KEYS = {
    "hoTen": ("{p}HoTen",),
    "ngaySinh": ("{p}NgaySinh",),
    "gioiTinh": ("{p}GioiTinh",),
    "soDinhDanh": ("{p}SoDinhDanh", "{p}SoDinhDanhCaNhan", "{p}SoGiayToTuyThan", "{p}SoGiayTo"),
    "soCMND": ("{p}SoGiayToTuyThan", "{p}SoGiayTo", "{p}SoDinhDanh"),
    "hoTenCha": ("chaHoTen",),
    "hoTenMe": ("meHoTen",),
}
CODES = (*dict.fromkeys(code for code, _ in (*_BY_COLUMN.values(), *_BY_VERDICT.values(), _DOWN)),)


def raise_mismatches(record: Record) -> None:
    """Bring the open differences of a record in line with what the registers say now."""
    raise_findings(STAGE, _raised(record), now=database_now(), record=record)


def _raised(record: Record) -> Iterator[RaisedFinding]:
    values = record.current_fields()
    for prefix, check in standing_checks(record).items():
        yield from _differences(prefix, check, values)
    for query in record.register_queries.filter(state=QueryState.QUARANTINED):
        code, message = _DOWN
        evidence = {
            "person": query.prefix,
            "request": query.request_id,
            "source": "",
            "code": query.error_code,
        }
        yield RaisedFinding(code, Severity.WARNS, (f"{query.prefix}HoTen",), message, evidence)


def _differences(prefix: str, check: RegisterCheck, values: dict[str, FieldValue]) -> Iterator[RaisedFinding]:
    evidence = {"person": prefix, "source": check.source, "request": check.request_id}
    if check.verdict in _BY_VERDICT:
        code, message = _BY_VERDICT[check.verdict]
        yield RaisedFinding(code, Severity.WARNS, (f"{prefix}HoTen",), message, evidence)
    if check.verdict != "MISMATCH" or not check.candidates:
        return
    for column in check.fields:
        if column not in _BY_COLUMN:
            continue
        code, message = _BY_COLUMN[column]
        keys = [k.format(p=prefix) for k in _KEYS[column]]
        key = next((k for k in keys if k in values), keys[0])
        told = evidence | {
            "column": column,
            "book": values[key].value if key in values else "",
            "register": str(check.candidates[0].get(column, "")),
        }
        yield RaisedFinding(code, Severity.BLOCKS_APPROVAL, (key,), message, told)
