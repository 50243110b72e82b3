"""Play back what an engine once read, so that a test or a second run costs nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from ocr.delivery import Raster
from ocr.elements import Line, PageText, Word
from ocr.engines.base import Engine, LineReading
from ocr.errors import EngineError
from ocr.imaging.region import Region

_PAGE: Final = "page"
_LINE: Final = "line"


def recording_key(image: Raster, engine: str, version: str, parameters: str) -> str:
    """Name of a recording: the pixels, who read them, and how.

    Args:
        image: what the engine was shown.
        engine: name of the engine.
        version: of the engine.
        parameters: anything else its answer depends on.
    """
    digest = hashlib.sha256(f"{engine}\n{version}\n{parameters}\n{image.shape}\n".encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


class Replay:
    """Answers from recordings; asks and records the real engine only if one is given.

    Args:
        folder: one JSON file per recording.
        name: of the recorded engine.
        version: of the recorded engine.
        live: asked where no recording exists; without it that is an `EngineError`.
    """

    def __init__(self, folder: Path, name: str, version: str, live: Engine | None = None) -> None:
        self._folder = folder
        self._name = name
        self._version = version
        self._live = live

    @classmethod
    def recording(cls, folder: Path, live: Engine) -> Replay:
        """A replay that learns from `live` what it has not heard yet."""
        return cls(folder, live.name, live.version, live)

    @property
    def name(self) -> str:
        """Of the recorded engine."""
        return self._name

    @property
    def version(self) -> str:
        """Of the recorded engine."""
        return self._version

    def read_page(self, region: Region) -> PageText:
        """As recorded, placed on the given region.

        Raises:
            EngineError: nothing was recorded for this picture, or the recording is broken.
        """
        path = self._path(region.reading, f"{_PAGE} {round(region.dpi)}")
        rows = self._recalled(path)
        if rows is None:
            text = self._asked().read_page(region)
            self._remember(path, [[_packed(w) for w in line.words] for line in text.lines])
            return text
        lines = tuple(Line(tuple(_unpacked(w) for w in row)) for row in rows)
        engine = f"{self._name} {self._version}"
        return PageText(region.page, region.width, region.height, lines, region.transform, engine)

    def read_line(self, image: Raster) -> LineReading:
        """As recorded.

        Raises:
            EngineError: nothing was recorded for this picture, or the recording is broken.
        """
        path = self._path(image, _LINE)
        recalled = self._recalled(path)
        if recalled is None:
            reading = self._asked().read_line(image)
            self._remember(path, [reading.text, reading.confidence, [_packed(w) for w in reading.words]])
            return reading
        text, confidence, words = recalled
        return LineReading(text, confidence, tuple(_unpacked(w) for w in words))

    def _path(self, image: Raster, parameters: str) -> Path:
        return self._folder / f"{recording_key(image, self._name, self._version, parameters)}.json"

    def _asked(self) -> Engine:
        if self._live is None:
            raise EngineError(
                f"no recording of {self._name} {self._version} for this picture in {self._folder}"
            )
        return self._live

    def _recalled(self, path: Path) -> Any:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise EngineError(f"recording {path.name} is broken; delete it and record again") from error

    def _remember(self, path: Path, answer: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)


def _packed(word: Word) -> list[Any]:
    return [word.text, list(word.box), word.confidence]


def _unpacked(item: list[Any]) -> Word:
    text, (left, top, right, bottom), confidence = item
    return Word(text, (left, top, right, bottom), confidence)
