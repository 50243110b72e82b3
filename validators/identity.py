"""Identity numbers: the 12-digit number, the 9-digit CMND, passports.

``PPP G YY NNNNNN``: place of birth registration (63-province codes, never renumbered), century and sex,
year of birth, six digits without a check digit. Circular 59/2021/TT-BCA. People born abroad carry a country
code instead of a province, so an unknown prefix is a warning and no error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from validators.letters import DIGIT_LOOKALIKES, tidy
from validators.tables import rows

PERSONAL_LENGTH, CMND_LENGTH = 12, 9
_LOOKALIKES = str.maketrans(DIGIT_LOOKALIKES | {"G": "6", "b": "6", "q": "9", "g": "9", "A": "4", "T": "7"})
_LABEL = re.compile(r"^\D*?(?:số|so|cmnd|cccd|no\.?)\s*[:.]*\s*(?=[\dOIl])", re.IGNORECASE)
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{6,8}")


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """What a 12-digit number says about its holder."""

    digits: str
    province: str | None
    male: bool
    birth_year: int

    @property
    def sex(self) -> str:
        """Template code: "1" male, "2" female."""
        return "1" if self.male else "2"


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """Number without blanks, and whether it stands there literally."""

    digits: str
    exact: bool


@cache
def province_of_prefix(prefix: str) -> str | None:
    """Province of the first three digits in the numbering of 63 provinces, or None."""
    return next((r["province"] for r in rows("identity_provinces.csv") if r["prefix"] == prefix), None)


def personal_number(digits: str) -> PersonalNumber | None:
    """Take a 12-digit number apart; None when it is not 12 digits."""
    if re.fullmatch(r"\d{12}", digits) is None:
        return None
    generation = int(digits[3])
    year = 1900 + 100 * (generation // 2) + int(digits[4:6])
    return PersonalNumber(digits, province_of_prefix(digits[:3]), generation % 2 == 0, year)


def parse_number(written: str) -> ParsedNumber | None:
    """Read an identity number; look-alike letters are repaired as a proposal only.

    Returns:
        None where it is no number even with repairs. A wrong count of digits is kept: that is for a rule.
    """
    text = _LABEL.sub("", tidy(written))
    compact = re.sub(r"[\s.\-,/]", "", text)
    if compact.isascii() and compact.isdigit():
        return ParsedNumber(compact, exact=True)
    if _PASSPORT.fullmatch(compact):
        return ParsedNumber(compact, exact=True)
    repaired = compact.translate(_LOOKALIKES)
    letters = sum(not c.isdigit() for c in compact)
    if repaired.isascii() and repaired.isdigit() and letters <= 3 < len(compact):
        return ParsedNumber(repaired, exact=False)
    return None
