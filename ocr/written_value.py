"""What stands in one place on the paper, before it is known what it means."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ocr.elements import Alternative, Box, Ink, Word, hull
from ocr.ink import classify_ink
from ocr.leaf import Leaf, writing_of_lines
from ocr.segment import into_lines, word_without_leaders
from ocr.strokes import LETTER
from ocr.value_reader import ValueReader

COVERED = 0.90
_SEEN = 0.5
_UNSURE = 0.75
"""No reading that leaves more than a tenth of the ink unexplained is surer than this."""
_BESIDE = 0.4
"""Letters of one word stand closer than so many heights of print."""
_WORD_GAP = 0.9
"""Words of one value stand closer than so many heights of print."""
_READ_BESIDE = 0.7
_HAND_FACTOR = 0.5
"""A print engine's claim about handwriting is worth half."""


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in one place.

    Attributes:
        words: in reading order, region pixels, leaders removed.
        box: around the ink, region pixels; ``None`` where the place is blank.
        covered: share of the ink that lies under the words; what is not under any was not read.
        lines: ink of each written line, region pixels, in reading order.
        reader: reads the lines again once it is known what kind of field they are.
        share: of the chosen reading among all that were weighed; ``None`` where the page reading stands.
        placed: whether the label or the ruled cell was seen that says whose value this is.
        whole: whether no letter stands so close to either end that it may belong to the value.
    """

    leaf: Leaf
    words: tuple[Word, ...]
    box: Box | None
    ink: Ink
    source: str
    covered: float = 1.0
    lines: tuple[Box, ...] = ()
    reader: ValueReader | None = None
    share: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    signals: Mapping[str, float] = field(default_factory=dict)
    placed: bool = True
    whole: bool = True

    @property
    def text(self) -> str:
        """Words with one blank between them."""
        return " ".join(w.text for w in self.words)

    @property
    def confidence(self) -> float:
        """What the readers claim for the words, lowered for handwriting and for ink left unread."""
        return self.claim_for(self.words)

    def claim_for(self, words: Sequence[Word]) -> float:
        """The same for some of the words."""
        if self.share is not None:
            return min((w.confidence for w in words), default=0.0)
        claim = claimed(words, self.ink)
        return claim if self.covered >= COVERED else round(min(claim, _UNSURE * self.covered), 4)


def claimed(words: Sequence[Word], ink: Ink) -> float:
    """Confidence of some words: mean and minimum weigh alike; handwriting counts half."""
    if not words:
        return 0.0
    values = [w.confidence for w in words]
    mixed = (statistics.fmean(values) + min(values)) / 2
    return round(mixed * (_HAND_FACTOR if ink is Ink.HAND else 1.0), 4)


def value_in(leaf: Leaf, zones: Sequence[Box], erased: Sequence[Box], reader: ValueReader | None) -> Value:
    """What stands in `zones` (one per written line), labels in `erased` left out.

    The words are those of the page reading; `read_value` reads the lines again.
    """
    boxes = writing_of_lines(leaf, zones, erased)
    words = [w for zone in zones for w in leaf.words_in(zone) if not _is_erased(w, erased)]
    words = [w for w in words if not re.fullmatch(r"[.…·_|:;,]+", w.text)]
    if leaf.born_digital:
        boxes = [hull([w.box for w in words])] if words else []
    elif not boxes:
        # Strokes too pale or too solid to be told from dirt, in which the page reading yet saw letters.
        seen = [w for w in words if w.confidence >= _SEEN and any(c.isalnum() for c in w.text)]
        boxes = [line.box for line in into_lines(seen, leaf.height)]
    if not boxes:
        return Value(leaf, (), None, Ink.EMPTY, leaf.source.text.engine)
    box = hull(boxes)
    inked = [w for w in words if _touches(w.box, box)]
    ordered = tuple(w for line in into_lines(inked, leaf.height) for w in cleaned(line.words))
    return Value(
        leaf=leaf,
        words=ordered,
        box=box,
        ink=ink_of(leaf, box, ordered),
        source=leaf.source.text.engine,
        covered=covered(leaf, boxes, ordered),
        lines=tuple(boxes),
        reader=None if leaf.born_digital else reader,
        whole=leaf.born_digital
        or not (any(_goes_on(leaf, line, erased) for line in boxes) or _words_beside(leaf, boxes, erased)),
    )


def _goes_on(leaf: Leaf, line: Box, erased: Sequence[Box]) -> bool:
    """Whether a letter that is not the line's own touches or all but touches either of its ends."""
    left, top, right, bottom = line
    height = leaf.height
    reach = _BESIDE * height
    strokes = leaf.ink.inside((round(left - 2 * height), top, round(right + 2 * height), bottom), erased)
    tall = strokes[:, 3] - strokes[:, 1]
    letters = strokes[(tall >= LETTER * height) & (tall <= 2 * height)]
    before = (letters[:, 0] < left) & (letters[:, 2] > left - reach)
    after = (letters[:, 2] > right) & (letters[:, 0] < right + reach)
    return bool((before | after).any())


def _words_beside(leaf: Leaf, lines: Sequence[Box], erased: Sequence[Box]) -> bool:
    """Whether the page reading has a word so close before or behind a line that it belongs to it."""
    reach = _WORD_GAP * leaf.height
    for left, top, right, bottom in lines:
        for row in leaf.lines:
            if row.box[1] >= bottom or row.box[3] <= top:
                continue
            for word in row.words:
                before = left - reach < word.box[2] <= left + 2
                behind = right - 2 <= word.box[0] < right + reach
                level = top < (word.box[1] + word.box[3]) / 2 < bottom
                if level and (before or behind) and _is_word(word) and not _is_erased(word, erased):
                    between = (word.box[2], left) if before else (right, word.box[0])
                    if not _ruled_off(leaf, between, top, bottom):
                        return True
    return False


def _ruled_off(leaf: Leaf, between: tuple[int, int], top: int, bottom: int) -> bool:
    """Whether a rule stands between a line and a word beside it: they are in two cells."""
    first, last = between[0] - 2, between[1] + 2
    return any(b[0] < last and b[2] > first and b[1] < bottom and b[3] > top for b in leaf.ink.uprights)


def _is_word(word: Word) -> bool:
    return word.confidence >= _READ_BESIDE and sum(c.isalnum() for c in word.text) > 1


def value_of(leaf: Leaf, words: Sequence[Word], reader: ValueReader | None) -> Value:
    """Printed words found by their wording, as a value that may be read again."""
    rows = [line.box for line in into_lines(words, leaf.height)]
    return Value(
        leaf=leaf,
        words=tuple(words),
        box=hull([w.box for w in words]),
        ink=Ink.PRINT,
        source=leaf.source.text.engine,
        lines=tuple(rows),
        reader=None if leaf.born_digital else reader,
    )


def covered(leaf: Leaf, boxes: Sequence[Box], words: Sequence[Word]) -> float:
    """Share of the strokes in some places that lie under words."""
    if leaf.born_digital:
        return 1.0
    whole = under = 0.0
    reach = 0.35 * leaf.height
    for box in boxes:
        strokes = leaf.ink.inside(box)
        strokes = strokes[(strokes[:, 3] - strokes[:, 1]) >= 0.3 * leaf.height]
        if not len(strokes):
            continue
        middle = (strokes[:, 0] + strokes[:, 2]) / 2
        level = (strokes[:, 1] + strokes[:, 3]) / 2
        read = np.zeros(len(strokes), bool)
        for left, top, right, bottom in (w.box for w in words):
            read |= (
                (middle >= left - reach)
                & (middle <= right + reach)
                & (level >= top - reach)
                & (level <= bottom + reach)
            )
        whole += float(strokes[:, 4].sum())
        under += float(strokes[read, 4].sum())
    return under / whole if whole else 1.0


def ink_of(leaf: Leaf, box: Box, words: Sequence[Word]) -> Ink:
    """How strokes came onto the paper, by their shape and by what a print engine made of them."""
    if leaf.born_digital:
        return Ink.PRINT
    mean = statistics.fmean(w.confidence for w in words) if words else 0.0
    return classify_ink(leaf.ink, box, confidence=mean, label_height=leaf.height, words=len(words))


def middle_in(inner: Box, outer: Box) -> bool:
    """Whether the middle of one box lies in another."""
    cx, cy = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= cx <= outer[2] and outer[1] <= cy <= outer[3]


def cleaned(words: Sequence[Word]) -> list[Word]:
    """Words without the dots of the line they stand on; words of nothing else are dropped."""
    result = []
    for word in words:
        text = word_without_leaders(word.text)
        if text:
            result.append(replace(word, text=text))
    return result


def _is_erased(word: Word, erased: Sequence[Box]) -> bool:
    return any(middle_in(word.box, e) for e in erased)


def _touches(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]
