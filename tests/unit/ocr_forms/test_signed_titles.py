"""The signer's own title is told although signature or seal hide a part of it."""

from __future__ import annotations

from dataclasses import replace

from drawn_pages import DrawnPage

from ocr.decoding.knowledge import Knowledge
from ocr.elements import FieldReading, FieldStatus
from ocr.engines import default_tesseract
from ocr.engines.line_net import line_net
from ocr.forms.schema import Part, Signature
from ocr.signatures import signature
from ocr.value_reader import ValueReader

FORM = Signature(
    key="nguoiKy",
    kind="name",
    side="right",
    face="page",
    under=("TM. Ủy ban nhân dân",),
    titles=("Chủ tịch", "Phó Chủ tịch", "KT. Chủ tịch", "KT. Chủ tịch - Phó Chủ tịch"),
    title=Part("chucVuNguoiKy", "title"),
)


def title_of(*lines: str, hidden: str = "") -> FieldReading:
    page = DrawnPage()
    for n in range(8):
        page.text(100, 200 + 70 * n, f"Họ, chữ đệm, tên người thứ {n}: Nguyễn Văn Tám")
    for n, line in enumerate(lines):
        left = 760
        if hidden and n == len(lines) - 1:
            left = page.text(left, 1200 + 32 * n, hidden, read=False)[2] + 8
        page.text(left, 1200 + 32 * n, line)
    page.text(770, 1400, "Hoàng Văn Chiến")
    return signature(page.leaf(), FORM, None)["chucVuNguoiKy"]


def test_who_signs_in_the_heads_stead_is_the_deputy_even_if_the_word_is_hidden():
    told = title_of("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "CHỦ TỊCH", hidden="■■")
    assert told.written == "PHÓ CHỦ TỊCH"
    assert told.status is FieldStatus.LOW_CONFIDENCE
    assert [a.value for a in told.alternatives] == ["CHỦ TỊCH"]


def test_a_title_that_was_read_whole_stands_as_read():
    told = title_of("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert told.written == "PHÓ CHỦ TỊCH"
    assert told.status is FieldStatus.READ


def test_a_head_who_signs_himself_is_no_deputy():
    assert title_of("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH").written == "CHỦ TỊCH"


def test_a_name_that_sounds_like_a_title_is_none():
    page = DrawnPage()
    page.text(100, 300, "Họ, chữ đệm, tên: Nguyễn Văn Tám")
    page.text(760, 1200, "TM. ỦY BAN NHÂN DÂN")
    page.text(760, 1232, "CHỦ TỊCH")
    page.text(770, 1400, "Trương Văn Chiến")
    form = replace(FORM, titles=(*FORM.titles, "Trưởng ban"))
    assert signature(page.leaf(), form, None)["chucVuNguoiKy"].written == "CHỦ TỊCH"


def test_both_titles_on_one_line_give_the_signers_own():
    told = title_of("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH - PHÓ CHỦ TỊCH")
    assert told.written == "PHÓ CHỦ TỊCH"


def test_titles_that_the_page_reading_lost_beside_a_seal_are_found_by_their_ink():
    page = DrawnPage()
    for n in range(8):
        page.text(100, 200 + 70 * n, f"Họ, chữ đệm, tên người thứ {n}: Nguyễn Văn Tám")
    for n, line in enumerate(("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")):
        page.text(760, 1200 + 32 * n, line, read=False)
    page.seal(720, 1290, 110)
    page.text(770, 1420, "Hoàng Văn Chiến")
    reader = ValueReader(default_tesseract(), line_net(), None, Knowledge())
    told = signature(page.leaf(), FORM, reader)["chucVuNguoiKy"]
    assert told.written == "PHÓ CHỦ TỊCH"
