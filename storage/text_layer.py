"""Invisible, searchable text with a glyphless font."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from pikepdf import Array, Dictionary, Name, Pdf, String

from storage.geometry import Affine, Point, Quad, apply, distance, number

ADVANCE = 0.5
"""Width of every glyph of the glyphless font, in ems."""

DESCENT = 0.2
"""Share of a word box that lies below the base line."""

WORD_GAP = 0.2
"""Ems between words; readers that go by geometry (poppler: 0.15) run closer ones together."""

LEVEL = 0.12
"""Slopes up to this are laid level, word by word, around the middle of the word; poppler breaks a word whose
letters rise or fall by half a point."""

FONT_EPOCH = 3786912000
"""1 January 2024 in seconds since 1904."""


@dataclass(frozen=True, slots=True)
class TextWord:
    """One corrected word.

    Attributes:
        text: becomes NFC; characters that PDF/A forbids in a text layer are dropped.
        quad: corners in displayed image pixels, in reading order: top left, top right, bottom right,
            bottom left of the *word*, so a word standing on its head begins at the lower right of the image.
    """

    text: str
    quad: Quad


@dataclass(frozen=True, slots=True)
class TextLine:
    """Words of one line of text in reading order; extracted with one blank between them."""

    words: tuple[TextWord, ...]


def clean(text: str) -> str:
    """NFC text without what ISO 19005-3, 6.2.11.7.2 forbids or no reader can search for.

    Control characters, lone surrogates, byte order marks and non-characters go.
    """
    kept = (c for c in unicodedata.normalize("NFC", text) if not _forbidden(c))
    return unicodedata.normalize("NFC", "".join(kept))


def _forbidden(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or code == 0xFEFF
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )


def cleaned(lines: Iterable[TextLine]) -> tuple[TextLine, ...]:
    """Lines with clean words; words and lines that become empty are left out."""
    result = []
    for line in lines:
        words = tuple(TextWord(text, w.quad) for w in line.words if (text := clean(w.text).strip()))
        if words:
            result.append(TextLine(words))
    return tuple(result)


class GlyphlessFont:
    """Character codes of one document: CID n stands for the n-th character used, in code point order."""

    def __init__(self, texts: Iterable[str]) -> None:
        characters = sorted({c for text in texts for c in text} | {" "})
        self._codes = {c: code for code, c in enumerate(characters, start=1)}

    def encode(self, text: str) -> str:
        """Two-byte codes as hexadecimal digits."""
        return "".join(f"{self._codes[c]:04X}" for c in text)

    def embed(self, pdf: Pdf) -> pikepdf.Object:
        """Write the font into `pdf`, every code drawn by one empty glyph."""
        program = _glyphless_program()
        name = Name("/AAAAAA+Glyphless")
        descriptor = pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=name,
                Flags=4,
                FontBBox=Array([0, -200, 500, 900]),
                ItalicAngle=0,
                Ascent=900,
                Descent=-200,
                CapHeight=700,
                StemV=80,
                FontFile2=pdf.make_stream(program, Length1=len(program)),
            )
        )
        descendant = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=name,
                CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
                FontDescriptor=descriptor,
                DW=int(1000 * ADVANCE),
                CIDToGIDMap=pdf.make_stream(b"\0\0" + b"\0\1" * len(self._codes)),
            )
        )
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=name,
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([descendant]),
                ToUnicode=pdf.make_stream(to_unicode({code: c for c, code in self._codes.items()})),
            )
        )


def to_unicode(characters: dict[int, str]) -> bytes:
    """ToUnicode CMap for two-byte codes; characters beyond the BMP become surrogate pairs."""
    rows = [f"<{code:04X}> <{c.encode('utf-16-be').hex().upper()}>" for code, c in sorted(characters.items())]
    blocks = []
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        blocks.append(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "".join(blocks)
        + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def text_operators(lines: Sequence[TextLine], font: GlyphlessFont, resource: str, to_points: Affine) -> bytes:
    """Content operators that lay invisible words over their places on the page.

    Args:
        lines: clean lines in displayed pixels.
        font: codes for every character of `lines`.
        resource: name of the font in the page's resources.
        to_points: displayed pixels to PDF points.
    """
    operators = ["BT", "3 Tr"]
    for line in lines:
        boxes = [_Baseline(tuple(apply(to_points, p) for p in word.quad)) for word in line.words]
        gaps = [box.gap_to(following) for box, following in pairwise(boxes)]
        for word, whole, room in zip(line.words, boxes, [*gaps, None], strict=True):
            box, gap = (whole, 0.0) if room is None else whole.apart(room)
            stretch = max(0.01, box.width / (ADVANCE * box.size * len(word.text)))
            # Every word is shown with a blank behind it, the last one too: PDFium drops text objects
            # of a single empty glyph.
            filler = 1000 * (ADVANCE - gap / (box.size * stretch)) if gap else 0.0
            operators.append(
                f"/{resource} {number(box.size)} Tf {number(100 * stretch)} Tz {box.matrix} Tm "
                f"[<{font.encode(word.text + ' ')}> {number(filler)}] TJ"
            )
    operators.append("ET")
    return "\n".join(operators).encode("ascii")


class _Baseline:
    """Where a word begins in points, which way it runs, how long and how high it is."""

    def __init__(self, corners: Sequence[Point]) -> None:
        top_left, _, bottom_right, bottom_left = corners
        run = distance(bottom_left, bottom_right)
        x, y = bottom_right[0] - bottom_left[0], bottom_right[1] - bottom_left[1]
        u = (x / run, y / run) if run else (1.0, 0.0)
        level = (round(u[0]), round(u[1]))
        self._u = level if distance(u, level) <= LEVEL else u
        self.size = max(distance(bottom_left, top_left), 0.5)
        self.width = max(run, 0.1)
        rise, half = DESCENT * self.size, self.width / 2
        centre = bottom_left[0] + x / 2 - self._u[1] * rise, bottom_left[1] + y / 2 + self._u[0] * rise
        self._start = (centre[0] - self._u[0] * half, centre[1] - self._u[1] * half)

    @property
    def matrix(self) -> str:
        """Text matrix as six PDF numbers."""
        x, y = self._u
        return " ".join(number(v) for v in (x, y, -y, x, *self._start))

    def apart(self, gap: float) -> tuple[_Baseline, float]:
        """The word kept clear of the next one, narrower and if need be lower, and the gap that it leaves."""
        if gap >= WORD_GAP * self.size or gap <= -self.width / 2:
            return self, gap
        kept = copy(self)
        kept.size = min(self.size, (gap + self.width / 2) / WORD_GAP)
        kept.width = min(self.width, self.width + gap - WORD_GAP * kept.size)
        return kept, gap + self.width - kept.width

    def gap_to(self, following: _Baseline) -> float:
        """Points along the line from the end of this word to the beginning of the next."""
        along = (following._start[0] - self._start[0]) * self._u[0] + (
            following._start[1] - self._start[1]
        ) * self._u[1]
        return along - self.width


@functools.cache
def _glyphless_program() -> bytes:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "blank"])
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf({".notdef": Glyph(), "blank": Glyph()})
    width = int(1000 * ADVANCE)
    builder.setupHorizontalMetrics({".notdef": (width, 0), "blank": (width, 0)})
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupNameTable({"familyName": "Glyphless", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    # Equal input has to give equal bytes: no clock in the font.
    builder.font.recalcTimestamp = False
    builder.font["head"].created = builder.font["head"].modified = FONT_EPOCH
    data = io.BytesIO()
    builder.save(data)
    return data.getvalue()
