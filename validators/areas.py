"""Areas of land in digits and in words, in square metres."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from validators.letters import fold, tidy
from validators.number_words import decimal_of, every_way, snap

_UNIT = re.compile(r"\s*(?:m\s*[²2?]|m\b|mét\s*vuông|met vuong|ha\b|héc\s*ta|hecta)\.?\s*$", re.IGNORECASE)
_HECTARE = re.compile(r"(?:ha|héc\s*ta|hecta)\.?\s*$", re.IGNORECASE)
_SQUARE_METRE = re.compile(r"\(?\s*(?:m\s*[²2]|mét\s+vuông|met\s+vuong|mét|met)\s*\)?[\s.;]*$", re.IGNORECASE)
_LEAD = re.compile(
    r"^\(?\s*(?:diện\s*tích\s*)?(?:viết\s*)?(?:bằng\s*chữ|bang chu)\s*:?\s*|^\(\s*", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:khoảng|chừng|độ)\s+", re.IGNORECASE)
_IN_BOTH = re.compile(r"(?P<digits>[^(]*\d[^(]*)\((?P<words>[^()]*)\)?[\s.;]*")
_WHOLE = re.compile(r"\s+chẵn$", re.IGNORECASE)
_LOOKALIKES = str.maketrans("OoIl|", "00111")


@dataclass(frozen=True, slots=True)
class ParsedArea:
    """Square metres, and whether they stand there literally."""

    square_metres: Decimal
    exact: bool = True

    @property
    def plain(self) -> str:
        """Canonical text: no grouping, "." before decimals, no idle zeros."""
        return plain(self.square_metres)


def plain(value: Decimal) -> str:
    """Decimal as canonical text."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_number(written: str) -> ParsedArea | None:
    """Read a number as Vietnamese forms write it: "." groups thousands, "," starts decimals.

    "1697.5" (a dot before other than three digits) is read as a decimal point; "1,697" stays a
    proposal, since a comma before three digits may group thousands.
    """
    text = tidy(written).strip(" .;:()")
    clean = text.translate(_LOOKALIKES)
    exact = clean == text
    clean = re.sub(r"(?<=\d)\s(?=\d{3}(?!\d))", "", clean)
    squeezed = re.sub(r"\s", "", clean)
    exact = exact and squeezed == clean
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?", squeezed):
        ambiguous = re.fullmatch(r"[1-9]\d{0,2},\d{3}", squeezed) is not None
        return ParsedArea(Decimal(squeezed.replace(".", "").replace(",", ".")), exact and not ambiguous)
    if re.fullmatch(r"\d+\.\d{1,2}|\d+\.\d{4,}", squeezed):
        return ParsedArea(Decimal(squeezed), exact)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", squeezed):
        return ParsedArea(Decimal(squeezed.replace(",", "")), exact=False)
    return None


def parse_area(written: str) -> ParsedArea | None:
    """Read "1.697 m²", "949,3", "1,5 ha", "500 m² (năm trăm mét vuông)"; None where no number stands."""
    if (both := _IN_BOTH.fullmatch(tidy(written))) is not None:
        digits, words = parse_area(both["digits"]), parse_area_words(both["words"])
        if digits is not None and words is not None:
            same = digits.square_metres == words.square_metres
            return ParsedArea(digits.square_metres, digits.exact and words.exact and same)
    whole = tidy(written).strip(" .;:()")
    text = _ABOUT.sub("", whole)
    number = parse_number(_UNIT.sub("", text))
    if number is None:
        return None
    factor = 10_000 if _HECTARE.search(text) else 1
    return ParsedArea(number.square_metres * factor, number.exact and text == whole)


def parse_area_words(written: str) -> ParsedArea | None:
    """Read "Một nghìn bảy trăm linh ba phẩy ba mét vuông"; None where words fit no single number."""
    text = _WHOLE.sub("", _LEAD.sub("", tidy(written)).strip(" .;:()/"))
    factor = 10_000 if _HECTARE.search(text) else 1
    body = _SQUARE_METRE.sub("", _HECTARE.sub("", text)).strip()
    body, guessed = _without_damaged_unit(body)
    syllables = snap(body)
    ways = [syllables.words] if syllables else every_way(body)
    values = {value for way in ways if (value := decimal_of(way)) is not None}
    if len(values) != 1:
        return None
    return ParsedArea(values.pop() * factor, syllables is not None and syllables.exact and not guessed)


def _without_damaged_unit(body: str) -> tuple[str, bool]:
    """Drop "mét vuông" that lost a letter: two last words of about that shape."""
    words = body.split()
    if len(words) > 2 and fold(words[-2])[:1] == "m" and fold(words[-1])[-2:] in ("ng", "og", "nq"):
        return " ".join(words[:-2]), True
    return body, False


def stated_areas(written: str) -> tuple[Decimal, ...]:
    """Areas given piece by piece: "ONT: 200 m²; CLN: 1.547 m²" -> 200, 1547.

    Returns:
        Empty unless every piece between ";" or "+" states one area.
    """
    found: list[Decimal] = []
    for piece in re.split(r"[;+\n]", tidy(written)):
        if not piece.strip(" .,"):
            continue
        match = re.search(r"(\d[\d.,\s]*)\s*m\s*[²2]", piece)
        area = parse_area(match.group(1)) if match else None
        if area is None:
            return ()
        found.append(area.square_metres)
    return tuple(found)
