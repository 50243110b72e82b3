"""Columns of the ministry's import templates, in their order.

Births: the template of 2024 (sheet "DL Import", A to BR). The other registers, and births before 2024, as a
data-entry system in use exports them. Names are verbatim, also where they look odd
(``nksHanCheNangLucHanhViNgayCanCuHuyTuyenBo`` holds a ground, not a date).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence

from storage.packages.problems import PackageRefused

SERIAL_COLUMN = "STT"
DATE_KEYS = re.compile(
    r"\w*(?:NgaySinh|NgayCapGiayToTuyThan|NgayChet|NgayGhiChu\w*)|ngay\w+|gbtNgay|nxnThoiGianCuTru(?:Tu|Den)"
)
"""Official keys that hold a date; "bằng chữ" and grounds ("CanCu") are text."""


class Template(enum.StrEnum):
    """Which form of the birth template the receiving system takes; other registers have one."""

    CURRENT = "2024"
    OLDER = "older"


_KS_2024 = """
    STT so quyenSo trangSo ngayDangKy loaiDangKy noiDangKy nguoiKy chucVuNguoiKy nguoiThucHien ghiChu
    nksSoDinhDanh nksHoTen nksGioiTinh nksNgaySinh nksNgaySinhBangChu nksNoiSinh nksNoiSinhDVHC
    nksQueQuan nksDanToc nksQuocTich nksQuocTichStr nksQuocTichKhac nksQuocTichKhacStr nksLoaiKhaiSinh
    nksMatTich nksMatTichNgayGhiChuTuyenBo nksMatTichCanCuTuyenBo nksMatTichNgayGhiChuHuyTuyenBo
    nksMatTichCanCuHuyTuyenBo nksHanCheNangLucHanhVi nksHanCheNangLucHanhViNgayGhiChuTuyenBo
    nksHanCheNangLucHanhViCanCuTuyenBo nksHanCheNangLucHanhViNgayGhiChuHuyTuyenBo
    nksHanCheNangLucHanhViNgayCanCuHuyTuyenBo meSoDinhDanhCaNhan meHoTen meNgaySinh meDanToc meQuocTich
    meQuocTichStr meQuocTichKhac meQuocTichKhacStr meLoaiCuTru meNoiCuTru meLoaiGiayToTuyThan
    meSoGiayToTuyThan chaSoDinhDanhCaNhan chaHoTen chaNgaySinh chaDanToc chaQuocTich chaQuocTichStr
    chaQuocTichKhac chaQuocTichKhacStr chaLoaiCuTru chaNoiCuTru chaLoaiGiayToTuyThan chaSoGiayToTuyThan
    nycHoTen nycQuanHe nycLoaiGiayToTuyThan nycGiayToKhac nycSoGiayToTuyThan nycNgayCapGiayToTuyThan
    nycNoiCapGiayToTuyThan soDangKyNuocNgoai ngayDangKyNuocNgoai cqNuocNgoaiDaDangKy qgNuocNgoaiDaDangKy
""".split()
_NEW_IN_2024 = frozenset(
    """
    STT nksSoDinhDanh nksQuocTichStr nksQuocTichKhacStr meSoDinhDanhCaNhan meQuocTichStr
    meQuocTichKhacStr chaSoDinhDanhCaNhan chaQuocTichStr chaQuocTichKhacStr
""".split()
)
_KH = """
    so quyenSo trangSo ngayDangKy loaiDangKy noiDangKy nguoiKy chucVuNguoiKy ngayXacLapQuanHeHonNhan
    nguoiThucHien ghiChu tinhTrangKetHon huyKetHonNgayGhiChu huyKetHonCanCu congNhanKetHonNgayGhiChu
    congNhanKetHonCanCu chongHoTen chongNgaySinh chongDanToc chongQuocTich chongQuocTichKhac
    chongLoaiCuTru chongNoiCuTru chongLoaiGiayToTuyThan chongGiayToKhac chongSoGiayToTuyThan
    chongNgayCapGiayToTuyThan chongNoiCapGiayToTuyThan voHoTen voNgaySinh voDanToc voQuocTich
    voQuocTichKhac voLoaiCuTru voNoiCuTru voLoaiGiayToTuyThan voGiayToKhac voSoGiayToTuyThan
    voNgayCapGiayToTuyThan voNoiCapGiayToTuyThan soDangKyNuocNgoai ngayDangKyNuocNgoai
    cqNuocNgoaiDaDangKy qgNuocNgoaiDaDangKy
""".split()
_KT = """
    so quyenSo trangSo ngayDangKy loaiDangKy noiDangKy nguoiKy chucVuNguoiKy nguoiThucHien ghiChu
    nktHoTen nktGioiTinh nktNgaySinh nktDanToc nktQuocTich nktQuocTichKhac nktLoaiCuTru nktNoiCuTru
    nktLoaiGiayToTuyThan nktGiayToKhac nktSoGiayToTuyThan nktNgayCapGiayToTuyThan nktNoiCapGiayToTuyThan
    nktNgayChet nktNgayChetGhiBangChu nktGioPhutChet nktNoiChet nktNguyenNhanChet
    nktTinhTrangTuyenBoViecChet nktNgayGhiChuTuyenBoViecChet nktCanCuTuyenBoViecChet
    nktNgayGhiChuHuyTuyenBoViecChet nktCanCuHuyTuyenBoViecChet gbtLoai gbtSo gbtNgay gbtCoQuanCap
    nycHoTen nycQuanHe nycLoaiGiayToTuyThan nycGiayToKhac nycSoGiayToTuyThan nycNgayCapGiayToTuyThan
    nycNoiCapGiayToTuyThan soDangKyNuocNgoai ngayDangKyNuocNgoai cqNuocNgoaiDaDangKy qgNuocNgoaiDaDangKy
""".split()
_CMC = """
    so quyenSo trangSo quyetDinhSo ngayDangKy loaiDangKy loaiXacNhan noiDangKy nguoiKy chucVuNguoiKy
    nguoiThucHien ghiChu cmHoTen cmNgaySinh cmDanToc cmQuocTich cmQuocTichKhac cmQueQuan cmLoaiCuTru
    cmNoiCuTru cmLoaiGiayToTuyThan cmGiayToKhac cmSoGiayToTuyThan cmNgayCapGiayToTuyThan
    cmNoiCapGiayToTuyThan ncHoTen ncNgaySinh ncDanToc ncQuocTich ncQuocTichKhac ncQueQuan ncLoaiCuTru
    ncNoiCuTru ncLoaiGiayToTuyThan ncGiayToKhac ncSoGiayToTuyThan ncNgayCapGiayToTuyThan
    ncNoiCapGiayToTuyThan nycHoTen nycQHNguoiDuocNhan nycQHNguoiNhan nycLoaiGiayToTuyThan nycGiayToKhac
    nycSoGiayToTuyThan nycNgayCapGiayToTuyThan nycNoiCapGiayToTuyThan soDangKyNuocNgoai
    ngayDangKyNuocNgoai cqNuocNgoaiDaDangKy qgNuocNgoaiDaDangKy
""".split()
_HN = """
    so quyenSo trangSo ngayDangKy noiCap nguoiKy chucVuNguoiKy nguoiThucHien ghiChu nxnHoTen nxnGioiTinh
    nxnNgaySinh nxnDanToc nxnQuocTich nxnQuocTichKhac nxnLoaiCuTru nxnNoiCuTru nxnLoaiGiayToTuyThan
    nxnGiayToKhac nxnSoGiayToTuyThan nxnNgayCapGiayToTuyThan nxnNoiCapGiayToTuyThan nxnThoiGianCuTruTai
    nxnThoiGianCuTruTu nxnThoiGianCuTruDen nxnTinhTrangHonNhan nxnLoaiMucDichSuDung nxnMucDichSuDung
    nycHoTen nycQuanHe nycLoaiGiayToTuyThan nycGiayToKhac nycSoGiayToTuyThan nycNgayCapGiayToTuyThan
    nycNoiCapGiayToTuyThan
""".split()

_TEMPLATES: dict[tuple[str, Template], tuple[str, ...]] = {
    ("KS", Template.CURRENT): tuple(_KS_2024),
    ("KS", Template.OLDER): tuple(c for c in _KS_2024 if c not in _NEW_IN_2024),
    **{
        (kind, template): tuple(columns)
        for kind, columns in (("KH", _KH), ("KT", _KT), ("CMC", _CMC), ("HN", _HN))
        for template in Template
    },
}
KINDS = tuple(dict.fromkeys(kind for kind, _ in _TEMPLATES))
"""Registers that have an import template."""


def columns_of(kind: str, template: Template) -> tuple[str, ...]:
    """Header of the sheet, from the first column on.

    Raises:
        PackageRefused: ``NO_TEMPLATE``; the ministry has published none for this kind of paper.
    """
    try:
        return _TEMPLATES[kind, template]
    except KeyError:
        raise PackageRefused("NO_TEMPLATE", f"no import template for {kind}") from None


def template_of(header: Sequence[str]) -> tuple[str, Template]:
    """Register and template whose columns a sheet's first row names, or else comes nearest to."""

    def likeness(known: tuple[str, Template]) -> tuple[bool, int, bool]:
        columns = _TEMPLATES[known]
        same = len(set(columns) & set(header)) - len(set(columns) ^ set(header))
        return columns == tuple(header), same, known[1] is Template.CURRENT

    return max(_TEMPLATES, key=likeness)


def is_date(key: str) -> bool:
    """Whether a column holds a date."""
    return bool(DATE_KEYS.fullmatch(key)) and "CanCu" not in key


_IDENTITY_PAPERS, _RESIDENCE = frozenset("12345678"), frozenset("012")
_CODES: dict[str, frozenset[str]] = {
    "KS.loaiDangKy": frozenset("123456"),
    "KH.loaiDangKy": frozenset("12"),
    "KT.loaiDangKy": frozenset("01234"),
    "CMC.loaiDangKy": frozenset("012"),
    "loaiXacNhan": frozenset("1234"),
    "nksLoaiKhaiSinh": frozenset("12345"),
    "nksMatTich": frozenset("12"),
    "nksHanCheNangLucHanhVi": frozenset("12"),
    "gbtLoai": frozenset("01234567"),
    "nxnLoaiMucDichSuDung": frozenset("12345"),
}


def codes_of(kind: str, key: str) -> frozenset[str] | None:
    """Digits that a column may hold; None where it holds text. Empty cells are always allowed."""
    if key.endswith("GioiTinh"):
        return frozenset("123")
    if key.endswith("LoaiGiayToTuyThan"):
        return _IDENTITY_PAPERS
    if key.endswith("LoaiCuTru"):
        return _RESIDENCE
    return _CODES.get(f"{kind}.{key}") or _CODES.get(key)
