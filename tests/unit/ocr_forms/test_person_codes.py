"""The QR of an identity card is believed over a damaged reading, but only for its own person."""

from __future__ import annotations

from ocr.elements import Alternative, Barcode, FieldReading, FieldStatus, Ink
from ocr.forms import load_forms
from ocr.person_codes import told_by_code

TEXT = "001219741862||Rahlan Thưn|15042019|Nam|thôn 11, xã Ia Tô|15012025"
FORM = next(f.person_code for f in load_forms().forms if (f.form, f.era) == ("GKS", "2016+"))


def field(key: str, kind: str, written: str) -> FieldReading:
    return FieldReading(
        key=key, kind=kind, written=written, value=written, confidence=0.7, status=FieldStatus.LOW_CONFIDENCE,
        ink=Ink.PRINT, page=1, box=(1, 2, 3, 4), source="tesseract",
    )  # fmt: skip


def told(*fields: FieldReading, text: str = TEXT) -> dict[str, FieldReading]:
    assert FORM is not None
    return told_by_code({f.key: f for f in fields}, [Barcode("QRCode", text, 1, (0, 0, 9, 9))], FORM)


NAME = field("nksHoTen", "name", "Rahlan Thun")


def test_a_damaged_name_is_put_right_and_the_reading_kept():
    got = told(NAME)["nksHoTen"]
    assert (got.written, got.source, got.status) == ("Rahlan Thưn", "QR", FieldStatus.READ)
    assert got.alternatives == (Alternative("Rahlan Thun", 0.7),)
    assert got.box == (1, 2, 3, 4)


def test_a_date_that_says_the_same_keeps_its_wording():
    assert told(NAME, field("nksNgaySinh", "date", "15/4/2019"))["nksNgaySinh"].written == "15/4/2019"


def test_a_date_that_was_misread_is_put_right():
    assert told(NAME, field("nksNgaySinh", "date", "15/4/2079"))["nksNgaySinh"].written == "15/04/2019"


def test_the_card_of_somebody_else_on_the_page_changes_nothing():
    assert told(field("nksHoTen", "name", "Nguyễn Văn Bình"))["nksHoTen"].source == "tesseract"


def test_another_code_changes_nothing():
    assert told(NAME, text="https://example.invalid/1")["nksHoTen"].written == "Rahlan Thun"
