"""What the supervisor knows of a server."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.embedded.places import Account
from pipeline.endpoints import Endpoints


@dataclass(frozen=True)
class Command:
    """How a server is started.

    Attributes:
        argv: program and arguments; passwords never stand here, where everybody can read them.
        folder: working directory.
        environment: the whole environment of the server.
        account: user to become, None for the starter's own.
        death_signal: what the kernel sends the server when the supervisor dies.
    """

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: Account | None = None
    death_signal: signal.Signals = signal.SIGTERM


class Service(Protocol):
    """One embedded server.

    Attributes:
        name: short name; also of its log and pid file.
        port_names: the ports it listens on, as named in `Ports`.
        stop_order: signals and the seconds each is given; SIGKILL to the whole group comes after them.
        start_seconds: how long until `ready` must have been true once.
    """

    name: str
    port_names: tuple[str, ...]
    stop_order: tuple[tuple[signal.Signals, float], ...]
    start_seconds: float

    def prepare(self) -> None:
        """Make folders, keys and configuration; called before every start, also after a crash."""

    def command(self) -> Command:
        """Say how to start."""

    def ready(self) -> bool:
        """Ask the server once, as its users will, whether it serves; a server that does not is no error."""

    def furnish(self) -> None:
        """Make and check what users expect to find: roles, databases, buckets. Called when first ready."""

    def endpoints(self) -> Endpoints:
        """Give the addresses this server adds."""
