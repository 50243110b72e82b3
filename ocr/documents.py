"""PDF files as pages: embedded scans at their own resolution, drawn pages at 200 dpi."""

from __future__ import annotations

import ctypes
import io
import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
from pypdfium2 import raw

from ocr.delivery import DeliveredPage, OriginalPage, Raster, ScanLimits, refusal
from ocr.errors import ScanError
from ocr.pictures import believable_dpi, decode_picture, encoded_jpeg, open_picture, oriented
from ocr.textlayer import TextLayer

DIGITAL_DPI: Final = 200.0
"""Enough for print; 300 dpi costs a third more time and reads no better (measured)."""

_POINTS_PER_INCH: Final = 72.0
# Scanning software leaves a hairline of paper around the image; below this the rest is real content.
_FULL_PAGE_SHARE: Final = 0.95
_MOSTLY_IMAGE_SHARE: Final = 0.6
_MOST_OBJECTS: Final = 20_000
_MOST_CONTENT_BYTES: Final = 200_000_000
_TAIL_BYTES: Final = 65_536
_ORIENTATION_OF_TURN: Final = {0: 1, 90: 6, 180: 3, 270: 8}
_INVISIBLE_TEXT: Final = 3


@dataclass(frozen=True, slots=True)
class _Content:
    """What a page consists of, by pdfium's own count.

    `image` is the largest image, `share` the part of the page that all images cover.
    """

    image: Any
    image_share: float
    images: int
    share: float
    pixels_per_point: float
    visible_text: int
    paths: int

    @property
    def is_scanned(self) -> bool:
        """Whether images make up the page."""
        return self.share >= _MOSTLY_IMAGE_SHARE and self.pixels_per_point > 0


class PdfPages:
    """A PDF file, rendered or unpacked one page at a time."""

    def __init__(self, source: Path | bytes, limits: ScanLimits, *, with_text: bool = True) -> None:
        self._limits = limits
        self._source = source
        self._with_text = with_text
        self._text: TextLayer | None = None
        self.signed, ended = _marks(source)
        self._structure = _open_structure(source)
        try:
            if not ended:
                raise refusal("TRUNCATED")
            self._document = self._open_document()
            self.page_count = len(self._document)
            if self.page_count == 0:
                raise refusal("NO_PAGES")
            if self.page_count > limits.pages:
                raise refusal("TOO_MANY_PAGES")
        except ScanError:
            self.close()
            raise

    def page(self, number: int) -> DeliveredPage:
        """Unpack or render one page.

        Raises:
            ScanError: the page is broken or too large.
        """
        try:
            self._check_content(number)
            page = self._document[number - 1]
        except pdfium.PdfiumError as error:
            raise refusal("DAMAGED") from error
        try:
            return self._deliver(page, number)
        except (pdfium.PdfiumError, pikepdf.PdfError, ValueError, MemoryError) as error:
            raise refusal("DAMAGED") from error
        finally:
            page.close()

    def original(self, number: int) -> OriginalPage | None:
        """The only image of a scanned page."""
        try:
            self._check_content(number)
            page = self._document[number - 1]
        except pdfium.PdfiumError:
            return None
        try:
            return self._only_image(page, number, _inspect(page))
        except (pdfium.PdfiumError, pikepdf.PdfError, ValueError, MemoryError):
            return None
        finally:
            page.close()

    def close(self) -> None:
        """Close the file in every library that holds it open."""
        for holder in (self._text, getattr(self, "_document", None), self._structure):
            if holder is not None:
                holder.close()

    def _open_document(self) -> pdfium.PdfDocument:
        try:
            return pdfium.PdfDocument(self._source)
        except pdfium.PdfiumError as error:
            if self._structure is None:
                raise refusal("DAMAGED") from error
        repaired = io.BytesIO()
        try:
            self._structure.save(repaired)
            self._source = repaired.getvalue()
            return pdfium.PdfDocument(self._source)
        except (pikepdf.PdfError, pdfium.PdfiumError, RuntimeError) as error:
            raise refusal("NO_PAGES" if _has_no_pages(self._structure) else "DAMAGED") from error

    def _deliver(self, page: Any, number: int) -> DeliveredPage:
        content = _inspect(page)
        whole = self._only_image(page, number, content)
        if whole is not None:
            return self._unpacked(whole)
        scanned = content.is_scanned
        scale = content.pixels_per_point if scanned else DIGITAL_DPI / _POINTS_PER_INCH
        image = self._rendered(page, scale)
        dpi = believable_dpi(scale * _POINTS_PER_INCH, image.shape[1], image.shape[0])
        if scanned:
            return DeliveredPage(number, image, dpi)
        text = None
        if self._with_text:
            text = self._text_layer().page_text(number, image.shape[1], image.shape[0], DIGITAL_DPI)
        return DeliveredPage(number, image, dpi, digital=True, text=text)

    def _unpacked(self, whole: OriginalPage) -> DeliveredPage:
        encoded = whole.encoded
        with open_picture(io.BytesIO(encoded.data)) as picture:
            image = oriented(decode_picture(picture, self._limits), encoded.orientation)
        return DeliveredPage(whole.number, image, whole.dpi, encoded=encoded)

    def _only_image(self, page: Any, number: int, content: _Content) -> OriginalPage | None:
        """The page's only image, bit by bit; ``None`` where the page shows more or other than it."""
        if not (content.is_scanned and content.images == 1 and content.image_share >= _FULL_PAGE_SHARE):
            return None
        if content.visible_text or content.paths or content.image.get_filters()[-1:] != ["DCTDecode"]:
            return None
        if not self._is_plain_image(number):
            return None
        data = bytes(content.image.get_data(decode_simple=True))
        encoded = encoded_jpeg(data, _ORIENTATION_OF_TURN[page.get_rotation()])
        if encoded is None or encoded.colour == "cmyk" or not _stands_upright(content.image):
            return None
        whole = OriginalPage(number, encoded, None)
        dpi = believable_dpi(content.pixels_per_point * _POINTS_PER_INCH, whole.width, whole.height)
        return replace(whole, dpi=dpi)

    def _is_plain_image(self, number: int) -> bool:
        """Whether the image is shown as stored: no mask, no re-mapped colours."""
        if self._structure is None:
            return False
        try:
            images = list(self._structure.pages[number - 1].get_images().values())
        except (pikepdf.PdfError, IndexError, TypeError, AttributeError):
            return False
        return len(images) == 1 and not any(
            key in images[0] for key in ("/SMask", "/Mask", "/Decode", "/DecodeParms")
        )

    def _rendered(self, page: Any, scale: float) -> Raster:
        width, height = page.get_size()
        self._limits.check_pixels(round(width * scale), round(height * scale))
        # pdfium rounds up: without the small cut a page of exactly 1654 pixels comes out with 1655.
        bitmap = page.render(scale=scale * (1 - 1e-5), rev_byteorder=False, prefer_bgrx=False)
        try:
            pixels = bitmap.to_numpy()
            if pixels.ndim == 2 or pixels.shape[2] == 1:
                return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
            return np.ascontiguousarray(pixels[:, :, :3])
        finally:
            bitmap.close()

    def _text_layer(self) -> TextLayer:
        if self._text is None:
            self._text = TextLayer(self._source)
        return self._text

    def _check_content(self, number: int) -> None:
        """Refuse drawing instructions and images that unpack to absurd sizes, before pdfium meets them."""
        if self._structure is None:
            return
        try:
            page = self._structure.pages[number - 1]
        except IndexError:
            return
        with suppress(pikepdf.PdfError, TypeError, AttributeError, RecursionError):
            budget = _MOST_CONTENT_BYTES
            for stream in _streams_of(page.obj):
                if stream.get("/Subtype") == "/Image":
                    self._limits.check_pixels(int(stream.get("/Width", 1)), int(stream.get("/Height", 1)))
                elif "/FlateDecode" in str(stream.get("/Filter", "")):
                    budget -= _inflated_size(stream.read_raw_bytes(), budget)
                    if budget <= 0:
                        raise refusal("TOO_LARGE")


def _streams_of(page: pikepdf.Object, depth: int = 4) -> Iterator[pikepdf.Object]:
    contents = page.get("/Contents")
    if contents is not None:
        yield from contents if isinstance(contents, pikepdf.Array) else [contents]
    if isinstance(page, pikepdf.Stream) and depth < 4:
        yield page
    resources = page.get("/Resources")
    drawn = resources.get("/XObject") if resources is not None else None
    if drawn is None:
        return
    for key in list(drawn.keys())[:_MOST_OBJECTS]:
        thing = drawn[key]
        if thing.get("/Subtype") == "/Form" and depth > 0:
            yield from _streams_of(thing, depth - 1)
        else:
            yield thing


def _inflated_size(data: bytes, most: int) -> int:
    """Bytes that a Flate stream unpacks to, counted without keeping them and up to `most`."""
    inflater = zlib.decompressobj()
    total = 0
    try:
        chunk = inflater.decompress(data, 1 << 20)
        while chunk and total < most:
            total += len(chunk)
            chunk = inflater.decompress(inflater.unconsumed_tail, 1 << 20)
    except zlib.error:
        return total
    return total


def _open_structure(source: Path | bytes) -> pikepdf.Pdf | None:
    """The file by qpdf, which repairs what it can; ``None`` where it cannot."""
    try:
        return pikepdf.open(io.BytesIO(source) if isinstance(source, bytes) else source)
    except pikepdf.PasswordError as error:
        raise refusal("ENCRYPTED") from error
    except (pikepdf.PdfError, RuntimeError):
        return None


def _has_no_pages(structure: pikepdf.Pdf) -> bool:
    try:
        return len(structure.pages) == 0
    except (pikepdf.PdfError, RuntimeError):
        return False


def _marks(source: Path | bytes) -> tuple[bool, bool]:
    """Whether a file carries a signature, and whether its end is there."""
    if isinstance(source, bytes):
        return _marks_in(source, len(source))
    with source.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return _marks_in(mapped, len(mapped))


def _marks_in(data: bytes | mmap.mmap, size: int) -> tuple[bool, bool]:
    # A signature dictionary never hides in a compressed object: its byte range must point at itself.
    signed = data.find(b"/ByteRange") >= 0 and data.find(b"/SubFilter") >= 0
    tail = data[max(0, size - _TAIL_BYTES) :]
    ended = b"%%EOF" in tail or b"startxref" in tail
    linearized = re.search(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,12})", data[:1024])
    if linearized and int(linearized.group(1)) > size:
        ended = False
    return signed, ended


def _stands_upright(image: Any) -> bool:
    """Whether an image is placed without mirroring, shear or turn."""
    a, b, c, d, _, _ = image.get_matrix().get()
    return bool(a > 0 and d > 0 and abs(b) < 0.01 * a and abs(c) < 0.01 * d)


def _inspect(page: Any) -> _Content:
    left, bottom, right, top = page.get_cropbox()
    area = max(1.0, (right - left) * (top - bottom))
    best, best_area, best_scale, covered, images, text, paths = None, 0.0, 0.0, 0.0, 0, 0, 0
    for count, thing in enumerate(page.get_objects(max_depth=3)):
        if count >= _MOST_OBJECTS:
            break
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            text += raw.FPDFTextObj_GetTextRenderMode(thing.raw) != _INVISIBLE_TEXT
        elif thing.type == raw.FPDF_PAGEOBJ_PATH:
            paths += _is_drawn(thing)
        elif thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            images += 1
            box = thing.get_bounds()
            width = max(0.0, min(right, box[2]) - max(left, box[0]))
            height = max(0.0, min(top, box[3]) - max(bottom, box[1]))
            covered += width * height
            if width * height > best_area:
                best, best_area = thing, width * height
                best_scale = max(thing.get_px_size()) / max(1.0, box[2] - box[0], box[3] - box[1])
    return _Content(best, best_area / area, images, covered / area, best_scale, text, paths)


def _is_drawn(path: Any) -> bool:
    fill, stroke = ctypes.c_int(), raw.FPDF_BOOL()
    raw.FPDFPath_GetDrawMode(path.raw, fill, stroke)
    return bool(fill.value or stroke.value)
