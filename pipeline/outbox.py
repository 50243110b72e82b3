"""Messages leave only after the commit that wrote them; one that cannot leave waits for the sweeper.

A message carries a task's name and ids. Losing it, or every other message in the broker, costs time
and nothing else: see `pipeline.sweeper`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

import structlog
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError

from pipeline.celery import app
from pipeline.models import OutboxMessage

BROKER_ERRORS = (OSError, KombuError)
_PAUSE_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class Gate:
    """Keeps a process from knocking at a dead broker for every single message."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    def is_open(self) -> bool:
        """Whether sending is worth a try now."""
        return time.monotonic() >= self._closed_until

    def close(self) -> None:
        """Try again only after a pause."""
        self._closed_until = time.monotonic() + _PAUSE_SECONDS


@lru_cache(maxsize=1)
def broker_gate() -> Gate:
    """The gate of this process."""
    return Gate()


def post(task: str, *ids: object) -> None:
    """Write a message in the current transaction; it is sent right after the commit.

    Args:
        task: name such as ``sohoa.read_scan``.
        ids: made strings; nothing but ids travels through the broker.
    """
    message = OutboxMessage.objects.create(task=task, arguments=[str(i) for i in ids])
    transaction.on_commit(lambda: send([message]), robust=True)


def send(messages: Iterable[OutboxMessage]) -> int:
    """Hand messages to the broker and note it; stops at the first that it does not take.

    Returns:
        How many were sent.
    """
    gate, sent = broker_gate(), []
    for message in messages:
        if not gate.is_open():
            break
        try:
            app.send_task(message.task, args=message.arguments)
        except BROKER_ERRORS as error:
            gate.close()
            _log.warning("broker does not take messages", error=str(error), task=message.task)
            break
        sent.append(message.pk)
    OutboxMessage.objects.filter(pk__in=sent).update(sent_at=timezone.now())
    return len(sent)


def send_waiting(*, limit: int = 500, older_than: timedelta = timedelta(seconds=2)) -> int:
    """Send what a broken broker or a killed process left behind."""
    with transaction.atomic():
        waiting = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(sent_at__isnull=True, created__lt=timezone.now() - older_than)
            .order_by("id")[:limit]
        )
        return send(list(waiting))


def forget_sent(*, older_than: timedelta = timedelta(days=7)) -> int:
    """Delete messages that were sent long ago."""
    return OutboxMessage.objects.filter(sent_at__lt=timezone.now() - older_than).delete()[0]
