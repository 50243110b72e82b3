"""CTC prefix beam search under a grammar."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from ocr.decoding.grammar import Grammar, State
from ocr.engines.ctc import Frames, Scores

_LEAST = -9.0
"""Letters less likely than this at a step (natural logarithm) are not tried."""
_LETTERS = 10
"""Letters tried at a step."""

_Ends = tuple[float, float, float]
"""Of one prefix: score of its paths that end with a blank, of those that end with its letter, its price."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text and the natural logarithm of its score: what was seen plus what it costs."""

    text: str
    score: float


def _add(a: float, b: float) -> float:
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


def beam_search(frames: Frames, grammar: Grammar, *, width: int = 16, most: int = 8) -> list[Hypothesis]:
    """The likeliest texts of a line.

    Args:
        frames: scores of the recogniser.
        grammar: what the field may say.
        width: prefixes kept after every step.
        most: texts returned.

    Returns:
        Best first, without repeats; never empty (at worst the empty text).
    """
    scores = frames.telling()
    beam: dict[tuple[str, State], _Ends] = {("", grammar.start): (0.0, -math.inf, 0.0)}
    alphabet = frames.alphabet
    small = {frames.index[sign] for sign in " '" if sign in frames.index}
    steps: dict[tuple[State, str], tuple[State, float]] = {}
    for row, tried in zip(scores.tolist(), _tried(scores, small), strict=True):
        blank = row[0]
        letters = [(alphabet[column], row[column]) for column in tried]
        grown: dict[tuple[str, State], _Ends] = {}
        for prefix, (ends_blank, ends_letter, price) in beam.items():
            text, state = prefix
            total = _add(ends_blank, ends_letter)
            known = grown.get(prefix)
            grown[prefix] = (
                (total + blank, -math.inf, price)
                if known is None
                else (_add(known[0], total + blank), known[1], known[2])
            )
            last = text[-1:]
            for letter, seen in letters:
                base = total
                if letter == last:
                    same = grown[prefix]
                    grown[prefix] = (same[0], _add(same[1], ends_letter + seen), same[2])
                    base = ends_blank
                if base == -math.inf or (letter == " " and (not text or last == " ")):
                    continue
                at = (state, letter)
                step = steps.get(at)
                if step is None:
                    step = steps[at] = grammar.step(state, letter)
                longer = (text + letter, step[0])
                known = grown.get(longer)
                grown[longer] = (
                    (-math.inf, base + seen, price + step[1])
                    if known is None
                    else (known[0], _add(known[1], base + seen), known[2])
                )
        if len(grown) > width:
            beam = dict(sorted(grown.items(), key=_standing, reverse=True)[:width])
        else:
            beam = grown
    best: dict[str, float] = {}
    for (text, state), (ends_blank, ends_letter, price) in beam.items():
        score = _add(ends_blank, ends_letter) + price + grammar.finish(state, text)
        bare = text.strip()
        best[bare] = max(best.get(bare, -math.inf), score)
    ranked = heapq.nlargest(most, best.items(), key=lambda i: i[1])
    return [Hypothesis(text, score) for text, score in ranked]


def _standing(grown: tuple[tuple[str, State], _Ends]) -> float:
    ends_blank, ends_letter, price = grown[1]
    return _add(ends_blank, ends_letter) + price


def _tried(scores: Scores, always: set[int]) -> list[list[int]]:
    """Columns of the letters worth trying at each step."""
    letters = scores[:, 1:]
    count = min(_LETTERS, letters.shape[1])
    top = np.argpartition(-letters, count - 1, axis=1)[:, :count] + 1
    return [
        [*{int(c) for c in columns if row[c] > _LEAST} | always]
        for row, columns in zip(scores, top, strict=True)
    ]


def letter_spans(frames: Frames, text: str) -> list[tuple[int, int]]:
    """Steps at which each letter of `text` is seen, by the likeliest alignment.

    Letters unknown to the recogniser share the place of their neighbours.
    """
    columns = [frames.index.get(letter, 0) for letter in text]
    scores = frames.scores.astype(np.float64)
    count = len(columns)
    if not count or not len(scores):
        return [(0, 0)] * count
    states = np.zeros(2 * count + 1, np.int64)
    states[1::2] = columns
    skip = np.zeros(2 * count + 1, bool)
    skip[3::2] = states[3::2] != states[1:-2:2]
    emitted = scores[:, states]
    alpha = np.full(2 * count + 1, -np.inf)
    alpha[:2] = emitted[0, :2]
    back = np.zeros((len(scores), 2 * count + 1), np.int8)
    for t in range(1, len(scores)):
        stay = alpha
        one = np.concatenate(([-np.inf], alpha[:-1]))
        two = np.where(skip, np.concatenate(([-np.inf, -np.inf], alpha[:-2])), -np.inf)
        choice = np.argmax(np.stack((stay, one, two)), axis=0)
        back[t] = choice
        alpha = np.choose(choice, (stay, one, two)) + emitted[t]
    at = 2 * count if alpha[-1] >= alpha[-2] else 2 * count - 1
    spans: list[list[int]] = [[-1, -1] for _ in range(count)]
    for t in range(len(scores) - 1, -1, -1):
        if at % 2:
            span = spans[at // 2]
            span[0] = t
            span[1] = max(span[1], t + 1)
        at -= int(back[t, at])
    known = 0
    for span in spans:
        if span[0] < 0:
            span[0] = span[1] = known
        known = span[1]
    return [(a, b) for a, b in spans]
