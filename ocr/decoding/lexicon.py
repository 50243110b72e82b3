"""Words with their likelihood, as a tree that is walked letter by letter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

ROOT = 0
DEAD = -1
"""Where a word is that no entry begins with."""


class Lexicon:
    """A tree of small-letter NFC words.

    Args:
        weights: relative frequency of each word, any scale, above 0.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        whole = sum(weights.values()) or 1.0
        self._children: list[dict[str, int]] = [{}]
        self._word: list[float] = [-math.inf]
        self._best: list[float] = [-math.inf]
        for word, weight in weights.items():
            self._add(word, math.log(weight / whole))

    def _add(self, word: str, likelihood: float) -> None:
        node = ROOT
        self._best[node] = max(self._best[node], likelihood)
        for letter in word:
            following = self._children[node].get(letter)
            if following is None:
                following = len(self._children)
                self._children[node][letter] = following
                self._children.append({})
                self._word.append(-math.inf)
                self._best.append(-math.inf)
            node = following
            self._best[node] = max(self._best[node], likelihood)
        self._word[node] = max(self._word[node], likelihood)

    def step(self, node: int, letter: str) -> int:
        """The node behind a small letter, or DEAD."""
        return self._children[node].get(letter, DEAD) if node != DEAD else DEAD

    def word(self, node: int) -> float:
        """Natural logarithm of the likelihood of the word that ends at a node; minus infinity for none."""
        return self._word[node] if node != DEAD else -math.inf

    def best(self, node: int) -> float:
        """Likelihood of the likeliest word below a node."""
        return self._best[node] if node != DEAD else -math.inf

    def end(self, word: str) -> int:
        """The node behind a small-letter word of the lexicon, or DEAD."""
        node = ROOT
        for letter in word:
            node = self.step(node, letter)
        return node if self.word(node) > -math.inf else DEAD

    def __contains__(self, word: str) -> bool:
        return self.end(word) != DEAD


def neighbours(lexicon: Lexicon, phrases: Iterable[str]) -> frozenset[tuple[int, int]]:
    """Pairs of words that stand side by side in phrases, by their last nodes in a lexicon."""
    pairs: set[tuple[int, int]] = set()
    for phrase in phrases:
        ends = [lexicon.end(word.strip(",.;:()")) for word in phrase.split()]
        pairs.update(pair for pair in pairwise(ends) if DEAD not in pair)
    return frozenset(pairs)


def merged(parts: Iterable[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """One table from several, each scaled to its share."""
    result: dict[str, float] = {}
    for table, share in parts:
        whole = sum(table.values()) or 1.0
        for word, weight in table.items():
            result[word] = result.get(word, 0.0) + share * weight / whole
    return result
