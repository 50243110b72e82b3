"""Pictures, engines and clocks that tests of the cache control."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from ocr.engine_cache import EngineCache, answer_key, kept_or_asked
from ocr.errors import EngineError

PICTURE = np.arange(600, dtype=np.uint8).reshape(20, 30)
ASKED = ("tesseract-vie", "5.3.0", "digest of the model", "psm 7")
DAY = 86_400.0
ROOMY = 64 * 2**20


class Engine:
    """Counts how often it is asked; fails where it has nothing to say."""

    def __init__(self, answer: bytes | None = b"answer") -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if self.answer is None:
            raise EngineError("took too long")
        return self.answer


class Clock:
    """Seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def told(cache: EngineCache, engine: Engine, picture: np.ndarray = PICTURE, asked: tuple[str, ...] = ASKED):
    return kept_or_asked(cache, picture, asked, engine, bytes.decode)


def key(number: int) -> bytes:
    return answer_key(PICTURE, str(number))


def noise(number: int, size: int = 8192) -> bytes:
    return np.random.default_rng(number).bytes(size)


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "answers.sqlite") as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        return int(connection.execute("select count(*) from answers").fetchone()[0])
