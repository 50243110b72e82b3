"""Where the machine may decide alone, and where a person has to look. All thresholds stand here.

A wrong value that nobody looked at is the worst this product can make: of the fields accepted without
a person, at most 5 in 1,000 may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ocr.elements import FieldReading, FieldStatus, Ink, RecordReading

SURE_SOURCES = frozenset({"QR", "text-layer"})
"""These carry no reading error: a check sum or the characters themselves."""

LOSSY_SOURCES = frozenset({"text-layer-legacy"})
"""Fonts from before Unicode lack letters of the minorities' languages: names and places are not certain."""

CHECKED_KINDS = frozenset(
    "date sex ethnicity nationality id_type registration_type land_form land_purpose area area_words".split()
)
"""Kinds of which a value with a damaged sign hardly ever passes its parser."""

REGISTERS = frozenset({"KS", "KH", "KT", "CMC", "HN"})
"""Forms whose pages are filled in by pen or typewriter; certificates are mostly printed."""


@dataclass(frozen=True, slots=True)
class AcceptancePolicy:
    """From which confidence on a field counts as right without a person.

    Attributes:
        print_from: Tesseract's own confidence (mean and minimum over the words weigh alike); at 0.95 and
            more it made 0.13 % character errors on 336 lines of real 200 dpi scans.
        type_from: the same for typewriters, whose worn noughts are read as sixes and nines.
        checked_from: for kinds whose value follows a grammar or comes from a closed list, so that a
            damaged sign is most likely noticed; print only.
        hand_from: a confidence above 1 is never reached: handwriting is not accepted on reading alone.
        rival_below: a losing alternative at or above this confidence makes a person look.
        never_in_registers: kinds that are not accepted on reading alone from a register page, whose ink is
            told apart by a heuristic: neat handwriting passes for print, and a name has no grammar.
    """

    print_from: float = 0.95
    type_from: float = 0.95
    checked_from: float = 0.93
    hand_from: float = 1.01
    empty_from: float = 0.95
    rival_below: float = 0.5
    never_in_registers: frozenset[str] = frozenset({"name"})


FIRST_POLICY = AcceptancePolicy()
"""Conservative; stands until it is calibrated on corpora with truth."""


def accepts(reading: FieldReading, record: RecordReading, policy: AcceptancePolicy = FIRST_POLICY) -> bool:
    """Whether nobody needs to look at this field.

    Args:
        record: the record with canonical values, for rules that look at neighbouring fields.
    """
    if reading.status in (FieldStatus.KEYED, FieldStatus.CONFIRMED):
        return True
    if reading.status is FieldStatus.EMPTY:
        return reading.ink is not Ink.HAND and reading.confidence >= policy.empty_from
    if reading.status is not FieldStatus.READ or not reading.value:
        return False
    if reading.source in SURE_SOURCES:
        return True
    if record.form in REGISTERS and reading.kind in policy.never_in_registers:
        return False
    if any(a.confidence >= policy.rival_below and a.value != reading.value for a in reading.alternatives):
        return False
    if reading.source in LOSSY_SOURCES:
        return reading.kind in CHECKED_KINDS
    if reading.ink is Ink.PRINT and reading.kind in CHECKED_KINDS:
        return reading.confidence >= policy.checked_from
    return reading.confidence >= _threshold(reading.ink, policy)


def _threshold(ink: Ink, policy: AcceptancePolicy) -> float:
    thresholds: Mapping[Ink, float] = {
        Ink.PRINT: policy.print_from,
        Ink.TYPE: policy.type_from,
        Ink.HAND: policy.hand_from,
        Ink.EMPTY: policy.empty_from,
    }
    return thresholds[ink]
