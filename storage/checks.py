"""The three-valued answer of every proof about a stored copy."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


class Outcome(enum.StrEnum):
    """Passed, failed, or not decidable from what is known."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Check:
    """Outcome of one proof.

    Attributes:
        subject: what was examined: ``signature``, ``container``, ``timestamp``, ``pdfa``, ``text-layer``,
            ``record``, ``images``, ``object``, ``lock``, ``versions``.
        code: stable code, ``OK`` where it passed.
        evidence: what was compared, as plain text.
    """

    subject: str
    outcome: Outcome
    code: str = "OK"
    evidence: Mapping[str, str] = field(default_factory=dict)


def passed(subject: str, code: str = "OK", **evidence: str) -> Check:
    """A proof that holds."""
    return Check(subject, Outcome.PASSED, code, evidence)


def failed(subject: str, code: str, **evidence: str) -> Check:
    """A proof that does not hold: an incident."""
    return Check(subject, Outcome.FAILED, code, evidence)


def undecided(subject: str, code: str, **evidence: str) -> Check:
    """A proof for which something is missing here."""
    return Check(subject, Outcome.INDETERMINATE, code, evidence)


def overall(checks: Iterable[Check]) -> Outcome:
    """Worst outcome among `checks`; no check at all is undecided."""
    outcomes = {check.outcome for check in checks}
    if Outcome.FAILED in outcomes:
        return Outcome.FAILED
    if Outcome.INDETERMINATE in outcomes or not outcomes:
        return Outcome.INDETERMINATE
    return Outcome.PASSED
