"""Which parts of the installation answer now."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import DatabaseError, connection

from pipeline.endpoints import Endpoints

PROBE_SECONDS = 1.5
DEFAULT_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "http": 80, "https": 443}


@dataclass(frozen=True)
class PartHealth:
    """One part of the installation.

    Attributes:
        key: stable name for machines.
        name: Vietnamese name for officers.
        up: whether it answers.
    """

    key: str
    name: str
    up: bool


def examine(endpoints: Endpoints) -> list[PartHealth]:
    """Knock at every part, all at once, each for `PROBE_SECONDS` at most.

    The database is asked a question; of the others only the port is tried, because this is called by anyone
    and must neither cost much nor use a credential.
    """
    others: list[tuple[str, str, str | None]] = [
        ("broker", "Hàng đợi", endpoints.broker_url),
        ("store", "Kho lưu trữ có khóa", endpoints.store.url if endpoints.store else None),
        ("tsa", "Dấu thời gian", endpoints.tsa_url),
    ]
    with ThreadPoolExecutor(max_workers=len(others)) as pool:
        probes = [pool.submit(_listens, url) for _, _, url in others]
        parts = [PartHealth("database", "Cơ sở dữ liệu", _answers(_ask_database))]
        parts.extend(
            PartHealth(key, name, probe.result())
            for (key, name, _), probe in zip(others, probes, strict=True)
        )
    return parts


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def _answers(question: Callable[[], None]) -> bool:
    try:
        question()
    except DatabaseError:
        return False
    return True


def _listens(url: str | None) -> bool:
    if url is None:
        return False
    place = urlsplit(url)
    port = place.port or DEFAULT_PORTS.get(place.scheme)
    if not place.hostname or port is None:
        return False
    try:
        with socket.create_connection((place.hostname, port), timeout=PROBE_SECONDS):
            return True
    except OSError:
        return False
