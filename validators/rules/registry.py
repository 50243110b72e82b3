"""Declared rules: code, meaning, severity, source; and what a rule may conclude from doubtful fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from validators.case import Case, Certainty
from validators.rules.labels import label
from validators.verdict import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule.

    Attributes:
        code: stable code; parameterised ones end in ":" and the official key follows.
        meaning: what it says, Vietnamese.
        severity: the most it may stop, when every field it rests on is sure.
        source: regulation, template note or measurement it rests on.
        why: for officers, Vietnamese: why it is asked, and what to do about it.
    """

    code: str
    meaning: str
    severity: Severity
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule saw.

    Attributes:
        fields: official keys, most telling first.
        message: one Vietnamese sentence.
        rests_on: keys whose certainty limits the severity; ``fields`` where None.
        code: full code of a parameterised rule.
        guessed: a value compared was itself a repaired reading.
    """

    fields: tuple[str, ...]
    message: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    rests_on: tuple[str, ...] | None = None
    code: str = ""
    guessed: bool = False


Check = Callable[[Case], Iterator[Violation]]
Declared = tuple[Rule, Check]


def certainty(case: Case, key: str) -> Certainty:
    """Certainty of a field; one that is not on the form counts as empty."""
    found = case.fields.get(key)
    return found.certainty if found else Certainty.EMPTY


def has(case: Case, *keys: str) -> bool:
    """Whether all fields carry a value that could be read."""
    return all(certainty(case, k) in (Certainty.SURE, Certainty.DOUBTFUL) and case.value(k) for k in keys)


def seems_empty(case: Case, key: str) -> bool:
    """Whether the form has the field and nothing was seen in it, surely or not."""
    found = case.fields.get(key)
    return found is not None and not found.value and found.certainty in (Certainty.EMPTY, Certainty.DOUBTFUL)


def finding(case: Case, rule: Rule, violation: Violation) -> Finding | None:
    """Finding of a violation, lowered to a warning where a field is doubtful, None where one is unread.

    A warning that would block if its fields were sure says which ones an officer has to look at.
    """
    grounds = violation.fields if violation.rests_on is None else violation.rests_on
    states = {key: certainty(case, key) for key in grounds if key in case.fields}
    if Certainty.MISSING in states.values():
        return None
    doubtful = tuple(key for key, state in states.items() if state is Certainty.DOUBTFUL)
    lowered = bool(doubtful) or violation.guessed
    message, evidence = violation.message, dict(violation.evidence)
    if lowered and rule.severity is not Severity.WARNS:
        asked = doubtful or grounds or violation.fields
        message += f" Đọc chưa chắc: hãy xem lại {', '.join(label(key) for key in asked)}."
        evidence["doubtful"] = ", ".join(asked)
    return Finding(
        code=violation.code or rule.code,
        severity=Severity.WARNS if lowered else rule.severity,
        fields=violation.fields,
        message=message,
        evidence=evidence,
    )
