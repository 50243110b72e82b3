"""Official keys in officers' words, for messages."""

from __future__ import annotations

import re

_PERSONS = {
    "nks": "người được khai sinh",
    "me": "mẹ",
    "cha": "cha",
    "nyc": "người yêu cầu",
    "chong": "chồng",
    "vo": "vợ",
    "nkt": "người chết",
    "nxn": "người được xác nhận",
    "cm": "người nhận",
    "nc": "người được nhận",
    "chu1": "chủ sử dụng",
    "chu2": "chủ sử dụng thứ hai",
}
_TAILS = {
    "HoTen": "họ tên",
    "NgaySinh": "ngày sinh",
    "NgaySinhBangChu": "ngày sinh bằng chữ",
    "NgayChet": "ngày chết",
    "NgayChetGhiBangChu": "ngày chết bằng chữ",
    "GioPhutChet": "giờ, phút chết",
    "ThoiGianCuTruTai": "nơi cư trú được xác nhận",
    "ThoiGianCuTruTu": "cư trú từ ngày",
    "ThoiGianCuTruDen": "cư trú đến ngày",
    "GioiTinh": "giới tính",
    "DanToc": "dân tộc",
    "QuocTich": "quốc tịch",
    "NoiSinh": "nơi sinh",
    "QueQuan": "quê quán",
    "NoiCuTru": "nơi cư trú",
    "DiaChi": "địa chỉ",
    "NoiChet": "nơi chết",
    "NguyenNhanChet": "nguyên nhân chết",
    "QuanHe": "quan hệ",
    "SoDinhDanh": "số định danh",
    "SoDinhDanhCaNhan": "số định danh",
    "LoaiGiayToTuyThan": "loại giấy tờ",
    "LoaiGiayTo": "loại giấy tờ",
    "SoGiayToTuyThan": "số giấy tờ",
    "SoGiayTo": "số giấy tờ",
    "NgayCapGiayToTuyThan": "ngày cấp giấy tờ",
    "NoiCapGiayToTuyThan": "nơi cấp giấy tờ",
    "TinhTrangHonNhan": "tình trạng hôn nhân",
    "MucDichSuDung": "mục đích sử dụng giấy xác nhận",
}
_WHOLE = {
    "so": "số đăng ký",
    "quyenSo": "quyển số",
    "trangSo": "trang số",
    "noiDangKy": "nơi đăng ký",
    "noiCap": "nơi cấp",
    "ngayDangKy": "ngày đăng ký",
    "loaiDangKy": "loại đăng ký",
    "loaiXacNhan": "loại xác nhận",
    "quyetDinhSo": "số quyết định",
    "nguoiKy": "người ký",
    "chucVuNguoiKy": "chức vụ người ký",
    "ghiChu": "ghi chú",
    "nguoiThucHien": "người thực hiện",
    "nycQHNguoiDuocNhan": "quan hệ của người yêu cầu với người được nhận",
    "nycQHNguoiNhan": "quan hệ của người yêu cầu với người nhận",
    "gbtLoai": "loại giấy báo tử",
    "gbtSo": "số của giấy báo tử",
    "gbtNgay": "ngày của giấy báo tử",
    "gbtCoQuanCap": "cơ quan cấp giấy báo tử",
    "soQuyetDinh": "số quyết định",
    "nhaO": "nhà ở",
    "ghiChu_bienDong": "những thay đổi sau khi cấp giấy",
    "maVach": "mã vạch",
    "dienTichThua": "diện tích của thửa",
    "soPhatHanh": "số phát hành",
    "soVaoSo": "số vào sổ",
    "ngayCap": "ngày cấp",
    "coQuanCap": "cơ quan cấp",
    "thuaDatSo": "thửa đất số",
    "toBanDoSo": "tờ bản đồ số",
    "diaChiThua": "địa chỉ thửa đất",
    "dienTich": "diện tích",
    "dienTichBangChu": "diện tích bằng chữ",
    "mucDichSuDung": "mục đích sử dụng",
    "hinhThucSuDung": "hình thức sử dụng",
    "thoiHanSuDung": "thời hạn sử dụng",
    "nguonGocSuDung": "nguồn gốc sử dụng",
}


_NTH = re.compile(r"(.+)_(\d+)")


def label(key: str) -> str:
    """Such as "ngày sinh của mẹ" for ``meNgaySinh``; a key of another making stays as it is.

    A key with a number (``dienTichThua_2``) is the same field of that row of a table.
    """
    if key in _WHOLE:
        return _WHOLE[key]
    if (nth := _NTH.fullmatch(key)) and (known := label(nth[1])) != nth[1]:
        return f"{known} (dòng {nth[2]})"
    for prefix, person in _PERSONS.items():
        if key.startswith(prefix) and (tail := _TAILS.get(key.removeprefix(prefix))):
            return f"{tail} của {person}"
    return key


def person(prefix: str) -> str:
    """Such as "người chết" for ``nkt``."""
    return _PERSONS.get(prefix, prefix)
