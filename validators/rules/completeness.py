"""Required fields and what stands in the margin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from validators.blanks import is_ditto
from validators.case import Case, Certainty
from validators.letters import fold
from validators.rules.labels import label
from validators.rules.registry import Declared, Rule, Violation, certainty, has, seems_empty
from validators.verdict import Severity

REGISTERS = ("KS", "KH", "KT", "CMC", "HN")
IMPORT_KEYS = {
    form: ("so", "quyenSo", "noiCap" if form == "HN" else "noiDangKy", "ngayDangKy") for form in REGISTERS
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
_SIGNED = ("nguoiKy", "chucVuNguoiKy")
# What the form of an era asks for beyond that, by the first year of the era; old entries often lack it.
EXPECTED_KEYS: Mapping[str, Sequence[tuple[int, tuple[str, ...]]]] = {
    "KS": (
        (0, ("nksNoiSinh", "meHoTen", "nycHoTen")),
        (1999, ("nksQuocTich", "meNgaySinh", "meDanToc", "nycQuanHe", *_SIGNED)),
        (2006, ("nksQueQuan", "loaiDangKy", "meNoiCuTru")),
        (2016, ("nksSoDinhDanh", "nycSoGiayToTuyThan")),
    ),
    "GKS": ((0, ("nksNoiSinh", "meHoTen", "noiDangKy", *_SIGNED)), (2006, ("nksQueQuan",))),
    "KH": (
        (0, ("chongNoiCuTru", "voNoiCuTru")),
        (1999, ("chongQuocTich", "voQuocTich", "chongSoGiayToTuyThan", "voSoGiayToTuyThan", *_SIGNED)),
    ),
    "KT": ((0, ("nktNoiChet", "nktNoiCuTru", "nycHoTen", *_SIGNED)), (2006, ("nktQuocTich", "gbtLoai"))),
    "CMC": ((0, ("loaiXacNhan", "quyetDinhSo", "cmSoGiayToTuyThan", "nycHoTen", *_SIGNED)),),
    "HN": ((0, ("nxnTinhTrangHonNhan", "nxnMucDichSuDung", "nxnSoGiayToTuyThan", "nxnNoiCuTru", *_SIGNED)),),
    "GCN": (
        (0, ("coQuanCap", "diaChiThua", "thoiHanSuDung", "nguoiKy")),
        (2004, ("soVaoSo", "hinhThucSuDung", "chu1SoGiayTo")),
    ),
}
_ORGANISATION = re.compile(
    r"^(?:uy ban|ubnd|cong ty|truong|ban quan ly|chi cuc|so |hop tac xa|htx|chua|giao xu|cong dong"
    r"|doanh nghiep)"
)
_CHANGED = re.compile(
    r"cai chinh|thay doi|bo sung|dieu chinh|ly hon|huy|xac dinh lai|chet|khai tu|nhan con nuoi"
)


def is_organisation(name: str) -> bool:
    """Whether a holder's name is that of an office, a company or a community."""
    return bool(_ORGANISATION.match(fold(name)))


def _of_a_person_only(case: Case, key: str) -> bool:
    """Whether an organisation that owns the land need not have this."""
    return key in ("chu1NgaySinh", "chu1SoGiayTo") and is_organisation(case.value("chu1HoTen"))


def _empty(case: Case, keys: Sequence[str], code: str) -> Iterator[Violation]:
    for key in keys:
        if seems_empty(case, key) and not _of_a_person_only(case, key):
            yield Violation((key,), f"Thiếu {label(key)} ({key}).", code=f"{code}{key}")


def required_for_import(case: Case) -> Iterator[Violation]:
    """Keys without which the ministry's import refuses the row."""
    yield from _empty(case, IMPORT_KEYS.get(case.form, ()), "REQUIRED_EMPTY:")


def required_for_approval(case: Case) -> Iterator[Violation]:
    """Keys an officer has to fill or confirm as empty before approval."""
    yield from _empty(case, APPROVAL_KEYS.get(case.form, ()), "REQUIRED_EMPTY:")


def required_unread(case: Case) -> Iterator[Violation]:
    """A required field whose place was not found, or whose writing no reader could read."""
    for key in dict.fromkeys((*IMPORT_KEYS.get(case.form, ()), *APPROVAL_KEYS.get(case.form, ()))):
        if key in case.fields and certainty(case, key) is Certainty.MISSING:
            yield Violation(
                (key,),
                f"Chưa đọc được {label(key)} ({key}): hãy xem ảnh và nhập.",
                code=f"REQUIRED_UNREAD:{key}",
                rests_on=(),
            )


def expected_empty(case: Case) -> Iterator[Violation]:
    """What the form of this era asks for and an officer may leave empty."""
    first = re.search(r"\d{4}", case.era)
    year = int(first.group()) if first and not case.era.startswith("truoc") else 0
    for since, keys in EXPECTED_KEYS.get(case.form, ()):
        if year >= since:
            yield from _empty(case, keys, "EXPECTED_EMPTY:")


def no_father(case: Case) -> Iterator[Violation]:
    """The father's column is struck through: lawful, but not to be taken for a reading gap."""
    if case.form in ("KS", "GKS") and seems_empty(case, "chaHoTen"):
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


_IMPORT, _APPROVAL, _WARNS = Severity.BLOCKS_IMPORT, Severity.BLOCKS_APPROVAL, Severity.WARNS
_FORMS = "Biểu mẫu sổ hộ tịch và giấy chứng nhận theo từng thời kỳ"

RULES: tuple[Declared, ...] = (
    (
        Rule(
            "REQUIRED_EMPTY:",
            "Thiếu trường bắt buộc để nhập dữ liệu",
            _IMPORT,
            "Kiểm tra trước khi nhập vào phần mềm hộ tịch",
            "Phần mềm hộ tịch từ chối dòng thiếu số, quyển, nơi hoặc ngày đăng ký.",
        ),
        required_for_import,
    ),
    (
        Rule(
            "REQUIRED_EMPTY:",
            "Thiếu trường bắt buộc để phê duyệt",
            _APPROVAL,
            "Luật Hộ tịch 2014, Điều 14; Thông tư 10/2024/TT-BTNMT",
            "Trên giấy để trống một trường không thể thiếu. Nếu đúng là trống thì ghi lý do; không tự điền.",
        ),
        required_for_approval,
    ),
    (
        Rule(
            "REQUIRED_UNREAD:",
            "Trường bắt buộc chưa đọc được",
            _WARNS,
            "Nguyên tắc không đoán",
            "Có chữ mà máy không đọc được, hoặc không tìm thấy chỗ ghi. Cán bộ xem ảnh và nhập.",
        ),
        required_unread,
    ),
    (
        Rule(
            "EXPECTED_EMPTY:",
            "Trường của biểu mẫu để trống",
            _WARNS,
            _FORMS,
            "Mẫu của thời kỳ này có ô đó; sổ cũ hay bỏ trống. Chỉ nhắc để xem ảnh.",
        ),
        expected_empty,
    ),
    (
        Rule(
            "NO_FATHER",
            "Phần khai về người cha để trống",
            _WARNS,
            "Thông tư 04/2020/TT-BTP",
            "Hợp lệ khi chưa xác định được cha; nhắc để không nhầm với trang đọc sót.",
        ),
        no_father,
    ),
    (
        Rule(
            "DITTO",
            "Ô ghi như trên",
            _WARNS,
            "Sổ hộ tịch dạng bảng",
            "Giá trị được chép từ dòng trên; xem dòng trên có đúng là dòng liền kề không.",
        ),
        ditto,
    ),
    (
        Rule(
            "MARGINAL_CORRECTION",
            "Ghi chú có thay đổi, cải chính",
            _WARNS,
            "Luật Hộ tịch 2014, Điều 28",
            "Nội dung gốc giữ nguyên; phần thay đổi được ghi riêng khi nhập.",
        ),
        marginal_correction,
    ),
    (
        Rule(
            "CHANGE_NOTE",
            "Có biến động sau khi cấp giấy",
            _WARNS,
            "Thông tư 10/2024/TT-BTNMT",
            "Chủ sử dụng hoặc thửa đất có thể đã khác; xem trang biến động.",
        ),
        change_note,
    ),
)
