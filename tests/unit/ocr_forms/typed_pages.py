"""Pages made of words at given places, as a text layer delivers them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.elements import Line, PageText, Transform, Word
from ocr.extract import ReadRegion
from ocr.imaging.region import Region

LETTER = 12
HEIGHT = 24


def words_at(left: int, top: int, text: str, confidence: float = 0.95) -> tuple[Word, ...]:
    """The words of a text set in one row from `left` on."""
    words, at = [], left
    for token in text.split():
        words.append(Word(token, (at, top, at + LETTER * len(token), top + HEIGHT), confidence))
        at += LETTER * (len(token) + 1)
    return tuple(words)


def page_of(
    texts: Sequence[tuple[int, int, str]], *, number: int = 1, width: int = 1654, height: int = 2339
) -> ReadRegion:
    """A born-digital page with texts at (left, top)."""
    paper = np.full((height, width), 255, np.uint8)
    image = np.repeat(paper[:, :, None], 3, axis=2)
    lines = tuple(Line(words_at(*text)) for text in texts)
    transform = Transform.identity()
    text = PageText(number, width, height, lines, transform, "text-layer")
    return ReadRegion(Region(number, 0, image, paper, transform, 200.0), text)
