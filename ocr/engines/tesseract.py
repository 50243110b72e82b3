"""Tesseract: the reader of print, as the program that every installation has."""

from __future__ import annotations

import math
import os
import re
import subprocess
import tempfile
import unicodedata
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytesseract

from ocr.delivery import Raster
from ocr.elements import Line, PageText, Word, hull
from ocr.engine_cache import EngineCache, kept_or_asked, model_digest
from ocr.engines.base import LineReading
from ocr.errors import EngineError
from ocr.imaging.levels import grey_percentile
from ocr.imaging.region import Region
from ocr.imaging.ruling import without_ruling

_PAGE_MODE: Final = 3
_BLOCK_MODE: Final = 6
_LINE_MODE: Final = 7
_PAGE_DPI: Final = 200.0
_SURE_WORD: Final = 0.6
_WORD_LEVEL: Final = "5"
_TSV_COLUMNS: Final = 12
# Below this many grey levels between darkest and lightest there is no ink, yet Tesseract finds signs in it.
_LEAST_CONTRAST: Final = 12


class TesseractReader(ABC):
    """What both ways of running Tesseract have in common; see `Tesseract` and `InProcessTesseract`.

    Several threads inside Tesseract cost four times the processor time for nothing, so it is held to one;
    pages are what to parallelise.

    Args:
        language: name of the trained model.
        timeout: seconds that one page may take.
        cache: keeps answers; they are looked up by what Tesseract itself is shown.
    """

    def __init__(
        self, language: str = "vie", *, timeout: float = 120.0, cache: EngineCache | None = None
    ) -> None:
        # Both the program and the library take it from this process's environment and nowhere else.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        self._language = language
        self._timeout = timeout
        self._cache = cache

    @property
    def name(self) -> str:
        """``tesseract-`` and the model."""
        return f"tesseract-{self._language}"

    @property
    @abstractmethod
    def version(self) -> str:
        """Version of Tesseract itself."""

    @abstractmethod
    def _run(self, image: Raster, mode: int, dpi: int | None = None) -> str:
        """Rows of Tesseract's TSV for a gray picture, without their heading, in pixels of the picture."""

    @abstractmethod
    def _data_folder(self) -> Path | None:
        """Where the model lies, if that can be told."""

    def _words(self, image: Raster, mode: int, dpi: int | None = None) -> list[list[Word]]:
        """Words of a gray picture, by line, in pixels of the picture."""
        folder = self._data_folder() if self._cache else None
        if folder is None:
            return parse_rows(self._run(image, mode, dpi))
        model = model_digest(folder / f"{self._language}.traineddata")
        return kept_or_asked(
            self._cache,
            image,
            (type(self).__name__, self.name, self.version, model, f"psm {mode}, {dpi} dpi"),
            ask=lambda: self._run(image, mode, dpi).encode(),
            understand=lambda answer: parse_rows(answer.decode()),
        )

    def read_page(self, region: Region, *, mode: int = _PAGE_MODE) -> PageText:
        """Read a whole region with Tesseract's own layout analysis.

        Args:
            region: upright leaf.
            mode: page segmentation mode; 3 finds columns, 11 scattered text.

        Raises:
            EngineError: Tesseract is missing, crashed or took too long.
        """
        height, width = region.reading.shape
        picture, scale = page_picture(region)
        rows = self._words(picture, mode, dpi=round(region.dpi * scale))
        return PageText(
            region.page,
            width,
            height,
            tuple(Line(tuple(_scaled(w, scale, width, height) for w in words)) for words in rows),
            region.transform,
            f"{self.name} {self.version}",
        )

    def read_line(self, image: Raster) -> LineReading:
        """Clean the picture of one line and read it; see `clean_line`.

        Raises:
            EngineError: Tesseract is missing, crashed or took too long.
        """
        if min(image.shape[:2]) < 3 or np.ptp(image) < _LEAST_CONTRAST:
            return LineReading("", 0.0)
        cleaned = clean_line(image)
        words = [
            _moved(word, -LINE_PADDING, image) for row in self._words(cleaned, _LINE_MODE) for word in row
        ]
        if not words:
            return LineReading("", 0.0)
        letters = sum(len(w.text) for w in words)
        confidence = sum(w.confidence * len(w.text) for w in words) / letters
        return LineReading(" ".join(w.text for w in words), confidence, tuple(words))

    def letters_surely_read(self, image: Raster) -> float:
        """Letters of words read with confidence, weighted by it; tells whether a picture is upright.

        Args:
            image: gray picture of some lines.

        Raises:
            EngineError: Tesseract is missing, crashed or took too long.
        """
        words = (word for row in self._words(image, _BLOCK_MODE) for word in row)
        return sum(
            sum(map(str.isalpha, word.text)) * word.confidence
            for word in words
            if word.confidence >= _SURE_WORD and len(word.text) >= 2
        )


class Tesseract(TesseractReader):
    """Reads print with the Tesseract program, one process per call."""

    @property
    def version(self) -> str:
        """Version of the program; asked once per process."""
        return _probe_version()

    def _data_folder(self) -> Path | None:
        return _program_data()

    def _run(self, image: Raster, mode: int, dpi: int | None = None) -> str:
        config = f"--psm {mode}" + (f" --dpi {dpi}" if dpi else "")
        try:
            with tempfile.TemporaryDirectory(prefix="sohoa-read-") as folder:
                # Uncompressed and by path: compressing to PNG first would cost a fifth of the reading time.
                picture = str(Path(folder, "region.pgm"))
                cv2.imwrite(picture, image)
                table = pytesseract.image_to_data(
                    picture, lang=self._language, config=config, timeout=self._timeout
                )
        except pytesseract.TesseractNotFoundError as error:
            raise EngineError(
                "tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-vie"
            ) from error
        except RuntimeError as error:  # time-out, and TesseractError which is its child
            raise EngineError(
                f"tesseract failed on a {image.shape[1]}x{image.shape[0]} image: {error}"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise EngineError(f"tesseract returned nothing readable: {error}") from error
        return without_heading(table)


def without_heading(table: str) -> str:
    """The rows of Tesseract's TSV.

    Raises:
        EngineError: the table is not Tesseract's.
    """
    head, _, body = table.partition("\n")
    if not head.startswith("level\t"):
        raise EngineError("tesseract returned no table")
    return body


def parse_rows(body: str) -> list[list[Word]]:
    """Turn the rows of Tesseract's TSV, without their heading, into rows of words, in Tesseract's order.

    Raises:
        EngineError: a row is not Tesseract's.
    """
    rows: dict[tuple[str, ...], list[Word]] = {}
    for line in body.split("\n"):
        cells = line.split("\t", _TSV_COLUMNS - 1)
        if len(cells) < _TSV_COLUMNS or cells[0] != _WORD_LEVEL:
            continue
        text = unicodedata.normalize("NFC", cells[11]).strip()
        if not text:
            continue
        try:
            left, top, width, height = (int(c) for c in cells[6:10])
            confidence = min(1.0, max(0.0, float(cells[10]) / 100))
        except ValueError as error:
            raise EngineError(f"tesseract returned a broken row: {line[:80]!r}") from error
        word = Word(text, (left, top, left + width, top + height), confidence)
        rows.setdefault(tuple(cells[1:5]), []).append(word)
    return list(rows.values())


def page_picture(region: Region) -> tuple[Raster, float]:
    """What is shown to Tesseract of a region, and its pixels per region pixel.

    Fine scans are shrunk to 200 dpi: 300 dpi cost a third more time and give no better text (measured on
    printed pages). Leaders and rules are taken off; see `without_ruling`.
    """
    picture, scale = region.reading, min(1.0, _PAGE_DPI / region.dpi)
    if scale < 1.0:
        shrunk = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        picture, scale = np.asarray(shrunk, np.uint8), shrunk.shape[1] / picture.shape[1]
    return without_ruling(picture, region.dpi * scale), scale


def _scaled(word: Word, scale: float, width: int, height: int) -> Word:
    """A word of a picture, in pixels of what it was shrunk from."""
    if scale == 1.0:
        return word
    left, top, right, bottom = (v / scale for v in word.box)
    box = (int(left), int(top), min(width, math.ceil(right)), min(height, math.ceil(bottom)))
    return Word(word.text, box, word.confidence)


LINE_PADDING: Final = 10


def clean_line(image: Raster) -> Raster:
    """Remove slivers of neighbouring lines and pad with paper colour; never scale.

    Uncleaned, one crop in ten comes back empty and character errors are sevenfold (measured on 372
    printed lines: 14.5 % against 2.0 %).

    Args:
        image: gray crop of one line.

    Returns:
        The crop with `LINE_PADDING` pixels of paper on every side.
    """
    height = image.shape[0]
    paper = int(grey_percentile(image, 85))
    _, ink = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tops = stats[:, cv2.CC_STAT_TOP]
    bottoms = tops + stats[:, cv2.CC_STAT_HEIGHT]
    sliver = ((tops <= 1) & (bottoms < 0.28 * height)) | ((bottoms >= height - 1) & (tops > 0.80 * height))
    sliver[0] = False
    cleaned = image.copy()
    if count > 1 and sliver.any():
        mask = cv2.dilate(sliver[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
        cleaned[mask > 0] = paper
    pad = LINE_PADDING
    padded = cv2.copyMakeBorder(cleaned, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(paper,))
    return np.asarray(padded, np.uint8)


def _moved(word: Word, by: int, image: Raster) -> Word:
    height, width = image.shape[:2]
    left, top, right, bottom = (v + by for v in word.box)
    box = (max(0, left), max(0, top), min(width, max(1, right)), min(height, max(1, bottom)))
    return Word(word.text, hull([box]), word.confidence)


def _told(option: str) -> str:
    program = pytesseract.pytesseract.tesseract_cmd
    try:
        answer = subprocess.run([program, option], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(
            "tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-vie"
        ) from error
    return answer.stdout + answer.stderr


@cache
def _program_data() -> Path | None:
    """Folder from which the program takes its models; versions before 5 do not tell."""
    found = re.search(r'languages in "([^"]+)"', _told("--list-langs"))
    return Path(found.group(1)) if found else None


@cache
def _probe_version() -> str:
    found = re.search(r"tesseract v?(\d+\.\d+(?:\.\d+)?)", _told("--version"))
    if not found:
        raise EngineError("tesseract does not tell its version")
    return found.group(1)
