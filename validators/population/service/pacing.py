"""How often the service may be asked, and when it is better left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from validators.errors import PopulationServiceError


class Pace:
    """Spaces calls evenly; callers of one process take turns.

    Args:
        per_second: calls a second, at most.
        clock: monotonic seconds.
        sleep: waits so many seconds.
    """

    def __init__(self, per_second: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._gap = 1.0 / per_second
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Return when the next call may go out."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + self._gap
        if (rest := turn - self._clock()) > 0:
            self._sleep(rest)


@dataclass(frozen=True, slots=True)
class DailyQuota:
    """Calls that the contract allows in a day.

    Attributes:
        used: counts today's calls of all processes; the caller keeps the count, and its day.
    """

    limit: int
    used: Callable[[], int]

    def check(self) -> None:
        """Refuse a call beyond the quota.

        Raises:
            PopulationServiceError: QUOTA_EXCEEDED.
        """
        if self.used() >= self.limit:
            raise PopulationServiceError("QUOTA_EXCEEDED", f"own limit of {self.limit} calls a day")


class CircuitBreaker:
    """Leaves a dead service alone: after some failures in a row, one trial per pause.

    Args:
        failures: in a row, until the circuit opens.
        rest_seconds: until a trial.
        clock: monotonic seconds.
    """

    def __init__(self, failures: int, rest_seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._rest, self._clock = failures, rest_seconds, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_at = 0.0

    def check(self) -> None:
        """Let a call through.

        Raises:
            PopulationServiceError: CIRCUIT_OPEN; nothing was sent.
        """
        with self._lock:
            if self._failed < self._most:
                return
            if self._clock() < self._closed_at:
                raise PopulationServiceError("CIRCUIT_OPEN", f"after {self._failed} failures in a row")
            self._closed_at = self._clock() + self._rest  # this call is the trial, others wait for it

    def succeeded(self) -> None:
        """The service answered."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """The service did not answer."""
        with self._lock:
            self._failed += 1
            self._closed_at = self._clock() + self._rest
