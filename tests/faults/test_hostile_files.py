"""Whatever is delivered ends in a page that can be read or in a code with advice, never in a crash."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr.errors import ScanError
from ocr.imaging import prepare_page
from ocr.scans import DeliveredPage, PageError, ScanLimits, open_scan
from tests.faults import hostile


def only_page(data: bytes) -> DeliveredPage:
    with open_scan(data) as scan:
        assert scan.page_count == 1
        page = scan.page(1)
    assert isinstance(page, DeliveredPage), page
    assert page.image.dtype == np.uint8
    assert page.image.shape[2] == 3
    return page


TURNED_AWAY = {
    "zero bytes": (lambda: b"", "EMPTY_FILE"),
    "a text file called jpg": (lambda: "Sổ hộ tịch xã Ia Tô".encode(), "WRONG_TYPE"),
    "a zip": (lambda: b"PK\x03\x04" + b"\0" * 200 + b"%PDF-1.7", "WRONG_TYPE"),
    "a gif": (lambda: hostile.saved(hostile.page_picture("P"), "GIF"), "WRONG_TYPE"),
    "a jpeg cut in half": (lambda: (d := hostile.jpeg())[: len(d) // 2], "TRUNCATED"),
    "a jpeg of three bytes": (lambda: b"\xff\xd8\xff", "DAMAGED"),
    "a png cut in half": (lambda: (d := hostile.png())[: len(d) // 2], "TRUNCATED"),
    "a png whose pixels are rubbish": (lambda: hostile.png_header(900, 900, b"\0rubbish"), "DAMAGED"),
    "a tiff cut in half": (lambda: (d := hostile.multi_page_tiff())[: len(d) // 2], "TRUNCATED"),
    "a tiff of eight bytes": (lambda: b"II*\0\x08\0\0\0", "TRUNCATED"),
    "a tiff without pages": (lambda: b"II*\0\0\0\0\0" + b"\0" * 20, "NO_PAGES"),
    "a pdf cut in half": (lambda: (d := hostile.drawn_pdf(3))[: len(d) // 2], "TRUNCATED"),
    "a pdf of one line": (lambda: b"%PDF-1.7\n%%EOF\n", "DAMAGED"),
    "a pdf with a password": (
        lambda: hostile.drawn_pdf(encryption=pikepdf.Encryption(user="mat-khau", owner="chu")), "ENCRYPTED",
    ),
    "a pdf without pages": (lambda: hostile.pdf(lambda d: None), "NO_PAGES"),
    "a png of 60,000 x 60,000": (lambda: hostile.png_header(60_000, 60_000), "TOO_MANY_PIXELS"),
    "a png of 10,000 x 10,000": (lambda: hostile.png_header(10_000, 10_000), "TOO_MANY_PIXELS"),
    "a tiff of 60,000 x 60,000": (hostile.huge_tiff, "TOO_MANY_PIXELS"),
    "a tiff with 10,000 pages": (lambda: hostile.many_directories_tiff(10_000), "TOO_MANY_PAGES"),
    "a heic of a header alone": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 64, "DAMAGED"),
}  # fmt: skip


@pytest.mark.parametrize("what", TURNED_AWAY)
def test_a_file_that_cannot_be_read_is_turned_away_with_its_code_and_advice(what: str) -> None:
    make, code = TURNED_AWAY[what]
    with pytest.raises(ScanError) as caught:
        open_scan(make())
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert "Hãy" in caught.value.message
    assert unicodedata.is_normalized("NFC", caught.value.message)


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (900, 3)])
def test_a_picture_of_a_few_dots_is_proved_at_the_door_like_any_other(size: tuple[int, int]) -> None:
    with open_scan(hostile.saved(Image.new("L", size, 200), "JPEG"), at_door=True) as scan:
        assert scan.page_count == 1


def test_a_file_above_the_size_limit_is_not_even_opened() -> None:
    with pytest.raises(ScanError, match="TOO_LARGE"):
        open_scan(hostile.jpeg(), ScanLimits(bytes=1000))


def test_a_pdf_with_more_pages_than_allowed_is_turned_away() -> None:
    with pytest.raises(ScanError, match="TOO_MANY_PAGES"):
        open_scan(hostile.drawn_pdf(4), ScanLimits(pages=3))


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "giay.pdf"
    path.write_bytes(hostile.jpeg())
    with open_scan(path) as scan:
        assert scan.media_type == "image/jpeg"
        assert isinstance(scan.page(1), DeliveredPage)


READ_ANYWAY = {
    "cmyk jpeg": lambda: hostile.saved(hostile.page_picture("CMYK"), "JPEG"),
    "gray jpeg": lambda: hostile.saved(hostile.page_picture("L"), "JPEG"),
    "16-bit png": hostile.sixteen_bit_png,
    "1-bit tiff": lambda: hostile.saved(hostile.page_picture("1"), "TIFF", compression="group4"),
    "1-bit png": lambda: hostile.saved(hostile.page_picture("1"), "PNG"),
    "palette png with alpha": hostile.palette_png_with_alpha,
    "rgba png": lambda: hostile.saved(hostile.page_picture("RGBA"), "PNG"),
    "jpeg with rubbish behind": lambda: hostile.jpeg() + b"\0" * 5000,
    "pdf with rubbish before": lambda: b"X-Mail: gateway\r\n" + hostile.drawn_pdf(),
    "pdf with a wrong startxref": lambda: hostile.drawn_pdf().replace(b"startxref\n", b"startxref\n9"),
    "pdf whose cross references are gone": lambda: hostile.drawn_pdf(
        object_stream_mode=pikepdf.ObjectStreamMode.disable
    ).replace(b"xref\n0", b"xxxx\n0"),
    "pdf with an owner password only": lambda: hostile.drawn_pdf(
        encryption=pikepdf.Encryption(user="", owner="chu")
    ),
}


@pytest.mark.parametrize("what", READ_ANYWAY)
def test_an_odd_but_sound_file_becomes_a_page_with_dark_ink_on_light_paper(what: str) -> None:
    page = only_page(READ_ANYWAY[what]())
    assert min(page.width, page.height) > 600
    assert np.percentile(page.image, 60) > 200, "paper stays light"
    assert np.percentile(page.image, 0.5) < 120, "ink stays dark"
    prepare_page(page)


def test_a_tiff_whose_pages_run_in_a_circle_ends() -> None:
    with open_scan(hostile.many_directories_tiff(3, loop=True)) as scan:
        assert scan.page_count == 3
        assert len(list(scan.pages())) == 3


def test_a_broken_page_does_not_cost_the_other_pages_of_its_file() -> None:
    data = bytearray(hostile.multi_page_tiff(3))
    with Image.open(io.BytesIO(bytes(data))) as tiff:
        tiff.seek(1)
        offset_of_second = tiff.tag_v2[273][0]
    at = data.find(offset_of_second.to_bytes(4, "little"))
    data[at : at + 4] = (len(data) + 10_000_000).to_bytes(4, "little")
    with open_scan(bytes(data)) as scan:
        first, second, third = scan.pages()
    assert isinstance(first, DeliveredPage)
    assert isinstance(second, PageError)
    assert (second.number, second.code) in {(2, "TRUNCATED"), (2, "DAMAGED")}
    assert "Hãy" in second.message
    assert isinstance(third, DeliveredPage)


def test_a_pdf_page_of_absurd_size_is_refused_alone() -> None:
    def build(document: pikepdf.Pdf) -> None:
        hostile.add_drawn_page(document)
        hostile.add_drawn_page(document, (14_400, 14_400))

    data = hostile.pdf(build)
    with open_scan(data) as scan:
        good, huge = scan.pages()
    assert isinstance(good, DeliveredPage)
    assert isinstance(huge, PageError)
    assert huge.code == "TOO_MANY_PIXELS"


def test_an_image_in_a_pdf_that_lies_about_its_size_is_refused_before_decoding() -> None:
    data = hostile.pdf(lambda d: hostile.add_scanned_page(d, hostile.jpeg(), (60_000, 60_000)))
    with open_scan(data) as scan:
        page = scan.page(1)
    assert isinstance(page, PageError)
    assert page.code == "TOO_MANY_PIXELS"


@pytest.mark.parametrize("depth", [50, 20_000])
def test_a_deep_page_tree_ends_in_a_page_or_a_code(depth: int) -> None:
    codes = set()
    try:
        with open_scan(hostile.deep_tree_pdf(depth)) as scan:
            outcome = scan.page(1)
            codes = {outcome.code} if isinstance(outcome, PageError) else {"read"}
    except ScanError as error:
        codes = {error.code}
    assert codes <= {"read", "DAMAGED", "NO_PAGES"}


def test_drawing_instructions_that_unpack_to_gigabytes_are_refused() -> None:
    def build(document: pikepdf.Pdf) -> None:
        hostile.add_drawn_page(document, content=b"q Q\n" * 60_000_000)

    with open_scan(hostile.pdf(build, compress_streams=True)) as scan:
        page = scan.page(1)
    assert isinstance(page, PageError)
    assert page.code == "TOO_LARGE"


BOMBS = [
    "a png of 60,000 x 60,000",
    "a tiff of 60,000 x 60,000",
    "a tiff with 10,000 pages",
    "the largest page allowed",
]


@pytest.mark.parametrize("what", BOMBS)
def test_no_file_lets_the_process_grow_past_one_gigabyte(what: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    if what in TURNED_AWAY:
        path.write_bytes(TURNED_AWAY[what][0]())
    else:
        # 79 million pixels, the size of an A3 sheet at 650 dpi
        Image.new("RGB", (10_530, 7_500), "white").save(path, "JPEG", quality=30)
    program = """
import sys
from pathlib import Path
from ocr.errors import ScanError
from ocr.imaging import prepare_page
from ocr.scans import open_scan
try:
    with open_scan(Path(sys.argv[1])) as scan:
        for page in scan.pages():
            prepare_page(page)
    print("read")
except ScanError as error:
    print(error.code)
# not getrusage: its figure starts from that of the process that started this one
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    outcome, megabytes = run.stdout.split()
    assert outcome == (TURNED_AWAY[what][1] if what in TURNED_AWAY else "read")
    assert int(megabytes) < 1000
