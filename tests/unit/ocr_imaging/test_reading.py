"""Engines, text layers and bar codes give words with boxes, or say plainly that they cannot."""

from __future__ import annotations

import unicodedata

import numpy as np
import pikepdf
import pytest
import zxingcpp

from ocr.barcodes import read_barcodes
from ocr.engines import Tesseract
from ocr.engines.tesseract import parse_rows, without_heading
from ocr.errors import EngineError
from ocr.imaging import prepare_page
from ocr.legacy_fonts import to_unicode
from ocr.scans import DeliveredPage, open_scan
from ocr.textlayer import is_sound
from tests.faults import hostile
from tests.unit.ocr_imaging import drawings


def test_printed_words_come_with_boxes_around_their_ink() -> None:
    (region,) = prepare_page(drawings.delivered(drawings.sheet())).regions
    text = Tesseract().read_page(region)
    assert "Họ, chữ đệm, tên: Nguyễn Thị Hồng Nhung" in text.text
    word = next(w for w in text.words() if w.text == "Nhung")
    left, top, right, bottom = word.box
    assert 500 < left < right < 720
    assert region.reading[top:bottom, left:right].min() < 80
    assert 380 < top < bottom < 430
    assert 0.5 < word.confidence <= 1
    assert unicodedata.is_normalized("NFC", text.text)


def test_a_line_with_slivers_of_its_neighbours_is_still_read() -> None:
    gray = drawings.sheet()[:, :, 1]
    line = np.ascontiguousarray(gray[382:430, 100:760])
    line[:3, 40:300:7] = 20
    reading = Tesseract().read_line(line)
    assert "Nguyễn Thị Hồng Nhung" in reading.text
    assert all(0 <= w.box[0] < w.box[2] <= line.shape[1] for w in reading.words)


def test_an_empty_line_reads_as_nothing_rather_than_as_noise() -> None:
    reading = Tesseract().read_line(np.full((40, 300), 240, np.uint8))
    assert (reading.text, reading.confidence) == ("", 0.0)


def test_a_page_that_takes_too_long_is_an_engine_error() -> None:
    (region,) = prepare_page(drawings.delivered(drawings.sheet())).regions
    with pytest.raises(EngineError, match="1240x1754"):
        Tesseract(timeout=0.01).read_page(region)


def test_a_missing_language_model_is_an_engine_error() -> None:
    with pytest.raises(EngineError):
        Tesseract("xxx").read_line(drawings.sheet()[380:430, :, 1].copy())


@pytest.mark.parametrize(
    "rubbish", ["", "Segmentation fault", "level\tx\n5\t1\t1\t1\t1\t1\ta\tb\tc\td\te\tword"]
)
def test_rubbish_from_the_program_is_an_engine_error(rubbish: str) -> None:
    with pytest.raises(EngineError):
        parse_rows(without_heading(rubbish))


def test_typed_text_before_unicode_is_converted_by_font_name_alone() -> None:
    assert to_unicode("céng hßa x· héi", "AAAAAA+.VnTimeHB") == "CỘNG HÒA XÃ HỘI"
    assert to_unicode("Y Dh¨, bu«n Pèk, phè Bu«n Ma Thuét, ph\u00ad\u00ads", ".VnTime").startswith(
        "Y Dhă, buôn Pốk, phố"
    )
    assert to_unicode("Ñaék Laék, huyeän Chö Pöh, ñöôøng", "VNI-Times") == "Đắk Lắk, huyện Chư Pưh, đường"
    assert to_unicode("Hòa, Lê, Phúc, Ý", "Tinos-Bold") == "Hòa, Lê, Phúc, Ý"


def test_a_text_layer_of_a_broken_font_map_is_not_trusted() -> None:
    assert is_sound("Căn cứ Luật Đất đai ngày 29 tháng 11 năm 2013".split())
    assert not is_sound("§iÒu 1. CÊp giÊy chøng nhËn quyÒn sö dông ®Êt".split())
    assert not is_sound("Xqzw brtk fghd wwpl zzkr mnbv jjhg ptrw".split())
    assert not is_sound(["Giấy"])


def test_a_drawn_pdf_gives_its_own_words_at_200_dpi() -> None:
    with open_scan(hostile.drawn_pdf()) as scan:
        page = scan.page(1)
    assert isinstance(page, DeliveredPage)
    assert page.digital
    assert page.text is not None
    assert page.text.lines[0].text == "Giay khai sinh cua ong Nguyen Van Nam, xa Ia To"
    left, top, right, bottom = page.text.lines[0].box
    ink = page.image[top:bottom, left:right]
    assert ink.min() < 60
    assert abs(left - 72 * 200 / 72) < 8


@pytest.mark.parametrize(("rotate", "orientation"), [(0, 1), (90, 6), (180, 3), (270, 8)])
def test_a_scanned_pdf_page_keeps_its_image_untouched_and_its_own_pixels(
    rotate: int, orientation: int
) -> None:
    data = hostile.jpeg()
    document = hostile.pdf(lambda d: hostile.add_scanned_page(d, data, (827, 1169), rotate))
    with open_scan(document) as scan:
        page = scan.page(1)
    assert isinstance(page, DeliveredPage)
    assert not page.digital
    assert page.encoded is not None
    assert page.encoded.data == data
    assert page.encoded.orientation == orientation
    assert (page.width, page.height) == ((827, 1169) if rotate % 180 == 0 else (1169, 827))
    assert page.dpi == 100.0


def test_an_image_shown_through_a_mask_is_rendered_instead_of_passed_through() -> None:
    def build(document: pikepdf.Pdf) -> None:
        hostile.add_scanned_page(document, hostile.jpeg(), (827, 1169), Decode=[1, 0, 1, 0, 1, 0])

    with open_scan(hostile.pdf(build)) as scan:
        page = scan.page(1)
    assert isinstance(page, DeliveredPage)
    assert page.encoded is None
    assert (page.width, page.height) == (827, 1169)


def test_a_photograph_with_exif_orientation_is_turned_but_its_bytes_stay() -> None:
    picture = hostile.page_picture()
    exif = picture.getexif()
    exif[274] = 6
    data = hostile.saved(picture, "JPEG", exif=exif)
    with open_scan(data) as scan:
        page = scan.page(1)
    assert isinstance(page, DeliveredPage)
    assert (page.width, page.height) == (1169, 827)
    assert page.encoded is not None
    assert (page.encoded.data, page.encoded.orientation, page.encoded.width) == (data, 6, 827)


def test_a_signed_pdf_is_flagged_and_still_read() -> None:
    signature = {
        "/Type": "/Sig",
        "/SubFilter": pikepdf.Name("/ETSI.CAdES.detached"),
        "/ByteRange": [0, 1, 2, 3],
    }

    def build(document: pikepdf.Pdf) -> None:
        hostile.add_drawn_page(document)
        document.Root.Sig = document.make_indirect(pikepdf.Dictionary(signature))

    plain = pikepdf.ObjectStreamMode.disable
    with open_scan(hostile.pdf(build, object_stream_mode=plain)) as scan:
        assert scan.signed
        assert isinstance(scan.page(1), DeliveredPage)
    with open_scan(hostile.drawn_pdf()) as scan:
        assert not scan.signed


@pytest.mark.parametrize("kind", ["QRCode", "Code128"])
def test_a_code_on_a_page_is_read_with_its_place_and_none_is_invented(kind: str) -> None:
    image = drawings.sheet()
    text = "2147413667159" if kind == "Code128" else "001219741862||Rahlan Thưn|15042019|Nam"
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.__members__[kind])
    picture = np.array(zxingcpp.write_barcode_to_image(code, scale=4))
    height, width = min(picture.shape[0], 300), picture.shape[1]
    image[1400 : 1400 + height, 300 : 300 + width] = picture[:height, :, None]
    (found,) = read_barcodes(drawings.delivered(image))
    assert (found.format, found.text) == (kind, text)
    assert 300 <= found.box[0] < found.box[2] <= 300 + width + 2
    assert read_barcodes(drawings.delivered(drawings.sheet())) == ()
