"""A sealed page shows the scan, finds its words and keeps its record."""

from __future__ import annotations

import io
import json
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageOps

from storage.errors import SealError
from storage.geometry import Quad
from storage.pdfa import SealPage, TextLine, TextWord, build_pdfa
from storage.verapdf import VeraPdf
from storage.visible_block import VisibleBlock
from storage.xmp import SealMetadata

RECORD = json.dumps({"nksHoTen": "NGUYỄN THỊ ĐƯỢC"}, ensure_ascii=False).encode()
SENTENCES = ("NGUYỄN THỊ HỒNG ĐƯỢC", "Ủ Ồ Ộ Đ ườ uyể uỵ ẵ ỡ", "Ủy ban nhân dân xã Ia Grai")


def quad(x: float, y: float, width: float, height: float) -> Quad:
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


def lines(*sentences: str) -> tuple[TextLine, ...]:
    """Words as wide as printed ones: 13 pixels a letter, 24 high, one letter apart."""
    found = []
    for row, sentence in enumerate(sentences):
        left, words = 20, []
        for word in sentence.split():
            words.append(TextWord(word, quad(left, 80 + 60 * row, 13 * len(word), 24)))
            left += 13 * (len(word) + 1)
        found.append(TextLine(tuple(words)))
    return tuple(found)


def page(jpeg: bytes, *sentences: str) -> SealPage:
    return SealPage(jpeg, "image/jpeg", 600, 800, 100, lines=lines(*sentences))


@pytest.fixture
def block(metadata: SealMetadata) -> VisibleBlock:
    return VisibleBlock("Bản số hóa", "Ủy ban nhân dân xã Mỹ Hiệp", metadata.created)


def poppler_text(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "text.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-enc", "UTF-8", str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pdfium_text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(p.get_textpage().get_text_range() for p in document)


def rendered(pdf: bytes, number: int = 0, dpi: float = 100) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[number].render(scale=dpi / 72).to_pil().convert("RGB")


def complies(pdf: bytes, validator: VeraPdf, tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "check.pdf"
    path.write_bytes(pdf)
    (verdict,) = validator.validate([path])
    return (*verdict.failed, verdict.error) if not verdict.compliant else ()


def test_vietnamese_words_are_found_with_all_their_marks(
    jpeg: bytes, metadata: SealMetadata, tmp_path: Path
) -> None:
    pdf = build_pdfa([page(jpeg, *SENTENCES)], RECORD, metadata, block=None)
    for text in (poppler_text(pdf, tmp_path), pdfium_text(pdf)):
        assert unicodedata.is_normalized("NFC", text)
        for sentence in SENTENCES:
            assert sentence in " ".join(text.split())


def test_decomposed_input_becomes_nfc(jpeg: bytes, metadata: SealMetadata, tmp_path: Path) -> None:
    pdf = build_pdfa([page(jpeg, unicodedata.normalize("NFD", SENTENCES[0]))], RECORD, metadata, block=None)
    assert SENTENCES[0] in poppler_text(pdf, tmp_path)


def test_rare_han_characters_beyond_the_basic_plane_survive(
    jpeg: bytes, metadata: SealMetadata, tmp_path: Path
) -> None:
    pdf = build_pdfa([page(jpeg, "chữ 𡨸喃 𠀋")], RECORD, metadata, block=None)
    assert "chữ 𡨸喃 𠀋" in poppler_text(pdf, tmp_path)


def test_control_characters_and_half_surrogates_are_dropped(
    jpeg: bytes, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    pdf = build_pdfa([page(jpeg, "Lê\u0000 \ud800 V\ufeffăn \uffff")], RECORD, metadata, block=None)
    assert poppler_text(pdf, tmp_path).split() == ["Lê", "Văn"]
    assert complies(pdf, validator, tmp_path) == ()


def test_words_lie_where_they_stand_on_the_image(jpeg: bytes, metadata: SealMetadata) -> None:
    pdf = build_pdfa([page(jpeg, "Một Hai")], RECORD, metadata, block=None)
    with pypdfium2.PdfDocument(pdf) as document:
        text_page = document[0].get_textpage()
        start = text_page.get_text_range().index("Hai")
        left, bottom, _, top = text_page.get_charbox(start)
        last = text_page.get_charbox(start + 2)
    scale = 72 / 100
    assert left == pytest.approx(72 * scale, abs=2)
    assert last[2] == pytest.approx(111 * scale, abs=2)
    middle = (800 - 92) * scale
    assert bottom - 2 < middle < top + 12


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_scanned_turned_is_shown_upright_and_reads_upright(
    drawing: Image.Image, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path, rotation: int
) -> None:
    turned = drawing.rotate(-rotation, expand=True)
    width, height = drawing.size
    corner = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (height - y, x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (y, width - x),
    }[rotation]
    moved = tuple(
        TextLine(tuple(TextWord(w.text, tuple(corner(*p) for p in w.quad)) for w in line.words))
        for line in lines(*SENTENCES)
    )
    data = io.BytesIO()
    turned.save(data, "PNG")
    delivered = SealPage(data.getvalue(), "image/png", *turned.size, 100, lines=moved, rotation=rotation)
    pdf = build_pdfa([delivered], RECORD, metadata, block=None)
    difference = np.asarray(rendered(pdf), int) - np.asarray(drawing, int)
    assert abs(difference).mean() < 1.5
    for text in (poppler_text(pdf, tmp_path), pdfium_text(pdf)):
        assert [" ".join(row.split()) for row in text.split("\n") if row.strip("\f\r ")][:3] == list(
            SENTENCES
        )
    assert complies(pdf, validator, tmp_path) == ()


def test_an_upside_down_page_left_as_it_is_still_reads_in_order(
    drawing: Image.Image, metadata: SealMetadata, tmp_path: Path
) -> None:
    turned = drawing.rotate(180)
    moved = tuple(
        TextLine(tuple(TextWord(w.text, tuple((600 - x, 800 - y) for x, y in w.quad)) for w in line.words))
        for line in lines(*SENTENCES)
    )
    data = io.BytesIO()
    turned.save(data, "PNG")
    pdf = build_pdfa(
        [SealPage(data.getvalue(), "image/png", 600, 800, 100, lines=moved)], RECORD, metadata, block=None
    )
    assert all(sentence in " ".join(poppler_text(pdf, tmp_path).split()) for sentence in SENTENCES)
    # PDFium gives the words of a line that stands on its head from left to right; each is whole.
    assert sorted(pdfium_text(pdf).split()) == sorted(" ".join(SENTENCES).split())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone_without_touching_the_bytes(
    drawing: Image.Image, metadata: SealMetadata, orientation: int
) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = drawing.transpose(undo[orientation]) if orientation in undo else drawing.copy()
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = io.BytesIO()
    stored.save(data, "JPEG", quality=95, exif=exif)
    with Image.open(io.BytesIO(data.getvalue())) as check:
        assert ImageOps.exif_transpose(check).size == drawing.size
    delivered = SealPage(data.getvalue(), "image/jpeg", 600, 800, 100, orientation=orientation)
    pdf = build_pdfa([delivered], RECORD, metadata, block=None)
    difference = np.asarray(rendered(pdf), int) - np.asarray(drawing, int)
    assert abs(difference).mean() < 2
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.pages[0].Resources.XObject.Scan.read_raw_bytes() == data.getvalue()


def test_the_mark_stands_at_the_top_right_and_covers_nothing_of_the_scan(
    jpeg: bytes, drawing: Image.Image, metadata: SealMetadata, block: VisibleBlock, tmp_path: Path
) -> None:
    pdf = build_pdfa([page(jpeg, *SENTENCES)], RECORD, metadata, block=block)
    picture = rendered(pdf)
    below = picture.crop((0, picture.height - 800, 600, picture.height))
    difference = np.asarray(below, int) - np.asarray(drawing, int)
    assert abs(difference).mean() < 2
    strip = np.asarray(picture.crop((0, 0, picture.width, picture.height - 802)).convert("L"))
    assert (strip[:, : picture.width // 3] > 250).all()
    assert (strip[:, picture.width // 2 :] < 100).any()
    text = poppler_text(pdf, tmp_path)
    assert "Bản số hóa" in text
    assert "Cơ quan: Ủy ban nhân dân xã Mỹ Hiệp" in text
    assert "Thời gian ký: 22-11-2026 09:30:00 +07:00" in text


def test_the_mark_is_set_in_a_times_face_of_ten_points(
    jpeg: bytes, metadata: SealMetadata, block: VisibleBlock
) -> None:
    pdf = build_pdfa([page(jpeg)], RECORD, metadata, block=block)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        font = document.pages[0].Resources.Font.Block
        assert "Tinos" in str(font.BaseFont)
        assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor
        fonts = pikepdf.parse_content_stream(document.pages[0], "Tf")
    assert [(str(i.operands[0]), float(i.operands[1])) for i in fonts] == [("/Block", 10.0)]


def test_a_long_office_name_is_broken_and_a_tiny_page_widened(
    metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    data = io.BytesIO()
    Image.new("L", (20, 20), 128).save(data, "PNG")
    long_block = VisibleBlock("Bản số hóa", "Ủy ban nhân dân " + "thị trấn Phước Long " * 8, metadata.created)
    pdf = build_pdfa(
        [SealPage(data.getvalue(), "image/png", 20, 20, 300)], RECORD, metadata, block=long_block
    )
    with pypdfium2.PdfDocument(pdf) as document:
        text_page = document[0].get_textpage()
        width, height = document[0].get_size()
        boxes = [text_page.get_charbox(i) for i in range(text_page.count_chars())]
    assert all(0 <= b[0] <= b[2] <= width and 0 <= b[1] <= b[3] <= height for b in boxes)
    assert complies(pdf, validator, tmp_path) == ()


def test_mixed_pages_in_one_record_are_valid_pdfa_and_keep_their_sizes(
    drawing: Image.Image,
    jpeg: bytes,
    metadata: SealMetadata,
    block: VisibleBlock,
    validator: VeraPdf,
    tmp_path: Path,
) -> None:
    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        data = io.BytesIO()
        image.save(data, kind, **options)
        return data.getvalue()

    half = drawing.convert("RGBA")
    half.putalpha(Image.linear_gradient("L").resize(half.size))
    deep = Image.fromarray(np.arange(480_000, dtype=np.uint32).astype(np.uint16).reshape(800, 600))
    images = [
        (jpeg, 100.0),
        (saved(drawing.convert("1"), "TIFF", compression="group4"), 200.0),
        (saved(drawing.convert("P"), "PNG"), None),
        (saved(half, "PNG"), 72.0),
        (saved(deep, "PNG"), 300.0),
        (saved(drawing.convert("CMYK"), "JPEG"), 100.0),
        (saved(drawing, "PNG", icc_profile=b"broken"), 100.0),
        (saved(drawing, "WEBP", lossless=True), 1.0),
    ]
    pages = [SealPage(data, "image/*", 600, 800, dpi, lines=lines(SENTENCES[0])) for data, dpi in images]
    pdf = build_pdfa(pages, RECORD, metadata, block=block)
    assert complies(pdf, validator, tmp_path) == ()
    with pypdfium2.PdfDocument(pdf) as document:
        sizes = [p.get_size() for p in document][1:]
    assert [round(h) for _, h in sizes] == [288, 842, 800, 192, 576, 576, 842]


def test_a_map_larger_than_pdf_allows_is_shown_smaller(
    metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    data = io.BytesIO()
    Image.new("1", (30_000, 2_000), 1).save(data, "PNG")
    pdf = build_pdfa(
        [SealPage(data.getvalue(), "image/png", 30_000, 2_000, 72)], RECORD, metadata, block=None
    )
    assert complies(pdf, validator, tmp_path) == ()
    with pypdfium2.PdfDocument(pdf) as document:
        assert max(document[0].get_size()) <= 14_400


def test_pages_without_words_are_sealed_all_the_same(
    jpeg: bytes, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    pdf = build_pdfa([page(jpeg)], RECORD, metadata, block=None)
    assert poppler_text(pdf, tmp_path).strip() == ""
    assert complies(pdf, validator, tmp_path) == ()


def test_the_same_record_gives_the_same_bytes(
    jpeg: bytes, metadata: SealMetadata, block: VisibleBlock
) -> None:
    one, other = (build_pdfa([page(jpeg, *SENTENCES)], RECORD, metadata, block=block) for _ in range(2))
    assert one == other
    changed = build_pdfa(
        [page(jpeg, *SENTENCES)], RECORD, replace(metadata, identifier="KS/2008/52"), block=block
    )
    assert changed != one


def test_the_record_is_attached_as_data_of_the_copy(jpeg: bytes, metadata: SealMetadata) -> None:
    pdf = build_pdfa([page(jpeg)], RECORD, metadata, block=None)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments["record.json"].get_file().read_bytes() == RECORD
        relationships = {str(f.UF): str(f.AFRelationship) for f in document.Root.AF}
        assert relationships == {"record.json": "/Data", "seal.json": "/Supplement"}
        manifest = json.loads(document.attachments["seal.json"].get_file().read_bytes())
    assert manifest["archive"] == {"maHoSo": "000.00.17.H20"}


def test_archives_find_title_office_and_number_in_the_metadata(jpeg: bytes, metadata: SealMetadata) -> None:
    pdf = build_pdfa([page(jpeg)], RECORD, metadata, block=None)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata() as xmp:
            assert xmp["dc:title"] == metadata.title
            assert xmp["dc:creator"] == ["UBND xã Mỹ Hiệp"]
            assert xmp["dc:identifier"] == "KS/2008/51"
            assert xmp["xmp:CreateDate"] == "2026-11-22T09:30:00+07:00"
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "U")
        assert str(document.docinfo.Title) == metadata.title
        assert str(document.Root.Lang) == "vi"


@pytest.mark.parametrize(
    ("code", "change"),
    [("PAGE_SIZE_DIFFERS", {"width": 601}), ("IMAGE_UNREADABLE", {"image": b"nothing"})],
)
def test_a_page_that_contradicts_itself_is_refused(
    jpeg: bytes, metadata: SealMetadata, code: str, change: dict[str, object]
) -> None:
    with pytest.raises(SealError) as refusal:
        build_pdfa([replace(page(jpeg), **change)], RECORD, metadata, block=None)
    assert refusal.value.code == code


def test_a_record_that_is_no_json_and_an_empty_record_are_refused(
    jpeg: bytes, metadata: SealMetadata
) -> None:
    with pytest.raises(SealError, match="RECORD_NOT_JSON"):
        build_pdfa([page(jpeg)], b"{", metadata, block=None)
    with pytest.raises(SealError, match="NO_PAGES"):
        build_pdfa([], RECORD, metadata, block=None)


def test_times_without_a_zone_are_refused(jpeg: bytes, metadata: SealMetadata) -> None:
    naive = metadata.created.replace(tzinfo=None)
    with pytest.raises(SealError, match="TIME_WITHOUT_ZONE"):
        build_pdfa([page(jpeg)], RECORD, replace(metadata, created=naive), block=None)
    with pytest.raises(SealError, match="TIME_WITHOUT_ZONE"):
        build_pdfa([page(jpeg)], RECORD, metadata, block=VisibleBlock("Bản số hóa", "UBND", naive))
