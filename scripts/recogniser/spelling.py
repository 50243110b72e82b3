"""How Vietnamese spells numbers and builds syllables."""

from __future__ import annotations

import unicodedata
from random import Random

import words

DIGITS = "không một hai ba bốn năm sáu bảy tám chín".split()
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")


def in_words(number: int) -> str:
    """0 to 9999 spelled out, the way clerks write it."""
    if number < 10:
        return DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        head = "mười" if tens == 1 else f"{DIGITS[tens]} mươi"
        tail = {0: "", 1: "một" if tens == 1 else "mốt", 5: "lăm"}.get(ones, DIGITS[ones])
        return f"{head} {tail}".strip()
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        tail = "" if not rest else f" lẻ {DIGITS[rest]}" if rest < 10 else f" {in_words(rest)}"
        return f"{DIGITS[hundreds]} trăm{tail}"
    thousands, rest = divmod(number, 1000)
    if not rest:
        return f"{DIGITS[thousands]} nghìn"
    hundred = in_words(rest) if rest >= 100 else f"không trăm {'lẻ ' if rest < 10 else ''}{in_words(rest)}"
    return f"{DIGITS[thousands]} nghìn {hundred}"


def syllable(rng: Random) -> str:
    """A syllable that Vietnamese spelling allows, more or less."""
    rime = rng.choice(words.RIMES)
    stopped = rime.endswith(("c", "ch", "p", "t"))
    tone = rng.choice(("\u0301", "\u0323")) if stopped else rng.choice(_TONES)
    letters = list(rime)
    vowels = [i for i, c in enumerate(letters) if c in "aăâeêioôơuưy"]
    marked = [i for i in vowels if letters[i] in "ăâêôơư"]
    last_open = len(vowels) > 1 and vowels[-1] == len(letters) - 1
    place = marked[-1] if marked else vowels[-2] if last_open else vowels[-1]
    letters[place] += tone
    onset = rng.choice(["", *words.ONSETS])
    if onset in ("k", "gh", "ngh") and rime[0] not in "eêiy":
        onset = {"k": "c", "gh": "g", "ngh": "ng"}[onset]
    return unicodedata.normalize("NFC", onset + "".join(letters))
