"""Official keys in officers' words, for messages."""

from __future__ import annotations

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
    "gbtNgay": "ngày của giấy báo tử",
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


def label(key: str) -> str:
    """Such as "ngày sinh của mẹ" for ``meNgaySinh``; a key of another making stays as it is."""
    if key in _WHOLE:
        return _WHOLE[key]
    for prefix, person in _PERSONS.items():
        if key.startswith(prefix) and (tail := _TAILS.get(key.removeprefix(prefix))):
            return f"{tail} của {person}"
    return key
