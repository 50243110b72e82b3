"""What a parser makes of a text: value, outcome, and the reason with its evidence."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from validators.verdict import Outcome, Verdict


class Reason(enum.StrEnum):
    """Why a text got its outcome."""

    LITERAL = "LITERAL"  # stands there as the kind wants it
    BLANK = "BLANK"  # strokes, dots, "không": nothing is written
    REPAIRED = "REPAIRED"  # look-alikes or damaged syllables put right: a proposal
    AS_WRITTEN = "AS_WRITTEN"  # no list or grammar of the kind knows it; kept
    DITTO = "DITTO"  # repeats the row above, which only the page knows
    NOT_OF_KIND = "NOT_OF_KIND"  # says nothing of the kind
    DATE_IMPOSSIBLE = "DATE_IMPOSSIBLE"  # plainly written, but no such day or no year of the registers
    DATE_LUNAR = "DATE_LUNAR"  # of the lunar calendar; kept, solar days only proposed
    AGE_WITHOUT_YEAR = "AGE_WITHOUT_YEAR"  # an age, and no year of registration to count from


@dataclass(frozen=True, slots=True)
class ValueContext:
    """What a value's meaning may depend on.

    Attributes:
        form: ``KS``, ``KH``, ``KT``, ``CMC``, ``HN``, ``GKS`` or ``GCN``.
        era: period of the form layout.
        event_year: year of registration; ages and two-digit years need it.
    """

    form: str
    era: str
    event_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalValue(Verdict):
    """Canonical value and how sure the reading of the text is.

    The outcome is PASSED where it was parsed, INDETERMINATE where it is kept as written or repaired as a
    proposal, FAILED where it does not fit; the code is a `Reason`.

    Attributes:
        value: "" where nothing is written or the text does not fit the kind.
    """

    value: str


def passed(value: str) -> CanonicalValue:
    """The value stands there literally."""
    return CanonicalValue(outcome=Outcome.PASSED, code=Reason.LITERAL if value else Reason.BLANK, value=value)


def kept(written: str, reason: Reason = Reason.AS_WRITTEN, **evidence: str) -> CanonicalValue:
    """The text is kept for a person to settle."""
    return CanonicalValue(outcome=Outcome.INDETERMINATE, code=reason, evidence=evidence, value=written)


def failed(reason: Reason = Reason.NOT_OF_KIND, **evidence: str) -> CanonicalValue:
    """The text gives no value of the kind."""
    return CanonicalValue(outcome=Outcome.FAILED, code=reason, evidence=evidence, value="")


def parsed(value: str, written: str, *, exact: bool) -> CanonicalValue:
    """The value as it stands there, or a proposal where it had to be put right."""
    if exact:
        return passed(value)
    return CanonicalValue(
        outcome=Outcome.INDETERMINATE, code=Reason.REPAIRED, evidence={"written": written}, value=value
    )
