from pathlib import Path

from validators.rules import RULES
from validators.rules.document import rules_page

ROOT = Path(__file__).parents[3]


def test_the_page_of_rules_is_as_the_code_has_them():
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert page == rules_page(), "run .venv/bin/python scripts/generate_rules"


def test_every_rule_has_a_meaning_and_a_source():
    assert all(rule.code and rule.meaning and rule.source for rule in RULES)
