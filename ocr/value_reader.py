"""Reads the written lines of one value with all readers there are, and weighs what they say."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Final

import numpy as np

from ocr.decoding.addresses import AddressBook, Edit, edited
from ocr.decoding.beam import beam_search, letter_spans
from ocr.decoding.grammar import Grammar
from ocr.decoding.knowledge import Knowledge
from ocr.elements import Alternative, Box, Ink, Word
from ocr.engines.base import Engine
from ocr.engines.ctc import Frames, LineRecogniser
from ocr.labels import fold
from ocr.line_picture import LinePicture

DIGIT_KINDS: Final = frozenset(
    "date id_number entry_number book_number page_number number area serial".split()
)
"""Kinds for which the second recogniser, strong on digits, is always asked."""

PLACE_KINDS: Final = frozenset({"place", "issuing_unit", "agency"})

_UNIT_WORDS: Final = re.compile(
    r"(?i)\n|,|\b(?:UBND|ủy ban nhân dân|tỉnh|thành phố|huyện|quận|thị xã|thị trấn|phường|xã|TP|TX|TT)\b\.?"
)
_WAITS_FOR_NUMBER: Final = re.compile(
    r"(?i)\b(?:phường|quận|khu|khu phố|khóm|tổ|đội|thôn|xóm|ấp|buôn|làng|số|[pqx]\.?)\W*$"
)
_UNIT_BONUS: Final = 5.0
"""What a name found in its place among the units speaks for a reading, natural logarithm."""
_SPACE_BONUS: Final = 2.0
"""What a type word or comma put right beside a unit speaks for it."""
_HERE_BONUS: Final = 1.0
_MARK_BONUS: Final = 4.0
"""What a unit's name speaks for tone marks other than those read: dots of leaders look like marks."""
_MOST: Final = 8
_THIN: Final = 0.25
"""Letters that writing has at least on a length of its own height; the edge of a stain has hardly any."""
_WIDTH, _AGREED_WIDTH = 16, 4
"""Beginnings of a text followed side by side; few where two readers of print say the same."""
_SECOND_WEIGHT: Final = 0.5
_SECOND_DIGITS: Final = 0.9
_PRINT_WEIGHT: Final = 1.0
_MOST_DISPUTED: Final = 3
_DOUBT: Final = 0.93
"""Below this share of the scores the second recogniser is asked about handwriting."""


@dataclass(frozen=True, slots=True)
class LineText:
    """What the readers together make of one line.

    Attributes:
        words: best reading, boxes in region pixels; confidence is each word's share of the scores.
        share: of the best reading among all that were weighed, 0 to 1.
        alternatives: readings that lost, best first.
        signals: what a calibrated confidence can rest on, each 0 to 1.
    """

    words: tuple[Word, ...]
    share: float
    alternatives: tuple[Alternative, ...]
    source: str
    signals: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Words with one blank between them."""
        return " ".join(w.text for w in self.words)


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of a value.

    Attributes:
        box: region pixels.
        seen: words that the page reading found on it.
    """

    picture: LinePicture
    box: Box
    seen: Sequence[Word] = ()


@dataclass(slots=True)
class _Weighed:
    """Readings of one line with their scores so far."""

    line: WrittenLine
    grammar: Grammar
    frames: Frames
    scores: dict[str, float]
    trusted: bool
    other: Frames | None = None
    other_folded: Frames | None = None
    known: dict[str, float] = field(default_factory=dict)

    def see(self, texts: Iterable[str]) -> None:
        """Count what the recogniser saw of each text; once, however many guesses lead to it."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.known.update(zip(fresh, self.frames.score_each(fresh), strict=True))

    def seen(self, text: str) -> float:
        """What the recogniser saw of a text."""
        self.see([text])
        return self.known[text]

    def best(self) -> str:
        """The reading ahead so far."""
        return max(self.scores, key=lambda text: self.scores[text])


@dataclass(frozen=True, slots=True)
class ValueReader:
    """The readers of one process.

    Attributes:
        printed: reads print, and again the words that the page reading left in doubt.
        net: recogniser of Vietnamese lines.
        second: blind to accents, strong on digits; may be missing.
        knowledge: what fields of each kind say.
        addresses: units that places name; none: places are mere words.
        here: units of the office whose papers are read.
    """

    printed: Engine
    net: LineRecogniser
    second: LineRecogniser | None
    knowledge: Knowledge
    addresses: AddressBook | None = None
    here: tuple[str, ...] = ()

    def about(self, issuing_unit: str) -> ValueReader:
        """The same readers, told whose papers these are: its own units are likelier than others."""
        names = tuple(part.strip(" ,.") for part in _UNIT_WORDS.split(issuing_unit) if part.strip(" ,."))
        return replace(self, here=tuple(name.title() for name in names))

    def names_units(self, text: str, units: int) -> bool:
        """Whether a text names a chain of so many units that there is, letter by letter, and nothing else."""
        usual = self.knowledge.address_words
        return self.addresses is not None and self.addresses.is_exact(text, units, usual)

    def ends_whole(self, place: str) -> bool:
        """Whether the last unit of an address is one that there is; true where no units are known."""
        return self.addresses is None or self.addresses.ends_whole(place)

    def read(self, lines: Sequence[WrittenLine], kind: str, ink: Ink) -> list[LineText]:
        """Weigh all readings of the lines of one value.

        Args:
            lines: in reading order.
            kind: of field.
            ink: what the strokes look like.

        Returns:
            One text per line; lines on which nothing was recognised are left out.

        Raises:
            EngineError: a reader failed.
        """
        weighed = [w for line in lines if (w := self._weighed(line, kind, ink)) is not None]
        if kind in PLACE_KINDS and self.addresses is not None and weighed:
            self._weigh_addresses(weighed)
        told = [t for n, w in enumerate(weighed) if not _thin(t := self._told(w, kind), w.line.box) or not n]
        if kind in PLACE_KINDS and len(told) > 1 and not any(map(str.isalpha, told[-1].text)):
            # A number that no unit waits for is a stain under the last line.
            return told if _WAITS_FOR_NUMBER.search(told[-2].text) else told[:-1]
        return told

    def _weighed(self, line: WrittenLine, kind: str, ink: Ink) -> _Weighed | None:
        grammar = self.knowledge.grammar(kind)
        frames = self.net.recognise([line.picture.ink])[0]
        printed = " ".join(w.text for w in line.seen)
        trusted = ink is not Ink.HAND and bool(printed)
        agreed = trusted and frames.greedy()[0].strip() == printed
        width = _AGREED_WIDTH if agreed else _WIDTH
        texts = [h.text for h in beam_search(frames, grammar, width=width, most=_MOST) if h.text]
        if trusted and texts:
            texts = _with_disputed(texts, printed)
        if not texts:
            return None
        texts += [entry for entry in self.knowledge.entries_like(kind, texts[0]) if entry not in texts]
        weighed = _Weighed(line, grammar, frames, {}, trusted)
        scores = weighed.scores
        weighed.see(texts)
        for text in texts:
            scores[text] = weighed.seen(text) + grammar.price(text)
            if trusted:
                scores[text] += _PRINT_WEIGHT * _print_bonus(text, line.seen)
        doubtful = kind in DIGIT_KINDS or max(_shares(scores).values()) < _DOUBT
        if self.second is not None and doubtful and not trusted:
            weighed.other = self.second.recognise([line.picture.paper])[0]
            self._weigh_second(weighed, kind)
        return weighed

    def _weigh_addresses(self, weighed: Sequence[_Weighed]) -> None:
        """Add readings in which damaged names of units are put right, as far as the strokes allow."""
        assert self.addresses is not None
        best = [w.best() for w in weighed]
        guesses = self.addresses.guesses(" ".join(best), self.here)
        at = 0
        for w, text in zip(weighed, best, strict=True):
            fixed: dict[str, float] = {}
            for guess in guesses:
                names, spaced = (_within(edits, at, len(text)) for edits in (guess.edits, guess.spaced))
                if names or spaced:
                    bonus = _UNIT_BONUS * len(names) + _HERE_BONUS * guess.here
                    bonus += _MARK_BONUS * sum(_differs_in_marks(text, edit) for edit in names)
                    for edits in (names, spaced):
                        reading = edited(text, edits)
                        fixed[reading] = max(bonus, fixed.get(reading, -math.inf))
                        bonus += _SPACE_BONUS * (len(spaced) - len(names))
            self._weigh_fixed(w, fixed)
            at += len(text) + 1

    def _weigh_fixed(self, w: _Weighed, bonuses: Mapping[str, float]) -> None:
        w.see(bonuses)
        folded = [0.0] * len(bonuses)
        if w.other_folded is not None:
            folded = w.other_folded.score_each([fold(text) for text in bonuses])
        for (text, bonus), other in zip(bonuses.items(), folded, strict=True):
            score = w.seen(text) + w.grammar.price(text) + bonus + _SECOND_WEIGHT * max(other, -80.0)
            if w.trusted:
                score += _PRINT_WEIGHT * _print_bonus(text, w.line.seen)
            w.scores[text] = max(score, w.scores.get(text, -math.inf))

    def _told(self, w: _Weighed, kind: str) -> LineText:
        share = _shares(w.scores)
        ranked = sorted(share, key=lambda text: -share[text])
        best = ranked[0]
        printed = " ".join(word.text for word in w.line.seen)
        second = w.other.greedy()[0].strip() if w.other is not None else ""
        plain, letters, _ = w.frames.greedy()
        signals = {
            "share": share[best],
            "letters": letters,
            "plain": _alike(best, plain.strip()),
            "printed": _alike(best, printed) if printed else 0.0,
            "claim": float(np.mean([word.confidence for word in w.line.seen])) if printed else 0.0,
            "second": _alike_folded(best, second) if second else 0.0,
            "listed": float(self.knowledge.lists(kind, best)),
            "price": math.exp(w.grammar.price(best) / max(4, len(best))),
        }
        readers = [self.net.name]
        if w.trusted:
            readers.append(self.printed.name)
        if self.second is not None and second:
            readers.append(self.second.name)
        return LineText(
            words=_placed(best, w.frames, w.line.picture, w.line.box, share),
            share=share[best],
            alternatives=tuple(Alternative(t, round(share[t], 4)) for t in ranked[1:] if share[t] >= 0.005),
            source="+".join(readers),
            signals={name: round(value, 4) for name, value in signals.items()},
        )

    def _weigh_second(self, w: _Weighed, kind: str) -> None:
        assert w.other is not None
        digits = kind in DIGIT_KINDS
        if digits:
            for hypothesis in beam_search(w.other, w.grammar, most=4):
                text = hypothesis.text
                if text and text not in w.scores:
                    w.scores[text] = max(w.seen(text), -60.0) + w.grammar.price(text)
        w.other_folded = w.other.folded()
        folded = w.other_folded.score_each([fold(text) for text in w.scores])
        for text, seen in zip(w.scores, folded, strict=True):
            w.scores[text] += (_SECOND_DIGITS if digits else _SECOND_WEIGHT) * max(seen, -80.0)


def _within(edits: Sequence[Edit], at: int, length: int) -> list[Edit]:
    """Edits that lie wholly in one line, counted from its start."""
    return [Edit(e.start - at, e.end - at, e.name) for e in edits if at <= e.start and e.end <= at + length]


def _differs_in_marks(text: str, edit: Edit) -> bool:
    read = text[edit.start : edit.end]
    return read.casefold() != edit.name.casefold() and fold(read) == fold(edit.name)


def _thin(line: LineText, box: Box) -> bool:
    """Whether hardly a letter was seen on a long line: that is the edge of a stain, or a fold."""
    few = len(line.text) < _THIN * (box[2] - box[0]) / max(1, box[3] - box[1])
    return few and not any(map(str.isdigit, line.text))


def _shares(scores: Mapping[str, float]) -> dict[str, float]:
    best = max(scores.values())
    parts = {text: math.exp(max(-60.0, score - best)) for text, score in scores.items()}
    whole = sum(parts.values())
    return {text: part / whole for text, part in parts.items()}


def _with_disputed(texts: Sequence[str], printed: str) -> list[str]:
    """The readings, the print engine's text, and mixtures of the two where they dispute few words."""
    result = list(texts)
    ours, theirs = texts[0].split(), printed.split()
    blocks = [
        op for op in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes() if op[0] != "equal"
    ]
    if len(blocks) <= _MOST_DISPUTED:
        for chosen in itertools.product((False, True), repeat=len(blocks)):
            mixed: list[str] = []
            at = 0
            for take, (_, a, b, c, d) in zip(chosen, blocks, strict=True):
                mixed += ours[at:a] + (theirs[c:d] if take else ours[a:b])
                at = b
            result.append(" ".join(mixed + ours[at:]))
    else:
        result.append(printed)
    return [text for text in dict.fromkeys(result) if text]


def _print_bonus(text: str, seen: Sequence[Word]) -> float:
    """How much the print engine's claims speak for a text: its odds for every word that it read alike."""
    words = text.split()
    theirs = [w.text for w in seen]
    bonus = 0.0
    for block in SequenceMatcher(None, words, theirs, autojunk=False).get_matching_blocks():
        for word in seen[block.b : block.b + block.size]:
            claim = min(max(word.confidence, 0.02), 0.98)
            bonus += max(0.0, math.log(claim / (1 - claim)))
    return bonus


def _alike(a: str, b: str) -> float:
    return SequenceMatcher(None, a.casefold(), b.casefold(), autojunk=False).ratio() if a or b else 1.0


def _alike_folded(a: str, b: str) -> float:
    return _alike(fold(a), fold(b))


def _placed(
    text: str, frames: Frames, picture: LinePicture, box: Box, share: Mapping[str, float]
) -> tuple[Word, ...]:
    """The words of a text with their boxes, each as sure as the readings that agree on it."""
    spans = letter_spans(frames, text)
    words: list[Word] = []
    at = 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        steps = spans[at : at + len(word)]
        first, last = min(s[0] for s in steps), max(s[1] for s in steps)
        left = picture.left + (frames.origin + first * frames.step) * picture.scale
        right = picture.left + (frames.origin + last * frames.step) * picture.scale
        agreed = sum(part for other, part in share.items() if _word_at(other, number, word))
        inner = max(box[0], round(left)), min(box[2], round(max(right, left + 1)))
        place = (min(inner[0], box[2] - 1), box[1], max(inner[1], min(inner[0], box[2] - 1) + 1), box[3])
        words.append(Word(word, place, min(1.0, round(agreed, 4))))
        at += len(word)
    return tuple(words)


def _word_at(text: str, number: int, word: str) -> bool:
    words = text.split()
    return word in words[max(0, number - 1) : number + 2]
