from validators.rules.catalogue import RULES, check_case, rule_of
from validators.rules.registry import Rule
from validators.rules.stages import STAGE_RULES

__all__ = ["RULES", "STAGE_RULES", "Rule", "check_case", "rule_of"]
