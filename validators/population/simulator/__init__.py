from validators.population.simulator.faults import Fault
from validators.population.simulator.server import Access, Simulator, rows_from_csv

__all__ = ["Access", "Fault", "Simulator", "rows_from_csv"]
