"""An approved record as a searchable PDF/A file.

Each page shows the page image; below it lies the corrected text, invisible. The archive copy (PDF/A-3u)
carries the record, its schema and a manifest of all parts; a small copy (PDF/A-2u) carries nothing but
its pages. Equal input gives equal bytes, so a retry gives the same key.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import pikepdf
import pikepdf.pdfa
from pikepdf import Dictionary, Name, OutlineItem, Pdf, String

from storage.errors import SealError
from storage.geometry import Affine, exif_upright, number, then, unturn
from storage.page_compression import archival_stream, small_stream
from storage.page_image import ImageStream, image_stream
from storage.seal_manifest import (
    MANIFEST_NAME,
    RECORD_NAME,
    SCHEMA_NAME,
    PageManifest,
    SealManifest,
    sha256,
    text_fingerprint,
)
from storage.text_layer import GlyphlessFont, TextLine, TextWord, clean, cleaned, text_operators
from storage.visible_block import MARGIN, BlockLayout, VisibleBlock
from storage.xmp import (
    SealMetadata,
    information_dictionary,
    pdf_date,
    xmp_packet,
)

__all__ = ["SealMetadata", "SealPage", "TextLine", "TextWord", "VisibleBlock", "build_pdfa", "small_copy"]

PLAUSIBLE_DPI = (50.0, 2400.0)
"""Outside, a resolution is a camera's or a converter's filler, not a measure of the paper."""
A4_LONG_SIDE, A3_LONG_SIDE = 841.89, 1190.55
"""Points; an unmeasured portrait page is shown as A4, a landscape one as an open A4 book."""
A4_AREA = 595.28 * 841.89
"""Square points."""
PAGE_LIMITS = (3.0, 14400.0)
"""Points, ISO 19005-3, 6.1.13."""


@dataclass(frozen=True, slots=True)
class SealPage:
    """One page to be sealed.

    Attributes:
        image: encoded page as delivered. JPEG bytes go in untouched.
        media_type: as delivered, for the record; the bytes themselves decide how they are read.
        width: displayed pixels, after EXIF orientation.
        height: displayed pixels, after EXIF orientation.
        dpi: displayed pixels per inch of paper; ``None`` where nobody knows.
        orientation: EXIF orientation of the bytes, 1 to 8, undone by the page matrix.
        rotation: clockwise degrees (0, 90, 180, 270) by which the displayed page is turned against
            upright, undone by the page matrix.
        lines: corrected text in displayed pixels, before `rotation` is undone.
        frame: which image of a file that holds several, from 0.
        label: what the page is, such as ``Trang bìa``, for the bookmarks; empty for its number.
    """

    image: bytes
    media_type: str
    width: int
    height: int
    dpi: float | None
    orientation: int = 1
    lines: tuple[TextLine, ...] = ()
    rotation: int = 0
    frame: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A page with its image read and its place on paper worked out, in points.

    `upright` takes the unit square in which PDF draws an image to displayed pixels, however many pixels
    the embedded image has.
    """

    page: SealPage
    image: ImageStream
    upright: Affine
    lines: tuple[TextLine, ...]
    to_points: Affine
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Part:
    """A JSON file attached to the copy."""

    name: str
    data: bytes
    description: str
    relationship: Name


def build_pdfa(
    pages: Sequence[SealPage],
    record_json: bytes | None,
    metadata: SealMetadata,
    *,
    block: VisibleBlock | None,
    record_schema: bytes | None = None,
) -> bytes:
    """Lay pages, text, record and metadata into one PDF/A-3u file.

    Args:
        pages: at least one; sizes may differ.
        record_json: the approved record, UTF-8 JSON; attached as ``record.json``. ``None`` gives PDF/A-2u
            without any attachment: part 2 allows none but PDF/A files.
        metadata: goes into XMP and the information dictionary.
        block: printed in a strip above the first page's image; ``None`` for copies that carry no mark.
        record_schema: JSON schema that the record keeps to; attached beside it.

    Returns:
        The same bytes for the same input, whenever and wherever it is called with the same versions.

    Raises:
        SealError: ``NO_PAGES``, ``RECORD_NOT_JSON``, ``PAGE_SIZE_DIFFERS``, ``IMAGE_UNREADABLE``,
            ``IMAGE_TOO_LARGE``, ``LETTER_NOT_PRINTABLE``, ``TIME_WITHOUT_ZONE``, ``NOT_PDFA``.
    """
    placed = [_archival(_place(page)) for page in pages]
    if record_json is None:
        return _written(placed, metadata, block, ())
    for content in (record_json, record_schema or b"{}"):
        try:
            json.loads(content)
        except ValueError as error:
            raise SealError("RECORD_NOT_JSON", f"the record to be embedded is not JSON: {error}") from error
    manifest = SealManifest(
        metadata.identifier,
        sha256(record_json),
        tuple(_page_manifest(p) for p in placed),
        block.texts() if block else (),
        dict(metadata.extra),
        sha256(record_schema) if record_schema else "",
    )
    parts = [
        _Part(RECORD_NAME, record_json, "Bản ghi đã duyệt", Name.Data),
        _Part(MANIFEST_NAME, manifest.to_json(), "Bản kê các phần", Name.Supplement),
    ]
    if record_schema is not None:
        parts.append(_Part(SCHEMA_NAME, record_schema, "Lược đồ của bản ghi", Name.Supplement))
    return _written(placed, metadata, block, parts)


def small_copy(pages: Sequence[SealPage], metadata: SealMetadata, *, bytes_per_a4: int = 100_000) -> bytes:
    """The unsigned colour copy for the ministry's import: PDF/A-2u, no mark, no attachment.

    Args:
        pages: as for `build_pdfa`.
        metadata: goes into XMP and the information dictionary.
        bytes_per_a4: what an A4 page may take; larger paper gets more in proportion. A page whose writing
            would become illegible takes more all the same.

    Raises:
        SealError: as `build_pdfa`.
    """
    placed = []
    for page in pages:
        p = _place(page)
        room = round(bytes_per_a4 * max(1.0, p.width * p.height / A4_AREA))
        dots = 72 * max(p.image.width, p.image.height) / max(p.width, p.height)
        placed.append(replace(p, image=small_stream(page.image, page.frame, p.image, room, dots)))
    return _written(placed, metadata, None, ())


def _written(
    placed: Sequence[_Placed],
    metadata: SealMetadata,
    block: VisibleBlock | None,
    parts: Sequence[_Part],
) -> bytes:
    if not placed:
        raise SealError("NO_PAGES", "a sealed copy needs at least one page")
    layout = BlockLayout(block.texts()) if block else None
    font = GlyphlessFont(word.text for p in placed for line in p.lines for word in line.words)
    with Pdf.new() as pdf:
        text_font = font.embed(pdf) if any(p.lines for p in placed) else None
        for index, p in enumerate(placed):
            _add_page(pdf, p, font, text_font, layout if index == 0 else None)
        if len(placed) > 1:
            _add_bookmarks(pdf, [clean(p.page.label) or f"Trang {n}" for n, p in enumerate(placed, start=1)])
        for attached in parts:
            _attach(pdf, attached, metadata)
        return write_pdfa(pdf, metadata, part=3 if parts else 2)


def _add_bookmarks(pdf: Pdf, labels: Sequence[str]) -> None:
    """One bookmark for each run of pages of one kind."""
    with pdf.open_outline() as outline:
        for label, run in groupby(enumerate(labels), key=itemgetter(1)):
            outline.root.append(OutlineItem(label, next(run)[0], "Fit"))
    pdf.Root.PageMode = Name.UseOutlines


def _archival(placed: _Placed) -> _Placed:
    page = placed.page
    dpi = page.dpi if page.dpi is not None and PLAUSIBLE_DPI[0] <= page.dpi <= PLAUSIBLE_DPI[1] else None
    return replace(placed, image=archival_stream(page.image, page.frame, placed.image, dpi))


def _place(page: SealPage) -> _Placed:
    image = image_stream(page.image, page.frame)
    w, h = image.width, image.height
    upright = then((w, 0, 0, -h, 0, h), exif_upright(page.orientation, w, h))
    shown = (image.width, image.height) if page.orientation < 5 else (image.height, image.width)
    if shown != (page.width, page.height):
        raise SealError(
            "PAGE_SIZE_DIFFERS",
            f"page is said to be {page.width}x{page.height} pixels but its image shows {shown[0]}x{shown[1]}",
        )
    turned = unturn(page.rotation, page.width, page.height)
    width, height = shown if page.rotation in {0, 180} else (shown[1], shown[0])
    scale = _points_per_pixel(page.dpi, width, height)
    to_points = then(turned, (scale, 0, 0, -scale, 0, height * scale))
    return _Placed(page, image, upright, cleaned(page.lines), to_points, width * scale, height * scale)


def _points_per_pixel(dpi: float | None, width: int, height: int) -> float:
    low, high = PLAUSIBLE_DPI
    if dpi is not None and low <= dpi <= high:
        scale = 72 / dpi
    else:
        scale = (A3_LONG_SIDE if width > height else A4_LONG_SIDE) / max(width, height)
    smallest, largest = PAGE_LIMITS
    # The strip of the visible block has to fit under the limit too.
    scale = min(scale, (largest - 200) / max(width, height))
    return max(scale, smallest / min(width, height))


def _add_page(
    pdf: Pdf,
    placed: _Placed,
    font: GlyphlessFont,
    text_font: pikepdf.Object | None,
    layout: BlockLayout | None,
) -> None:
    width, height = placed.width, placed.height
    resources = Dictionary(XObject=Dictionary(Scan=placed.image.embed(pdf)), Font=Dictionary())
    content: list[bytes] = []
    if text_font is not None and placed.lines:
        resources.Font.Text = text_font
        content.append(text_operators(placed.lines, font, "Text", placed.to_points))
    image_matrix = then(placed.upright, placed.to_points)
    content.append(f"q {' '.join(number(v) for v in image_matrix)} cm /Scan Do Q".encode("ascii"))
    if layout is not None:
        resources.Font.Block = layout.embed(pdf)
        width = max(width, layout.width + 2 * MARGIN)
        height += layout.height
        content.append(layout.operators("Block", width, height))
    page = pdf.make_indirect(
        Dictionary(
            Type=Name.Page,
            MediaBox=pikepdf.Object.parse(f"[0 0 {number(width)} {number(height)}]".encode("ascii")),
            Resources=resources,
            Contents=pdf.make_stream(b"\n".join(content) + b"\n"),
        )
    )
    pdf.pages.append(pikepdf.Page(page))


def _page_manifest(placed: _Placed) -> PageManifest:
    characters, fingerprint = text_fingerprint(w.text for line in placed.lines for w in line.words)
    return PageManifest(
        sha256(placed.page.image),
        sha256(placed.image.data),
        placed.image.untouched,
        placed.image.changes,
        characters,
        fingerprint,
    )


def _attach(pdf: Pdf, part: _Part, metadata: SealMetadata) -> None:
    moment = pdf_date(metadata.created)
    pdf.attachments[part.name] = pikepdf.AttachedFileSpec(
        pdf,
        part.data,
        filename=part.name,
        description=part.description,
        mime_type="application/json",
        relationship=part.relationship,  # type: ignore[call-arg]  # missing in pikepdf's stubs
        creation_date=moment,
        mod_date=moment,
    )


def write_pdfa(pdf: Pdf, metadata: SealMetadata, *, part: int = 3) -> bytes:
    """Declare a finished document, write it, have pikepdf validate it, see `XmpPacket`.

    Raises:
        SealError: ``NOT_PDFA``, ``TIME_WITHOUT_ZONE``.
    """
    packet = xmp_packet(metadata, part)
    pikepdf.pdfa.prepare(pdf, f"{part}b")
    pdf.Root.Metadata = pdf.make_stream(packet.checked, Type=Name.Metadata, Subtype=Name.XML)
    pdf.trailer.Info = information_dictionary(pdf, metadata)
    pdf.Root.Lang = String(metadata.language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    output = io.BytesIO()
    try:
        pikepdf.pdfa.save(pdf, output, f"{part}b", repair=False, deterministic_id=True)
    except pikepdf.pdfa.PdfaError as error:
        raise SealError("NOT_PDFA", f"the file that was built is not PDF/A-{part}b: {error}") from error
    data = output.getvalue()
    if data.count(packet.checked) != 1:
        raise SealError("NOT_PDFA", "the metadata do not stand in the file exactly once")
    return data.replace(packet.checked, packet.declared)
