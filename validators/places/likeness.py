"""How much a unit's name as written looks like its official name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from rapidfuzz.distance import Indel

from validators.letters import fold, marks

_NOT_IN_NAMES = re.compile(r"[^\w\u0300-\u036f]|_")
_LOOKALIKES = str.maketrans("1lj0y58cqhuv", "iiioisbegnnn")
"""Letters that readers and writers confuse, one for each class."""
_NUMBER = re.compile(r"\d+")
FOLDED_SHARE = 0.96
LOOKALIKE_SHARE = 0.93


@lru_cache(maxsize=1 << 15)
def _number(key: str) -> tuple[str, ...]:
    return tuple(_NUMBER.findall(key))


@lru_cache(maxsize=1 << 16)
def plain_key(name: str) -> str:
    """Letters and digits without diacritics or blanks: ``K'Bang`` -> ``kbang``, ``02`` -> ``2``."""
    key = re.sub(r"[^a-z0-9]+", "", fold(name))
    return key.lstrip("0") or key if key.isdigit() else key


@lru_cache(maxsize=1 << 16)
def marked_key(name: str) -> str:
    """Letters, digits and diacritics (NFD) without blanks and signs."""
    return _NOT_IN_NAMES.sub("", marks(name).replace("ð", "d\u0335"))


@lru_cache(maxsize=1 << 16)
def _shape(key: str) -> str:
    return key.translate(_LOOKALIKES)


VIEWS: tuple[Callable[[str], str], ...] = (marked_key, lambda name: _shape(plain_key(name)))
"""Two ways to look at a name, for searching many at once; what is alike without diacritics is so in shape."""


@lru_cache(maxsize=1 << 14)
def bare_of_marks(text: str) -> bool:
    """Whether a text has no diacritic at all: then none can count as a difference."""
    return all(not unicodedata.combining(c) and c not in "đĐ" for c in unicodedata.normalize("NFD", text))


def name_likeness(written: str, official: str, least: float = 0.0) -> float:
    """Likeness of two names, 0-1.

    The best of three views: with diacritics, without, and with look-alike letters as one; the last two
    weigh a little less, so that "Ia Băng" wins over "Ia Bang" where its accents are there. Numbers must
    agree.

    Args:
        written: as read.
        official: as listed.
        least: below this the result is 0.
    """
    plain, official_plain = plain_key(written), plain_key(official)
    if not plain or not official_plain:
        return 0.0
    if plain == official_plain:
        if bare_of_marks(written):
            return 1.0 if bare_of_marks(official) else 0.995
        return 0.9 + 0.1 * Indel.normalized_similarity(marked_key(written), marked_key(official))
    if _number(official_plain) and _number(plain) != _number(official_plain):
        return 0.0
    found = Indel.normalized_similarity(plain, official_plain, score_cutoff=least) * FOLDED_SHARE
    if not bare_of_marks(written):
        found = max(found, Indel.normalized_similarity(marked_key(written), marked_key(official)))
    alike = Indel.normalized_similarity(_shape(plain), _shape(official_plain), score_cutoff=least)
    found = max(found, alike * LOOKALIKE_SHARE)
    return found if found >= least else 0.0
