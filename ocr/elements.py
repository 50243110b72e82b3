"""What reading produces and everything after it consumes.

Two frames occur. The *delivered page* is the page as its file gives it (after EXIF orientation; a
PDF page at the embedded image's own resolution, born-digital pages at 200 dpi). A *region* is one
upright, flattened leaf cut from it: half a spread, or the page itself. Boxes of words live in region
pixels, where text runs left to right; `Transform` carries them back to delivered pixels.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie just outside."""

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Corners in reading order: top left, top right, bottom right, bottom left."""


def hull(boxes: Sequence[Box]) -> Box:
    """Smallest box around all `boxes` (at least one)."""
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


@dataclass(frozen=True, slots=True)
class Transform:
    """Plane homography from region pixels to delivered-page pixels.

    Attributes:
        matrix: nine numbers, row by row.
    """

    matrix: tuple[float, float, float, float, float, float, float, float, float]

    @classmethod
    def identity(cls) -> Transform:
        """The transform of a region that is the delivered page itself."""
        return cls((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))

    def point(self, x: float, y: float) -> Point:
        """Map one point."""
        m = self.matrix
        w = m[6] * x + m[7] * y + m[8]
        return (m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w

    def quad(self, box: Box) -> Quad:
        """Map the corners of a box, keeping reading order."""
        left, top, right, bottom = box
        return (
            self.point(left, top),
            self.point(right, top),
            self.point(right, bottom),
            self.point(left, bottom),
        )

    def box(self, box: Box) -> Box:
        """Axis-aligned hull of a mapped box, rounded outwards and never negative."""
        corners = self.quad(box)
        xs, ys = [p[0] for p in corners], [p[1] for p in corners]
        return max(0, int(min(xs))), max(0, int(min(ys))), int(max(xs) + 0.999), int(max(ys) + 0.999)


class Ink(enum.StrEnum):
    """How a piece of text came onto the paper."""

    PRINT = "print"
    TYPE = "type"
    HAND = "hand"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Word:
    """One word.

    Attributes:
        text: NFC, without blanks.
        box: region pixels.
        confidence: 0 to 1, as the engine claims it; 1 for a PDF text layer.
    """

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one line, left to right."""

    words: tuple[Word, ...]

    @property
    def box(self) -> Box:
        """Hull of the words in region pixels."""
        return hull([w.box for w in self.words])

    @property
    def text(self) -> str:
        """The words, one blank between them."""
        return " ".join(w.text for w in self.words)


@dataclass(frozen=True, slots=True)
class PageText:
    """What one engine read on one region.

    Attributes:
        page: number of the delivered page, from 1.
        width: of the region, in region pixels.
        height: of the region, in region pixels.
        lines: in reading order.
        transform: region pixels to delivered pixels.
        engine: name and version of the reader, for evidence and caches.
    """

    page: int
    width: int
    height: int
    lines: tuple[Line, ...]
    transform: Transform
    engine: str

    def words(self) -> Iterator[Word]:
        """All words in reading order."""
        for line in self.lines:
            yield from line.words

    @property
    def text(self) -> str:
        """All lines, separated by line feeds."""
        return "\n".join(line.text for line in self.lines)


class PageState(enum.StrEnum):
    """Whether a delivered page carries something to read."""

    OK = "ok"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    COVER = "cover"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PageReport:
    """What became of one delivered page.

    Attributes:
        rotation: clockwise degrees by which the delivered page is turned against upright.
        reasons: codes such as ``BLURRED``, ``LOW_CONTRAST``, ``GLARE``, ``CUT_OFF``, ``NO_TEXT``.
    """

    page: int
    width: int
    height: int
    state: PageState = PageState.OK
    rotation: int = 0
    spread: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Barcode:
    """A bar code or QR code found on a delivered page; `box` in delivered pixels."""

    format: str
    text: str
    page: int
    box: Box


class FieldStatus(enum.StrEnum):
    """How far a field value may be relied on."""

    EMPTY = "EMPTY"
    READ = "READ"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    UNREADABLE = "UNREADABLE"
    CONFLICT = "CONFLICT"
    KEYED = "KEYED"
    CONFIRMED = "CONFIRMED"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A reading that lost against the chosen one."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One official field with its evidence.

    Attributes:
        key: official name, such as ``nksHoTen``.
        kind: what sort of value it is (``date``, ``name`` …); says which parser makes it canonical.
        written: text as on paper, NFC; letterhead lines separated by line feeds.
        value: canonical value; equals `written` until a parser has seen it.
        box: delivered pixels; ``None`` where nothing stands on the paper.
        source: engine or engines, ``QR``, ``text-layer``.
        signals: what the confidence rests on, by name, each 0 to 1; empty where one reader alone spoke.
        accepted: true where no person needs to look (calibrated; see ``pipeline.policies``).
        decision: code that says why; empty where nobody has decided yet.
    """

    key: str
    kind: str
    written: str
    value: str
    confidence: float
    status: FieldStatus
    ink: Ink
    page: int
    box: Box | None
    source: str
    accepted: bool = False
    decision: str = ""
    alternatives: tuple[Alternative, ...] = ()
    signals: Mapping[str, float] = field(default_factory=dict)

    def with_value(self, value: str, status: FieldStatus | None = None) -> FieldReading:
        """The same evidence with a canonical value."""
        return replace(self, value=value, status=status or self.status)


@dataclass(frozen=True, slots=True)
class RecordReading:
    """One registration case or certificate.

    Attributes:
        form: ``KS``, ``KH``, ``KT``, ``CMC``, ``HN``, ``GKS`` or ``GCN``.
        era: period of the form layout, such as ``2006-2015``.
        page: delivered page on which the record begins.
        pages: all delivered pages that it covers, ascending.
        box: delivered pixels on `page`.
    """

    form: str
    era: str
    page: int
    pages: tuple[int, ...]
    box: Box
    fields: Mapping[str, FieldReading] = field(default_factory=dict)
