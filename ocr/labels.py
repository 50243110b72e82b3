"""Printed labels found among damaged words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from ocr.elements import Box, Word, hull

Mask = npt.NDArray[np.bool_]

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_SPLIT = re.compile(r"(?<=[^\W\d]):(?=\S)|(?<=\w)[|\]\[]+(?=\w)")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Accent-free lower-case text of the same length, so that match positions carry over."""
    letters = []
    for letter in text:
        base = unicodedata.normalize("NFD", letter)[0].lower()
        letters.append({"đ": "d", "ð": "d"}.get(base, base)[0])
    return "".join(letters)


@lru_cache(maxsize=65536)
def squash(text: str) -> str:
    """Accent-free words of `text` with one blank between them."""
    return _NOT_LETTERS.sub(" ", fold(text)).strip()


_UNITS = frozenset("tinh huyen quan phuong xa".split())
"""Words for units sound like labels ("huyện", "quyển") and are none."""
_FEW_LETTERS = 4
_HARDLY = 66
"""In per cent, how alike some part of a line is to a label that it holds, at least."""
EXACT = 0.93
"""From this likeness on, a match beats any longer but doubtful one."""


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A label found in a line.

    Attributes:
        start: index of the first word.
        end: index behind the last word.
        likeness: 0 to 1.
        weight: letters matched, discounted for damage so that a short exact label beats a long doubtful one.
        box: region pixels.
        letters: of the words matched, blanks between them included.
    """

    start: int
    end: int
    likeness: float
    weight: float
    box: Box
    letters: int = 0


def split_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """Part words that stick to a label's colon or to a rule ("số:204", "xã|Lê"), the box in proportion."""
    result: list[Word] = []
    for word in words:
        cut = _SPLIT.search(word.text)
        if cut is None:
            result.append(word)
            continue
        left, top, right, bottom = word.box
        at = left + round((right - left) * cut.end() / len(word.text))
        result.append(Word(word.text[: cut.end()], (left, top, at, bottom), word.confidence))
        result.append(Word(word.text[cut.end() :], (at, top, right, bottom), word.confidence))
    return tuple(result)


def least_likeness(letters: int) -> float:
    """How alike a label of so many letters must be: short ones tolerate no damage to speak of."""
    if letters <= 3:
        return 0.99
    if letters <= 6:
        return 0.80
    return 0.72


def worth_searching(texts: Sequence[str], labels: Sequence[str]) -> Mask:
    """Which lines (first axis) could hold which labels (second axis), told at once for all of them."""
    wanted = [squash(label) for label in labels]
    lines = [squash(text) for text in texts]
    return np.asarray(process.cdist(lines, wanted, scorer=fuzz.partial_ratio, score_cutoff=_HARDLY) > 0)


def find_label(
    words: Sequence[Word],
    variants: Sequence[str],
    *,
    start: int = 0,
    stop: int | None = None,
    starts_line: bool = False,
    leniency: float = 0.0,
) -> LabelMatch | None:
    """The best place of any variant in `words[start:stop]`.

    Args:
        words: one line, left to right.
        variants: wordings as printed.
        start: first word to look at.
        stop: index behind the last word to look at.
        starts_line: only look within the first three words (headings, line beginnings).
        leniency: by how much less alike a label of more than a few letters may be, where it must stand.
    """
    stop = len(words) if stop is None else stop
    keys = [squash(w.text) for w in words]
    line = " ".join(k for k in keys if k)
    ends = list(accumulate(len(k) + 1 if k else 0 for k in keys))
    best: LabelMatch | None = None
    for variant in variants:
        wanted = squash(variant)
        bare = wanted.replace(" ", "")
        letters = len(bare)
        if not letters:
            continue
        count = wanted.count(" ") + 1
        limit = least_likeness(letters) - (leniency if letters > _FEW_LETTERS else 0.0)
        least = 100 * limit
        for first in range(start, min(stop, start + 3) if starts_line else stop):
            if not keys[first] or (letters <= 3 and _clings(words, first)):
                continue
            for last in range(first + max(1, count - 2), min(stop, first + count + 2) + 1):
                if words[last - 2].text.endswith(":") and last - 1 > first:
                    break
                if not keys[last - 1]:
                    continue
                text = line[ends[first] - len(keys[first]) - 1 : ends[last - 1] - 1]
                if keys[first] in _UNITS and not wanted.startswith(keys[first]):
                    continue
                likeness = fuzz.ratio(text, wanted, score_cutoff=least) / 100
                if letters > 6 and not likeness:
                    likeness = fuzz.ratio(text.replace(" ", ""), bare, score_cutoff=least) / 100
                if likeness < limit:
                    continue
                weight = letters * max(0.05, (likeness - 0.6) * 2.5) - 0.02 * first
                rank = (likeness >= EXACT, weight)
                if best is None or rank > (best.likeness >= EXACT, best.weight + 1e-9):
                    box = hull([w.box for w in words[first:last]])
                    letters_read = sum(len(w.text) + 1 for w in words[first:last]) - 1
                    best = LabelMatch(first, last, likeness, weight, box, letters_read)
    return best


def _clings(words: Sequence[Word], n: int) -> bool:
    """Whether a word is the end of a longer label ("Quyển số") and begins none itself."""
    if n == 0 or not squash(words[n - 1].text):
        return False
    before, word = words[n - 1], words[n]
    gap = word.box[0] - before.box[2]
    return before.text[-1].isalpha() and gap < 0.7 * (word.box[3] - word.box[1])


def contains(text: str, phrase: str, *, least: float = 0.8) -> bool:
    """Whether a phrase stands in a text, allowing for damage."""
    wanted, given = squash(phrase), squash(text)
    # A text shorter than the phrase cannot hold it; it may only be all of it, damaged.
    alike = fuzz.partial_ratio if len(given) >= len(wanted) else fuzz.ratio
    return bool(wanted) and alike(wanted, given) / 100 >= least
