"""Identity numbers: the 12-digit number, the 9-digit CMND, passports, papers of army and police.

``PPP G YY NNNNNN``: place of birth registration (63-province codes, never renumbered), century and sex,
year of birth, six digits without a check digit. Circular 59/2021/TT-BCA. People born abroad carry a country
code instead of a province, so an unknown prefix is a warning and no error.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from validators.letters import DIGIT_LOOKALIKES, tidy
from validators.tables import rows

PERSONAL_LENGTH, CMND_LENGTH = 12, 9
_LOOKALIKES = DIGIT_LOOKALIKES | {"G": "6", "b": "6", "q": "9", "g": "9", "A": "4", "T": "7", "/": "1"}
_LABEL = re.compile(r"^\D*?(?:số|so|cmnd|cccd|no\.?)\s*[:.]*\s*(?=[\dOIl])", re.IGNORECASE)
_ISSUED = re.compile(r"(?<=[\dOIl])[\s,;/(]+(?:cấp|do|ngày|nơi|tại|CA)\b.*$", re.IGNORECASE)
_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,8}")
_SERVICE = re.compile(r"(?P<service>QĐ|QN|SQ|CAND|CA)[0-9]{5,12}")
_COUNTRIES = range(101, 400)  # codes of countries in annex 1 of circular 59/2021/TT-BCA begin at 101
_LONGEST = 200  # letters of a number with what stands around it
_SIGNS_PER_REPAIR = 3  # with more than one letter in three, the text is no damaged number


class NumberKind(enum.StrEnum):
    """What the shape of a number says about the paper it stands on."""

    PERSONAL = "personal"  # 12 digits: personal number, CCCD, and the CMND of 2012-2015
    CMND = "cmnd"  # 9 digits
    PASSPORT = "passport"
    ARMY = "army"
    POLICE = "police"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """What a 12-digit number says about its holder.

    Attributes:
        province: of the registration of birth, by the list of 63; None where the prefix is none of them.
        abroad: the prefix is in the range of country codes.
    """

    digits: str
    province: str | None
    abroad: bool
    male: bool
    birth_year: int

    @property
    def sex(self) -> str:
        """Template code: "1" male, "2" female."""
        return "1" if self.male else "2"


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """Number without blanks, and what had to be put right to read it.

    Attributes:
        repairs: "O→0", in order; empty where the number stands there literally.
    """

    digits: str
    repairs: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the number stands there literally."""
        return not self.repairs


@cache
def province_of_prefix(prefix: str) -> str | None:
    """Province of the first three digits in the numbering of 63 provinces, or None."""
    return next((r["province"] for r in rows("identity_provinces.csv") if r["prefix"] == prefix), None)


def personal_number(digits: str) -> PersonalNumber | None:
    """Take a 12-digit number apart; None when it is not 12 digits."""
    if re.fullmatch(r"[0-9]{12}", digits) is None:
        return None
    generation = int(digits[3])
    year = 1900 + 100 * (generation // 2) + int(digits[4:6])
    abroad = int(digits[:3]) in _COUNTRIES
    return PersonalNumber(digits, province_of_prefix(digits[:3]), abroad, generation % 2 == 0, year)


def kind_of(number: str) -> NumberKind:
    """Kind of paper by the shape of a parsed number; a wrong count of digits is OTHER."""
    if number.isdecimal():
        kinds = {PERSONAL_LENGTH: NumberKind.PERSONAL, CMND_LENGTH: NumberKind.CMND}
        return kinds.get(len(number), NumberKind.OTHER)
    if (service := _SERVICE.fullmatch(number)) is not None:
        return NumberKind.POLICE if service["service"].startswith("CA") else NumberKind.ARMY
    return NumberKind.PASSPORT if _PASSPORT.fullmatch(number) else NumberKind.OTHER


def parse_number(written: str) -> ParsedNumber | None:
    """Read an identity number; look-alike letters are repaired as a proposal only.

    Returns:
        None where it is no number even with repairs. A wrong count of digits is kept: that is for a rule.
    """
    if len(written) > _LONGEST:
        return None
    text = _ISSUED.sub("", tidy(unicodedata.normalize("NFKC", written)))
    squeezed = re.sub(r"[\s.\-,/]", "", text).upper()
    if _SERVICE.fullmatch(squeezed):
        return ParsedNumber(squeezed)
    spaced = _LABEL.sub("", text)
    compact = re.sub(r"[\s.\-,/]", "", spaced)
    if "/" in spaced and len(compact) in (CMND_LENGTH - 1, PERSONAL_LENGTH - 1):
        compact = re.sub(r"[\s.\-,]", "", spaced)  # where one digit lacks, the stroke is a damaged one
    if (compact.isascii() and compact.isdigit()) or _PASSPORT.fullmatch(compact):
        return ParsedNumber(compact)
    letters = [c for c in compact if not c.isdigit()]
    repaired = "".join(_LOOKALIKES.get(c, c) for c in compact)
    if repaired.isascii() and repaired.isdigit() and _SIGNS_PER_REPAIR * len(letters) <= len(compact):
        return ParsedNumber(repaired, tuple(f"{c}→{_LOOKALIKES[c]}" for c in letters))
    return None
