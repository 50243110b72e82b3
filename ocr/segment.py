"""Words ordered into written lines."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence

import numpy as np

from ocr.elements import Line, Word
from ocr.labels import split_words

_LEADER = re.compile(r"[.…·_]{2,}|[.…·_,\-]{3,}")
_PRINT_RANK = 40
"""Handwriting stands taller than the print beside it, small furniture lower."""
_LEVEL = 0.25
"""Words drawn over each other whose tops and feet differ by less, in heights of print, are of one line."""
_ONLY_MARKS = re.compile(r"^[\W_]+$")
_STROKES = re.compile(r"^[\s\-–—/\\|_.:;,'\"]*$")


def text_height(words: Iterable[Word]) -> float:
    """Height of an ordinary printed word in pixels, robust against handwriting and specks."""
    heights = [w.box[3] - w.box[1] for w in words if w.confidence >= 0.6 and len(w.text) >= 2]
    return float(np.percentile(heights, _PRINT_RANK)) if heights else 30.0


def into_lines(words: Iterable[Word], height: float) -> tuple[Line, ...]:
    """Group words into lines from border to border.

    Engines cut a line where a form leaves a gap; forms are read across it. Words follow their left
    neighbour's middle, so a slight slope does no harm.

    Args:
        words: in any order.
        height: of an ordinary printed word, pixels.
    """
    lines: list[list[Word]] = []
    for word in sorted(split_words(list(words)), key=lambda w: w.box[0]):
        middle = (word.box[1] + word.box[3]) / 2
        nearest, distance = None, 0.6 * height
        for line in lines:
            last = line[-1]
            away = abs((last.box[1] + last.box[3]) / 2 - middle)
            overlap = min(last.box[3], word.box[3]) - max(last.box[1], word.box[1])
            if away < distance and overlap > 0 and last.box[2] - word.box[0] < height:
                nearest, distance = line, away
        if nearest is None:
            lines.append([word])
        else:
            nearest.append(word)
    ordered = sorted(
        _rejoined(lines, height), key=lambda line: statistics.fmean(w.box[1] + w.box[3] for w in line)
    )
    return tuple(Line(tuple(line)) for line in ordered)


def _rejoined(lines: Sequence[list[Word]], height: float) -> list[list[Word]]:
    """The lines with pieces put together that were parted only because one word was drawn over the next."""
    whole: list[list[Word]] = []
    for line in lines:
        same = next((other for other in whole if _are_level(other, line, height)), None)
        if same is None:
            whole.append(line)
        else:
            same[:] = sorted([*same, *line], key=lambda w: w.box[0])
    return whole


def _are_level(line: Sequence[Word], other: Sequence[Word], height: float) -> bool:
    """Whether words of two lines lie over each other with the same top and foot, as no two real lines do."""
    foot = min(max(w.box[3] for w in line), max(w.box[3] for w in other))
    if foot <= max(min(w.box[1] for w in line), min(w.box[1] for w in other)):
        return False
    return any(
        min(a.box[2], b.box[2]) - max(a.box[0], b.box[0]) >= height
        and max(abs(a.box[1] - b.box[1]), abs(a.box[3] - b.box[3])) < _LEVEL * height
        for a in line
        for b in other
    )


def runs_of(line: Line, gap: float) -> list[Line]:
    """A line cut where more than `gap` pixels are blank."""
    runs: list[list[Word]] = []
    for word in line.words:
        if runs and word.box[0] - runs[-1][-1].box[2] <= gap:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Line(tuple(run)) for run in runs]


def without_leaders(text: str) -> str:
    """Text without the dots of dotted lines and with single blanks."""
    text = _LEADER.sub(" ", text)
    words = [w for w in text.split() if not re.fullmatch(r"[.…·_|,;:'\"`~*]+", w)]
    return " ".join(words).strip(" .…_|") if words else ""


_ABBREVIATION = re.compile(r"[^\W\d_]{1,2}\.")


def word_without_leaders(text: str) -> str:
    """One word without the dots of the line it stands on; the dot of a short form stays ("H.", "TP.")."""
    if _ABBREVIATION.fullmatch(text) and text[0].isupper():
        return text
    return without_leaders(text)


def is_struck_through(text: str) -> bool:
    """Whether a text is only strokes, as officers fill what does not apply ("-/-", "///")."""
    return bool(_STROKES.match(text))


def joined(words: Sequence[Word], height: float) -> str:
    """Words of a value in reading order, dotted leaders removed."""
    lines = into_lines([w for w in words if not re.fullmatch(r"[.…_·|]+", w.text)], height)
    return without_leaders(" ".join(line.text for line in lines))


def only_marks(text: str) -> bool:
    """Whether no letter or digit is left."""
    return not text or bool(_ONLY_MARKS.match(text))
