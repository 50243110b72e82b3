"""Text as written -> canonical value, by kind of field.

A canonical value is what the ministry's template and the register compare: dates ISO and possibly
partial, codes as digits, numbers plain with ".", text NFC. What is written is never touched; a repaired
reading is only proposed (INDETERMINATE).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from validators import areas, code_lists, identity, land_purposes
from validators.blanks import is_blank, is_ditto
from validators.canonical_value import CanonicalValue, Reason, ValueContext, failed, kept, parsed, passed
from validators.date_values import date_value
from validators.ethnic_groups import find_ethnic_group
from validators.legal_wording import respelled
from validators.letters import fold, likeness, same_spelling, seated, sentence_case, tidy, title_case
from validators.places.names import COMMUNE, PROVINCE, units_of

__all__ = ["PARSERS", "CanonicalValue", "Parser", "ValueContext", "canonical"]

Parser = Callable[[str, ValueContext], CanonicalValue]

_AGENCY_WORDS = (
    "UBND",
    "Sở Tài nguyên và Môi trường",
    "Sở Nông nghiệp và Môi trường",
    "Sở Địa chính",
    "Sở Tư pháp",
    "Phòng Tài nguyên và Môi trường",
    "Phòng Tư pháp",
    "Phòng Địa chính",
    "Chi nhánh Văn phòng đăng ký đất đai",
    "Văn phòng đăng ký đất đai",
    "Văn phòng đăng ký quyền sử dụng đất",
    "Tổng cục Quản lý ruộng đất",
    "Ủy ban nhân dân",
)
_PROXY = re.compile(r"^(?:TM|KT|TL|TUQ|T/M|K/T|Q)\s*[./]?\s*(?=\S)", re.IGNORECASE)
_PROXY_LINE = re.compile(r"^\s*(?:TM|KT|TL|TUQ|T/M|K/T)\b[./]?.*?(?:\n|$)", re.IGNORECASE)
_SEPARATORS = " ,;:"
"""What parts a value from the next one in running text and belongs to neither."""
_DATE_WITHIN = re.compile(r"(?<![\d/])(\d{1,2})[/.-](\d{1,2})[/.-](?:1[89]|20)\d\d(?![\d/])")
_MONTH_WITHIN = re.compile(r"(?<![\d/.-])(?<!số )(\d{1,2})/(?:1[89]|20)\d\d(?![\d/])")
MIN_AGENCY = 0.85
LONGEST_VALUE = 1000  # letters; what is longer was cut wrongly, and patterns would take long over it
MIN_TITLE = 0.8


def _text(written: str, _: ValueContext) -> CanonicalValue:
    return passed(tidy(written))


def _place(written: str, _: ValueContext) -> CanonicalValue:
    return passed(tidy(written).strip(_SEPARATORS))


def _free_text(written: str, _: ValueContext) -> CanonicalValue:
    text = tidy(written).strip(_SEPARATORS)
    spelled = respelled(text)
    return kept(spelled) if spelled != text or _has_impossible_date(text) else passed(text)


def _has_impossible_date(text: str) -> bool:
    """Whether a date within a text has a day or month that no calendar knows: a digit was misread."""
    days = ((int(day), int(month)) for day, month in _DATE_WITHIN.findall(text))
    months = (int(month) for month in _MONTH_WITHIN.findall(text))
    return any(day > 31 or month > 12 for day, month in days) or any(month > 12 for month in months)


def _name(written: str, _: ValueContext) -> CanonicalValue:
    text = tidy(written).strip(" ,;:_…")
    return kept(text) if any(c.isdigit() for c in text) else passed(text)


def _date(written: str, context: ValueContext) -> CanonicalValue:
    return date_value(written, context.event_year)


def _date_words(written: str, context: ValueContext) -> CanonicalValue:
    return date_value(written, context.event_year, words_first=True)


def _sex(written: str, _: ValueContext) -> CanonicalValue:
    choice = code_lists.sex(written)
    return failed() if choice is None else parsed(choice.code, written, exact=choice.exact)


def _ethnicity(written: str, _: ValueContext) -> CanonicalValue:
    found = find_ethnic_group(written)
    return kept(tidy(written)) if found is None else parsed(found[0].name, written, exact=found[1])


def _nationality(written: str, _: ValueContext) -> CanonicalValue:
    choice = code_lists.choose(written, code_lists.NATIONALITIES)
    return kept(tidy(written)) if choice is None else parsed(choice.code, written, exact=choice.exact)


def _coded(labels: Mapping[str, tuple[str, ...]], *, box: bool = False) -> Parser:
    def parse(written: str, _: ValueContext) -> CanonicalValue:
        choice = (code_lists.choose_box if box else code_lists.choose)(written, labels)
        return failed() if choice is None else parsed(choice.code, written, exact=choice.exact)

    return parse


def _id_type(written: str, _: ValueContext) -> CanonicalValue:
    # The word for number behind it is often read badly, and without the blank ("CMNDsõ:").
    named = re.sub(r"\bsố\b.*$|s[oòóỏõọôồốổỗộ][\s:.]*$", "", tidy(written), flags=re.IGNORECASE)
    choice = code_lists.choose(named, code_lists.ID_TYPES)
    return failed() if choice is None else parsed(choice.code, written, exact=choice.exact)


def _registration_type(written: str, context: ValueContext) -> CanonicalValue:
    labels = code_lists.MARRIAGE_REGISTRATION if context.form == "KH" else code_lists.BIRTH_REGISTRATION
    return _coded(labels, box=True)(written, context)


def _id_number(written: str, _: ValueContext) -> CanonicalValue:
    number = identity.parse_number(written)
    if number is None:
        return kept(tidy(written))
    return parsed(number.digits, written, exact=number.exact)


def _squeezed(pattern: str, *, letters: bool = False) -> Parser:
    """Codes that lost or gained blanks; look-alikes in a pure number are a proposal."""

    def parse(written: str, _: ValueContext) -> CanonicalValue:
        text = tidy(written).strip(" .,;:")
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return passed(text)
        compact = re.sub(r"\s*([/.\-])\s*", r"\1", text)
        if re.fullmatch(pattern, compact, re.IGNORECASE):
            return parsed(compact, written, exact=False)
        if not letters:
            repaired = re.sub(r"\s", "", compact).translate(str.maketrans("OoIl|", "00111"))
            if re.fullmatch(pattern, repaired, re.IGNORECASE):
                return parsed(repaired, written, exact=False)
        return kept(text)

    return parse


_entry_number = _squeezed(r"\d+(?:\s?(?:bis|[a-zđ]))?(?:/\d{4})?")
_book_number = _squeezed(r"\d[A-ZĐ0-9]*(?:[-.][A-ZĐ0-9]+)*/\d{4}|\d+|[IVXL]+(?:/\d{4})?")
_page_number = _squeezed(r"\d+")
_registry_number = _squeezed(r".*\d{2,}.*", letters=True)


def _serial(written: str, _: ValueContext) -> CanonicalValue:
    """Serial of a certificate: 0-2 letters, 6 or 8 digits; blanks inside are kept as written."""
    text = re.sub(r"^(?:số phát hành|số)\s*:?\s*", "", tidy(written), flags=re.IGNORECASE).strip(" .,;:")
    if re.fullmatch(r"[A-ZĐ]{0,2}\s?\d{6}|[A-ZĐ]{2}\s?\d{8}|\d\s\d{6}", text):
        return passed(text)
    match = re.fullmatch(r"([A-ZĐ]{1,2})\s*([\dOoIlBS\s]{6,12})", text)
    if match:
        digits = re.sub(r"\s", "", match.group(2)).translate(str.maketrans("OoIlBS", "001185"))
        if len(digits) in (6, 8):
            return parsed(f"{match.group(1)} {digits}", written, exact=False)
    return kept(text)


def _number(written: str, _: ValueContext) -> CanonicalValue:
    """Plain number; digits alone keep their leading zeros, since parcels and map sheets are names."""
    if tidy(written).isdecimal():
        return passed(tidy(written))
    number = areas.parse_number(written)
    return kept(tidy(written)) if number is None else parsed(number.plain, written, exact=number.exact)


def _area(written: str, _: ValueContext) -> CanonicalValue:
    area = areas.parse_area(written)
    return failed() if area is None else parsed(area.plain, written, exact=area.exact)


def _area_words(written: str, _: ValueContext) -> CanonicalValue:
    area = areas.parse_area_words(written) or areas.parse_area(written)
    return failed() if area is None else parsed(area.plain, written, exact=area.exact)


def _land_purpose(written: str, _: ValueContext) -> CanonicalValue:
    purpose = land_purposes.parse_purpose(written)
    if not purpose.known:
        return kept(purpose.codes)
    return parsed(purpose.codes, written, exact=purpose.exact)


def _land_form(written: str, _: ValueContext) -> CanonicalValue:
    """Form "riêng", "chung" or both, each counted only with an area that is not "không"."""
    text = fold(written)
    shares: list[str] = []
    for word, value in (("rieng", "riêng"), ("chung", "chung")):
        for match in re.finditer(
            rf"\b{word}\b\s*(?:cua [a-z ]+?)?[:\s]*(khong|0\s*m|0\b(?![.,]\d)|-)?", text
        ):
            if match.group(1) is None and value not in shares:
                shares.append(value)
    if not shares:
        return kept(tidy(written))
    return passed(" và ".join(shares))


def _issuing_unit(written: str, _: ValueContext) -> CanonicalValue:
    units = units_of(written)
    if not units:
        return kept(tidy(written))
    levels = {u.level for u in units}
    whole = all(u.exact for u in units) and PROVINCE in levels and COMMUNE in levels
    return parsed(", ".join(str(u) for u in units), written, exact=whole)


def _agency_name(line: str) -> tuple[str, bool]:
    text = _PROXY.sub("", tidy(line))
    words = text.split()
    heads = {phrase: " ".join(words[: len(phrase.split())]) for phrase in _AGENCY_WORDS}
    scored = sorted(
        ((likeness(head, phrase), len(phrase), phrase) for phrase, head in heads.items()), reverse=True
    )
    for score, _, phrase in scored:
        count = len(phrase.split())
        if score < (MIN_AGENCY if count > 2 else 1.0):
            continue
        head, rest = heads[phrase], " ".join(words[count:])
        shown = "UBND" if phrase == "Ủy ban nhân dân" else phrase
        units = units_of(rest)
        exact = score == 1.0 or fold(head) == fold(phrase)
        if rest and units:
            return f"{shown} {', '.join(str(u) for u in units)}", exact and all(u.exact for u in units)
        return tidy(f"{shown} {title_case(rest) if rest.isupper() else rest}"), exact
    return (sentence_case(text) if text.isupper() else text), False


def _agency(written: str, _: ValueContext) -> CanonicalValue:
    """Land authority: "TM. ỦY BAN NHÂN DÂN HUYỆN IA GRAI" -> "UBND huyện Ia Grai"."""
    value, exact = _agency_name(
        re.sub(r"(?i)uỷ ban", lambda m: seated(m.group(0)), " ".join(written.split()))
    )
    return parsed(value, written, exact=exact)


def _title(written: str, _: ValueContext) -> CanonicalValue:
    """Office of the signer; lines such as "TM. ỦY BAN NHÂN DÂN" or "KT. CHỦ TỊCH" are not it."""
    lines = [line for line in written.split("\n") if line.strip()]
    own = [line for line in lines if not _PROXY_LINE.fullmatch(line)] or lines[-1:]
    text = tidy(" ".join(own)).strip(" .,;:")
    text = re.sub(
        r"^(?:TM|T/M)\.?\s*(?:UBND|ỦY BAN NHÂN DÂN)(?:\s+(?:XÃ|PHƯỜNG|THỊ TRẤN)\s+.*?)?"
        r"\s*(?=CHỦ|PHÓ|KT|Chủ|Phó)",
        "",
        text,
    )
    text = re.sub(r"^(?:KT|K/T)\.?\s*CHỦ TỊCH\s+(?=PHÓ)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"(?i)\s+(?:UBND|ủy ban nhân dân)\b.*$", "", text)
    text = re.sub(r"(?i)^((?:phó\s+)?chủ tịch)\s+(?:xã|phường|thị trấn|huyện)\s.*$", r"\1", text)
    for title in TITLES_BY_LENGTH:
        if same_spelling(text, title):
            return passed(title)
    best = max(TITLES_BY_LENGTH, key=lambda t: likeness(text, t))
    if likeness(text, best) >= MIN_TITLE:
        return parsed(best, written, exact=False)
    return kept(sentence_case(text) if text.isupper() else text)


TITLES_BY_LENGTH = tuple(sorted(code_lists.TITLES, key=len, reverse=True))


def _time(written: str, _: ValueContext) -> CanonicalValue:
    text = tidy(written)
    match = re.fullmatch(
        r"(?:lúc\s*)?(\d{1,2})\s*(?:giờ|gio|h|g|:)\s*(?:(\d{1,2})\s*(?:phút|phut|ph|p|')?)?\.?",
        text,
        re.IGNORECASE,
    )
    if match is None:
        return kept(text)
    hour, minute = int(match.group(1)), int(match.group(2) or 0)
    if hour > 24 or minute > 59:
        return failed(written=text)
    spoken = f"{match.group(1)} giờ" + (f" {match.group(2)} phút" if match.group(2) else "")
    return passed(spoken)


PARSERS: dict[str, Parser] = {
    "name": _name,
    "date": _date,
    "date_words": _date_words,
    "sex": _sex,
    "ethnicity": _ethnicity,
    "nationality": _nationality,
    "place": _place,
    "issuing_unit": _issuing_unit,
    "agency": _agency,
    "id_number": _id_number,
    "id_type": _id_type,
    "entry_number": _entry_number,
    "book_number": _book_number,
    "page_number": _page_number,
    "registration_type": _registration_type,
    "recognition_type": _coded(code_lists.RECOGNITION, box=True),
    "death_notice_type": _coded(code_lists.DEATH_NOTICE, box=True),
    "title": _title,
    "time": _time,
    "relation": _place,
    "text": _free_text,
    "number": _number,
    "area": _area,
    "area_words": _area_words,
    "land_purpose": _land_purpose,
    "land_form": _land_form,
    "serial": _serial,
    "registry_number": _registry_number,
    "barcode": _text,
}


def canonical(kind: str, written: str, context: ValueContext) -> CanonicalValue:
    """Canonical value of a field.

    Args:
        kind: declared kind of the field, one of ``PARSERS``.
        written: as on paper; line breaks of a printed letterhead as newlines.
        context: form, era and year of registration.

    Returns:
        "" and PASSED for a cell struck through or dotted; "nt" (as above) stays INDETERMINATE, since only
        the page knows the row above.

    Raises:
        KeyError: no such kind.
    """
    parser = PARSERS[kind]
    if is_blank(written, kind):
        return passed("")
    if is_ditto(written):
        return kept(tidy(written), Reason.DITTO)
    if len(written) > LONGEST_VALUE and parser not in (_text, _free_text, _place):
        return kept(tidy(written))
    return parser(written, context)
