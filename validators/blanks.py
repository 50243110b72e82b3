"""What officers write where nothing is to be written."""

from __future__ import annotations

import re

from validators.letters import fold, tidy

_STROKES = re.compile(r"[\s/\\\-–—_.…·,:;|x×]*", re.IGNORECASE)
_NOTHING = {"khong", "khong co", "khong ro", "k", "ko", "o"}
_DITTO = {"nt", "n/t", "n.t", "nhu tren", '"', "''", "”", "-nt-", "-nt", "nt-"}
# Kinds in which "Không" is an answer and not a gap.
_NO_IS_TEXT = {"text", "number", "relation"}


def is_blank(written: str, kind: str = "text") -> bool:
    """Whether strokes, dots or "không" stand for an empty cell.

    Args:
        written: as on paper.
        kind: field kind; in free text "Không" is kept, since it may be the answer.
    """
    text = tidy(written)
    if _STROKES.fullmatch(text):
        return True
    return kind not in _NO_IS_TEXT and fold(text).strip(" .") in _NOTHING


def is_ditto(written: str) -> bool:
    """Whether the cell repeats the row above ("nt", "như trên", quotation marks)."""
    return fold(written).strip(" .") in _DITTO
