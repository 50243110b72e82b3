from validators.population.check import check_population
from validators.population.register import PopulationRegister, Query, RegisterRow
from validators.population.verdict import RegisterAnswer, RegisterVerdict

__all__ = [
    "PopulationRegister",
    "Query",
    "RegisterAnswer",
    "RegisterRow",
    "RegisterVerdict",
    "check_population",
]
