"""What archives and the ministry's import find in a copy: metadata, bookmarks, schema, small pages."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageStat

from storage.errors import SealError
from storage.pdfa import SealPage, TextLine, TextWord, build_pdfa, small_copy
from storage.verapdf import VeraPdf
from storage.verify_content import content_checks
from storage.xmp import ARCHIVE_ELEMENTS, SealMetadata

RECORD, SCHEMA = b'{"fields": {}}', b'{"type": "object"}'
FONT = Path("storage/fonts/Tinos-Latin.ttf")


def packed(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def scan_like(width: int, height: int, seed: int = 1) -> Image.Image:
    """A written page with a red seal on grainy paper, as a flatbed scanner delivers it."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), (244, 238, 222))
    draw = ImageDraw.Draw(image)
    size = width // 45
    font = ImageFont.truetype(FONT, size)
    for row in range(2, height // (2 * size) - 2):
        draw.text((2 * size, 2 * size * row), "Họ, chữ đệm và tên: NGUYỄN THỊ HỒNG ĐƯỢC", (30, 30, 90), font)
    draw.ellipse(
        (width // 2, height // 2, width * 4 // 5, height // 2 + width * 3 // 10), outline="red", width=9
    )
    image = image.filter(ImageFilter.GaussianBlur(1))
    grain = random.normal(0, 3, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def a4(image: Image.Image, dpi: float, kind: str = "JPEG", **options: object) -> SealPage:
    return SealPage(packed(image, kind, **options), "image/*", *image.size, dpi)


def refused(pdf: bytes, validator: VeraPdf, folder: Path, flavour: str = "3u") -> tuple[str, ...]:
    path = folder / "copy.pdf"
    path.write_bytes(pdf)
    (verdict,) = validator.validate([path], flavour)
    return (*verdict.failed, verdict.error) if not verdict.compliant else ()


def test_archive_elements_are_described_and_readable_in_the_metadata(
    jpeg: bytes, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    extra = dict.fromkeys(ARCHIVE_ELEMENTS, "Vĩnh viễn & <hạn chế>") | {"contentSha256": "ab"}
    pdf = build_pdfa(
        [SealPage(jpeg, "image/jpeg", 600, 800, 100)], RECORD, replace(metadata, extra=extra), block=None
    )
    assert refused(pdf, validator, tmp_path) == ()
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as xmp:
        found = {k: xmp[f"{{urn:sohoa:archive:1#}}{k}"] for k in ARCHIVE_ELEMENTS}
        assert found == dict.fromkeys(ARCHIVE_ELEMENTS, "Vĩnh viễn & <hạn chế>")
        assert "contentSha256" not in str(xmp)
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "U")


def test_a_copy_without_its_record_is_pdfa_2u_and_carries_no_file(
    jpeg: bytes, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    pdf = build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], None, metadata, block=None)
    assert refused(pdf, validator, tmp_path, "2u") == ()
    assert refused(pdf, validator, tmp_path, "3u") != ()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert not document.attachments


def test_the_schema_lies_beside_the_record_and_a_changed_one_is_found(
    jpeg: bytes, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    pages = [SealPage(jpeg, "image/jpeg", 600, 800, 100)]
    pdf = build_pdfa(pages, RECORD, metadata, block=None, record_schema=SCHEMA)
    assert refused(pdf, validator, tmp_path) == ()
    assert [c.code for c in content_checks(pdf) if c.subject == "record"] == ["OK"]
    for change in (b'{"type": "array"}', None):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            assert document.attachments["record.schema.json"].get_file().read_bytes() == SCHEMA
            del document.attachments["record.schema.json"]
            if change is not None:
                document.attachments["record.schema.json"] = pikepdf.AttachedFileSpec(document, change)
            changed = io.BytesIO()
            document.save(changed)
        codes = [c.code for c in content_checks(changed.getvalue()) if c.subject == "record"]
        assert codes == ["SCHEMA_CHANGED"]


def test_a_schema_that_is_no_json_is_refused(jpeg: bytes, metadata: SealMetadata) -> None:
    with pytest.raises(SealError, match="RECORD_NOT_JSON"):
        build_pdfa(
            [SealPage(jpeg, "image/jpeg", 600, 800, 100)], RECORD, metadata, block=None, record_schema=b"<"
        )


def test_bookmarks_name_each_page_of_a_dossier_and_each_run_of_one_kind_once(
    jpeg: bytes, metadata: SealMetadata, validator: VeraPdf, tmp_path: Path
) -> None:
    page = SealPage(jpeg, "image/jpeg", 600, 800, 100)
    labels = ("Giấy chứng nhận", "Giấy chứng nhận", "", "Trích lục bản đồ")
    pdf = build_pdfa([replace(page, label=label) for label in labels], RECORD, metadata, block=None)
    assert refused(pdf, validator, tmp_path) == ()
    with pypdfium2.PdfDocument(pdf) as document:
        marks = [(b.get_title(), b.get_dest().get_index()) for b in document.get_toc()]
    assert marks == [("Giấy chứng nhận", 0), ("Trang 3", 2), ("Trích lục bản đồ", 3)]
    single = build_pdfa([page], RECORD, metadata, block=None)
    with pypdfium2.PdfDocument(single) as document:
        assert list(document.get_toc()) == []


def test_viewers_show_the_title_and_know_the_language(jpeg: bytes, metadata: SealMetadata) -> None:
    pdf = build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], RECORD, metadata, block=None)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        assert str(document.Root.Lang) == "vi"
        assert str(document.Root.OutputIntents[0].S) == "/GTS_PDFA1"


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {"compression": "raw"}), ("BMP", {})])
def test_a_grainy_scan_delivered_uncompressed_is_packed_without_visible_loss(
    metadata: SealMetadata, validator: VeraPdf, tmp_path: Path, kind: str, options: dict[str, object]
) -> None:
    image = scan_like(1200, 1650)
    pdf = build_pdfa([a4(image, 150, kind, **options)], RECORD, metadata, block=None)
    assert refused(pdf, validator, tmp_path) == ()
    assert len(pdf) < len(packed(image, "PNG")) * 0.6
    with pikepdf.open(io.BytesIO(pdf)) as document:
        shown = pikepdf.PdfImage(document.pages[0].Resources.XObject.Scan).as_pil_image()
    assert shown.size == image.size
    assert max(ImageStat.Stat(ImageChops.difference(shown, image)).rms) < 3
    with pikepdf.open(io.BytesIO(pdf)) as document:
        manifest = json.loads(document.attachments["seal.json"].get_file().read_bytes())
    assert manifest["pages"][0]["changes"] == ["JPEG_WITHOUT_VISIBLE_LOSS"]
    assert {c.outcome.value for c in content_checks(pdf)} == {"PASSED"}


def test_a_finer_uncompressed_scan_is_kept_at_300_dots_at_its_size_on_paper(metadata: SealMetadata) -> None:
    image = scan_like(1600, 1200)
    pdf = build_pdfa([a4(image, 600, "PNG")], RECORD, metadata, block=None)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        scan = document.pages[0].Resources.XObject.Scan
        assert (int(scan.Width), int(scan.Height)) == (800, 600)
        assert [round(float(v)) for v in document.pages[0].MediaBox] == [0, 0, 192, 144]


def test_drawn_pages_and_delivered_jpegs_keep_every_pixel(
    drawing: Image.Image, metadata: SealMetadata
) -> None:
    grainy = packed(scan_like(620, 877), "JPEG", quality=95)
    pages = [a4(drawing, 100, "PNG"), SealPage(grainy, "image/jpeg", 620, 877, 75)]
    pdf = build_pdfa(pages, RECORD, metadata, block=None)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.pages[1].Resources.XObject.Scan.read_raw_bytes() == grainy
        manifest = json.loads(document.attachments["seal.json"].get_file().read_bytes())
        shown = pikepdf.PdfImage(document.pages[0].Resources.XObject.Scan).as_pil_image()
    assert [p["changes"] for p in manifest["pages"]] == [[], []]
    assert ImageChops.difference(shown.convert("RGB"), drawing).getbbox() is None


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_small_copy_takes_about_a_hundred_kilobytes_an_a4_page_in_colour(
    metadata: SealMetadata, validator: VeraPdf, tmp_path: Path, orientation: int
) -> None:
    image = scan_like(2480, 3508)
    word = TextWord("Được", ((150, 150), (450, 150), (450, 220), (150, 220)))
    page = replace(a4(image, 300, quality=92), orientation=orientation, lines=(TextLine((word,)),))
    if orientation == 6:
        page = replace(page, width=3508, height=2480)
    pdf = small_copy([page, page], metadata)
    assert refused(pdf, validator, tmp_path, "2u") == ()
    assert 60_000 < len(pdf) / 2 < 110_000
    with pypdfium2.PdfDocument(pdf) as document:
        shown = document[0].render(scale=1).to_pil()
        assert document[1].get_textpage().get_text_range().strip() == "Được"
        assert [round(v) for v in document[0].get_size()] == [
            round(v * 72 / 300) for v in (page.width, page.height)
        ]
    assert shown.mode == "RGB"
    expected = image.rotate(-90, expand=True) if orientation == 6 else image
    difference = ImageChops.difference(shown, expected.resize(shown.size, Image.Resampling.LANCZOS))
    assert max(ImageStat.Stat(difference).rms) < 12


def test_an_open_book_may_take_as_much_as_its_two_pages(metadata: SealMetadata) -> None:
    spread = scan_like(3508, 2480)
    assert 120_000 < len(small_copy([a4(spread, 212, quality=92)], metadata)) < 215_000


def test_a_page_that_is_small_already_goes_into_the_small_copy_as_it_is(
    drawing: Image.Image, metadata: SealMetadata
) -> None:
    tiny = packed(drawing.convert("1"), "TIFF", compression="group4")
    with pikepdf.open(
        io.BytesIO(small_copy([SealPage(tiny, "image/tiff", 600, 800, 100)], metadata))
    ) as document:
        assert str(document.pages[0].Resources.XObject.Scan.Filter) == "/CCITTFaxDecode"


def test_pictures_that_no_target_can_hold_stay_legible_rather_than_small(metadata: SealMetadata) -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 255, (3508, 2480, 3), dtype=np.uint8))
    pdf = small_copy([a4(noise, 300, quality=92)], metadata)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert int(document.pages[0].Resources.XObject.Scan.Width) == round(2480 * 125 / 300)
