"""Every rule with its meaning, severity and source; ``docs/rules.md`` is made from this list."""

from __future__ import annotations

from validators.case import Case
from validators.places import Gazetteer
from validators.rules import (
    civil_dates,
    completeness,
    families,
    identity_rules,
    land,
    lunar,
    numbering,
    places,
)
from validators.rules.across import RULES as ACROSS_RULES
from validators.rules.registry import Declared, Rule, finding
from validators.rules.stages import STAGE_RULES
from validators.verdict import Finding, Severity

CASE_RULES: tuple[Declared, ...] = (
    *civil_dates.RULES,
    *lunar.RULES,
    *families.RULES,
    *identity_rules.RULES,
    *numbering.RULES,
    *completeness.RULES,
    *land.RULES,
)

RULES: tuple[Rule, ...] = (*(rule for rule, _ in CASE_RULES), *places.RULES, *ACROSS_RULES)


def check_case(case: Case, gazetteer: Gazetteer | None = None) -> tuple[Finding, ...]:
    """Findings of all rules that one case alone can decide, in the order of the catalogue.

    A rule blocks only where every field it rests on is sure; a doubtful field lowers it to a warning, an
    unread one leaves it unapplied.

    Args:
        case: as read or as an officer left it.
        gazetteer: tells which places existed when; without one places are not checked.
    """
    rules = CASE_RULES if gazetteer is None else (*CASE_RULES, *places.declared(gazetteer))
    found = (finding(case, rule, violation) for rule, check in rules for violation in check(case))
    return tuple(f for f in found if f is not None)


def rule_of(code: str, severity: Severity) -> Rule | None:
    """Rule behind a finding, be it of a case or of a stage; None where another part of the program raised it.

    Args:
        code: of the finding; a parameterised one is cut after its colon.
        severity: of the finding, which may be lower than the rule's; it tells rules of one code apart.
    """
    head, colon, _ = code.partition(":")
    named = [rule for rule in (*RULES, *STAGE_RULES) if rule.code == head + colon]
    named = named or [r for r in STAGE_RULES if r.code.endswith("*") and code.startswith(r.code[:-1])]
    return next((rule for rule in named if rule.severity is severity), named[0] if named else None)
