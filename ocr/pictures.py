"""Image files as pages: JPEG, PNG, HEIC (one page each) and TIFF (many)."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import cv2
import numpy as np
from PIL import ExifTags, Image

from ocr import sniffing
from ocr.delivery import DeliveredPage, EncodedImage, OriginalPage, Raster, ScanLimits, refusal
from ocr.errors import ScanError

_STRIP_PIXELS: Final = 4_000_000
_DPI_BELIEVED: Final = (90.0, 1250.0)
# No sheet in these archives is longer than A1 (33 inches): a larger one means the dpi is a default value.
_LONGEST_SHEET_INCHES: Final = 34.0

_COLOURS: Final = {"L": "gray", "1": "gray", "RGB": "rgb", "CMYK": "cmyk"}
_TURNS: Final[dict[int, Callable[[Raster], object]]] = {
    2: lambda a: cv2.flip(a, 1),
    3: lambda a: cv2.rotate(a, cv2.ROTATE_180),
    4: lambda a: cv2.flip(a, 0),
    5: lambda a: cv2.transpose(a),
    6: lambda a: cv2.rotate(a, cv2.ROTATE_90_CLOCKWISE),
    7: lambda a: cv2.flip(cv2.transpose(a), -1),
    8: lambda a: cv2.rotate(a, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def oriented(image: Raster, orientation: int) -> Raster:
    """Apply an EXIF orientation number; unknown numbers leave the image as it is."""
    turn = _TURNS.get(orientation)
    return np.asarray(turn(image), np.uint8) if turn else image


def believable_dpi(dpi: float | None, width: int, height: int) -> float | None:
    """The dpi a file claims, unless it is a camera's or editor's default value."""
    if dpi is None or not _DPI_BELIEVED[0] <= dpi <= _DPI_BELIEVED[1]:
        return None
    if max(width, height) / dpi > _LONGEST_SHEET_INCHES:
        return None
    return round(float(dpi), 1)


def decode_picture(picture: Image.Image, limits: ScanLimits) -> Raster:
    """Decode an opened picture to BGR, strip by strip so that only one copy is ever whole.

    Raises:
        ScanError: TOO_MANY_PIXELS before anything is decoded, TRUNCATED or DAMAGED.
    """
    width, height = picture.size
    limits.check_pixels(width, height)
    try:
        picture.load()
    except OSError as error:
        raise refusal("TRUNCATED" if "truncated" in str(error).lower() else "DAMAGED") from error
    except Exception as error:  # decoders of hostile files raise whatever they like
        raise refusal("DAMAGED") from error
    bgr = np.empty((height, width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(height, top + rows)))
        # One pass of a vector routine; turning the channels round by slicing takes several times longer.
        cv2.cvtColor(_strip_to_rgb(strip), cv2.COLOR_RGB2BGR, dst=bgr[top : top + rows])
    return bgr


def _strip_to_rgb(strip: Image.Image) -> Raster:
    if strip.mode.startswith("I;16"):
        gray = (np.asarray(strip).astype(np.uint16) >> 8).astype(np.uint8)
        return np.repeat(gray[:, :, None], 3, axis=2)
    if strip.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(strip).astype(np.float64))
        gray = np.clip(values / 257.0 if values.max(initial=0) > 255 else values, 0, 255).astype(np.uint8)
        return np.repeat(gray[:, :, None], 3, axis=2)
    if strip.has_transparency_data:
        paper = Image.new("RGBA", strip.size, "white")
        strip = Image.alpha_composite(paper, strip.convert("RGBA"))
    return np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))


def open_picture(stream: BinaryIO) -> Image.Image:
    """Read the header of a picture.

    Raises:
        ScanError: TOO_MANY_PIXELS or DAMAGED.
    """
    try:
        return Image.open(stream, formats=("JPEG", "PNG", "TIFF"))
    except Image.DecompressionBombError as error:
        raise refusal("TOO_MANY_PIXELS") from error
    except Exception as error:  # decoders of hostile files raise whatever they like
        raise refusal("DAMAGED") from error


def encoded_jpeg(data: bytes, orientation: int) -> EncodedImage | None:
    """Describe a JPEG for lossless use, or ``None`` if it is of a kind that readers dispute."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        colour = _COLOURS.get(picture.mode)
        width, height = picture.size
    if colour is None:
        return None
    return EncodedImage(data, sniffing.JPEG, width, height, colour, orientation)


class SinglePicture:
    """A JPEG, PNG or HEIC file.

    Args:
        source: a path, or the whole file.
        media_type: by content.
        limits: see `ScanLimits`.
        at_once: decode when opened, so that a broken file is told.
        prove: find a broken file when opened, and decode when a page is asked for.
    """

    page_count = 1

    def __init__(
        self,
        source: Path | bytes,
        media_type: str,
        limits: ScanLimits,
        *,
        at_once: bool = True,
        prove: bool = False,
    ) -> None:
        self._data = source if isinstance(source, bytes) else source.read_bytes()
        self._media_type = media_type
        self._limits = limits
        if prove and media_type == sniffing.JPEG:
            _prove_jpeg(self._data, limits)
            at_once = False
        self._page = self._decoded() if at_once else None

    def page(self, number: int) -> DeliveredPage:
        """The only page."""
        self._page = self._page or self._decoded()
        return self._page

    def original(self, number: int) -> OriginalPage | None:
        """The JPEG itself; what else is in a PNG is only known once it is decoded."""
        if self._media_type != sniffing.JPEG:
            return None
        with open_picture(io.BytesIO(self._data)) as picture:
            self._limits.check_pixels(*picture.size)
            return OriginalPage(1, _encoded(picture, self._data, self._media_type), _dpi_of(picture))

    def _decoded(self) -> DeliveredPage:
        if self._media_type == sniffing.HEIC:
            return _heic_page(self._data, self._limits)
        return _plain_page(self._data, self._media_type, self._limits)

    def close(self) -> None:
        """Nothing stays open."""


def _prove_jpeg(data: bytes, limits: ScanLimits) -> None:
    """Decode at an eighth of the size, which reads every byte and costs a tenth.

    Raises:
        ScanError: as `decode_picture`.
    """
    with open_picture(io.BytesIO(data)) as picture:
        limits.check_pixels(*picture.size)
        picture.draft(picture.mode, (max(picture.width // 8, 1), max(picture.height // 8, 1)))
        decode_picture(picture, limits)


def _plain_page(data: bytes, media_type: str, limits: ScanLimits) -> DeliveredPage:
    with open_picture(io.BytesIO(data)) as picture:
        limits.check_pixels(*picture.size)
        # Decode first: asking a PNG for EXIF decodes it too and would swallow what is wrong with it.
        stored = decode_picture(picture, limits)
        encoded = _encoded(picture, data, media_type)
        return DeliveredPage(1, oriented(stored, encoded.orientation), _dpi_of(picture), encoded=encoded)


def _encoded(picture: Image.Image, data: bytes, media_type: str) -> EncodedImage:
    try:
        orientation = int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a mangled EXIF block must not cost the page
        orientation = 1
    orientation = orientation if orientation in _TURNS else 1
    return EncodedImage(data, media_type, *picture.size, _COLOURS.get(picture.mode, "other"), orientation)


def _dpi_of(picture: Image.Image) -> float | None:
    return believable_dpi(_claimed_dpi(picture), *picture.size)


def _heic_page(data: bytes, limits: ScanLimits) -> DeliveredPage:
    import pi_heif  # a tenth of the start of every command, for a few photographs

    try:
        picture = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
        width, height = picture.size
    except Exception as error:
        raise refusal("DAMAGED") from error
    limits.check_pixels(width, height)
    try:
        pixels = np.asarray(picture)
    except Exception as error:
        raise refusal("TRUNCATED") from error
    if pixels.ndim == 2:
        bgr = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    else:
        bgr = np.ascontiguousarray(pixels[:, :, 2::-1])
    # libheif has already turned the picture; its EXIF orientation is for information only.
    return DeliveredPage(1, bgr)


def _claimed_dpi(picture: Image.Image) -> float | None:
    claimed = picture.info.get("dpi")
    try:
        return float(max(claimed)) if claimed else None
    except (TypeError, ValueError, ZeroDivisionError):
        return None


class TiffPages:
    """A TIFF file with one or many pages, decoded one at a time."""

    def __init__(self, source: Path | bytes, limits: ScanLimits) -> None:
        self._limits = limits
        self._stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        try:
            self.page_count = count_tiff_pages(self._stream, limits.pages)
            if self.page_count > limits.pages:
                raise refusal("TOO_MANY_PAGES")
            self._stream.seek(0)
            self._picture = open_picture(self._stream)
            if self.page_count == 1:
                self.page(1)
        except ScanError:
            self._stream.close()
            raise

    def page(self, number: int) -> DeliveredPage:
        """Decode one page.

        Raises:
            ScanError: the page is broken or too large.
        """
        picture = self._picture
        try:
            picture.seek(number - 1)
        except Image.DecompressionBombError as error:
            raise refusal("TOO_MANY_PIXELS") from error
        except Exception as error:
            raise refusal("TRUNCATED") from error
        image = decode_picture(picture, self._limits)
        # Pillow turns TIFF frames by their orientation tag itself while loading.
        dpi = believable_dpi(_claimed_dpi(picture), *picture.size)
        return DeliveredPage(number, image, dpi)

    def original(self, number: int) -> OriginalPage | None:
        """None: a TIFF holds no image that a PDF could hold as it is."""
        return None

    def close(self) -> None:
        """Close the file."""
        self._picture.close()
        self._stream.close()


def count_tiff_pages(stream: BinaryIO, enough: int) -> int:
    """Walk the chain of image directories without reading them.

    Args:
        stream: whole file, seekable.
        enough: stop counting just above this number.

    Raises:
        ScanError: TRUNCATED where the chain leaves the file, NO_PAGES where it is empty.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    width, count_format, entry = (8, "Q", 20) if big else (4, "I", 12)
    if len(head) < (16 if big else 8):
        raise refusal("TRUNCATED")
    offset = struct.unpack_from(order + count_format, head, 8 if big else 4)[0]
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) <= enough:
        if offset + (8 if big else 2) > size:
            raise refusal("TRUNCATED")
        seen.add(offset)
        stream.seek(offset)
        entries = struct.unpack(order + ("Q" if big else "H"), stream.read(8 if big else 2))[0]
        link = stream.tell() + entries * entry
        if link + width > size:
            raise refusal("TRUNCATED")
        stream.seek(link)
        offset = struct.unpack(order + count_format, stream.read(width))[0]
    if not seen:
        raise refusal("NO_PAGES")
    return len(seen)
