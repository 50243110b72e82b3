from validators.population.check import check_population
from validators.population.extract import ExtractReport, ProblemCode, RowProblem
from validators.population.register import PopulationRegister
from validators.population.row import COLUMNS, Query, RegisterRow
from validators.population.verdict import RegisterAnswer, RegisterVerdict

__all__ = [
    "COLUMNS",
    "ExtractReport",
    "PopulationRegister",
    "ProblemCode",
    "Query",
    "RegisterAnswer",
    "RegisterRow",
    "RegisterVerdict",
    "RowProblem",
    "check_population",
]
