"""Page images made smaller by what they show: without visible loss for the archive, small for an import.

JPEG scans go into the archive copy as they are. Scans delivered without compression (TIFF, BMP, PNG) stay
without loss where lines and flat colours pack well, and become JPEG where paper grain would make them ten
times larger; their originals are kept and locked besides.
"""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image, ImageChops, ImageStat

from storage.jpeg import read_jpeg_header
from storage.page_image import ImageStream, decoded_image

JPEG_WITHOUT_VISIBLE_LOSS = "JPEG_WITHOUT_VISIBLE_LOSS"
TO_300_DPI = "TO_300_DPI"

ARCHIVE_DPI = 300.0
ARCHIVE_QUALITIES = (90, 94, 97)
VISIBLE_ERROR = 2.5
"""Root mean square of grey levels of 255, in the worst channel; the grain of scanned paper is coarser."""
WORTH_IT = 0.6
"""A JPEG that saves less than this leaves is not worth giving up exact pixels."""
GRAIN = 0.3
"""Bytes per sample after lossless packing; drawn pages and flat colours stay below."""

SMALL_DPI = (200.0, 180.0, 160.0, 145.0, 125.0)
SMALL_QUALITIES = (30, 85)
"""Below the lower one letters dissolve into blocks; above the upper one only bytes are added.

Tone marks want dots more than exact greys: at equal bytes, 30 at 180 dpi keeps strokes closer to the scan
than 45 at 145 dpi."""


def archival_stream(data: bytes, frame: int, exact: ImageStream, dpi: float | None) -> ImageStream:
    """`exact`, or a JPEG at 300 dpi at most that no eye can tell from it where that is much smaller.

    Args:
        data: encoded image as delivered.
        frame: which image of a file that holds several.
        exact: the same image without loss.
        dpi: of the paper; ``None`` where nobody knows, then no pixel is given up.
    """
    samples = exact.width * exact.height * exact.components
    plain = exact.bits == 8 and exact.filter == "FlateDecode" and not exact.palette and exact.mask is None
    if not plain or len(exact.data) < GRAIN * samples:
        return exact
    image = decoded_image(data, frame).convert("L" if exact.components == 1 else "RGB")
    changes = (*exact.changes, JPEG_WITHOUT_VISIBLE_LOSS)
    if dpi is not None and dpi > 1.1 * ARCHIVE_DPI:
        image = _scaled(image, ARCHIVE_DPI / dpi)
        changes = (*changes, TO_300_DPI)
    for quality in ARCHIVE_QUALITIES:
        packed = _jpeg(image, quality, subsampling=0)
        if _error(image, packed) <= VISIBLE_ERROR:
            break
    else:
        return exact
    if len(packed) > WORTH_IT * len(exact.data):
        return exact
    return replace(_jpeg_stream(packed, changes), icc=exact.icc)


def small_stream(data: bytes, frame: int, exact: ImageStream, room: int, dpi: float) -> ImageStream:
    """The image in about `room` bytes, as sharp as they allow.

    Fewer dots are tried before letters would dissolve; at the lowest legible resolution and quality the
    image takes what it takes.

    Args:
        data: encoded image as delivered.
        frame: which image of a file that holds several.
        exact: the same image as delivered; given back where it fits already.
        room: bytes.
        dpi: of `exact` on its page.
    """
    if len(exact.data) <= room:
        return exact
    image = decoded_image(data, frame)
    if image.mode in {"LA", "RGBA", "PA"}:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        image = ground
    image = image.convert("RGB")
    worst, best = SMALL_QUALITIES
    packed = b""
    for dots in SMALL_DPI:
        scaled = _scaled(image, dots / dpi) if dots < dpi else image
        packed = _jpeg(scaled, worst, progressive=True)
        if len(packed) <= room:
            return _jpeg_stream(_best_within(scaled, packed, room, worst, best), exact.changes)
    return _jpeg_stream(packed, exact.changes) if len(packed) < len(exact.data) else exact


def _best_within(image: Image.Image, packed: bytes, room: int, worst: int, best: int) -> bytes:
    """The highest quality that fits, given the lowest one that does."""
    while best - worst > 2:
        middle = (worst + best) // 2
        tried = _jpeg(image, middle, progressive=True)
        if len(tried) <= room:
            packed, worst = tried, middle
        else:
            best = middle
    return packed


def _scaled(image: Image.Image, share: float) -> Image.Image:
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image, quality: int, *, subsampling: int = 2, progressive: bool = False) -> bytes:
    """Progressive ones take a twentieth less; the archive's stay baseline, as scanners make them."""
    data = io.BytesIO()
    options = {"quality": quality, "subsampling": subsampling, "progressive": progressive}
    image.save(data, "JPEG", optimize=True, **options)
    return data.getvalue()


def _error(image: Image.Image, packed: bytes) -> float:
    with Image.open(io.BytesIO(packed)) as decoded:
        return max(ImageStat.Stat(ImageChops.difference(image, decoded)).rms)


def _jpeg_stream(data: bytes, changes: tuple[str, ...]) -> ImageStream:
    header = read_jpeg_header(data)
    assert header is not None
    return ImageStream(data, header.width, header.height, header.components, 8, "DCTDecode", changes=changes)
