"""How workers take turns on rows: lease, rising attempt number, and no late writers.

A claim is one short transaction (``FOR UPDATE SKIP LOCKED``). The work itself runs outside any
transaction while a heartbeat renews the lease; its results, the next state, the outbox rows and the
events are written in one transaction that begins by checking that the claim still stands.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from pipeline.models import NEXT_RECORD_STATES, Claimable, Record, RecordState

MAX_TRIES = 5
"""A file that has broken five attempts will break the sixth: it waits for a person instead."""

_BACKOFF_SECONDS = (2, 10, 60, 300)
_log = structlog.get_logger(__name__)

Row = TypeVar("Row", bound=Claimable)


class LateWriter(Exception):  # noqa: N818 - says what happened
    """The lease was lost and somebody else has the row; nothing may be written."""


class WrongState(Exception):  # noqa: N818 - says what happened
    """A record may not go from its state to the wanted one."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[Row]):
    """The right to work on one row for a while.

    Attributes:
        row: as it was when claimed; read it, never save it.
        attempt: the fencing token.
    """

    row: Row
    state: str
    owner: str
    attempt: int
    lease_seconds: float


def database_now() -> datetime:
    """The database's clock: the only one that all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def claimable(states: Iterable[str], now: datetime) -> Q:
    """Condition for rows that nobody holds, that are due and have tries left."""
    return (
        Q(state__in=list(states), tries__lt=MAX_TRIES)
        & (Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        & (Q(not_before__isnull=True) | Q(not_before__lte=now))
    )


def exhausted(state: str, now: datetime) -> Q:
    """Condition for rows whose last try was cut short: its lease has ended and nobody gave it back."""
    return Q(state=state, tries__gte=MAX_TRIES, lease_until__lt=now) & ~Q(lease_owner="")


def claim(
    model: type[Row], states: Iterable[str], owner: str, lease_seconds: float, *, pk: object | None = None
) -> Claim[Row] | None:
    """Take a free row in one of `states`, the longest waiting first.

    Args:
        model: Scan, Record or Batch.
        states: from which the row may be taken.
        owner: names the worker, such as ``host:pid:task``.
        lease_seconds: how long nobody else may take it, unless renewed.
        pk: take this row or none.

    Returns:
        None where no row is free; rows that others are just claiming are passed over, not waited for.
    """
    with transaction.atomic():
        now = database_now()
        rows = model._default_manager.filter(claimable(states, now))
        if pk is not None:
            rows = rows.filter(pk=pk)
        row = rows.select_for_update(skip_locked=True).order_by("state_since", "pk").first()
        if row is None:
            return None
        row.attempt += 1
        row.tries += 1
        row.lease_owner = owner
        row.lease_until = now + timedelta(seconds=lease_seconds)
        row.save(update_fields=["attempt", "tries", "lease_owner", "lease_until"])
    return Claim(row, row.state, owner, row.attempt, lease_seconds)


def renew(held: Claim[Row]) -> bool:
    """Push the end of the lease out; false where the claim no longer stands."""
    until = database_now() + timedelta(seconds=held.lease_seconds)
    rows = type(held.row)._default_manager.filter(
        pk=held.row.pk, attempt=held.attempt, lease_owner=held.owner, state=held.state
    )
    return rows.update(lease_until=until) == 1


@contextmanager
def heartbeat(held: Claim[Row]) -> Iterator[None]:
    """Renew the lease every third of its length while the block runs.

    So leases can be short, and what a killed worker held is soon free, though a task may be long.
    """
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(held.lease_seconds / 3):
            try:
                if not renew(held):
                    return
            except DatabaseError as error:
                _log.warning("lease not renewed", error=str(error))
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def finishing(held: Claim[Row]) -> Iterator[Row]:
    """One transaction for everything that an attempt leaves behind.

    Yields the locked, current row; use `move` to give it its next state. On leaving, the lease is
    given back.

    Raises:
        LateWriter: the lease ran out and the row was claimed again, or somebody changed its state.
    """
    with transaction.atomic():
        row = _locked(held)
        row.error_code = row.error_message = ""
        yield row
        _give_back(row)
        row.save()


def fail(held: Claim[Row], code: str, message: str) -> None:
    """End an attempt that went wrong; the row is tried again later, or held once its tries are used up.

    Raises:
        LateWriter: as in `finishing`.
    """
    with transaction.atomic():
        row = _locked(held)
        row.error_code, row.error_message = code, message
        _give_back(row)
        wait = _BACKOFF_SECONDS[min(row.tries, len(_BACKOFF_SECONDS)) - 1]
        row.not_before = database_now() + timedelta(seconds=wait)
        if row.tries >= MAX_TRIES:
            give_up(row)
        row.save()


def postpone(held: Claim[Row], seconds: float, code: str = "", message: str = "") -> None:
    """Give the row back untried, because something outside is not ready; this never uses up tries.

    Raises:
        LateWriter: as in `finishing`.
    """
    with transaction.atomic():
        row = _locked(held)
        row.error_code, row.error_message = code, message
        row.tries = max(0, row.tries - 1)
        _give_back(row)
        row.not_before = database_now() + timedelta(seconds=seconds)
        row.save()


def give_up(row: Claimable) -> None:
    """Hold a row whose tries are used up; the caller saves it.

    An approved record keeps its state: its approval stands, and only a person may take it back.
    """
    if not row.error_code:
        row.error_code = "WORKER_LOST"
        row.error_message = "Chương trình xử lý bị dừng nhiều lần ở tệp này; hãy kiểm tra tệp hoặc quét lại."
    if isinstance(row, Record) and row.state in (RecordState.APPROVED, RecordState.SEALED):
        return
    move(row, "QUARANTINED")  # every kind of row has this state


def hold(row: Claimable) -> None:
    """Give up a row whose last try was cut short; whoever still works on it is late. The caller saves it."""
    _give_back(row)
    row.attempt += 1
    give_up(row)


def move(row: Claimable, state: str) -> None:
    """Give a row its next state with all its tries; the caller saves it.

    Raises:
        WrongState: a record may not go there from where it is.
    """
    if isinstance(row, Record) and state not in NEXT_RECORD_STATES[row.state] and state != row.state:
        raise WrongState(f"record {row.pk}: {row.state} -> {state}")
    row.state = str(state)
    row.state_since = database_now()
    row.tries = 0
    row.not_before = None
    row.hinted_at = None


def try_again(row: Claimable) -> None:
    """Give a held row all its tries back, because a person asks for it; the caller saves it."""
    row.tries = 0
    row.not_before = None
    row.error_code = row.error_message = ""


def _locked(held: Claim[Row]) -> Row:
    row = type(held.row)._default_manager.select_for_update().get(pk=held.row.pk)
    if (row.attempt, row.lease_owner, row.state) != (held.attempt, held.owner, held.state):
        raise LateWriter(f"{type(row).__name__} {row.pk}: attempt {held.attempt} is over")
    return row


def _give_back(row: Claimable) -> None:
    row.lease_owner = ""
    row.lease_until = None
