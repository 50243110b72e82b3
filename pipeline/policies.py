"""Where the machine may decide alone, and where a person has to look. All thresholds stand here.

A wrong value that nobody looked at is the worst this product can make: of the fields accepted without
a person, at most 5 in 1,000 may be wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass, replace

from ocr.elements import FieldReading, FieldStatus, Ink, RecordReading
from ocr.forms import FormLibrary
from ocr.forms.schema import KINDS
from ocr.labels import fold
from ocr.value_reader import DIGIT_KINDS
from pipeline.calibration import Calibration
from pipeline.configuration import ConfigurationError, DoubleKeying, Policy
from pipeline.field_decisions import DecisionCode, FieldDecision
from validators.places.wholeness import may_be_cut

FieldPolicies = Mapping[str, Policy]
"""By official key or kind of field; the key counts before the kind."""

DoubleKeyingPolicies = Mapping[str, DoubleKeying]
"""By ``form.key``, official key, kind of field or ``*``; the narrower name counts."""

SAME = 0.999
"""A signal at or above this says that another source gives the very same."""

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
_STRUCK = re.compile(r"\s*(?:[-–—/]\s*){2,}")
"""Printed strokes (``--``, ``-/-``) mean that nothing stands there; a lone one may be a misread digit, dots
are the line to write on, and in a register a pen may have drawn them."""

SHORT = 6
"""Values of so few signs look right wherever they come from, and whole although a sign is missing."""

RIVAL_BELOW = 0.5
"""A losing reading at or above this confidence makes a person look."""

MARKS_RIVAL = 0.1
"""A losing reading that differs in nothing but marks makes a person look from this confidence on."""

_NAME = re.compile(r"[^\W\d_][\w'’.\-]*(?: [\w'’.\-]+)+")
"""Two words or more, without brackets and commas."""

_WORDS = frozenset({"name", "place", "text"})
_MONTH = len("2009-07")

UNCALIBRATED_FROM = 0.95
"""Without fitted models: Tesseract's own confidence (mean and minimum over the words weigh alike); at 0.95
and more it made 0.13 % character errors on 336 lines of real 200 dpi scans."""


def decide_field(
    reading: FieldReading,
    form: str,
    calibration: Calibration | None = None,
    policy: Policy = "auto",
) -> FieldDecision:
    """Whether nobody needs to look at this field, and why.

    Args:
        reading: with canonical value and calibrated confidence.
        form: of the record it stands in, such as ``KS``.
        calibration: tells from which confidence on the promised share is right, per way of writing.
        policy: what the office asks for beyond that; it can only make acceptance rarer.
    """
    if reading.status in (FieldStatus.KEYED, FieldStatus.CONFIRMED):
        return FieldDecision(DecisionCode.ACCEPTED_PERSON)
    decision = _by_evidence(reading, form, calibration)
    alone = decision.code in (DecisionCode.ACCEPTED_CALIBRATED, DecisionCode.ACCEPTED_EMPTY)
    if decision.accepted and (policy == "person" or (policy == "confirm" and alone)):
        return FieldDecision(DecisionCode.NEEDS_PERSON_POLICY)
    return decision


def _by_evidence(reading: FieldReading, form: str, calibration: Calibration | None) -> FieldDecision:
    if reading.status is FieldStatus.EMPTY:
        struck = (
            reading.ink is Ink.PRINT and form not in REGISTERS and bool(_STRUCK.fullmatch(reading.written))
        )
        sure = struck or (reading.ink is not Ink.HAND and reading.confidence >= EMPTY_FROM)
        return FieldDecision(
            DecisionCode.ACCEPTED_EMPTY if sure else DecisionCode.NEEDS_PERSON_EMPTY, EMPTY_FROM
        )
    if reading.source in SURE_SOURCES and reading.status is FieldStatus.READ and reading.value:
        return FieldDecision(DecisionCode.ACCEPTED_EXACT_SOURCE)
    if (doubt := _doubt(reading, form)) is not None:
        return FieldDecision(doubt)
    if reading.signals.get("register", 0.0) > SAME:
        return FieldDecision(DecisionCode.ACCEPTED_REGISTER)
    if _known_place(reading):
        return FieldDecision(DecisionCode.ACCEPTED_TWO_SOURCES, READ_FROM)
    if reading.source in LOSSY_SOURCES:
        known = reading.kind in CHECKED_KINDS or not any(c.isalpha() for c in reading.written)
        return FieldDecision(
            DecisionCode.ACCEPTED_CALIBRATED if known else DecisionCode.NEEDS_PERSON_OLD_FONT
        )
    if calibration is None:
        needed = UNCALIBRATED_FROM if reading.ink is not Ink.HAND else math.inf
    else:
        needed = calibration.accept_from["hand" if reading.ink is Ink.HAND else "machine"]
    if reading.confidence < needed:
        return FieldDecision(DecisionCode.NEEDS_PERSON_LOW_CONFIDENCE, needed)
    twice = confirmed(reading) or _printed_alike(reading)
    return FieldDecision(
        DecisionCode.ACCEPTED_TWO_SOURCES if twice else DecisionCode.ACCEPTED_CALIBRATED, needed
    )


def decided(
    record: RecordReading, calibration: Calibration | None, policies: FieldPolicies | None = None
) -> RecordReading:
    """The record with every field accepted or not, and the code that says why."""
    asked = policies or {}
    fields = {}
    for key, reading in record.fields.items():
        policy = asked.get(key) or asked.get(reading.kind, "auto")
        found = decide_field(reading, record.form, calibration, policy)
        fields[key] = replace(reading, accepted=found.accepted, decision=str(found.code))
    return replace(record, fields=fields)


def field_policies(asked: FieldPolicies, forms: FormLibrary) -> FieldPolicies:
    """The policies of an office, once every name in them is known.

    Raises:
        ConfigurationError: a name is neither a field of a form nor a kind of field.
    """
    _refuse("field_policies", set(asked) - KINDS - set(_keys_in(forms.forms)))
    return asked


def keyed_twice(record: RecordReading, asked: DoubleKeyingPolicies) -> RecordReading:
    """The record with every field that the office wants keyed twice waiting for its keys.

    ``doubtful`` means what would need a person anyway. What a person said stays as it is.
    """
    if not asked:
        return record
    said = (FieldStatus.KEYED, FieldStatus.CONFIRMED)
    fields = dict(record.fields)
    for key, reading in record.fields.items():
        names = (f"{record.form}.{key}", key, reading.kind, "*")
        policy = next((asked[name] for name in names if name in asked), "none")
        wanted = policy == "all" or (policy == "doubtful" and not reading.accepted)
        if wanted and reading.status not in said:
            fields[key] = replace(reading, accepted=False, decision=str(DecisionCode.NEEDS_PERSON_TWO_KEYS))
    return replace(record, fields=fields)


def double_keying_policies(asked: DoubleKeyingPolicies, forms: FormLibrary) -> DoubleKeyingPolicies:
    """The double keying of an office, once every name in it is known.

    Raises:
        ConfigurationError: a name is neither a field, alone or after its form, nor a kind of field.
    """
    known = KINDS | {"*"} | set(_keys_in(forms.forms))
    known |= {f"{form.form}.{key}" for form in forms.forms for key in _keys_in(form)}
    _refuse("double_keying", set(asked) - known)
    return asked


def _refuse(setting: str, strange: Collection[str]) -> None:
    if strange:
        raise ConfigurationError(
            f"{setting}: không có trường hoặc loại {', '.join(sorted(strange))}. Xem docs/configuration.md."
        )


def _keys_in(part: object) -> Iterator[str]:
    """Official keys named anywhere in a form, however deep."""
    if isinstance(part, Mapping):
        part = tuple(part.values())
    if isinstance(part, tuple):
        for inner in part:
            yield from _keys_in(inner)
    elif is_dataclass(part):
        yield getattr(part, "key", "")
        for inner in dataclass_fields(part):
            yield from _keys_in(getattr(part, inner.name))


def accepts(reading: FieldReading, record: RecordReading, calibration: Calibration | None = None) -> bool:
    """Whether nobody needs to look at this field of `record`."""
    return decide_field(reading, record.form, calibration).accepted


def may_be_accepted(reading: FieldReading, form: str) -> bool:
    """Whether a field that readers read may count as right at all, however sure they are.

    Args:
        form: of the record, such as ``KS``.
    """
    return _doubt(reading, form) is None


def _doubt(reading: FieldReading, form: str) -> DecisionCode | None:
    """What no confidence can outweigh."""
    if reading.status is FieldStatus.CONFLICT:
        return DecisionCode.NEEDS_PERSON_CONFLICT
    if reading.status not in (FieldStatus.READ, FieldStatus.LOW_CONFIDENCE) or not reading.value:
        return DecisionCode.NEEDS_PERSON_UNREADABLE
    known = _known_place(reading)
    if reading.status is FieldStatus.LOW_CONFIDENCE and not known:
        return DecisionCode.NEEDS_PERSON_LOW_CONFIDENCE
    if any(a.confidence >= RIVAL_BELOW and a.value != reading.written for a in reading.alternatives):
        return DecisionCode.NEEDS_PERSON_CONFLICT
    if known or reading.signals.get("register", 0.0) > SAME:
        return None
    if _unheard_of(reading):
        return DecisionCode.NEEDS_PERSON_ONE_SOURCE
    if _out_of_place(reading) or _may_lack_an_end(reading) or _marks_in_doubt(reading):
        return DecisionCode.NEEDS_PERSON_ONE_SOURCE
    hand = reading.ink is Ink.HAND
    if reading.kind == "name" and (hand or (form in REGISTERS and not _printed_alike(reading))):
        return DecisionCode.NEEDS_PERSON_HANDWRITTEN_NAME if hand else DecisionCode.NEEDS_PERSON_ONE_SOURCE
    if hand and not ("printed" in reading.signals and _printed_alike(reading)):
        sure = reading.kind in HAND_KINDS and confirmed(reading)
        return None if sure else DecisionCode.NEEDS_PERSON_HANDWRITING
    # Where a grammar chose against what the strokes alone say, a digit may be invented, and of a title
    # whose first word lies under the seal another whole title is left: "Phó Chủ tịch", "Chủ tịch".
    chosen = reading.kind in DIGIT_KINDS or (reading.kind == "title" and not reading.value.startswith("Phó"))
    plain = not chosen or reading.signals.get("plain", 1.0) > SAME
    return None if plain or confirmed(reading) else DecisionCode.NEEDS_PERSON_ONE_SOURCE


def _unheard_of(reading: FieldReading) -> bool:
    """Whether a value is none of those there are: "Me" is no relation, nothing is in "huyện Chư"."""
    signals = reading.signals
    office = reading.kind == "issuing_unit" and signals.get("units", 0.0) < SAME
    return office or min(signals.get("listed", 1.0), signals.get("ends", 1.0)) < SAME


def _out_of_place(reading: FieldReading) -> bool:
    """Whether a value may be another field's or lack an end, and no field says the same.

    What looks right proves nothing where the label was not seen, or letters stand right beside digits or a
    short value: "1/2016" is as good a number as "31/2016".
    """
    signals = reading.signals
    if signals.get("agree", 0.0) > 0.5 or "twin" in signals:
        return False
    if signals.get("placed", 1.0) < SAME:
        return True
    torn = signals.get("whole", 1.0) < SAME
    short = reading.kind in DIGIT_KINDS or len(reading.written) <= SHORT
    return torn and ((short and not _printed_alike(reading)) or reading.kind in _WORDS)


def _may_lack_an_end(reading: FieldReading) -> bool:
    """Whether what was read looks like a piece of what stands there, although nothing stands beside it.

    Pens leave gaps within a date: of "22-07-2009" a month and a year are read as surely as the whole.
    """
    if reading.kind == "place":
        return may_be_cut(reading.value)
    if reading.kind == "name":
        return not _NAME.fullmatch(reading.written)
    month = reading.kind == "date" and len(reading.value) == _MONTH
    cut = reading.ink is Ink.HAND or reading.written.lower().startswith("tháng")
    return month and cut and reading.signals.get("agree", 0.0) <= 0.5


def _marks_in_doubt(reading: FieldReading) -> bool:
    """Whether words might as well bear other marks: specks look like them, and no grammar knows all names."""
    return reading.kind in _WORDS and any(
        a.confidence >= MARKS_RIVAL and a.value != reading.written and fold(a.value) == fold(reading.written)
        for a in reading.alternatives
    )


def _known_place(reading: FieldReading) -> bool:
    """Whether an issuing unit was read that exists just so; see `pipeline.place_evidence`."""
    return reading.signals.get("place", 0.0) > SAME and reading.confidence >= READ_FROM


def _printed_alike(reading: FieldReading) -> bool:
    """Whether a print engine, which is lost on handwriting, read the very same, and surely.

    Where it was the only reader, another field of the record has to say the same.
    """
    signals = reading.signals
    same = signals.get("printed", signals.get("twin", 0.0)) > SAME
    return same and signals.get("claim", 0.0) >= MACHINE_CLAIM


def confirmed(reading: FieldReading) -> bool:
    """Whether two sources say the same of a handwritten value: two readers, or digits and words."""
    signals = reading.signals
    if signals.get("agree", 0.0) > 0.5 or "twin" in signals:
        return True
    # The second recogniser is blind to accents: beside digits it only confirms what the first saw plainly.
    plain = reading.kind in DIGIT_KINDS or signals.get("plain", 0.0) > SAME
    return plain and signals.get("second", 0.0) > SAME
