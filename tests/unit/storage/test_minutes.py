"""Minutes are lasting documents that look as the decree asks and can be signed like any other."""

from __future__ import annotations

import io
from dataclasses import replace

import pdfplumber
import pytest

from storage.errors import SealError
from storage.minutes import Minutes, MinutesTable, minutes_pdf
from tests.unit.storage.conftest import CREATED

ROWS = tuple((str(n), f"{n}/1998", "NGUYỄN PHƯỢNG VY") for n in range(1, 45))
MINUTES = Minutes(
    office="Ủy ban nhân dân xã Mỹ Hiệp",
    above="",
    number="01/BB-NTCM",
    subject="Nghiệm thu chọn mẫu quyển 01/1998",
    place="Mỹ Hiệp",
    at=CREATED,
    paragraphs=("Cỡ mẫu 476 & ngưỡng <0,5 %>.",),
    tables=(MinutesTable("Các trường sai", (("TT", "Số", "Giá trị đúng"), *ROWS), (1, 2, 5)),),
    conclusion=("Kết luận: KHÔNG ĐẠT.",),
    signers=(("Người kiểm tra", "Trần Thị Lan"), ("Người lập biên bản", "")),
)


def pages(pdf: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return [page.extract_text() for page in document.pages]


def test_they_carry_the_national_heading_the_office_and_the_date_in_words(metadata):
    first = pages(minutes_pdf(MINUTES, metadata))[0]
    for text in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN XÃ MỸ",
        "Mỹ Hiệp, ngày 22 tháng 11 năm 2026",
        "BIÊN BẢN",
        "Cỡ mẫu 476 & ngưỡng <0,5 %>.",
    ):
        assert text in first


def test_a_long_table_repeats_its_head_and_pages_are_numbered_from_the_second_on(metadata):
    first, second = pages(minutes_pdf(MINUTES, metadata))
    assert first.splitlines()[0] != "1"
    assert second.splitlines()[0] == "2"
    assert "Giá trị đúng" in first
    assert "Giá trị đúng" in second
    assert "Trần Thị Lan" in second


def test_equal_minutes_give_equal_bytes(metadata):
    assert minutes_pdf(MINUTES, metadata) == minutes_pdf(MINUTES, metadata)


def test_a_time_without_zone_is_refused(metadata):
    with pytest.raises(SealError) as error:
        minutes_pdf(replace(MINUTES, at=CREATED.replace(tzinfo=None)), metadata)
    assert error.value.code == "TIME_WITHOUT_ZONE"


def test_they_are_valid_as_an_archive_document(metadata, validator, tmp_path):
    path = tmp_path / "minutes.pdf"
    path.write_bytes(minutes_pdf(MINUTES, metadata))
    (verdict,) = validator.validate([path], "3u")
    assert verdict.compliant, verdict.failed
