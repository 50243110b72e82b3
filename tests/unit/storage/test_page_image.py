"""Every way a page can be delivered comes back pixel for pixel."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageCms

from storage.errors import SealError
from storage.page_image import CMYK_TO_RGB, DEEP_TO_8_BITS, ImageStream, image_stream


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def shown(stream: ImageStream) -> Image.Image:
    """The image as a PDF reader decodes it."""
    with pikepdf.Pdf.new() as pdf:
        return pikepdf.PdfImage(stream.embed(pdf)).as_pil_image()


def same(a: Image.Image, b: Image.Image) -> bool:
    return bool(np.array_equal(np.asarray(a.convert("RGB")), np.asarray(b.convert("RGB"))))


def test_jpeg_bytes_go_in_untouched(jpeg: bytes) -> None:
    stream = image_stream(jpeg)
    assert stream.data == jpeg
    assert stream.untouched
    assert (stream.width, stream.height, stream.filter) == (600, 800, "DCTDecode")


def test_a_progressive_grey_jpeg_goes_in_untouched(drawing: Image.Image) -> None:
    data = encoded(drawing.convert("L"), "JPEG", progressive=True)
    stream = image_stream(data)
    assert (stream.data, stream.components) == (data, 1)


def test_the_colour_profile_of_a_jpeg_is_kept(drawing: Image.Image) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = image_stream(encoded(drawing, "JPEG", icc_profile=profile))
    assert stream.icc == profile


@pytest.mark.parametrize(("mode", "interlaced"), [*itertools.product(["1", "L", "P", "RGB"], [False, True])])
def test_png_pages_of_every_kind_keep_their_pixels(drawing: Image.Image, mode: str, interlaced: bool) -> None:
    image = drawing.convert("P", palette=Image.Palette.ADAPTIVE) if mode == "P" else drawing.convert(mode)
    data = encoded(image, "PNG", interlace=1) if interlaced else encoded(image, "PNG")
    stream = image_stream(data)
    assert same(shown(stream), image)
    assert stream.changes == ()


def test_sixteen_bit_grey_png_keeps_all_its_bits() -> None:
    ramp = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16
    stream = image_stream(encoded(Image.fromarray(ramp), "PNG"))
    assert stream.bits == 16
    with pikepdf.Pdf.new() as pdf:
        samples = np.frombuffer(stream.embed(pdf).read_bytes(), dtype=">u2").reshape(64, 64)
    assert np.array_equal(samples, ramp)


def test_opacity_becomes_a_soft_mask_and_solid_opacity_none(drawing: Image.Image) -> None:
    solid = drawing.convert("RGBA")
    assert image_stream(encoded(solid, "PNG")).mask is None
    half = solid.copy()
    half.putalpha(Image.linear_gradient("L").resize(half.size))
    stream = image_stream(encoded(half, "PNG"))
    assert stream.mask is not None
    assert same(shown(stream.mask), half.getchannel("A"))


@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("compression", ["group4", "packbits", "tiff_lzw"])
def test_black_and_white_tiff_pages_keep_black_black(
    drawing: Image.Image, photometric: int, compression: str
) -> None:
    image = drawing.convert("1")
    data = encoded(image, "TIFF", compression=compression, tiffinfo={262: photometric})
    with Image.open(io.BytesIO(data)) as delivered:
        wanted = delivered.convert("L")
    stream = image_stream(data)
    assert stream.filter == "CCITTFaxDecode"
    assert same(shown(stream), wanted)


def test_the_second_page_of_a_tiff_is_taken_when_asked_for(drawing: Image.Image) -> None:
    second = drawing.transpose(Image.Transpose.ROTATE_180)
    data = encoded(drawing, "TIFF", save_all=True, append_images=[second])
    assert same(shown(image_stream(data, frame=1)), second)


def test_four_colours_without_a_profile_are_converted_and_it_is_told(drawing: Image.Image) -> None:
    stream = image_stream(encoded(drawing.convert("CMYK"), "JPEG", quality=95))
    assert stream.changes == (CMYK_TO_RGB,)
    assert stream.components == 3
    difference = np.asarray(shown(stream), dtype=int) - np.asarray(
        drawing.convert("CMYK").convert("RGB"), int
    )
    assert abs(difference).mean() < 3


def test_deep_colour_that_cannot_be_kept_is_told() -> None:
    samples = np.linspace(0, 100_000, 32 * 32, dtype=np.int32).reshape(32, 32)
    stream = image_stream(encoded(Image.fromarray(samples), "TIFF"))
    assert stream.changes == (DEEP_TO_8_BITS,)
    decoded = np.asarray(shown(stream))
    assert (decoded.min(), decoded.max()) == (0, 255)


@pytest.mark.parametrize("data", [b"", b"not an image", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(SealError) as refusal:
        image_stream(data)
    assert refusal.value.code == "IMAGE_UNREADABLE"


def test_a_truncated_tiff_is_refused_with_a_code(drawing: Image.Image) -> None:
    with pytest.raises(SealError):
        image_stream(encoded(drawing, "TIFF")[:5000])
