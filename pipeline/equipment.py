"""What stages need from outside, built once per process from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings as django_settings

from pipeline.addresses import resolve
from pipeline.configuration import Settings
from pipeline.confirmations import asking_of, calls_today
from pipeline.endpoints import Endpoints
from pipeline.intake import open_vault, scan_limits
from pipeline.population_line import caller_of, service_of
from pipeline.population_settings import PopulationSettings
from pipeline.registers import Registers
from pipeline.signing import Signing, open_signing
from pipeline.signing_settings import SigningSettings
from pipeline.stages.check import CheckTools
from pipeline.stages.confirm import ConfirmTools
from pipeline.stages.read import ReadTools
from pipeline.stages.seal import SealTools
from pipeline.stages.sealed_proof import process_validator
from pipeline.stages.store import StoreTools
from pipeline.vault import Vault
from validators.population.service import ServiceClient


@dataclass(frozen=True, slots=True)
class Equipment:
    """The tools of one process; never shared across a fork."""

    settings: Settings
    endpoints: Endpoints
    vault: Vault
    registers: Registers

    def for_reading(self) -> ReadTools:
        """Tools of the stages prepare, read, extract."""
        return ReadTools(self.vault, scan_limits(self.settings), self.settings.lease_seconds)

    def for_checking(self) -> CheckTools:
        """Tools of the stages check, decide and of the book rules."""
        return CheckTools(
            self.registers,
            self.settings.lease_seconds,
            self.settings.field_policies,
            asking_of(self.settings.population),
            self.settings.double_keying,
        )

    def for_confirming(self) -> ConfirmTools:
        """Tools of the stage confirm.

        Raises:
            ConfigurationError: the line to the population database lacks its secrets.
        """
        line = self.settings.population
        return ConfirmTools(
            _service(line, self.settings.worker_processes),
            caller_of(line),
            self.settings.lease_seconds,
            line.give_up_after,
        )

    def for_sealing(self) -> SealTools:
        """Tools of the stage seal.

        Raises:
            ServicesNotRunning: no signing key, timestamp service or trust root is known.
            ConfigurationError: see `open_signing`.
            StorageError: a key does not open.
        """
        signing = _signing(self.settings.signing, self.endpoints)
        return SealTools(
            self.vault,
            signing,
            scan_limits(self.settings),
            self.settings.lease_seconds,
            process_validator(),
        )

    def for_storing(self) -> StoreTools:
        """Tools of the stage store."""
        return StoreTools(self.vault, self.settings.lease_seconds)


def build(settings: Settings, endpoints: Endpoints) -> Equipment:
    """Tools for one installation.

    Raises:
        ServicesNotRunning: the object store has no address.
    """
    vault = open_vault(settings, endpoints)
    return Equipment(settings, endpoints, vault, Registers(vault))


@lru_cache(maxsize=1)
def equipment() -> Equipment:
    """The tools of this process."""
    settings: Settings = django_settings.SOHOA
    return build(settings, resolve(settings))


@lru_cache(maxsize=2)
def _service(line: PopulationSettings, processes: int) -> ServiceClient | None:
    """One client per process, so that its pace and its circuit breaker see every call."""
    return service_of(line, processes=processes, used_today=calls_today)


@lru_cache(maxsize=4)
def _signing(settings: SigningSettings, endpoints: Endpoints) -> Signing:
    """One for a process: a key is unlocked once, and answers about certificates serve a whole batch."""
    return open_signing(settings, endpoints)
