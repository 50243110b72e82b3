"""Why a page is none of the known forms, for the officer who has to decide what to do with it."""

from __future__ import annotations

import unicodedata

from ocr.leaf import Leaf

_SURE = 0.7
_FEW_LETTERS = 40
"""A page with fewer surely read letters is no printed page: a photograph, a drawing, handwriting."""
_ACCENTED = 0.06
"""Vietnamese writes about every fourth letter with a mark; other languages hardly any."""


def why_unknown(leaf: Leaf) -> str:
    """NO_PRINT, OTHER_LANGUAGE or NO_KNOWN_FORM."""
    letters = [
        letter
        for line in leaf.lines
        for word in line.words
        if word.confidence >= _SURE and len(word.text) > 1
        for letter in word.text
        if letter.isalpha()
    ]
    if len(letters) < _FEW_LETTERS:
        return "NO_PRINT"
    marked = sum(letter in "đĐ" or len(unicodedata.normalize("NFD", letter)) > 1 for letter in letters)
    return "OTHER_LANGUAGE" if marked < _ACCENTED * len(letters) else "NO_KNOWN_FORM"
