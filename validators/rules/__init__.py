from validators.rules.catalogue import RULES, check_case
from validators.rules.registry import Rule

__all__ = ["RULES", "Rule", "check_case"]
