"""What every reader can do, whoever built it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ocr.delivery import Raster
from ocr.elements import PageText, Word
from ocr.imaging.region import Region


@dataclass(frozen=True, slots=True)
class LineReading:
    """What an engine read in the picture of one line.

    Attributes:
        text: NFC, single blanks; empty where nothing was recognised.
        confidence: 0 to 1, as the engine claims it; 0 for an empty text.
        words: boxes in pixels of the picture that was passed in.
    """

    text: str
    confidence: float
    words: tuple[Word, ...] = ()


class Engine(Protocol):
    """A reader of printed or written text.

    Implementations hold no page state, may be shared by one process, and raise `ocr.errors.EngineError`
    for every crash, time-out or rubbish answer of what they wrap.
    """

    @property
    def name(self) -> str:
        """Short name for evidence, such as ``tesseract-vie``."""
        ...

    @property
    def version(self) -> str:
        """Version of program and model, for evidence and caches."""
        ...

    def read_page(self, region: Region) -> PageText:
        """Read all text of an upright region; boxes in region pixels."""
        ...

    def read_line(self, image: Raster) -> LineReading:
        """Read a gray picture that holds one line of text."""
        ...
