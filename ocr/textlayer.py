"""Text that a PDF page carries itself, with boxes in the pixels of the rendered page."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ocr.elements import Line, PageText, Transform, Word, hull
from ocr.legacy_fonts import to_unicode

ENGINE: Final = "text-layer"
LEGACY_ENGINE: Final = "text-layer-legacy"
"""Characters of a font from before Unicode: these lack letters that names of the minorities need (ŭ, č)."""

_POINTS_PER_INCH: Final = 72.0
_FEWEST_LETTERS: Final = 20
_SOUND_SHARE: Final = 0.6
_MOST_RUBBISH: Final = 0.02
_MOST_FOREIGN: Final = 0.05
_ALPHABET: Final = frozenset("abcdefghijklmnopqrstuvwxyzđƀñ")
_MARKS: Final = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u030c\u031b\u0323")
_SIGNS_OF_LEGACY: Final = frozenset("µ¸¶·¹¨»¾¼½©®ª«¬¡¢£¤¥¦§")
# Columns of a letterhead stand side by side; a gap of this many line heights parts them.
_COLUMN_GAP: Final = 2.5

_SYLLABLE: Final = re.compile(
    r"(ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(ng|nh|ch|[cmnpt])?", re.IGNORECASE
)


class TextLayer:
    """Text layers of one PDF file, page by page."""

    def __init__(self, source: Path | bytes) -> None:
        import pdfplumber  # a sixth of the time in which a command starts, and few files need it

        self._document: Any = pdfplumber.open(io.BytesIO(source) if isinstance(source, bytes) else source)

    def page_text(self, number: int, width: int, height: int, dpi: float) -> PageText | None:
        """The text of one page, or ``None`` where it has none that could be relied on.

        Args:
            number: from 1.
            width: of the rendered page in pixels.
            height: of the rendered page in pixels.
            dpi: at which the page was rendered.
        """
        try:
            page = self._document.pages[number - 1]
            found = page.extract_words(extra_attrs=["fontname"], use_text_flow=False, x_tolerance_ratio=0.2)
            left, top = page.cropbox[0] - page.mediabox[0], page.mediabox[3] - page.cropbox[3]
            page.close()
        except Exception:  # a text layer that cannot be parsed is no text layer; OCR reads the page instead
            return None
        scale = dpi / _POINTS_PER_INCH
        words = [word for item in found if (word := _word(item, left, top, scale, width, height))]
        if not is_sound([w.text for w in words]):
            return None
        lines = tuple(Line(tuple(line)) for line in _lines(words))
        legacy = any(to_unicode(item["text"], item["fontname"]) != item["text"] for item in found)
        engine = LEGACY_ENGINE if legacy else ENGINE
        return PageText(number, width, height, lines, Transform.identity(), engine)

    def close(self) -> None:
        """Close the file."""
        self._document.close()


def is_sound(words: Sequence[str]) -> bool:
    """Whether words look like Vietnamese rather than like a broken font map.

    Args:
        words: NFC; names of the minorities and numbers may be among them.
    """
    text = "".join(words)
    letters = [w for word in words if (w := word.strip(".,;:()/-\"'“”"))]
    rubbish = sum(
        not (c.isprintable()) or unicodedata.category(c) in ("Co", "Cn") or c == "\ufffd" for c in text
    )
    if (
        sum(map(str.isalpha, text)) < _FEWEST_LETTERS
        or rubbish > _MOST_RUBBISH * len(text)
        or "(cid:" in text
    ):
        return False
    if sum(map(_is_foreign, text)) > _MOST_FOREIGN * len(text):
        return False
    spoken = [word for word in letters if not any(map(str.isdigit, word))]
    syllables = sum(_SYLLABLE.fullmatch(_bare(word)) is not None for word in spoken)
    return syllables >= _SOUND_SHARE * len(spoken)


def _is_foreign(character: str) -> bool:
    """Whether a character occurs in no Vietnamese, Jrai, Ede or Bahnar text."""
    if character in _SIGNS_OF_LEGACY:
        return True
    if not character.isalpha() or character.lower() in _ALPHABET:
        return False
    parts = unicodedata.normalize("NFD", character.lower())
    return parts[0] not in _ALPHABET or not _MARKS.issuperset(parts[1:])


def _bare(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _word(
    item: dict[str, Any], left: float, top: float, scale: float, width: int, height: int
) -> Word | None:
    text = to_unicode(item["text"], item["fontname"]).strip()
    box = (
        max(0, int((item["x0"] - left) * scale)),
        max(0, int((item["top"] - top) * scale)),
        min(width, int((item["x1"] - left) * scale) + 1),
        min(height, int((item["bottom"] - top) * scale) + 1),
    )
    if not text or box[0] >= box[2] or box[1] >= box[3]:
        return None
    return Word(text, box, 1.0)


def _lines(words: list[Word]) -> Iterator[list[Word]]:
    """Words of one height beside each other, parted at wide gaps, from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.box[1] + w.box[3], w.box[0])):
        middle = (word.box[1] + word.box[3]) / 2
        last = hull([w.box for w in rows[-1]]) if rows else None
        if last and last[1] < middle < last[3] and middle - (last[1] + last[3]) / 2 < (last[3] - last[1]) / 3:
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda w: w.box[0])
        line = [row[0]]
        for before, word in pairwise(row):
            if word.box[0] - before.box[2] > _COLUMN_GAP * (before.box[3] - before.box[1]):
                yield line
                line = []
            line.append(word)
        yield line
