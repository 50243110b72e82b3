"""Declared rules: code, meaning, severity, source; and what a rule may conclude from doubtful fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from validators.case import Case, Certainty
from validators.verdict import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule.

    Attributes:
        code: stable code; parameterised ones end in ":" and the official key follows.
        meaning: what it says, Vietnamese.
        severity: the most it may stop, when every field it rests on is sure.
        source: regulation, template note or measurement it rests on.
    """

    code: str
    meaning: str
    severity: Severity
    source: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule saw.

    Attributes:
        fields: official keys, most telling first.
        message: one Vietnamese sentence.
        rests_on: keys whose certainty limits the severity; ``fields`` when empty.
        code: full code of a parameterised rule.
        guessed: a value compared was itself a repaired reading.
    """

    fields: tuple[str, ...]
    message: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    code: str = ""
    guessed: bool = False


Check = Callable[[Case], Iterator[Violation]]


def certainty(case: Case, key: str) -> Certainty:
    """Certainty of a field; one that is not on the form counts as empty."""
    found = case.fields.get(key)
    return found.certainty if found else Certainty.EMPTY


def has(case: Case, *keys: str) -> bool:
    """Whether all fields carry a value that could be read."""
    return all(certainty(case, k) in (Certainty.SURE, Certainty.DOUBTFUL) and case.value(k) for k in keys)


def finding(case: Case, rule: Rule, violation: Violation) -> Finding | None:
    """Finding of a violation, lowered to a warning where a field is doubtful, None where one is unread."""
    grounds = violation.rests_on or violation.fields
    states = {certainty(case, key) for key in grounds if key in case.fields}
    if Certainty.MISSING in states:
        return None
    lowered = Certainty.DOUBTFUL in states or violation.guessed
    return Finding(
        code=violation.code or rule.code,
        severity=Severity.WARNS if lowered else rule.severity,
        fields=violation.fields,
        message=violation.message,
        evidence=dict(violation.evidence),
    )
