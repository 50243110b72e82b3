"""Columns of the land campaign's sheet PL3: 49 from B on, two of them without a number, 21 and 22 not there.

One row is one certificate, one of its parcels, one of its persons; values stand in words. Column A counts
certificates.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNT_TITLE = "STT"
CERTIFICATE, PERSON, PARCEL = "certificate", "person", "parcel"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: under which makers and readers know it.
        number: as printed below the title; "" for the two that have none.
        of: what repeats over the rows of a certificate if it does not: the certificate, a person, a parcel.
    """

    key: str
    number: str
    title: str
    of: str


def _uses() -> tuple[Column, ...]:
    parts = (
        ("mucDichSuDung", "Loại đất"),
        ("dienTichSuDung", "Diện tích loại đất (m²)"),
        ("nguonGocSuDung", "Nguồn gốc sử dụng"),
        ("hinhThucSuDung", "Hình thức sử dụng"),
        ("thoiHanSuDung", "Thời hạn sử dụng"),
    )
    return tuple(
        Column(f"{key}_{use}", str(25 + 5 * (use - 1) + i), f"{title} ({use})", PARCEL)
        for use in (1, 2, 3)
        for i, (key, title) in enumerate(parts)
    )


MAX_USES = 3
COLUMNS: tuple[Column, ...] = (
    Column("maXa", "1", "Mã đơn vị hành chính cấp xã", PARCEL),
    Column("soPhatHanh", "2", "Số phát hành Giấy chứng nhận", CERTIFICATE),
    Column("ngayCap", "3", "Ngày cấp Giấy chứng nhận", CERTIFICATE),
    Column("soVaoSo", "4", "Số vào sổ cấp Giấy chứng nhận", CERTIFICATE),
    Column("tenToChuc", "5", "Tên tổ chức", PERSON),
    Column("soDinhDanhToChuc", "6", "Số định danh tổ chức", PERSON),
    Column("hoTen", "7", "Họ và tên", PERSON),
    Column("ngaySinh", "8", "Ngày sinh", PERSON),
    Column("gioiTinh", "9", "Giới tính", PERSON),
    Column("soGiayTo", "10", "Số căn cước công dân", PERSON),
    Column("diaChi", "11", "Địa chỉ thường trú", PERSON),
    Column("phapNhan", "12", "Pháp nhân", PERSON),
    Column("vaiTro", "13", "Vai trò", PERSON),
    Column("hoTenHienTai", "", "Người sử dụng đất hiện tại", PERSON),
    Column("soGiayToHienTai", "", "Số căn cước công dân người sử dụng đất hiện tại", PERSON),
    Column("diaChiHaiCap", "14", "Địa chỉ theo đơn vị hành chính hai cấp", PERSON),
    Column("lyDoThayDoi", "15", "Lý do thay đổi", PERSON),
    Column("maThua", "16", "Mã định danh thửa đất", PARCEL),
    Column("toBanDoSo", "17", "Số tờ bản đồ trên Giấy chứng nhận", PARCEL),
    Column("thuaDatSo", "18", "Số thửa trên Giấy chứng nhận", PARCEL),
    Column("toBanDoDiaChinh", "19", "Số tờ bản đồ địa chính", PARCEL),
    Column("thuaBanDoDiaChinh", "20", "Số thửa bản đồ địa chính", PARCEL),
    Column("diaChiThua", "23", "Địa chỉ thửa đất", PARCEL),
    Column("dienTich", "24", "Diện tích thửa đất (m²)", PARCEL),
    *_uses(),
    Column("loaiTaiSan", "40", "Loại tài sản gắn liền với đất", CERTIFICATE),
    Column("khuChungCu", "41", "Tên khu chung cư", CERTIFICATE),
    Column("nhaChungCu", "42", "Tên nhà chung cư", CERTIFICATE),
    Column("soCanHo", "43", "Số căn hộ", CERTIFICATE),
    Column("dienTichXayDung", "44", "Diện tích xây dựng (m²)", CERTIFICATE),
    Column("dienTichSan", "45", "Diện tích sàn (m²)", CERTIFICATE),
    Column("hinhThucSoHuu", "46", "Hình thức sở hữu", CERTIFICATE),
    Column("thoiHanSoHuu", "47", "Thời hạn sở hữu", CERTIFICATE),
    Column("capHang", "48", "Cấp (hạng)", CERTIFICATE),
    Column("tenTepQuet", "49", "Tên tệp quét", CERTIFICATE),
)
TITLES = (COUNT_TITLE, *(c.title for c in COLUMNS))
NUMBERS = ("", *(c.number for c in COLUMNS))


def keys_of(what: str) -> tuple[str, ...]:
    """Keys of the columns that tell about the certificate, a person or a parcel."""
    return tuple(c.key for c in COLUMNS if c.of == what)
