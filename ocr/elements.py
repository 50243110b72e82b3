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
from typing import Final, TypeAlias

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie just outside."""

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Corners in reading order: top left, top right, bottom right, bottom left."""

# A bend changes so slowly down the page that each step leaves a tenth of the error before it.
_STEPS_TO_LEVEL: Final = 8


def hull(boxes: Sequence[Box]) -> Box:
    """Smallest box around all `boxes` (at least one)."""
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


@dataclass(frozen=True, slots=True)
class Bend:
    """How far the lines of a curled leaf run above or below their level place.

    Attributes:
        width: of the region, pixels.
        height: of the region, pixels.
        down: region pixels by which ink stands lower than on the flattened leaf. The numbers belong to
            the middles of equal cells that cover the region, a row for every row of cells; in between
            they change evenly both ways, beyond the outermost middles they stay.
    """

    width: int
    height: int
    down: tuple[tuple[float, ...], ...]

    def at(self, x: float, y: float) -> float:
        """Displacement of one point of the flattened region."""
        upper, lower, share_y = _neighbours(y / self.height, len(self.down))
        left, right, share_x = _neighbours(x / self.width, len(self.down[0]))
        above, below = self.down[upper], self.down[lower]
        high = above[left] + (above[right] - above[left]) * share_x
        low = below[left] + (below[right] - below[left]) * share_x
        return high + (low - high) * share_y

    def level(self, x: float, y: float) -> float:
        """How far down the flattened region a point of the curled one comes to lie."""
        flat = y
        for _ in range(_STEPS_TO_LEVEL):
            flat = y - self.at(x, flat)
        return flat


def _neighbours(share: float, cells: int) -> tuple[int, int, float]:
    """The cells before and after a place, and how far it is from the middle of the one to the other's."""
    place = min(max(share * cells - 0.5, 0.0), cells - 1.0)
    before = int(place)
    return before, min(before + 1, cells - 1), place - before


@dataclass(frozen=True, slots=True)
class Transform:
    """Map from region pixels to delivered-page pixels: back into the curl, if any, then a homography.

    Attributes:
        matrix: nine numbers, row by row.
        bend: that was taken out of the region; ``None`` where nothing was.
    """

    matrix: tuple[float, float, float, float, float, float, float, float, float]
    bend: Bend | None = None

    @classmethod
    def identity(cls) -> Transform:
        """The transform of a region that is the delivered page itself."""
        return cls((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))

    def point(self, x: float, y: float) -> Point:
        """Map one point."""
        m = self.matrix
        if self.bend is not None:
            y += self.bend.at(x, y)
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
        outline = self.quad(box) if self.bend is None else tuple(self._outline(box, self.bend))
        xs, ys = [p[0] for p in outline], [p[1] for p in outline]
        return max(0, int(min(xs))), max(0, int(min(ys))), int(max(xs) + 0.999), int(max(ys) + 0.999)

    def _outline(self, box: Box, bend: Bend) -> Iterator[Point]:
        """Points of the upper and lower side of a box: its corners, and where the bend may turn between."""
        left, top, right, bottom = box
        cells = len(bend.down[0])
        middles = ((cell + 0.5) * bend.width / cells for cell in range(cells))
        for x in (left, *(m for m in middles if left < m < right), right):
            yield self.point(x, top)
            yield self.point(x, bottom)


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
