"""Tesseract inside this process, where its library and its data are found.

Starting the program costs more than reading a line with it (136 ms against 17 ms) and a third of reading
a page. A crash of the library ends the process that called it; readers therefore always run in worker
processes that somebody restarts.
"""

from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from ocr.delivery import Raster
from ocr.engine_cache import EngineCache
from ocr.engines.tesseract import Tesseract, TesseractReader
from ocr.errors import EngineError

_DATA_FOLDERS: Final = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
_UNKNOWN_DPI: Final = 70
"""What the program assumes of a picture without resolution; the library keeps the last page's otherwise."""


@dataclass(slots=True)
class _Kept(threading.local):
    """The library as one thread of one process has opened it."""

    api: Any = None
    process: int = 0


class _Turn:
    """Whose turn it is in this process: instances in two threads share tables and have crashed each other."""

    lock = threading.Lock()

    @classmethod
    def anew(cls) -> None:
        """What another thread held when the process forked, nobody would let go of in the child."""
        cls.lock = threading.Lock()


os.register_at_fork(after_in_child=_Turn.anew)


class InProcessTesseract(TesseractReader):
    """Reads print with Tesseract's library.

    The library is opened on first use and kept, once per thread and anew after a fork; threads take turns.
    Pictures and results are let go after every call. May be pickled: what arrives opens the library for
    itself.

    Args:
        language: name of the trained model.
        timeout: seconds that one page may take.
        data: folder that holds the model; by default where the system's packages put it.
        cache: keeps answers.

    Raises:
        EngineError: the library or the model is not installed.
    """

    def __init__(
        self,
        language: str = "vie",
        *,
        timeout: float = 120.0,
        data: Path | None = None,
        cache: EngineCache | None = None,
    ) -> None:
        super().__init__(language, timeout=timeout, cache=cache)
        _library()
        self._data = data or find_data(language)
        self._kept = _Kept()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._language, self._timeout, self._data, self._cache)

    @property
    def version(self) -> str:
        """Version of the library, which need not be that of the program beside it."""
        return _library_version()

    def _data_folder(self) -> Path | None:
        return self._data

    def _run(self, image: Raster, mode: int, dpi: int | None = None) -> str:
        with _Turn.lock:
            return self._read(image, mode, dpi)

    def _read(self, image: Raster, mode: int, dpi: int | None) -> str:
        api = self._opened()
        height, width = image.shape
        what = f"a {width}x{height} image"
        started = time.monotonic()
        try:
            api.SetPageSegMode(mode)
            api.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
            api.SetSourceResolution(dpi or _UNKNOWN_DPI)
            done = api.Recognize(round(1000 * self._timeout))
            late = time.monotonic() - started > self._timeout
            table: str = api.GetTSVText(0) if done and not late else ""
        except (RuntimeError, UnicodeDecodeError) as error:
            self._kept.api = None  # whatever state it is in now, nothing more is read with it
            raise EngineError(f"tesseract failed on {what}: {error}") from error
        finally:
            api.Clear()
            api.ClearAdaptiveClassifier()
        if not done or late:
            raise EngineError(f"tesseract failed on {what}: took more than {self._timeout:g} s")
        return table

    def _opened(self) -> Any:
        kept = self._kept
        if kept.api is None or kept.process != os.getpid():
            try:
                kept.api = _library().PyTessBaseAPI(path=f"{self._data}{os.sep}", lang=self._language)
            except RuntimeError as error:
                raise EngineError(f"tesseract cannot open {self._data}: {error}") from error
            kept.process = os.getpid()
        return kept.api


def default_tesseract(language: str = "vie", *, cache: EngineCache | None = None) -> TesseractReader:
    """Tesseract in this process where its library finds the model, else the program."""
    try:
        return InProcessTesseract(language, cache=cache)
    except EngineError:
        return Tesseract(language, cache=cache)


def find_data(language: str) -> Path:
    """Folder of the trained models, of the newest Tesseract where there are several.

    Raises:
        EngineError: the model is nowhere.
    """
    told = os.environ.get("TESSDATA_PREFIX")
    folders = [Path(told), Path(told, "tessdata")] if told else []
    for pattern in _DATA_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), key=_version_in, reverse=True)
    for folder in folders:
        if (folder / f"{language}.traineddata").is_file():
            return folder
    raise EngineError(f"no Tesseract model for {language}: apt-get install tesseract-ocr-{language}")


def _version_in(folder: Path) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", str(folder)))


def _rebuilt(language: str, timeout: float, data: Path, cache: EngineCache | None) -> InProcessTesseract:
    return InProcessTesseract(language, timeout=timeout, data=data, cache=cache)


@cache
def _library() -> Any:
    """The library, loaded on first use: it takes its number of threads from the environment while loading.

    Raises:
        EngineError: it is not installed, or misses something of the system.
    """
    try:
        import tesserocr
    except ImportError as error:
        raise EngineError(f"tesserocr cannot be loaded ({error}): pip install tesserocr") from error
    return tesserocr


@cache
def _library_version() -> str:
    found = re.search(r"tesseract v?(\d+\.\d+(?:\.\d+)?)", _library().tesseract_version())
    if not found:
        raise EngineError("tesseract does not tell its version")
    return found.group(1)
