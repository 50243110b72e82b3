"""A delivered page image as a PDF image stream, pixel for pixel.

JPEG bytes go in as they are. PNG pixel streams go in as they are unless they are interlaced or carry
alpha. Everything else is decoded and packed again without loss: black and white as CCITT group 4, the
rest as a PNG stream. Where PDF/A or PDF forbids the delivered colours the change is told in
`ImageStream.changes`, never made silently.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pi_heif
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageCms, TiffImagePlugin, UnidentifiedImageError

from storage.errors import SealError
from storage.jpeg import JpegHeader, read_jpeg_header
from storage.png import GREY, PALETTE, RGB, PngFile, read_png

CMYK_TO_RGB = "CMYK_TO_RGB"
"""Four colours without a profile: PDF/A has no meaning for them beside an RGB output intent."""
DEEP_TO_8_BITS = "DEEP_TO_8_BITS"
"""More bits per sample than the decoder or PDF can carry."""
COLOURS_TO_RGB = "COLOURS_TO_RGB"
"""A colour space such as Lab that the decoder only hands out as RGB."""

_DEVICE = {1: "/DeviceGray", 3: "/DeviceRGB"}
_ICC_SPACE = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_ICC_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"})


@dataclass(frozen=True, slots=True)
class ImageStream:
    """An image as PDF stores it.

    Attributes:
        data: encoded samples.
        width: stored pixels, before EXIF orientation.
        components: colour samples per pixel, 1, 3 or 4; 1 with a palette.
        bits: per sample.
        filter: PDF filter name without slash.
        parameters: of the filter.
        palette: RGB triples, or empty.
        icc: profile that gives the samples their meaning, or empty for grey and sRGB.
        inverted: samples are stored upside down, as Adobe writes CMYK.
        mask: opacity as an 8-bit grey stream, where the image has one that is not solid.
        untouched: `data` is the delivered file itself.
        changes: codes of what had to be changed; empty where every pixel is as delivered.
    """

    data: bytes
    width: int
    height: int
    components: int
    bits: int
    filter: str
    parameters: Mapping[str, int] = field(default_factory=dict)
    palette: bytes = b""
    icc: bytes = b""
    inverted: bool = False
    mask: ImageStream | None = None
    untouched: bool = False
    changes: tuple[str, ...] = ()

    def embed(self, pdf: Pdf) -> pikepdf.Object:
        """Write the image into `pdf`."""
        stream = pdf.make_stream(
            self.data,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=self.width,
            Height=self.height,
            BitsPerComponent=self.bits,
            ColorSpace=self._colour_space(pdf),
        )
        stream.Filter = Name("/" + self.filter)
        if self.parameters:
            values: dict[str, Any] = {"/" + k: v for k, v in self.parameters.items()}
            stream.DecodeParms = Dictionary(values)
        if self.inverted:
            stream.Decode = Array([1, 0] * self.components)
        if self.mask is not None:
            stream.SMask = self.mask.embed(pdf)
        return stream

    def _colour_space(self, pdf: Pdf) -> pikepdf.Object:
        if self.icc:
            profile = pdf.make_stream(self.icc, N=self.components)
            return Array([Name.ICCBased, profile])
        if self.palette:
            return Array([Name.Indexed, Name.DeviceRGB, len(self.palette) // 3 - 1, self.palette])
        return Name(_DEVICE[self.components])


def image_stream(data: bytes, frame: int = 0) -> ImageStream:
    """Turn an encoded image into a PDF image stream.

    Args:
        data: JPEG, PNG, TIFF, HEIC or whatever else Pillow opens.
        frame: which image of a file that holds several, from 0.

    Raises:
        SealError: ``IMAGE_UNREADABLE`` or ``IMAGE_TOO_LARGE``.
    """
    jpeg = read_jpeg_header(data)
    if jpeg is not None and (passed := _passed_jpeg(data, jpeg)) is not None:
        return passed
    png = read_png(data)
    if png is not None and not png.interlaced and not png.transparent and png.colour in {GREY, RGB, PALETTE}:
        return _png_stream(png)
    return _packed(decoded_image(data, frame))


def decoded_image(data: bytes, frame: int = 0) -> Image.Image:
    """The samples of an encoded image, before EXIF orientation.

    Raises:
        SealError: ``IMAGE_UNREADABLE`` or ``IMAGE_TOO_LARGE``.
    """
    try:
        image = _open(data, frame)
        image.load()
    except Image.DecompressionBombError as error:
        raise SealError("IMAGE_TOO_LARGE", f"page image is too large to decode safely: {error}") from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise SealError("IMAGE_UNREADABLE", f"page image cannot be decoded: {error}") from error
    return image


def _open(data: bytes, frame: int) -> Image.Image:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        heif = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        decoded: Image.Image = heif[frame].to_pillow()
        return decoded
    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError as error:
        raise SealError("IMAGE_UNREADABLE", "page image is of no known format") from error
    if frame:
        image.seek(frame)
    return image


def _passed_jpeg(data: bytes, header: JpegHeader) -> ImageStream | None:
    """The JPEG file as it is, or ``None`` where PDF/A cannot show it."""
    if header.bits != 8 or not header.huffman or not header.width or not header.height:
        return None
    icc = header.icc if _usable_profile(header.icc, header.components) else b""
    if header.components not in {1, 3} and not icc:
        return None
    return ImageStream(
        data,
        header.width,
        header.height,
        header.components,
        8,
        "DCTDecode",
        icc=icc,
        inverted=header.components == 4 and header.adobe,
        untouched=True,
    )


def _usable_profile(icc: bytes, components: int) -> bool:
    """Whether ISO 19005-3, 6.2.4.2 lets the profile stand for the samples."""
    return (
        len(icc) >= 132
        and int.from_bytes(icc[:4], "big") == len(icc)
        and icc[36:40] == b"acsp"
        and icc[8] in {2, 4}
        and icc[12:16] in _ICC_CLASSES
        and _ICC_SPACE.get(icc[16:20]) == components
    )


def _png_stream(png: PngFile, mask: ImageStream | None = None) -> ImageStream:
    return ImageStream(
        png.pixels,
        png.width,
        png.height,
        png.channels,
        png.bits,
        "FlateDecode",
        {"Predictor": 15, "Colors": png.channels, "BitsPerComponent": png.bits, "Columns": png.width},
        palette=png.palette if png.colour == PALETTE else b"",
        mask=mask,
    )


def _packed(image: Image.Image) -> ImageStream:
    """Pack decoded samples without loss, after the few changes that PDF/A demands."""
    image, changes = _representable(image)
    if image.mode == "1":
        return _group4(image)
    mask = None
    if image.mode in {"LA", "RGBA"}:
        opacity = image.getchannel("A")
        if opacity.getextrema() != (255, 255):
            mask = _as_png(opacity)
        image = image.convert("L" if image.mode == "LA" else "RGB")
    stream = _as_png(image)
    icc = image.info.get("icc_profile") or b""
    return ImageStream(
        stream.data,
        stream.width,
        stream.height,
        stream.components,
        stream.bits,
        stream.filter,
        stream.parameters,
        stream.palette,
        icc if not stream.palette and _usable_profile(icc, stream.components) else b"",
        mask=mask,
        changes=changes,
    )


def _representable(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    mode = image.mode
    if mode in {"1", "L", "RGB", "LA", "RGBA", "I;16"}:
        return image, _lost_depth(image)
    if mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB"), ()
    if mode in {"PA", "La", "RGBa"}:
        return image.convert("LA" if mode == "La" else "RGBA"), ()
    if mode == "I;16B":
        return image.convert("I").convert("I;16"), ()
    if mode in {"I", "F"}:
        return _to_8_bits(image), (DEEP_TO_8_BITS,)
    if mode == "CMYK":
        return _cmyk_to_rgb(image), (CMYK_TO_RGB,)
    return image.convert("RGB"), (COLOURS_TO_RGB,)


def _lost_depth(image: Image.Image) -> tuple[str, ...]:
    """Whether Pillow has dropped bits: it reads 16-bit colour as 8-bit."""
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.mode in {"RGB", "RGBA", "L", "LA"}:
        bits = image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (8,))
        if max(bits if isinstance(bits, tuple) else (bits,)) > 8:
            return (DEEP_TO_8_BITS,)
    return ()


def _to_8_bits(image: Image.Image) -> Image.Image:
    low, high = image.getextrema()
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if low >= 0 and high <= 255:
        return image.convert("L")
    span = (high - low) or 1
    return image.convert("F").point(lambda v: v * (255 / span) - low * (255 / span)).convert("L")


def _cmyk_to_rgb(image: Image.Image) -> Image.Image:
    icc = image.info.get("icc_profile") or b""
    if _usable_profile(icc, 4):
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        if converted is not None:
            converted.info.pop("icc_profile", None)
            return converted
    plain = image.convert("RGB")
    plain.info.pop("icc_profile", None)
    return plain


def _as_png(image: Image.Image) -> ImageStream:
    packed = io.BytesIO()
    image.save(packed, "PNG")
    png = read_png(packed.getvalue())
    assert png is not None
    return _png_stream(png)


def _group4(image: Image.Image) -> ImageStream:
    packed = io.BytesIO()
    image.save(packed, "TIFF", compression="group4", tiffinfo={TiffImagePlugin.ROWSPERSTRIP: image.height})
    packed.seek(0)
    with Image.open(packed) as tiff:
        assert isinstance(tiff, TiffImagePlugin.TiffImageFile)
        tags = tiff.tag_v2
        offsets, lengths = tags[TiffImagePlugin.STRIPOFFSETS], tags[TiffImagePlugin.STRIPBYTECOUNTS]
        white_is_zero = tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 0
        reversed_bits = tags.get(TiffImagePlugin.FILLORDER, 1) == 2
    assert len(offsets) == 1
    data = packed.getvalue()[offsets[0] : offsets[0] + lengths[0]]
    if reversed_bits:
        data = data.translate(bytes(int(f"{n:08b}"[::-1], 2) for n in range(256)))
    parameters = {"K": -1, "Columns": image.width, "Rows": image.height}
    return ImageStream(
        data, image.width, image.height, 1, 1, "CCITTFaxDecode", parameters, inverted=not white_is_zero
    )
