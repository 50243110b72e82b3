"""For every rule a case that makes it speak and a near one about which it keeps silent."""

from __future__ import annotations

from dataclasses import dataclass

from validators.books import BookPlan
from validators.case import Case, Certainty, FieldValue
from validators.verdict import Severity

UNIT = "xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai"


@dataclass(frozen=True)
class Example:
    """Cases that are checked together."""

    cases: tuple[Case, ...]
    plans: tuple[BookPlan, ...] = ()


def case(form: str, era: str = "2016+", **values: str | tuple[str, str]) -> Case:
    """A surely read case; a value by key, or what is written and the value."""
    fields = {}
    for key, given in values.items():
        written, value = given if isinstance(given, tuple) else (given, given)
        empty = not written and not value
        fields[key] = FieldValue(written, value, Certainty.EMPTY if empty else Certainty.SURE)
    return Case(form, era, fields)


def entry(so: str, day: str = "2008-06-05", **more: str) -> Case:
    """A birth entry of one book."""
    return case("KS", so=so, quyenSo="01/2008", noiDangKy=UNIT, ngayDangKy=day, **more)


def book(*expected: int, **more: object) -> tuple[BookPlan, ...]:
    return (BookPlan("b", UNIT, "KS", 2008, "01", expected, **more),)


def birth(mother: str = "Trần Thị Lan", kind: str = "1", born: str = "2008-05-20") -> Case:
    return case("KS", nksHoTen="Ngô Vy", nksNgaySinh=born, meHoTen=mother, loaiDangKy=kind)


def wedding(bride: str, day: str, note: str = "") -> Case:
    return case(
        "KH",
        chongHoTen="Lê Văn Ba",
        chongNgaySinh="1970-02-03",
        voHoTen=bride,
        voNgaySinh="1972-04-05",
        ngayDangKy=day,
        ghiChu=note,
    )


def death(day: str) -> Case:
    return case("KT", nktHoTen="Lê Văn Ba", nktNgaySinh="1970-02-03", nktNgayChet=day)


def parcel(serial: str, **more: str) -> Case:
    given = {"thuaDatSo": "12", "toBanDoSo": "003", "diaChiThua": UNIT} | more
    return case("GCN", soPhatHanh=serial, **given)


IMPORT, APPROVAL, WARNS = Severity.BLOCKS_IMPORT, Severity.BLOCKS_APPROVAL, Severity.WARNS
Given = Case | Example

# code, severity -> what makes it speak, what keeps it silent
EXAMPLES: dict[tuple[str, Severity], tuple[Given, Given]] = {
    ("DATE_WORDS_DIFFER", APPROVAL): (
        case("KS", nksNgaySinh="2001-09-19", nksNgaySinhBangChu="2000-09-19"),
        case("KS", nksNgaySinh="2001", nksNgaySinhBangChu="2001-09-19"),
    ),
    ("DATE_IMPOSSIBLE", APPROVAL): (
        case("KS", nksNgaySinh=("31/02/1990", "")),
        case("KS", nksNgaySinh=("28/02/1990", "1990-02-28")),
    ),
    ("YEAR_OUT_OF_RANGE", APPROVAL): (
        case("KS", ngayDangKy=("01/04/5005", "")),
        case("KS", ngayDangKy=("01/04/2005", "2005-04-01")),
    ),
    ("BIRTH_DATE_FORM", IMPORT): (
        case("KS", meNgaySinh="1970-06"),
        case("KS", meNgaySinh="1970", chaNgaySinh=("35t", "35t")),
    ),
    ("BIRTH_AFTER_REGISTRATION", APPROVAL): (
        case("GCN", chu1NgaySinh="1993-11-13", ngayCap="1993-11-08"),
        case("KS", nksNgaySinh="1993", ngayDangKy="1993-11-08"),
    ),
    ("DEATH_AFTER_REGISTRATION", APPROVAL): (
        case("KT", nktNgayChet="2021-11-11", ngayDangKy="2021-11-05"),
        case("KT", nktNgayChet="2021-11", ngayDangKy="2021-11-05"),
    ),
    ("DEATH_BEFORE_BIRTH", APPROVAL): (
        case("KT", nktNgayChet="2001-11-11", nktNgaySinh="2002"),
        case("KT", nktNgayChet="2001-11-11", nktNgaySinh="2001"),
    ),
    ("NOTICE_BEFORE_DEATH", APPROVAL): (
        case("KT", nktNgayChet="2012-07-09", gbtNgay="2012-07-08"),
        case("KT", nktNgayChet="2012-07-09", gbtNgay="2012-07-09"),
    ),
    ("LATE_REGISTRATION", WARNS): (
        case("KS", nksNgaySinh="1983-11-06", ngayDangKy="1989-02-12"),
        case("KS", nksNgaySinh="1983-11-06", ngayDangKy="1989-02-12", loaiDangKy="2"),
    ),
    ("DEATH_REGISTERED_LATE", WARNS): (
        case("KT", nktNgayChet="2012-07-09", ngayDangKy="2012-08-09"),
        case("KT", nktNgayChet="2012-07", ngayDangKy="2012-08-09"),
    ),
    ("ON_TIME_BOX_DIFFERS", WARNS): (
        case("KS", loaiDangKy="1", nksNgaySinh="2010-01-01", ngayDangKy="2012-01-01"),
        case("KS", loaiDangKy="4", nksNgaySinh="2010-01-01", ngayDangKy="2012-01-01"),
    ),
    ("PERSON_TOO_OLD", APPROVAL): (
        case("KS", meNgaySinh="1872-05-01", ngayDangKy="2004-05-02"),
        case("KT", nktNgaySinh="1890", nktNgayChet="2004-05-02", ngayDangKy="2020-05-02"),
    ),
    ("PAPER_ISSUED_LATER", WARNS): (
        case("KH", voNgayCapGiayToTuyThan="2010-05-06", ngayDangKy="2010-05-05"),
        case("KH", voNgayCapGiayToTuyThan="2010", ngayDangKy="2010-05-05"),
    ),
    ("STAY_DATES_DISORDER", APPROVAL): (
        case("HN", nxnThoiGianCuTruTu="2012-03-01", nxnThoiGianCuTruDen="2010"),
        case("HN", nxnThoiGianCuTruTu="2010-03-01", nxnThoiGianCuTruDen="2010"),
    ),
    ("REGISTRATION_DATE_PARTIAL", IMPORT): (
        case("KS", ngayDangKy="2003-06"),
        case("KS", ngayDangKy="2003-06-01"),
    ),
    ("DATE_LUNAR", WARNS): (
        case("KS", nksNgaySinh=("15/8 âm lịch năm 1968", "15/8 âm lịch năm 1968")),
        case("KS", nksNgaySinh=("05/01/1985", "1985-01-05")),
    ),
    ("PARENT_TOO_YOUNG", APPROVAL): (
        case("CMC", loaiXacNhan="1", cmNgaySinh="1999", ncNgaySinh="2007-12-07"),
        case("CMC", loaiXacNhan="3", cmNgaySinh="2007-12-07", ncNgaySinh="1980"),
    ),
    ("PARENT_TOO_OLD", WARNS): (
        case("KS", meNgaySinh="1940", nksNgaySinh="2001-01-01"),
        case("KS", chaNgaySinh="1940", nksNgaySinh="2001-01-01"),
    ),
    ("UNDERAGE_MARRIAGE", APPROVAL): (
        case("KH", chongNgaySinh="1995-06-01", ngayDangKy="2015-05-01"),
        case("KH", chongNgaySinh="1990-06-01", ngayDangKy="2010-05-01"),  # "from 20": the year begun
    ),
    ("CHILD_SURNAME_DIFFERS", WARNS): (
        case("KS", nksHoTen="Trần Văn An", chaHoTen="Lê Văn Ba", meHoTen="Ngô Thị Tư"),
        case("KS", nksHoTen="Ngô Văn An", chaHoTen="Lê Văn Ba", meHoTen="Ngô Thị Tư"),
    ),
    ("RELATION_UNKNOWN", WARNS): (
        case("KS", nycQuanHe="Xe đạp"),
        case("KS", nycQuanHe="Bà ngoại"),
    ),
    ("REQUESTER_DIFFERS", WARNS): (
        case("KS", nycQuanHe="Cha", nycHoTen="Phạm Quốc Huy", chaHoTen="Lê Văn Ba"),
        case("KS", nycQuanHe="Cha", nycHoTen="Lê Vãn Ba", chaHoTen="Lê Văn Ba"),
    ),
    ("ONE_PERSON_TWICE", APPROVAL): (
        case("CMC", cmHoTen="Lê An", ncHoTen="LÊ AN", cmNgaySinh="1980", ncNgaySinh="1980"),
        case("CMC", cmHoTen="Lê An", ncHoTen="LÊ AN", cmNgaySinh="1980", ncNgaySinh="2005"),
    ),
    ("ID_SEX_DIFFERS", APPROVAL): (
        case("KS", nksSoDinhDanh="048218287610", nksGioiTinh="2"),
        case("KS", nksSoDinhDanh="048218287610", nksGioiTinh="1"),
    ),
    ("ID_YEAR_DIFFERS", APPROVAL): (
        case("KS", nksSoDinhDanh="048218287610", nksNgaySinh="2017-08-14"),
        case("KS", nksSoDinhDanh="048218287610", nksNgaySinh="2018-08-14"),
    ),
    ("ID_YEAR_AFTER_EVENT", APPROVAL): (
        case("KH", voSoGiayToTuyThan="048318287610", voLoaiGiayToTuyThan="4", ngayDangKy="2017-05-05"),
        case("KH", voSoGiayToTuyThan="048197287610", voLoaiGiayToTuyThan="4", ngayDangKy="2017-05-05"),
    ),
    ("ID_BEFORE_ITS_TIME", WARNS): (
        case("KS", nksSoDinhDanh="048208287610", ngayDangKy="2008-05-05"),
        case("KS", nksSoDinhDanh="048218287610", ngayDangKy="2018-05-05"),
    ),
    ("ID_PLACE_DIFFERS", WARNS): (
        case("KS", nksSoDinhDanh="048218287610", noiDangKy=UNIT, ngayDangKy="2018-05-05"),
        case("KS", nksSoDinhDanh="064218287610", noiDangKy=UNIT, ngayDangKy="2018-05-05"),
    ),
    ("ID_PREFIX_UNKNOWN", WARNS): (
        case("KS", nksSoDinhDanh="999218287610"),
        case("KS", nksSoDinhDanh="048218287610"),
    ),
    ("ID_LOOK_ALIKES", WARNS): (
        case("KS", nksSoDinhDanh=("O48218287610", "048218287610")),
        case("KS", nksSoDinhDanh="048218287610"),
    ),
    ("CMND_LENGTH", APPROVAL): (
        case("KS", nycLoaiGiayToTuyThan="1", nycSoGiayToTuyThan="23028763"),
        case("KS", nycLoaiGiayToTuyThan="1", nycSoGiayToTuyThan="230287631"),
    ),
    ("ID_LENGTH", APPROVAL): (
        case("KS", nksSoDinhDanh="04821828761"),
        case("KS", nksSoDinhDanh="048218287610"),
    ),
    ("ID_TYPE_DIFFERS", WARNS): (
        case("KS", nycLoaiGiayToTuyThan="4", nycSoGiayToTuyThan="230287631"),
        case("KS", nycLoaiGiayToTuyThan="1", nycSoGiayToTuyThan="230287631"),
    ),
    ("YEAR_OF_NUMBER_DIFFERS", IMPORT): (
        case("KS", so="31/2016", ngayDangKy="2017-11-10"),
        case("KS", so="31", quyenSo="01/2016", ngayDangKy="2017-11-10"),
    ),
    ("NUMBER_SUFFIX", WARNS): (case("KS", so="51 bis"), case("KS", so="51")),
    ("NUMBER_FORM", IMPORT): (case("KS", so="không số"), case("KS", so="51a/2008")),
    ("BOOK_NUMBER_FORM", IMPORT): (case("KS", quyenSo="01"), case("KS", quyenSo="01/2008")),
    ("PAGE_NOT_NUMERIC", IMPORT): (case("KS", trangSo="hai"), case("KS", trangSo="02")),
    ("DATE_BEFORE_BOOK", WARNS): (
        case("CMC", quyenSo="01/2011", ngayDangKy="2009-02-09"),
        case("CMC", quyenSo="01/2011", ngayDangKy="2012-02-09"),
    ),
    ("REQUIRED_EMPTY:", IMPORT): (case("HN", noiCap=""), case("HN", noiCap=UNIT)),
    ("REQUIRED_EMPTY:", APPROVAL): (
        case("GCN", chu1HoTen="Kpă Đoan", chu1NgaySinh=""),
        case("GCN", chu1HoTen="Công ty TNHH Cao su Chư Sê", chu1NgaySinh=""),
    ),
    ("REQUIRED_UNREAD:", WARNS): (
        Case("KS", "2016+", {"nksDanToc": FieldValue("", "", Certainty.MISSING)}),
        Case("KS", "2016+", {"nksNoiSinh": FieldValue("", "", Certainty.MISSING)}),
    ),
    ("EXPECTED_EMPTY:", WARNS): (
        case("KS", "2006-2015", nksQueQuan=""),
        case("KS", "1999-2005", nksQueQuan=""),
    ),
    ("NO_FATHER", WARNS): (case("KS", chaHoTen=""), case("KS", chaHoTen="Lê Văn Ba")),
    ("DITTO", WARNS): (case("KS", nksDanToc=("nt", "Kinh")), case("KS", nksDanToc="Kinh")),
    ("MARGINAL_CORRECTION", WARNS): (
        case("KS", ghiChu="Cải chính năm sinh theo QĐ số 9"),
        case("KS", ghiChu="Bản chính đã cấp"),
    ),
    ("CHANGE_NOTE", WARNS): (
        case("GCN", ghiChu_bienDong="Chuyển nhượng cho ông Phan Gia Hiếu"),
        case("GCN", ghiChu_bienDong=""),
    ),
    ("AREA_WORDS_DIFFER", APPROVAL): (
        case("GCN", dienTich="544", dienTichBangChu="644"),
        case("GCN", dienTich="544", dienTichBangChu=("Năm trăm bốn mươi bốn mét vuông", "544")),
    ),
    ("AREA_PURPOSE_SUM_DIFFERS", APPROVAL): (
        case("GCN", dienTich="1697", mucDichSuDung=("ONT: 200 m²; CLN: 1.547 m²", "ONT;CLN")),
        case("GCN", dienTich="1747.3", mucDichSuDung=("ONT: 200 m²; CLN: 1.547 m²", "ONT;CLN")),
    ),
    ("AREA_PARCEL_SUM_DIFFERS", APPROVAL): (
        case("GCN", dienTich="1703", dienTichThua_1="754", dienTichThua_2="900"),
        case("GCN", dienTich="1654", dienTichThua_1="754", dienTichThua_2="900"),
    ),
    ("AREA_NOT_POSITIVE", APPROVAL): (case("GCN", dienTich="0"), case("GCN", dienTich="0.5")),
    ("PURPOSE_UNKNOWN", WARNS): (case("GCN", mucDichSuDung="XYZ"), case("GCN", mucDichSuDung="ONT;CLN")),
    ("PURPOSE_OUT_OF_DATE", WARNS): (
        case("GCN", mucDichSuDung="T;V", ngayCap="2015-03-04"),
        case("GCN", mucDichSuDung="T;V", ngayCap="1998-03-04"),
    ),
    ("SERIAL_FORM", APPROVAL): (case("GCN", soPhatHanh="BX 12345"), case("GCN", soPhatHanh="0 319059")),
    ("SERIAL_GENERATION_DIFFERS", WARNS): (
        case("GCN", soPhatHanh="BX 123456", ngayCap="2006-03-04"),
        case("GCN", soPhatHanh="AA 97228660", ngayCap="2025-03-04"),
    ),
    ("SERIAL_IS_BOOK_NUMBER", APPROVAL): (
        case("GCN", soPhatHanh="CH 01950"),
        case("GCN", soPhatHanh="CH 019503", soVaoSo="CH 01950"),
    ),
    ("PARCEL_FORM", WARNS): (case("GCN", toBanDoSo="//?"), case("GCN", toBanDoSo="007", thuaDatSo="12a")),
    ("PLACE_NOT_ON_DATE", WARNS): (
        case("KS", nksNoiSinh="tỉnh Hà Bắc", nksNgaySinh="2005-04-05", ngayDangKy="2005-05-05"),
        case("KS", nksNoiSinh="tỉnh Hà Bắc", nksNgaySinh="1985-04-05", ngayDangKy="1985-05-05"),
    ),
    ("OFFICE_NOT_ON_DATE", APPROVAL): (
        case("KS", noiDangKy="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", ngayDangKy="1985-03-04"),
        case("KS", noiDangKy="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", ngayDangKy="1991-11-04"),
    ),
    ("NUMBER_GAP", IMPORT): (
        Example((entry("1"), entry("3")), book(1, 2, 3)),
        Example((entry("1"), entry("2a"), entry("3")), book(1, 2, 3)),
    ),
    ("DUPLICATE_NUMBER", IMPORT): (
        Example((entry("51"), entry("51/2008"))),
        Example((entry("51"), entry("51a"), entry("51", day="2009-01-07"))),
    ),
    ("NUMBER_DISORDER", WARNS): (
        Example((entry("1"), entry("9"), entry("2"), entry("3"))),
        Example((entry("8"), entry("9"), entry("1"), entry("2"))),
    ),
    ("NUMBER_DATE_DISORDER", WARNS): (
        Example((entry("1", "2008-01-05"), entry("2", "2008-11-05"), entry("3", "2008-02-05"))),
        Example((entry("1", "2008-01-05"), entry("2", "2008-01-05"), entry("3", "2008-02-05"))),
    ),
    ("BOOK_COUNT_DIFFERS", IMPORT): (
        Example((entry("1"), entry("2")), book(count=3)),
        Example((entry("1"), entry("2")), book(count=2)),
    ),
    ("AFTER_BOOK_CLOSED", APPROVAL): (
        Example((entry("1", "2009-01-05"),), book(closed_on="2008-12-31")),
        Example((entry("1", "2008-12-31"),), book(closed_on="2008")),
    ),
    ("DUPLICATE_CASE", APPROVAL): (
        Example((birth(), birth())),
        Example((birth(), birth(mother="Y Blơm"), birth(kind="2"), birth(born="2008-05-21"))),
    ),
    ("ALREADY_MARRIED", APPROVAL): (
        Example((wedding("Ngô Thị Tư", "1992-01-01"), wedding("Y Hoa", "1999-01-01"))),
        Example((wedding("Ngô Thị Tư", "1992-01-01", "Ly hôn năm 1997"), wedding("Y Hoa", "1999-01-01"))),
    ),
    ("ACT_AFTER_DEATH", APPROVAL): (
        Example((death("1998-05-05"), wedding("Y Hoa", "1999-01-01"))),
        Example((death("2004-05-05"), wedding("Y Hoa", "1999-01-01"))),
    ),
    ("SERIAL_TWICE", APPROVAL): (
        Example((parcel("BX 123456"), parcel("BX123456", thuaDatSo="9"))),
        Example((parcel("BX 123456"), parcel("BX 123457", thuaDatSo="9"))),
    ),
    ("PARCEL_TWICE", APPROVAL): (
        Example((parcel("BX 123456"), parcel("CD 654321", toBanDoSo="3"))),
        Example(
            (
                parcel("BX 123456"),
                parcel("CD 654321", ghiChu_bienDong="Thu hồi giấy"),
                parcel("CD 654322", hinhThucSuDung="chung"),
                parcel("CD 654323", diaChiThua="xã Ia Hla, huyện Chư Sê, tỉnh Gia Lai"),
            )
        ),
    ),
}
