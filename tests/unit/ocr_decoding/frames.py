"""Scores as a recogniser would give them, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ocr.engines.ctc import Frames

SMALL = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
CAPITALS = "ABCĐEGHIKLMNOPQRSTUVXYƯ"
LETTERS = f" {SMALL}{CAPITALS}0123456789/.,'-"
ALPHABET = ("", *dict.fromkeys(LETTERS))
INDEX = {letter: n for n, letter in enumerate(ALPHABET) if letter}


def frames(steps: Sequence[Mapping[str, float]]) -> Frames:
    """One step per mapping letter -> probability ("" is the blank); the rest is spread over all letters."""
    scores = np.full((len(steps), len(ALPHABET)), 1e-6)
    for row, step in zip(scores, steps, strict=True):
        for letter, probability in step.items():
            row[INDEX[letter] if letter else 0] = probability
    scores /= scores.sum(axis=1, keepdims=True)
    return Frames(np.log(scores).astype(np.float32), ALPHABET, 4.0, 0.0, INDEX)


def saying(
    text: str, *, rivals: Mapping[int, Mapping[str, float]] | None = None, sure: float = 0.97
) -> Frames:
    """A line that says `text`, a blank between any two letters.

    Args:
        rivals: other letters, by position in `text`, with their probabilities.
        sure: probability of each letter without rivals.
    """
    steps: list[dict[str, float]] = [{"": 0.99}]
    for at, letter in enumerate(text):
        others = dict((rivals or {}).get(at, {}))
        steps += [{letter: sure - sum(others.values()), **others}, {"": 0.99}]
    return frames(steps)
