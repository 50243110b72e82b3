"""Pages that are no form, or a form half hidden: told apart, nothing guessed."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from drawn import (
    DEATH_ROWS,
    PRINT,
    blank,
    encoded,
    font,
    foot_of,
    of_lines,
    photograph,
    portrait,
    register_sheet,
    scribbles,
)
from PIL import Image, ImageDraw

from ocr.elements import FieldStatus, PageState, RecordReading
from pipeline.reading import ScanReading, read_scan

ENGLISH = (
    "Dear Sir or Madam,",
    "I am writing with regard to the invoice that your company sent last month.",
    "The amount stated differs from the amount agreed upon in our contract,",
    "and I should be grateful if you could send me a corrected version soon.",
    "Please find enclosed copies of the contract and of the original order.",
    "I look forward to hearing from you at your earliest convenience.",
    "Yours faithfully, the accounting department",
)
NEWSPAPER = (
    "BÁO NHÂN DÂN CUỐI TUẦN",
    "Mùa gặt sớm trên cánh đồng Mường Thanh năm nay được bà con",
    "đón nhận với nhiều niềm vui. Thời tiết thuận lợi, sâu bệnh ít,",
    "giá lúa tăng so với cùng kỳ năm trước. Theo lãnh đạo địa phương,",
    "năng suất bình quân đạt hơn sáu tấn trên mỗi héc ta. Nhiều hộ",
    "đã đầu tư máy gặt đập liên hợp, giảm công lao động và thất thoát.",
    "Chợ phiên cuối tuần đông vui, hàng hóa phong phú, người mua kẻ bán",
    "tấp nập từ sáng sớm. Trẻ em theo mẹ xuống chợ, áo váy rực rỡ.",
)


def read(page: Image.Image) -> ScanReading:
    return read_scan(encoded(page), name="scan.jpg")


def only_record(page: Image.Image) -> RecordReading:
    reading = read(page)
    assert [p.state for p in reading.pages] == [PageState.OK]
    (record,) = reading.records
    assert (record.form, record.era) == ("KT", "2006-2015")
    return record


@pytest.fixture(scope="module")
def whole() -> RecordReading:
    return only_record(register_sheet())


def test_the_drawn_sheet_itself_is_read(whole: RecordReading):
    assert whole.fields["nktHoTen"].value == "Nguyễn Văn Tám"
    assert whole.fields["nktNgaySinh"].value == "1934-03-02"
    assert whole.fields["nktNguyenNhanChet"].status is not FieldStatus.UNREADABLE


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (of_lines(ENGLISH), "OTHER_LANGUAGE"),
        (of_lines(NEWSPAPER), "NO_KNOWN_FORM"),
        (scribbles(), "NO_PRINT"),
        (portrait(), "NO_PRINT"),
    ],
    ids=["another language", "a newspaper", "a handwritten letter", "a portrait"],
)
def test_a_page_that_is_no_form_is_unknown_and_says_why(page: Image.Image, reason: str):
    reading = read(page)
    assert reading.records == ()
    (report,) = reading.pages
    assert report.state is not PageState.OK
    if report.state is PageState.UNKNOWN:
        assert reason in report.reasons


def test_a_landscape_gives_no_record():
    reading = read(photograph())
    assert reading.records == ()
    assert reading.pages[0].state is not PageState.OK


def test_a_register_of_another_kind_is_not_forced_into_a_known_form():
    rows = (
        (("Số hiệu:", "12"), ("Biển đăng ký xe:", "81A-123.45")),
        (("Chủ phương tiện:", "Nguyễn Văn Tám"),),
        (("Nhãn hiệu:", "Honda Wave"), ("Màu sơn:", "đỏ đen")),
        (("Số khung:", "RLHJC4321"), ("Số máy:", "JC43E-556677")),
        (("Ngày kiểm định:", "01/02/2020"),),
    )
    reading = read(register_sheet("SỔ THEO DÕI PHƯƠNG TIỆN", rows))
    assert reading.records == ()
    assert reading.pages[0].state is PageState.UNKNOWN
    assert "NO_KNOWN_FORM" in reading.pages[0].reasons


def test_under_a_thumb_the_value_is_unreadable_and_the_others_are_read(whole: RecordReading):
    page = register_sheet()
    row = 10
    foot = foot_of(row)
    ImageDraw.Draw(page).ellipse((330, foot - 120, 900, foot + 70), "#c98f6b")
    record = only_record(page)
    assert record.fields["nktNguyenNhanChet"].status is FieldStatus.UNREADABLE
    assert record.fields["nktNguyenNhanChet"].value == ""
    assert record.fields["nktHoTen"].value == whole.fields["nktHoTen"].value


def test_of_half_a_page_the_upper_fields_are_read_and_the_lower_ones_unreadable():
    page = register_sheet()
    half = page.crop((0, 0, page.width, foot_of(6) + 30))
    record = only_record(half)
    assert record.fields["nktHoTen"].value == "Nguyễn Văn Tám"
    for key in ("nktNguyenNhanChet", "nycHoTen", "nycQuanHe"):
        assert record.fields[key].status is FieldStatus.UNREADABLE
        assert record.fields[key].value == ""


def test_a_paper_glued_over_some_rows_makes_their_fields_unreadable():
    page = register_sheet()
    note = Image.new("RGB", (1500, 4 * 80), "#fbfaf6")
    draw = ImageDraw.Draw(note)
    for n, line in enumerate(("Biên lai thu tiền nước tháng 3", "Tổng cộng: 125.000 đồng")):
        draw.text((60, 40 + 120 * n), line, "#202020", font(PRINT, 30))
    page.paste(note, (80, foot_of(7) - 50))
    record = only_record(page)
    for key in ("nktNgayChet", "nktNgayChetGhiBangChu", "nktNoiChet", "nktNguyenNhanChet"):
        assert record.fields[key].status is FieldStatus.UNREADABLE, key
    assert record.fields["nktHoTen"].value == "Nguyễn Văn Tám"
    assert record.fields["nycHoTen"].value == "Nguyễn Minh Đạt"


def test_a_separator_sheet_gives_no_record_and_counts_as_a_cover():
    page = blank()
    code = zxingcpp.create_barcode("SOHOA-SEP:kệ 4", zxingcpp.BarcodeFormat.QRCode)
    picture = np.array(zxingcpp.write_barcode_to_image(code, scale=16))
    page.paste(Image.fromarray(picture).convert("RGB"), (500, 700))
    reading = read(page)
    assert reading.records == ()
    assert reading.pages[0].state is PageState.COVER
    assert reading.pages[0].reasons == ("SEPARATOR",)


def test_every_row_of_the_sheet_is_drawn_once():
    assert len(DEATH_ROWS) == len({foot_of(n) for n in range(len(DEATH_ROWS))})
