"""The printed mark of a digitised copy: kind of copy, office, signing time.

Decree 30/2020/NĐ-CP, annex I, II.2: at the top right of the first page, without any image of a seal or
signature, Times New Roman upright, 10 pt, black. The mark stands in a strip of its own above the image,
so that it covers nothing and the image stays where and as it is.
"""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib import resources

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Pdf, String

from storage.errors import SealError
from storage.geometry import number
from storage.text_layer import to_unicode

VIETNAM_TIME = timezone(timedelta(hours=7))

FONT_SIZE = 10.0
LEADING = 12.5
MARGIN = 10.0
MAX_LINE_WIDTH = 300.0
"""Points; longer office names are broken into several lines."""


@dataclass(frozen=True, slots=True)
class VisibleBlock:
    """What the mark says.

    Attributes:
        kind: kind of copy, such as ``Bản số hóa`` or ``SAO Y``.
        office: name of the office that signs.
        signed_at: aware; printed in Vietnamese time. Fix it once per record: it is part of the bytes.
    """

    kind: str
    office: str
    signed_at: datetime

    def texts(self) -> tuple[str, ...]:
        """The three statements of the mark, NFC."""
        if self.signed_at.tzinfo is None:
            raise SealError("TIME_WITHOUT_ZONE", "the signing time of the visible block carries no time zone")
        local = self.signed_at.astimezone(VIETNAM_TIME)
        written = (
            self.kind,
            f"Cơ quan: {self.office}",
            f"Thời gian ký: {local:%d-%m-%Y %H:%M:%S} +07:00",
        )
        return tuple(plain(text) for text in written)


def plain(text: str) -> str:
    """NFC, with single spaces between words."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


@dataclass(frozen=True, slots=True)
class _Face:
    """A subset of Tinos that holds the letters of one mark."""

    program: bytes
    glyphs: dict[str, int]
    widths: dict[int, int]
    ascent: int
    descent: int
    box: tuple[int, int, int, int]

    def width(self, text: str) -> float:
        """Points at `FONT_SIZE`."""
        return sum(self.widths[self.glyphs[c]] for c in text) * FONT_SIZE / 1000

    def encode(self, text: str) -> str:
        return "".join(f"{self.glyphs[c]:04X}" for c in text)


class BlockLayout:
    """The mark broken into lines, ready to be drawn.

    Args:
        texts: statements, each `plain`; one that is too long takes several lines.

    Attributes:
        width: points that the widest line takes.
        height: points of the whole strip, margins included.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._face = _face("".join(sorted(set("".join(texts)) | {" "})))
        self._lines = [line for text in texts for line in self._wrapped(text)]
        self.width = max(self._face.width(line) for line in self._lines)
        self.height = 2 * MARGIN + LEADING * len(self._lines)

    def _wrapped(self, text: str) -> list[str]:
        lines = [""]
        for word in text.split(" "):
            candidate = f"{lines[-1]} {word}".strip()
            if lines[-1] and self._face.width(candidate) > MAX_LINE_WIDTH:
                lines.append(word)
            else:
                lines[-1] = candidate
        return lines

    def operators(self, resource: str, right: float, top: float) -> bytes:
        """Content operators; the widest line ends at the margin left of `right`, `top` is the page's edge."""
        left = right - MARGIN - self.width
        base = top - MARGIN - FONT_SIZE
        rows = [f"q 0 g BT 0 Tr 100 Tz /{resource} {number(FONT_SIZE)} Tf"]
        for index, line in enumerate(self._lines):
            y = number(base - index * LEADING)
            rows.append(f"1 0 0 1 {number(left)} {y} Tm <{self._face.encode(line)}> Tj")
        rows.append("ET Q")
        return "\n".join(rows).encode("ascii")

    def embed(self, pdf: Pdf) -> pikepdf.Object:
        """Write the subset font into `pdf`."""
        face = self._face
        name = Name("/SOHOAA+Tinos")
        descriptor = pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=name,
                Flags=4,
                FontBBox=Array(list(face.box)),
                ItalicAngle=0,
                Ascent=face.ascent,
                Descent=face.descent,
                CapHeight=662,
                StemV=80,
                FontFile2=pdf.make_stream(face.program, Length1=len(face.program)),
            )
        )
        widths: list[object] = []
        for glyph, width in sorted(face.widths.items()):
            widths += [glyph, Array([width])]
        descendant = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=name,
                CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
                FontDescriptor=descriptor,
                W=Array(widths),
                CIDToGIDMap=Name.Identity,
            )
        )
        characters = {glyph: c for c, glyph in face.glyphs.items()}
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=name,
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([descendant]),
                ToUnicode=pdf.make_stream(to_unicode(characters)),
            )
        )


@functools.lru_cache(maxsize=64)
def _face(letters: str) -> _Face:
    """Tinos cut down to `letters`."""
    source = resources.files("storage").joinpath("fonts/Tinos-Latin.ttf").read_bytes()
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    missing = sorted(set(letters) - {chr(code) for code in font.getBestCmap()})
    if missing:
        names = ", ".join(f"U+{ord(c):04X}" for c in missing)
        raise SealError("LETTER_NOT_PRINTABLE", f"the font of the visible block has no glyph for {names}")
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(c) for c in letters])
    cutter.subset(font)
    data = io.BytesIO()
    font.save(data)
    font = TTFont(io.BytesIO(data.getvalue()))
    scale = 1000 / font["head"].unitsPerEm
    order = {name: index for index, name in enumerate(font.getGlyphOrder())}
    glyphs = {chr(code): order[name] for code, name in font.getBestCmap().items()}
    widths = {order[name]: round(width * scale) for name, (width, _) in font["hmtx"].metrics.items()}
    head = font["head"]
    box = tuple(round(v * scale) for v in (head.xMin, head.yMin, head.xMax, head.yMax))
    return _Face(
        data.getvalue(),
        glyphs,
        widths,
        round(font["hhea"].ascent * scale),
        round(font["hhea"].descent * scale),
        (box[0], box[1], box[2], box[3]),
    )
