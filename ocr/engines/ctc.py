"""What a line recogniser saw: for every step along a line, how likely each letter is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ocr.delivery import Raster
from ocr.labels import fold

Scores = npt.NDArray[np.float32]

_CERTAIN_BLANK = -0.01
"""Steps whose blank is surer than this (natural logarithm) tell nothing about the text."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Scores of one line picture.

    Attributes:
        scores: steps x letters, natural logarithms of probabilities; letter 0 is the CTC blank.
        alphabet: letters by column; column 0 is "".
        step: pixels of the line picture that one step stands for.
        origin: pixel of the line picture where step 0 begins.
        index: column of each letter.
    """

    scores: Scores
    alphabet: tuple[str, ...]
    step: float
    origin: float
    index: Mapping[str, int] = field(repr=False)

    def greedy(self) -> tuple[str, float, list[tuple[int, int]]]:
        """Most likely letter at every step: text, mean probability of its letters, steps of each letter."""
        best = self.scores.argmax(axis=1)
        letters: list[str] = []
        spans: list[tuple[int, int]] = []
        claims: list[float] = []
        previous = 0
        for at, column in enumerate(best.tolist()):
            if column and column != previous:
                letters.append(self.alphabet[column])
                spans.append((at, at + 1))
                claims.append(float(self.scores[at, column]))
            elif column:
                spans[-1] = (spans[-1][0], at + 1)
                claims[-1] = max(claims[-1], float(self.scores[at, column]))
            previous = column
        text = "".join(letters)
        return text, float(np.exp(np.mean(claims))) if claims else 0.0, spans

    def telling(self) -> Scores:
        """The steps that are not surely blank; one blank is kept between any two runs of letters."""
        blank = self.scores[:, 0] > _CERTAIN_BLANK
        keep = ~blank
        keep[1:] |= blank[1:] & ~blank[:-1]
        return np.asarray(self.scores[keep], np.float32)

    def score(self, text: str) -> float:
        """Natural logarithm of the probability that the line says exactly `text` (CTC forward sum).

        Letters that the recogniser does not know make the text impossible.
        """
        return self.score_each([text])[0]

    def score_each(self, texts: Sequence[str]) -> list[float]:
        """`score` of several texts, in a fraction of the time that one after the other takes."""
        columns = [[self.index.get(letter, -1) for letter in text] for text in texts]
        known = [line for line in columns if -1 not in line]
        scores = iter(ctc_log_probabilities(self.scores, known))
        return [-math.inf if -1 in line else next(scores) for line in columns]

    def folded(self) -> Frames:
        """The same line to an eye that sees no accents and no capitals."""
        bases = [fold(letter) for letter in self.alphabet[1:]]
        kinds = sorted(set(bases))
        place = {base: 1 + n for n, base in enumerate(kinds)}
        probabilities = np.exp(self.scores)
        merged = np.zeros((len(self.scores), 1 + len(kinds)), np.float32)
        merged[:, 0] = probabilities[:, 0]
        np.add.at(merged.T, [place[base] for base in bases], probabilities[:, 1:].T)
        scores = np.log(np.maximum(merged, 1e-9)).astype(np.float32)
        return Frames(scores, ("", *kinds), self.step, self.origin, place)


class LineRecogniser(Protocol):
    """A neural reader of single lines that gives scores instead of text.

    Implementations may be shared by one process and raise `ocr.errors.EngineError` for every failure.
    """

    @property
    def name(self) -> str:
        """Short name for evidence."""
        ...

    @property
    def version(self) -> str:
        """Version of the weights, for evidence and caches."""
        ...

    def recognise(self, pictures: Sequence[Raster]) -> list[Frames]:
        """Scores of gray pictures, one line each; frames count pixels of the picture passed in."""
        ...


def ctc_log_probabilities(scores: Scores, texts: Sequence[Sequence[int]]) -> list[float]:
    """Forward algorithm of CTC over each of some texts, given as columns (no blanks among them)."""
    if not texts:
        return []
    counts = np.array([len(text) for text in texts])
    width = 2 * int(counts.max()) + 1
    states = np.zeros((len(texts), width), np.int64)
    for line, text in zip(states, texts, strict=True):
        line[1 : 2 * len(text) : 2] = text
    skipped = np.full(states.shape, -np.inf)
    skipped[:, 3::2][states[:, 3::2] != states[:, 1:-2:2]] = 0.0
    emitted = scores[:, states].astype(np.float64)
    alpha = np.full(states.shape, -np.inf)
    alpha[:, :2] = emitted[0, :, :2]
    one, two = np.full_like(alpha, -np.inf), np.full_like(alpha, -np.inf)
    for row in emitted[1:]:
        one[:, 1:] = alpha[:, :-1]
        np.add(alpha[:, :-2], skipped[:, 2:], out=two[:, 2:])
        np.logaddexp(alpha, one, out=alpha)
        np.logaddexp(alpha, two, out=alpha)
        alpha += row
    lines = np.arange(len(texts))
    last = alpha[lines, 2 * counts]
    before = np.where(counts > 0, alpha[lines, np.maximum(2 * counts - 1, 0)], -np.inf)
    return [float(score) for score in np.logaddexp(last, before)]
