"""Every code that a stage raises outside the catalogue is explained to officers, and no other is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pipeline.external_signing import refusal
from pipeline.linkage import CODES as LINKAGE_CODES
from pipeline.mismatches import CODES
from pipeline.signing import outage
from storage.errors import SigningError
from validators.rules import RULES, STAGE_RULES, Rule, rule_of
from validators.rules.document import rules_page
from validators.verdict import Finding, Severity

ROOT = Path(__file__).parents[3]
COMPUTED = {"linkage.py", "mismatches.py", "signing.py", "external_signing.py"}
"""Modules whose codes are not written where the finding is made; `computed` lists them."""


def calls(folder: str, *names: str) -> list[tuple[Path, ast.Call]]:
    found = []
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                found.append((path, node))
    return found


def first_text(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def written() -> dict[str, Severity]:
    found = {}
    for _, call in calls("pipeline", "RaisedFinding", "Finding"):
        code = first_text(call)
        if code:
            severity = call.args[1]
            assert isinstance(severity, ast.Attribute)
            found[code] = Severity[severity.attr]
    return found


def computed() -> list[Finding]:
    codes = {first_text(c) for _, c in calls("storage", "SigningError", "SignatureRefused")} - {None}
    assert len(codes) > 20
    return [made(SigningError(code, "")) for code in sorted(codes) for made in (outage, refusal)]


def raised() -> dict[str, Severity | None]:
    register = dict.fromkeys((*CODES, *LINKAGE_CODES))
    return register | {f.code: f.severity for f in computed()} | written()


RAISED = raised()


def test_no_other_module_computes_the_code_of_a_finding():
    told = {p.name for p, c in calls("pipeline", "RaisedFinding", "Finding") if c.args and not first_text(c)}
    assert told == COMPUTED


@pytest.mark.parametrize(("code", "severity"), sorted(RAISED.items()))
def test_a_code_of_a_stage_leads_to_its_explanation(code: str, severity: Severity | None):
    rule = rule_of(code, severity or Severity.WARNS)
    assert rule in STAGE_RULES
    assert severity in (None, rule.severity)


@pytest.mark.parametrize("rule", STAGE_RULES, ids=lambda rule: rule.code)
def test_no_explanation_stands_for_a_code_that_nobody_raises(rule: Rule):
    assert any(rule_of(code, rule.severity) is rule for code in RAISED)
    assert all((rule.meaning, rule.source, rule.why))
    assert f"| `{rule.code}` | {rule.meaning} |" in rules_page()


def test_a_code_is_explained_once():
    codes = [rule.code for rule in STAGE_RULES]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & {rule.code for rule in RULES}
