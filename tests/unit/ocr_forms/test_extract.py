"""Records made from words at their places."""

from __future__ import annotations

import pytest
from typed_pages import page_of

from ocr.elements import Barcode, FieldStatus, RecordReading
from ocr.extract import extract_records
from ocr.forms import FormLibrary, load_forms

MOTTO = [(900, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), (980, 95, "Độc lập - Tự do - Hạnh phúc")]
LETTERHEAD = [(240, 60, "TỈNH GIA LAI"), (230, 95, "HUYỆN KRÔNG PA"), (230, 130, "UBND XÃ CHƯ GU")]


@pytest.fixture(scope="module")
def forms() -> FormLibrary:
    return load_forms()


def death_sheet() -> list[tuple[int, int, str]]:
    rows = [
        (560, 210, "SỔ ĐĂNG KÝ KHAI TỬ"),
        (640, 260, "Quyển số: 01/2012"),
        (120, 340, "Số: 29"),
        (520, 340, "Ngày đăng ký: ngày 16 tháng 07 năm 2012"),
        (120, 420, "PHẦN GHI VỀ NGƯỜI CHẾT"),
        (120, 500, "Họ, chữ đệm, tên: Nguyễn Văn Tám"),
        (120, 580, "Ngày, tháng, năm sinh: 1984"),
        (860, 580, "Giới tính: Nam"),
        (120, 660, "Dân tộc: Kinh"),
        (700, 660, "Quốc tịch: Việt Nam"),
        (120, 740, "Nơi cư trú cuối cùng: tổ 10, phường 7, thành phố Vũng Tàu"),
        (120, 820, "Đã chết vào lúc: 11 giờ 37 phút"),
        (720, 820, "ngày: 09/07/2012"),
        (120, 900, "(Bằng chữ): Ngày chín tháng bảy năm hai nghìn không trăm mười hai"),
        (120, 980, "Nơi chết: Bệnh viện tỉnh"),
        (120, 1060, "Nguyên nhân chết: Tai biến mạch máu não"),
        (120, 1140, "Giấy báo tử/giấy tờ thay thế: Giấy báo tử số 47 ngày 09/07/2012"),
        (120, 1220, "PHẦN GHI VỀ NGƯỜI ĐI KHAI TỬ"),
        (120, 1300, "Họ, chữ đệm, tên: Nguyễn Minh Đạt"),
        (120, 1380, "Quan hệ với người chết: Con"),
        (120, 1460, "Giấy tờ tùy thân: CMND số 273442439 cấp ngày 26/04/2008 tại Công an tỉnh Gia Lai"),
        (200, 1800, "Công chức tư pháp - hộ tịch"),
        (950, 1800, "TM. ỦY BAN NHÂN DÂN"),
        (1000, 1835, "PHÓ CHỦ TỊCH"),
        (230, 2050, "Trần Viết Vinh"),
        (970, 2050, "Phan Nhật Dũng"),
    ]
    return [*LETTERHEAD, *MOTTO, *rows]


@pytest.fixture(scope="module")
def death(forms: FormLibrary) -> RecordReading:
    records = extract_records([page_of(death_sheet())], forms)
    assert len(records) == 1
    return records[0]


def test_the_sheet_is_told_by_its_title(death: RecordReading):
    assert death.form == "KT"
    assert death.page == 1


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("noiDangKy", "TỈNH GIA LAI\nHUYỆN KRÔNG PA\nUBND XÃ CHƯ GU"),
        ("quyenSo", "01/2012"),
        ("so", "29"),
        ("ngayDangKy", "ngày 16 tháng 07 năm 2012"),
        ("nktHoTen", "Nguyễn Văn Tám"),
        ("nktNgaySinh", "1984"),
        ("nktGioiTinh", "Nam"),
        ("nktDanToc", "Kinh"),
        ("nktQuocTich", "Việt Nam"),
        ("nktGioPhutChet", "11 giờ 37 phút"),
        ("nktNgayChet", "09/07/2012"),
        ("gbtLoai", "Giấy báo tử"),
        ("gbtSo", "47"),
        ("gbtNgay", "09/07/2012"),
        ("nycHoTen", "Nguyễn Minh Đạt"),
        ("nycQuanHe", "Con"),
        ("nycLoaiGiayToTuyThan", "CMND"),
        ("nycSoGiayToTuyThan", "273442439"),
        ("nycNgayCapGiayToTuyThan", "26/04/2008"),
        ("nycNoiCapGiayToTuyThan", "Công an tỉnh Gia Lai"),
        ("nguoiThucHien", "Trần Viết Vinh"),
        ("nguoiKy", "Phan Nhật Dũng"),
        ("chucVuNguoiKy", "PHÓ CHỦ TỊCH"),
    ],
)
def test_each_value_between_labels_reaches_its_field(death: RecordReading, key: str, written: str):
    assert death.fields[key].written == written


def test_the_same_label_in_two_sections_is_told_apart_by_order(death: RecordReading):
    dead, declarant = death.fields["nktHoTen"].box, death.fields["nycHoTen"].box
    assert dead is not None
    assert declarant is not None
    assert dead[1] < declarant[1]


def test_values_carry_the_box_they_were_read_in(death: RecordReading):
    box = death.fields["nktDanToc"].box
    assert box == (120 + 12 * 9, 660, 120 + 12 * 13, 684)


@pytest.mark.parametrize("filling", ["", "-/-", "........", "///"])
def test_a_line_left_blank_or_struck_through_is_empty(forms: FormLibrary, filling: str):
    rows = [
        (x, y, t if not t.startswith("Nguyên nhân") else f"Nguyên nhân chết: {filling}")
        for x, y, t in death_sheet()
    ]
    field = extract_records([page_of(rows)], forms)[0].fields["nktNguyenNhanChet"]
    assert field.status is FieldStatus.EMPTY
    assert field.value == ""


def test_a_line_that_reading_missed_still_gives_the_field(forms: FormLibrary):
    rows = [row for row in death_sheet() if not row[2].startswith("Nơi chết")]
    fields = extract_records([page_of(rows)], forms)[0].fields
    assert fields["nktNoiChet"].value == ""
    assert fields["nktNguyenNhanChet"].written == "Tai biến mạch máu não"


def test_several_sheets_in_one_file_are_several_records(forms: FormLibrary):
    records = extract_records([page_of(death_sheet(), number=n) for n in (1, 2, 3)], forms)
    assert [r.page for r in records] == [1, 2, 3]


def test_a_book_cover_carries_no_record(forms: FormLibrary):
    cover = [
        (640, 300, "ỦY BAN NHÂN DÂN"),
        (400, 900, "SỔ ĐĂNG KÝ KHAI SINH"),
        (600, 1000, "Quyển số: 01/2010"),
        (560, 1060, "Mở ngày 01 tháng 01 năm 2010"),
    ]
    assert extract_records([page_of(cover)], forms) == ()


def test_an_unknown_page_carries_no_record(forms: FormLibrary):
    assert extract_records([page_of([(200, 300, "Biên bản họp thôn về việc nước sạch")])], forms) == ()


def test_the_faces_of_a_certificate_are_one_record_with_its_bar_code(forms: FormLibrary):
    front = [
        *[(x - 400, y + 100, t) for x, y, t in MOTTO],
        (520, 400, "GIẤY CHỨNG NHẬN"),
        (300, 460, "QUYỀN SỬ DỤNG ĐẤT, QUYỀN SỞ HỮU TÀI SẢN GẮN LIỀN VỚI ĐẤT"),
        (120, 620, "1. Người sử dụng đất, chủ sở hữu tài sản gắn liền với đất:"),
        (140, 690, "Ông: Đoàn Văn Quyết"),
        (800, 690, "CCCD số: 066069003880"),
        (120, 780, "2. Thông tin thửa đất:"),
        (140, 850, "a) Thửa đất số: 56"),
        (840, 850, "Tờ bản đồ số: 16"),
        (140, 920, "b) Diện tích: 789 m²"),
        (140, 990, "c) Loại đất: Đất trồng cây lâu năm (CLN): 789 m²"),
        (140, 1060, "d) Thời hạn sử dụng đất: đến ngày 15/10/2063"),
        (140, 1130, "đ) Hình thức sử dụng đất: Sử dụng riêng"),
        (140, 1200, "e) Địa chỉ: phường Thành Nhất, thành phố Buôn Ma Thuột"),
        (120, 1300, "3. Thông tin tài sản gắn liền với đất: -/-"),
        (900, 1420, "Đắk Lắk, ngày 04 tháng 04 năm 2025"),
        (860, 1470, "CHI NHÁNH VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI"),
        (1080, 1505, "GIÁM ĐỐC"),
        (1060, 1800, "Quách Anh Trí"),
        (120, 2200, "AA 97228660"),
    ]
    back = [
        (120, 140, "4. Sơ đồ thửa đất, tài sản gắn liền với đất:"),
        (120, 1100, "5. Ghi chú: -/-"),
        (120, 1200, "6. Những thay đổi sau khi cấp Giấy chứng nhận:"),
        (120, 2150, "Số vào sổ cấp Giấy chứng nhận: CN 47811"),
    ]
    code = Barcode("QRCode", "AA97228660|252204244305", 1, (1370, 100, 1550, 280))
    records = extract_records([page_of(front), page_of(back, number=2)], forms, codes=[code])
    assert [(r.form, r.era, r.pages) for r in records] == [("GCN", "2025+", (1, 2))]
    fields = records[0].fields
    assert fields["chu1HoTen"].written == "Đoàn Văn Quyết"
    assert (fields["chu1LoaiGiayTo"].written, fields["chu1SoGiayTo"].written) == ("CCCD", "066069003880")
    assert (fields["thuaDatSo"].written, fields["toBanDoSo"].written) == ("56", "16")
    assert fields["soPhatHanh"].written == "AA 97228660"
    assert (fields["soVaoSo"].written, fields["soVaoSo"].page) == ("CN 47811", 2)
    assert (fields["nhaO"].value, fields["nhaO"].status) == ("", FieldStatus.EMPTY)
    assert (fields["maVach"].written, fields["maVach"].source) == (code.text, "QR")
    assert "chu2HoTen" not in fields
