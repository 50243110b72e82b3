"""What a field may say: letters, words and shapes, each with its price.

A grammar never forbids what the paper may carry against all expectation: a word outside the lexicon costs
more, a letter that does not belong costs more, and so a clear stroke still wins.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ocr.decoding.lexicon import DEAD, ROOT, Lexicon

State = tuple[int, int, int, int]
"""Which lexicon, node in it, letters of the current word, node of the word before."""

_SECOND_SIGN = -3.0
"""Further price of a sign that follows no letter: rests of dotted lines look like commas."""
_INSIDE_WORDS = "'-"


@dataclass(frozen=True, slots=True)
class Grammar:
    """Prices in natural logarithms, zero or below.

    Attributes:
        lexicons: the first serves the first word, the last all further ones; none: no words are known.
        unknown_word: price of a word outside the lexicon.
        unknown_letter: price of each of its letters.
        digit: price of a digit.
        sign: price of a punctuation mark.
        allowed: letters and signs that may occur for nothing (for codes); others cost `foreign` each.
        foreign: see `allowed`.
        shapes: of which a complete text should match one, else it costs `shapeless`; each with a price.
        pairs: last nodes of words of the last lexicon that are usual neighbours; meeting one costs
            less by `pair`.
        phrases: the entries of the lexicons are whole phrases, blanks and all.
        scale: how much prices of words weigh against what the recogniser saw.
    """

    lexicons: tuple[Lexicon, ...] = ()
    unknown_word: float = -9.0
    unknown_letter: float = -1.6
    digit: float = -3.0
    sign: float = -2.5
    allowed: frozenset[str] | None = None
    foreign: float = -4.0
    shapes: tuple[tuple[re.Pattern[str], float], ...] = ()
    shapeless: float = -6.0
    pairs: frozenset[tuple[int, int]] = frozenset()
    pair: float = 4.0
    phrases: bool = False
    scale: float = 0.6

    @property
    def start(self) -> State:
        """Before the first letter."""
        return (0, ROOT, 0, ROOT)

    def step(self, state: State, letter: str) -> tuple[State, float]:
        """State behind a letter, and what it cost."""
        if self.allowed is not None:
            return state, 0.0 if letter in self.allowed else self.foreign
        number, node, length, before = state
        if letter.isalpha():
            return self._letter(state, letter)
        if length and (letter in _INSIDE_WORDS or (self.phrases and letter == " ")) and self.lexicons:
            following = self._lexicon(number).step(node, letter)
            if following != DEAD:
                price = self._lexicon(number).best(following) - self._lexicon(number).best(node)
                return (number, following, length + 1, before), price * self.scale
        price = self._leave(state) if length else 0.0
        if length:
            number = min(number + 1, max(0, len(self.lexicons) - 1))
            before = node if letter == " " and node != DEAD else ROOT
        if letter.isdigit():
            price += self.digit * self.scale
        elif letter != " ":
            before = ROOT
            price += (self.sign if length else self.sign + _SECOND_SIGN) * self.scale
        return (number, ROOT, 0, before), price

    def _letter(self, state: State, letter: str) -> tuple[State, float]:
        number, node, length, before = state
        if not self.lexicons:
            return (0, DEAD, length + 1, ROOT), 0.0
        lexicon = self._lexicon(number)
        following = lexicon.step(node, letter.lower()) if node != DEAD else DEAD
        paid = 0.0 if length == 0 else lexicon.best(node)
        if following != DEAD:
            price = lexicon.best(following) - paid
        elif node != DEAD:
            price = self.unknown_word + self.unknown_letter * (length + 1) - paid
        else:
            price = self.unknown_letter
        return (number, following, length + 1, before), price * self.scale

    def _leave(self, state: State) -> float:
        """Price of ending the current word here."""
        number, node, length, before = state
        if not self.lexicons or node == DEAD:
            return 0.0
        lexicon = self._lexicon(number)
        entry = lexicon.word(node)
        if entry > -math.inf:
            met = self.pair if (before, node) in self.pairs else 0.0
            return (entry - lexicon.best(node) + met) * self.scale
        unknown = self.unknown_word + self.unknown_letter * length
        return (unknown - lexicon.best(node)) * self.scale

    def finish(self, state: State, text: str) -> float:
        """Price of ending the text here."""
        price = self._leave(state) if state[2] else 0.0
        if not self.shapes:
            return price
        bare = text.strip()
        return price + max((p for shape, p in self.shapes if shape.fullmatch(bare)), default=self.shapeless)

    def fits(self, text: str) -> bool:
        """Whether a text has one of the shapes; true where none is asked for."""
        return not self.shapes or any(shape.fullmatch(text.strip()) for shape, _ in self.shapes)

    def price(self, text: str) -> float:
        """What a whole text costs."""
        state, total = self.start, 0.0
        for letter in text:
            state, cost = self.step(state, letter)
            total += cost
        return total + self.finish(state, text)

    def _lexicon(self, number: int) -> Lexicon:
        return self.lexicons[min(number, len(self.lexicons) - 1)]
