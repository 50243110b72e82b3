"""Records as rows for a shared store, and what each purpose may see of them.

Purposes follow the Law on Personal Data Protection (91/2025/QH15): as little as the purpose needs. A column
that a purpose may not see is left out for every record: a blanked cell would tell whom it is about.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime

from storage.protected import WHOLE_FORMS, is_protected

_HEAD = frozenset(
    {
        *("so", "quyenSo", "trangSo", "ngayDangKy", "loaiDangKy", "noiDangKy", "noiCap"),
        *("nguoiKy", "chucVuNguoiKy"),
    }
)
"""Columns that stand at the head of every register entry and tell nothing about a person."""
_ONLY_HEAD = WHOLE_FORMS | {"TDCC", "TĐCC"}
"""Besides what is protected everywhere, changes of a civil status, sex among them."""
_NOT_REUSED = re.compile(
    r"nksLoaiKhaiSinh|cha[A-Z].*|gbt[A-Z].*|nks(MatTich|HanCheNangLucHanhVi).*|nyc[A-Z].*"
)
"""Besides what is protected everywhere, proof of death, missing or incapable persons, and a child's father:
where he is blank, the child was born out of wedlock. Who asked for an entry often is he."""
_STATISTICAL = re.compile(
    r"loaiDangKy|[a-z]{2,5}(GioiTinh|DanToc|QuocTich|LoaiCuTru)|nxnLoaiMucDichSuDung|loaiDat.*|dienTich.*"
)
_STATISTICAL_DATES = re.compile(r"ngayDangKy|[a-z]{2,5}NgaySinh|nktNgayChet")
_YEAR = re.compile(r"(\d{4})(-\d{2}){0,2}")


class Profile(enum.StrEnum):
    """A purpose."""

    FULL = "full"
    REUSE = "reuse"
    STATISTICS = "statistics"

    @property
    def rule(self) -> str:
        """What is left out, in one Vietnamese sentence that goes along with the data."""
        return _RULES[self]


_RULES = {
    Profile.FULL: "Đầy đủ; chỉ dùng trong chính đơn vị lập dữ liệu.",
    Profile.REUSE: "Không có ghi chú, giới tính, nguyên nhân chết, người cha, người yêu cầu, loại khai sinh; "
    "việc nuôi con, nhận cha mẹ con, thay đổi hộ tịch chỉ có phần đầu sổ.",
    Profile.STATISTICS: "Không có họ tên, số định danh, địa chỉ, số đăng ký; ngày tháng chỉ còn năm.",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value comes from.

    Attributes:
        box: ``left,top,right,bottom`` in delivered pixels, or empty.
    """

    record: str
    key: str
    written: str
    value: str
    confidence: float
    status: str
    source: str
    accepted: bool
    page: int
    box: str


@dataclass(frozen=True, slots=True)
class DataRecord:
    """One record.

    Attributes:
        book: as the record names it.
        sealed_sha256: of the signed copy.
        values: canonical values by official key; what is empty is left out.
    """

    record: str
    version: int
    office: str
    form: str
    era: str
    book: str
    approved_at: str
    sealed_sha256: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataSet:
    """Rows for one purpose.

    Attributes:
        created: aware.
        records: ordered by `DataRecord.record`.
        evidence: ordered by record and key; none for statistics.
    """

    profile: Profile
    office: str
    created: datetime
    records: tuple[DataRecord, ...]
    evidence: tuple[Evidence, ...]


def may_see(profile: Profile, form: str, key: str) -> bool:
    """Whether a purpose may see a field of a form."""
    if profile is Profile.FULL:
        return True
    if profile is Profile.STATISTICS:
        shown = _STATISTICAL.fullmatch(key) or _STATISTICAL_DATES.fullmatch(key)
        return shown is not None and form not in _ONLY_HEAD
    hidden = form in _ONLY_HEAD or is_protected(form, key) or _NOT_REUSED.fullmatch(key)
    return key in _HEAD or not hidden


def masked(dataset: DataSet, profile: Profile) -> DataSet:
    """The same records as a purpose may see them.

    Statistics know records by their place in a row that no identifier orders.
    """
    if profile is Profile.FULL:
        return dataset
    records = [_masked(record, profile) for record in dataset.records]
    if profile is Profile.STATISTICS:
        records.sort(key=lambda r: (r.form, r.era, sorted(r.values.items())))
        rows = tuple(
            DataRecord(str(n), 0, r.office, r.form, r.era, "", "", "", r.values)
            for n, r in enumerate(records, 1)
        )
        return DataSet(profile, dataset.office, dataset.created, rows, ())
    forms = {r.record: r.form for r in dataset.records}
    evidence = tuple(e for e in dataset.evidence if may_see(profile, forms[e.record], e.key))
    return DataSet(profile, dataset.office, dataset.created, tuple(records), evidence)


def _masked(record: DataRecord, profile: Profile) -> DataRecord:
    values = {
        key: _coarse(key, value) if profile is Profile.STATISTICS else value
        for key, value in record.values.items()
        if may_see(profile, record.form, key)
    }
    values = {key: value for key, value in values.items() if value}
    return DataRecord(
        record.record,
        record.version,
        record.office,
        record.form,
        record.era,
        record.book,
        record.approved_at,
        record.sealed_sha256,
        values,
    )


def _coarse(key: str, value: str) -> str:
    """Dates as years; what is no date and ought to be one says nothing."""
    if not _STATISTICAL_DATES.fullmatch(key):
        return value
    match = _YEAR.fullmatch(value)
    return match[1] if match else ""
