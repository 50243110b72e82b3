"""Where the machine may decide alone, and where a person has to look. All thresholds stand here.

A wrong value that nobody looked at is the worst this product can make: of the fields accepted without
a person, at most 5 in 1,000 may be wrong.
"""

from __future__ import annotations

from ocr.elements import FieldReading, FieldStatus, Ink, RecordReading
from ocr.value_reader import DIGIT_KINDS
from pipeline.calibration import Calibration

SURE_SOURCES = frozenset({"QR", "text-layer"})
"""These carry no reading error: a check sum or the characters themselves."""

LOSSY_SOURCES = frozenset({"text-layer-legacy"})
"""Fonts from before Unicode lack letters of the minorities' languages: names and places are not certain."""

READ_FROM = 0.60
"""A field less likely right than this is shown as doubtful, whatever its parser says."""

CHECKED_KINDS = frozenset(
    "date sex ethnicity nationality id_type registration_type land_form land_purpose area area_words".split()
)
"""Kinds of which a value with a damaged sign hardly ever passes its parser."""

REGISTERS = frozenset({"KS", "KH", "KT", "CMC", "HN"})
"""Forms whose pages are filled in by pen or typewriter; certificates are mostly printed."""


HAND_KINDS = frozenset(
    "date date_words sex ethnicity nationality id_number id_type entry_number book_number page_number "
    "relation registration_type".split()
)
"""Handwritten values that a grammar, a closed list or a second source can confirm; names never."""

MACHINE_CLAIM = 0.9
"""A print engine claims so much for a name only if a machine wrote it."""

EMPTY_FROM = 0.95
RIVAL_BELOW = 0.5
"""A losing reading at or above this confidence makes a person look."""

UNCALIBRATED_FROM = 0.95
"""Without fitted models: Tesseract's own confidence (mean and minimum over the words weigh alike); at 0.95
and more it made 0.13 % character errors on 336 lines of real 200 dpi scans."""


def accepts(reading: FieldReading, record: RecordReading, calibration: Calibration | None = None) -> bool:
    """Whether nobody needs to look at this field.

    Args:
        reading: with canonical value and calibrated confidence.
        record: the record it stands in.
        calibration: tells from which confidence on the promised share is right, per way of writing.
    """
    if reading.status in (FieldStatus.KEYED, FieldStatus.CONFIRMED):
        return True
    if reading.status is FieldStatus.EMPTY:
        return reading.ink is not Ink.HAND and reading.confidence >= EMPTY_FROM
    if reading.source in SURE_SOURCES:
        return reading.status is FieldStatus.READ and bool(reading.value)
    if not may_be_accepted(reading, record.form):
        return False
    if reading.source in LOSSY_SOURCES:
        return reading.kind in CHECKED_KINDS
    if calibration is None:
        return reading.ink is not Ink.HAND and reading.confidence >= UNCALIBRATED_FROM
    return reading.confidence >= calibration.accept_from["hand" if reading.ink is Ink.HAND else "machine"]


def may_be_accepted(reading: FieldReading, form: str) -> bool:
    """Whether a field that readers read may count as right at all, however sure they are.

    Args:
        form: of the record, such as ``KS``.
    """
    if reading.status is not FieldStatus.READ or not reading.value:
        return False
    if any(a.confidence >= RIVAL_BELOW and a.value != reading.written for a in reading.alternatives):
        return False
    if form in REGISTERS and reading.kind == "name" and not _printed_alike(reading):
        return False
    if reading.ink is Ink.HAND:
        return reading.kind in HAND_KINDS and confirmed(reading)
    # Where a grammar chose against what the strokes alone say, a digit may be invented.
    return reading.kind not in DIGIT_KINDS or reading.signals.get("plain", 1.0) > 0.999 or confirmed(reading)


def _printed_alike(reading: FieldReading) -> bool:
    """Whether a print engine, which is lost on handwriting, read the very same, and surely."""
    signals = reading.signals
    return signals.get("printed", 0.0) > 0.999 and signals.get("claim", 0.0) >= MACHINE_CLAIM


def confirmed(reading: FieldReading) -> bool:
    """Whether two sources say the same of a handwritten value: two readers, or digits and words."""
    signals = reading.signals
    if signals.get("agree", 0.0) > 0.5 or "twin" in signals:
        return True
    # The second recogniser is blind to accents: beside digits it only confirms what the first saw plainly.
    plain = reading.kind in DIGIT_KINDS or signals.get("plain", 0.0) > 0.999
    return plain and signals.get("second", 0.0) > 0.999
