"""Register extracts and book plans by their hash, loaded once per process."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path

from pipeline.vault import Vault
from validators.books import BookPlan, load_book_plans
from validators.population import PopulationRegister


class Registers:
    """Loads what batches are checked against."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._load_register = lru_cache(maxsize=2)(self._register)
        self._load_plans = lru_cache(maxsize=8)(self._plans)

    def register(self, sha256: str) -> PopulationRegister | None:
        """The extract with this hash; None for ""."""
        return self._load_register(sha256) if sha256 else None

    def plans(self, sha256: str) -> tuple[BookPlan, ...]:
        """The plans with this hash; none for ""."""
        return self._load_plans(sha256) if sha256 else ()

    def _register(self, sha256: str) -> PopulationRegister:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "register.csv"
            path.write_bytes(self._vault.input(sha256))
            return PopulationRegister.from_csv(path)

    def _plans(self, sha256: str) -> tuple[BookPlan, ...]:
        return load_book_plans(json.loads(self._vault.input(sha256)))
