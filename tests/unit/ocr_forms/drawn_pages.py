"""Pages drawn letter by letter, as a scanner delivers them: words as read, ink as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from ocr.elements import Box, Line, PageText, Transform, Word
from ocr.imaging.region import Region
from ocr.leaf import Leaf, ReadRegion, whole_leaf

SERIF = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
HAND = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Oblique.ttf"


@dataclass
class DrawnPage:
    """A sheet to draw on.

    Attributes:
        zoom: 1 for 200 dpi; everything is drawn so much larger or smaller.
    """

    zoom: float = 1.0
    size: tuple[int, int] = (1240, 1754)
    words: list[Word] = field(default_factory=list)

    def __post_init__(self) -> None:
        width, height = (round(v * self.zoom) for v in self.size)
        self.picture = Image.new("RGB", (width, height), "white")
        self.draw = ImageDraw.Draw(self.picture)

    def at(self, *places: float) -> tuple[int, ...]:
        return tuple(round(p * self.zoom) for p in places)

    def text(
        self, left: float, top: float, text: str, *, read: bool = True, hand: bool = False, size: int = 22
    ) -> Box:
        """Draw a line; its words are known to the page reading unless it missed them."""
        font = ImageFont.truetype(HAND if hand else SERIF, round(size * self.zoom))
        x, y = self.at(left, top)
        boxes = []
        for token in text.split():
            box = tuple(round(v) for v in self.draw.textbbox((x, y), token, font))
            self.draw.text((x, y), token, "#202020", font)
            boxes.append(box)
            if read:
                self.words.append(Word(token, (box[0], box[1], box[2], box[3]), 0.95))
            x = box[2] + round(0.35 * size * self.zoom)
        return (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )

    def line(self, *places: float, width: int = 2, colour: str = "#202020") -> None:
        self.draw.line(self.at(*places), colour, max(1, round(width * self.zoom)))

    def seal(self, x: float, y: float, radius: float) -> None:
        """Stamp a ring; its ink lets through what stands under it."""
        sheet = Image.new("RGB", self.picture.size, "white")
        ring = ImageDraw.Draw(sheet)
        for r in (radius, radius - 14):
            left, top, right, bottom = self.at(x - r, y - r, x + r, y + r)
            ring.ellipse((left, top, right, bottom), outline="#d2323c", width=max(1, round(4 * self.zoom)))
        self.picture.paste(ImageChops.multiply(self.picture, sheet))

    def sign(self, points: Sequence[tuple[float, float]]) -> None:
        flat = [self.at(*p) for p in points]
        self.draw.line(flat, "#20307a", round(5 * self.zoom), joint="curve")

    def region(self) -> ReadRegion:
        image = np.ascontiguousarray(np.asarray(self.picture)[:, :, ::-1])
        # The reading picture has its seals paled, as the imaging steps leave it.
        gray = np.asarray(cv2.max(image[:, :, 2], cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)), np.uint8)
        height, width = gray.shape
        lines = tuple(Line((word,)) for word in self.words)
        text = PageText(1, width, height, lines, Transform.identity(), "drawn 1")
        return ReadRegion(Region(1, 0, image, gray, Transform.identity(), 200 * self.zoom), text)

    def leaf(self) -> Leaf:
        return whole_leaf(self.region(), ("", ""))
