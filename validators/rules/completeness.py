"""Required fields and what stands in the margin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from validators.blanks import is_ditto
from validators.case import Case, Certainty
from validators.letters import fold
from validators.rules.registry import Violation, certainty, has

IMPORT_KEYS = {
    form: ("so", "quyenSo", "noiCap" if form == "HN" else "noiDangKy", "ngayDangKy")
    for form in ("KS", "KH", "KT", "CMC", "HN")
}
# What a case cannot be settled without; a key the form does not have is not asked for.
APPROVAL_KEYS = {
    "KS": ("nksHoTen", "nksGioiTinh", "nksNgaySinh", "nksDanToc"),
    "GKS": ("nksHoTen", "nksGioiTinh", "nksNgaySinh", "nksDanToc", "ngayDangKy", "so"),
    "KH": ("chongHoTen", "chongNgaySinh", "chongDanToc", "voHoTen", "voNgaySinh", "voDanToc"),
    "KT": ("nktHoTen", "nktNgaySinh", "nktGioiTinh", "nktDanToc", "nktNgayChet"),
    "CMC": ("cmHoTen", "cmNgaySinh", "ncHoTen", "ncNgaySinh"),
    "HN": ("nxnHoTen", "nxnNgaySinh", "nxnGioiTinh", "nxnDanToc"),
    "GCN": (
        "chu1HoTen",
        "chu1NgaySinh",
        "soPhatHanh",
        "thuaDatSo",
        "toBanDoSo",
        "dienTich",
        "mucDichSuDung",
        "ngayCap",
    ),
}
_LABELS = {
    "so": "số đăng ký",
    "quyenSo": "quyển số",
    "noiDangKy": "nơi đăng ký",
    "noiCap": "nơi cấp",
    "ngayDangKy": "ngày đăng ký",
    "soPhatHanh": "số phát hành",
    "thuaDatSo": "thửa đất số",
    "toBanDoSo": "tờ bản đồ số",
    "dienTich": "diện tích",
    "mucDichSuDung": "mục đích sử dụng",
    "ngayCap": "ngày cấp",
    "nktNgayChet": "ngày chết",
}
_PERSON_LABELS = {"HoTen": "họ tên", "NgaySinh": "ngày sinh", "GioiTinh": "giới tính", "DanToc": "dân tộc"}
_ORGANISATION = re.compile(
    r"^(?:uy ban|ubnd|cong ty|truong|ban quan ly|chi cuc|so |hop tac xa|htx|chua|giao xu|cong dong"
    r"|doanh nghiep)"
)
_CHANGED = re.compile(
    r"cai chinh|thay doi|bo sung|dieu chinh|ly hon|huy|xac dinh lai|chet|khai tu|nhan con nuoi"
)


def _label(key: str) -> str:
    if key in _LABELS:
        return _LABELS[key]
    return next((label for tail, label in _PERSON_LABELS.items() if key.endswith(tail)), key)


def _empty(case: Case, keys: tuple[str, ...]) -> Iterator[Violation]:
    for key in keys:
        if key not in case.fields or certainty(case, key) is not Certainty.EMPTY:
            continue
        if key == "chu1NgaySinh" and _ORGANISATION.match(fold(case.value("chu1HoTen"))):
            continue
        yield Violation((key,), f"Thiếu {_label(key)} ({key}).", code=f"REQUIRED_EMPTY:{key}")


def required_for_import(case: Case) -> Iterator[Violation]:
    """Keys without which the ministry's import refuses the row."""
    yield from _empty(case, IMPORT_KEYS.get(case.form, ()))


def required_for_approval(case: Case) -> Iterator[Violation]:
    """Keys an officer has to fill or confirm as empty before approval."""
    yield from _empty(case, APPROVAL_KEYS.get(case.form, ()))


def no_father(case: Case) -> Iterator[Violation]:
    """The father's column is struck through: lawful, but not to be taken for a reading gap."""
    if (
        case.form in ("KS", "GKS")
        and "chaHoTen" in case.fields
        and certainty(case, "chaHoTen") is Certainty.EMPTY
    ):
        yield Violation(("chaHoTen",), "Phần khai về người cha để trống.")


def ditto(case: Case) -> Iterator[Violation]:
    """The value was taken from the row above."""
    for key, found in case.fields.items():
        if found.written and is_ditto(found.written):
            yield Violation((key,), "Ô ghi “như trên”: giá trị lấy theo dòng phía trên.", {key: found.value})


def marginal_correction(case: Case) -> Iterator[Violation]:
    """A later act noted in the margin changes what the entry says."""
    if has(case, "ghiChu") and case.form != "GCN" and _CHANGED.search(fold(case.value("ghiChu"))):
        yield Violation(
            ("ghiChu",), "Phần ghi chú có thay đổi, cải chính về sau.", {"ghiChu": case.value("ghiChu")}
        )


def change_note(case: Case) -> Iterator[Violation]:
    """Something happened to the land after the certificate was issued."""
    if has(case, "ghiChu_bienDong"):
        yield Violation(
            ("ghiChu_bienDong",),
            "Giấy chứng nhận có nội dung biến động.",
            {"ghiChu_bienDong": case.value("ghiChu_bienDong")},
        )
