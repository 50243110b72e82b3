"""What people see of a signature on the page."""

from __future__ import annotations

import io
from dataclasses import dataclass

from pikepdf import Dictionary, Pdf
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle

from storage.visible_block import MARGIN, BlockLayout, plain


@dataclass(frozen=True, slots=True)
class Mark:
    """Words in a box on the page, without any image of a seal or signature.

    Attributes:
        box: left, bottom, right, top in PDF points of the page; words that need more room are drawn smaller.
        text: lines to show.
        page: counted from 0.
    """

    box: tuple[int, int, int, int]
    text: str
    page: int = 0

    def style(self) -> StaticStampStyle:
        """The words as pyHanko puts them on a page, in the font of the copies' own mark.

        Fonts that pyHanko embeds by itself carry widths that PDF/A forbids (ISO 19005-3, 6.2.11.5).

        Raises:
            SealError: ``LETTER_NOT_PRINTABLE``.
        """
        words = _Page(_drawn([plain(line) for line in self.text.splitlines()]))
        middle = AxisAlignment.ALIGN_MID
        rule = SimpleBoxLayoutRule(middle, middle)
        return StaticStampStyle(background=words, background_layout=rule, border_width=0)


class _Page(PdfContent):
    """The only page of a PDF in memory."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        reader = PdfFileReader(io.BytesIO(self._pdf))
        drawn = self._ensure_writer.import_page_as_xobject(reader)
        self.resources.xobject["/Words"] = drawn
        _, _, width, height = drawn.get_object()["/BBox"]
        self.box = BoxConstraints(width=width, height=height)
        return b"/Words Do"


def _drawn(lines: list[str]) -> bytes:
    layout = BlockLayout(lines)
    width = layout.width + 2 * MARGIN
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(width, layout.height))
        page.Resources = Dictionary(Font=Dictionary(F0=layout.embed(pdf)))
        page.Contents = pdf.make_stream(layout.operators("F0", width, layout.height))
        pdf.save(output := io.BytesIO())
    return output.getvalue()
