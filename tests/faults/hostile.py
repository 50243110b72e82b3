"""Files that scanners, phones, mail gateways and pranksters deliver, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pikepdf
from PIL import Image, ImageDraw, ImageFont

SERIF = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"


def page_picture(mode: str = "RGB", size: tuple[int, int] = (827, 1169)) -> Image.Image:
    """An A4 page at 100 dpi with some lines of print."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(SERIF, 20)
    for row in range(6):
        draw.text((60, 80 + 60 * row), f"Dòng {row}: Nguyễn Thị Hồng Nhung, xã Ia Tô", "black", font)
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(**options: object) -> bytes:
    return saved(page_picture(), "JPEG", **{"quality": 85, **options})


def blank_page() -> bytes:
    return saved(Image.new("RGB", (827, 1169), "white"), "JPEG")


def png() -> bytes:
    return saved(page_picture(), "PNG")


def png_header(width: int, height: int, data: bytes = zlib.compress(b"\0" * 1000)) -> bytes:
    """A PNG that claims any size and holds a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def many_directories_tiff(pages: int, *, loop: bool = False) -> bytes:
    """A TIFF with any number of one-pixel pages that share their pixel."""
    out = bytearray(b"II*\0" + struct.pack("<I", 16) + b"\xff" * 8)
    entries = [
        (256, 3, 1, 1),
        (257, 3, 1, 1),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (279, 4, 1, 1),
    ]
    size = 2 + 12 * len(entries) + 4
    for number in range(pages):
        last = number == pages - 1
        following = (16 if loop else 0) if last else len(out) + size
        out += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries)
        out += struct.pack("<I", following)
    return bytes(out)


def huge_tiff() -> bytes:
    out = bytearray(many_directories_tiff(1))
    for entry in range(7):
        at = 16 + 2 + 12 * entry
        if struct.unpack_from("<H", out, at)[0] in (256, 257):
            struct.pack_into("<HHII", out, at, struct.unpack_from("<H", out, at)[0], 4, 1, 60_000)
    return bytes(out)


def multi_page_tiff(pages: int = 3) -> bytes:
    first = page_picture("L")
    return saved(first, "TIFF", save_all=True, append_images=[first] * (pages - 1), dpi=(100, 100))


def pdf(build: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    document = pikepdf.new()
    build(document)
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def add_drawn_page(
    document: pikepdf.Pdf, size: tuple[float, float] = (595, 842), content: bytes | None = None
) -> None:
    document.add_blank_page(page_size=size)
    page = document.pages[-1]
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    lines = b"".join(
        b"BT /F1 14 Tf 72 %d Td (Giay khai sinh cua ong Nguyen Van Nam, xa Ia To) Tj ET\n" % (700 - 30 * i)
        for i in range(5)
    )
    page.Contents = document.make_stream(content if content is not None else lines)


def add_scanned_page(
    document: pikepdf.Pdf, data: bytes, size: tuple[int, int], rotate: int = 0, **keys: object
) -> None:
    width, height = (min(14_000.0, side * 0.72) for side in size)
    document.add_blank_page(page_size=(width, height))
    page = document.pages[-1]
    image = document.make_stream(
        data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=size[0], Height=size[1],
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode, **keys,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = document.make_stream(b"q %f 0 0 %f 0 0 cm /Im0 Do Q" % (width, height))
    if rotate:
        page.Rotate = rotate


def drawn_pdf(pages: int = 1, **options: object) -> bytes:
    def build(document: pikepdf.Pdf) -> None:
        for _ in range(pages):
            add_drawn_page(document)

    return pdf(build, **options)


def deep_tree_pdf(depth: int) -> bytes:
    """A page that hangs below very many nested /Pages nodes."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []

    def put(body: bytes) -> None:
        offsets.append(len(out))
        out.extend(b"%d 0 obj\n%s\nendobj\n" % (len(offsets), body))

    put(b"<</Type/Catalog/Pages 2 0 R>>")
    for level in range(depth):
        parent = b"/Parent %d 0 R" % (level + 1) if level else b""
        put(b"<</Type/Pages/Count 1/Kids[%d 0 R]%s>>" % (level + 3, parent))
    put(b"<</Type/Page/MediaBox[0 0 200 200]/Parent %d 0 R>>" % (depth + 1))
    start = len(out)
    out.extend(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    out.extend(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.extend(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start))
    return bytes(out)


def sixteen_bit_png() -> bytes:
    gray = np.asarray(page_picture("L")).astype(np.uint16) * 257
    return saved(Image.fromarray(gray), "PNG")


def palette_png_with_alpha() -> bytes:
    picture = page_picture("RGB").quantize(16)
    return saved(picture, "PNG", transparency=0)
