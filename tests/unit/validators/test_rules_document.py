from pathlib import Path

from validators.rules import RULES, rule_of
from validators.rules.document import rules_page
from validators.verdict import Severity

ROOT = Path(__file__).parents[3]


def test_the_page_of_rules_is_as_the_code_has_them():
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert page == rules_page(), "run .venv/bin/python scripts/generate_rules"


def test_every_rule_has_a_meaning_a_source_and_a_reason():
    assert all(rule.code and rule.meaning and rule.source and rule.why for rule in RULES)


def test_a_finding_leads_back_to_its_rule():
    for rule in RULES:
        shown = f"{rule.code}nksDanToc" if rule.code.endswith(":") else rule.code
        assert rule_of(shown, rule.severity) is rule
    lowered = rule_of("DATE_WORDS_DIFFER", Severity.WARNS)
    assert lowered is not None
    assert lowered.severity is Severity.BLOCKS_APPROVAL
    assert rule_of("PDFA_INVALID", Severity.WARNS) is None
