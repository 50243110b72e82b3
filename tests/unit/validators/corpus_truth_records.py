"""Truth of a corpus record as a case: kinds of the official keys, canonical values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from validators.canonical import ValueContext, canonical
from validators.case import Case, Certainty, FieldValue

KINDS = {
    "so": "entry_number",
    "quyenSo": "book_number",
    "trangSo": "page_number",
    "noiDangKy": "issuing_unit",
    "noiCap": "issuing_unit",
    "coQuanCap": "agency",
    "loaiDangKy": "registration_type",
    "loaiXacNhan": "recognition_type",
    "gbtLoai": "death_notice_type",
    "chucVuNguoiKy": "title",
    "nktGioPhutChet": "time",
    "dienTich": "area",
    "dienTichThua": "area",
    "dienTichBangChu": "area_words",
    "mucDichSuDung": "land_purpose",
    "hinhThucSuDung": "land_form",
    "soPhatHanh": "serial",
    "soVaoSo": "registry_number",
    "maVach": "barcode",
    "nguoiKy": "name",
    "nguoiThucHien": "name",
    "nksSoDinhDanh": "id_number",
    "ngayDangKy": "date",
    "ngayCap": "date",
    "gbtNgay": "date",
    "nktNgayChet": "date",
    "nxnThoiGianCuTruTu": "date",
    "nxnThoiGianCuTruDen": "date",
}
KIND_OF_TAIL = (
    ("BangChu", "date_words"),
    ("NoiCapGiayToTuyThan", "text"),
    ("NgayCapGiayToTuyThan", "date"),
    ("LoaiGiayToTuyThan", "id_type"),
    ("LoaiGiayTo", "id_type"),
    ("SoGiayToTuyThan", "id_number"),
    ("SoGiayTo", "id_number"),
    ("NgaySinh", "date"),
    ("HoTen", "name"),
    ("GioiTinh", "sex"),
    ("DanToc", "ethnicity"),
    ("QuocTich", "nationality"),
    ("NoiCuTru", "place"),
    ("QueQuan", "place"),
    ("NoiSinh", "place"),
)


def kind_of(key: str) -> str:
    base = re.sub(r"_\d+$", "", key)
    return KINDS.get(base) or next((kind for tail, kind in KIND_OF_TAIL if base.endswith(tail)), "text")


@dataclass(frozen=True)
class TruthRecord:
    item: str
    truth: dict

    @property
    def context(self) -> ValueContext:
        fields = self.truth["fields"]
        day = (fields.get("ngayDangKy") or fields.get("ngayCap") or {"value": ""})["value"]
        return ValueContext(
            self.truth["form"], self.truth["era"], int(day[:4]) if day[:4].isdigit() else None
        )

    def case(self) -> Case:
        """What a perfect reader hands over; "nt" takes the value of the row above, as the page layer does."""
        fields = {}
        for key, field in self.truth["fields"].items():
            value = canonical(kind_of(key), field["written"], self.context).value
            value = field["value"] if field["written"] == "nt" else value
            fields[key] = FieldValue(field["written"], value, Certainty.SURE if value else Certainty.EMPTY)
        return Case(self.truth["form"], self.truth["era"], fields)
