from validators.rules.catalogue import RULES, check_case, rule_of
from validators.rules.registry import Rule

__all__ = ["RULES", "Rule", "check_case", "rule_of"]
