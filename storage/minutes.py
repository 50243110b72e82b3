"""Minutes ("biên bản") as a PDF/A-3u page, laid out as Decree 30/2020/NĐ-CP, annex I and III, asks.

A4; margins 20 mm above and below, 30 mm left, 15 mm right; Times-like letters, 13 pt, black; national
heading at the upper right, office at the upper left; page numbers at the top from the second page on.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from storage.errors import SealError
from storage.pdfa import write_pdfa
from storage.visible_block import VIETNAM_TIME
from storage.xmp import SealMetadata

_FONT = "Tinos"
_STROKE = 0.35
"""Points by which the outline of regular letters is thickened to make them bold; one face is enough then."""
_PLAIN: list[tuple[Any, ...]] = [("FONT", (0, 0), (-1, -1), _FONT), ("VALIGN", (0, 0), (-1, -1), "TOP")]
"""Cells name a font even where they hold none of its letters; it has to be one that is embedded."""
_BLACK_GRID: list[tuple[Any, ...]] = [
    *_PLAIN,
    ("GRID", (0, 0), (-1, -1), 0.5, "black"),
]


@dataclass(frozen=True, slots=True)
class MinutesTable:
    """A table with a caption; the first row is its head.

    Attributes:
        shares: of the width, one per column.
    """

    caption: str
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """What the page says, Vietnamese.

    Attributes:
        office: that acts; printed in capitals.
        above: the office above it, or empty.
        number: of the document, such as ``12/BB-NTCM``.
        subject: after "BIÊN BẢN", without "Về việc".
        place: commune or province, before the date.
        at: aware; printed as the date in Vietnam, and fixed as the only time in the file.
        paragraphs: running text before the tables.
        conclusion: running text after them.
        signers: titles and names of those who sign by hand, left to right.
    """

    office: str
    above: str
    number: str
    subject: str
    place: str
    at: datetime
    paragraphs: tuple[str, ...]
    tables: tuple[MinutesTable, ...]
    conclusion: tuple[str, ...]
    signers: tuple[tuple[str, str], ...]


class _Rule(Flowable):  # type: ignore[misc]
    """A centred stroke, as under the motto."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length = length

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, 6

    def draw(self) -> None:
        self.canv.setLineWidth(0.7)
        middle = self.width / 2
        self.canv.line(middle - self._length / 2, 2, middle + self._length / 2, 2)


class _Bold(Paragraph):  # type: ignore[misc]
    """Letters with a thickened outline."""

    def draw(self) -> None:
        self.canv.saveState()
        self.canv._code.append(f"2 Tr {_STROKE} w")
        super().draw()
        self.canv.restoreState()


def minutes_pdf(minutes: Minutes, metadata: SealMetadata) -> bytes:
    """Lay the minutes out.

    Returns:
        PDF/A-3u, unsigned; the same bytes for the same input and versions.

    Raises:
        SealError: ``TIME_WITHOUT_ZONE``, ``NOT_PDFA``, ``FONT_UNREADABLE``.
    """
    if minutes.at.tzinfo is None:
        raise SealError("TIME_WITHOUT_ZONE", "the minutes carry a time without zone")
    _know_font()
    laid = io.BytesIO()
    document = SimpleDocTemplate(
        laid,
        pagesize=A4,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        leftMargin=30 * mm,
        rightMargin=15 * mm,
        initialFontName=_FONT,
        invariant=1,
    )
    document.build(_story(minutes, document.width), onLaterPages=_numbered)
    with pikepdf.open(io.BytesIO(laid.getvalue())) as pdf:
        for page in pdf.pages:
            del page.obj.Trans  # reportlab's empty page transition
        return write_pdfa(pdf, metadata)


def _story(minutes: Minutes, width: float) -> list[Any]:
    local = minutes.at.astimezone(VIETNAM_TIME)
    place = f"{minutes.place}, " if minutes.place else ""
    dated = f"{place}ngày {local:%d} tháng {local:%m} năm {local:%Y}"
    left = [_line(minutes.above.upper(), 12)] if minutes.above else []
    left += [_line(minutes.office.upper(), 12, bold=True), _Rule(30 * mm), _line(f"Số: {minutes.number}", 13)]
    right = [
        _line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True),
        _line("Độc lập - Tự do - Hạnh phúc", 13, bold=True),
        _Rule(56 * mm),
        _line(dated, 13),
    ]
    heading = Table([[left, right]], colWidths=[0.38 * width, 0.62 * width])
    heading.setStyle([*_PLAIN, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])
    story: list[Any] = [
        heading,
        Spacer(0, 8 * mm),
        _line("BIÊN BẢN", 14, bold=True),
        _line(minutes.subject, 14, bold=True),
        Spacer(0, 6 * mm),
    ]
    story += [_text(p) for p in minutes.paragraphs]
    for table in minutes.tables:
        story += [Spacer(0, 2 * mm), _text(table.caption, bold=True), _table(table, width), Spacer(0, 3 * mm)]
    story += [_text(p) for p in minutes.conclusion]
    share = width / max(1, len(minutes.signers))
    signed = Table(
        [
            [_line(title.upper(), 13, bold=True) for title, _ in minutes.signers],
            [Spacer(0, 22 * mm) for _ in minutes.signers],
            [_line(name, 13, bold=True) for _, name in minutes.signers],
        ],
        colWidths=[share] * len(minutes.signers),
        style=_PLAIN,
    )
    return [*story, Spacer(0, 6 * mm), KeepTogether(signed)] if minutes.signers else story


def _table(table: MinutesTable, width: float) -> Table:
    head, *body = table.rows
    cells = [[_line(text, 11, bold=True) for text in head]]
    cells += [[_cell(text) for text in row] for row in body]
    whole = sum(table.shares)
    laid = Table(cells, colWidths=[width * s / whole for s in table.shares], repeatRows=1)
    laid.setStyle(_BLACK_GRID)
    return laid


def _line(text: str, size: float, *, bold: bool = False) -> Paragraph:
    style = ParagraphStyle("line", fontName=_FONT, fontSize=size, leading=1.25 * size, alignment=TA_CENTER)
    return (_Bold if bold else Paragraph)(escape(text), style)


def _text(text: str, *, bold: bool = False) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=_FONT,
        fontSize=13,
        leading=17,
        alignment=TA_JUSTIFY,
        firstLineIndent=0 if bold else 10 * mm,
        spaceAfter=6,
    )
    return (_Bold if bold else Paragraph)(escape(text), style)


def _cell(text: str) -> Paragraph:
    return Paragraph(escape(text), ParagraphStyle("cell", fontName=_FONT, fontSize=11, leading=13.5))


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont(_FONT, 13)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 14 * mm, str(document.page))


def _know_font() -> None:
    """Tell reportlab, which keeps a register of its own, where the letters are."""
    if _FONT in pdfmetrics.getRegisteredFontNames():
        return
    source = resources.files("storage").joinpath("fonts/Tinos-Latin.ttf").read_bytes()
    try:
        pdfmetrics.registerFont(TTFont(_FONT, io.BytesIO(source)))
    except TTFError as error:
        raise SealError("FONT_UNREADABLE", f"the font of the minutes cannot be used: {error}") from error
