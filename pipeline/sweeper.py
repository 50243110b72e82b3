"""Finds what fell through: unsent messages, ended leases, rows nobody was told about.

Every worker starts one sweeper beside itself (a process of its own, because a worker forks, and
because it must sweep on when the broker is down). However many run, one sweeps at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from amqp.exceptions import AMQPError
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from kombu.exceptions import ChannelError

from pipeline import outbox, uploads
from pipeline.celery import app
from pipeline.claims import claimable, database_now, exhausted, hold, move
from pipeline.engine_answers import tidy_cache
from pipeline.machines.models import DeliveryState, OrderState, PackageOrder, WebhookDelivery
from pipeline.machines.webhooks import forget_delivered
from pipeline.models import (
    Batch,
    BatchState,
    Claimable,
    QueryState,
    Record,
    RecordState,
    RegisterQuery,
    Scan,
    ScanState,
)

_SWEEP_LOCK = 0x50_48_4F_42
PERIOD_SECONDS = 5.0
HINT_AFTER = timedelta(seconds=20)
"""A row that could be claimed for this long has probably lost its message."""
HINTS_AT_ONCE = 100
_FORGET_EVERY = 720

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Which rows wait for which task."""

    model: type[Claimable]
    state: str
    task: str


DUTIES = (
    Duty(Scan, ScanState.RECEIVED, "sohoa.read_scan"),
    Duty(Scan, ScanState.PREPARED, "sohoa.read_scan"),
    Duty(Record, RecordState.READ, "sohoa.check_record"),
    Duty(Record, RecordState.CHECKED, "sohoa.check_record"),
    Duty(RegisterQuery, QueryState.OPEN, "sohoa.confirm_person"),
    Duty(Record, RecordState.APPROVED, "sohoa.seal_record"),
    Duty(Record, RecordState.SEALED, "sohoa.store_record"),
    Duty(Batch, BatchState.RECEIVED, "sohoa.check_batch"),
    Duty(PackageOrder, OrderState.OPEN, "sohoa.make_package"),
    Duty(WebhookDelivery, DeliveryState.OPEN, "sohoa.tell_webhook"),
)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did."""

    sent: int = 0
    hinted: int = 0
    given_up: int = 0


def sweep(*, hint_after: timedelta = HINT_AFTER, message_age: timedelta = timedelta(seconds=2)) -> Sweep:
    """Sweep once; does nothing while another process sweeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return Sweep()
    try:
        return Sweep(
            sent=outbox.send_waiting(older_than=message_age),
            given_up=sum(hold_exhausted(duty) for duty in DUTIES) + close_abandoned(),
            hinted=sum(hint(duty, after=hint_after) for duty in DUTIES),
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_SWEEP_LOCK])


def hold_exhausted(duty: Duty) -> int:
    """Hold rows whose last attempt was lost by a kill, once its lease has ended."""
    lost = duty.model._default_manager.filter(exhausted(duty.state, database_now()))
    if duty.model is RegisterQuery:
        return _give_up_questions(lost)
    with transaction.atomic():
        rows = lost.select_for_update(skip_locked=True)
        for row in rows:
            hold(row)
            row.save()
        return len(rows)


def _give_up_questions(lost: QuerySet[RegisterQuery]) -> int:
    """Give lost questions up; each one concerns its record too, which officers have to learn."""
    questions = list(lost)
    if not questions:
        return 0
    # deciding about records needs all that reads them; a sweeper hardly ever has to load it
    from pipeline.stages.confirm import give_up_lost

    return sum(give_up_lost(question) for question in questions)


def close_abandoned() -> int:
    """Close batches whose receiver died; what it had acknowledged goes its way."""
    with transaction.atomic():
        rows = Batch.objects.select_for_update(skip_locked=True).filter(
            state=BatchState.RECEIVING, lease_until__lt=database_now()
        )
        for batch in rows:
            batch.lease_owner, batch.lease_until = "", None
            batch.error_code = "RECEIVING_INTERRUPTED"
            batch.error_message = "Việc nhận tệp bị ngắt giữa chừng; hãy nạp lại, tệp đã nhận không bị lặp."
            move(batch, BatchState.RECEIVED)
            batch.save()
        return len(rows)


def hint(duty: Duty, *, after: timedelta) -> int:
    """Send a message again for rows that could have been claimed for a while.

    While the queue still holds more than a handful of messages the workers have enough to do, and more
    hints would only pile up behind them.
    """
    now = database_now()
    due = now - after
    waiting = duty.model._default_manager.filter(claimable([duty.state], now)).filter(
        Q(hinted_at__isnull=True, state_since__lt=due) | Q(hinted_at__lt=due)
    )
    ids = list(waiting.order_by("state_since").values_list("pk", flat=True)[:HINTS_AT_ONCE])
    if not ids or not outbox.broker_gate().is_open() or queue_length(duty.task) > HINTS_AT_ONCE:
        return 0
    sent = 0
    for pk in ids:
        try:
            app.send_task(duty.task, args=[str(pk)])
        except outbox.BROKER_ERRORS as error:
            outbox.broker_gate().close()
            _log.warning("broker does not take hints", error=str(error))
            break
        sent += 1
    duty.model._default_manager.filter(pk__in=ids[:sent]).update(hinted_at=now)
    return sent


def queue_length(task: str) -> int:
    """Messages that wait in the queue of `task`; 0 where the broker cannot tell."""
    route = app.amqp.router.route({}, task)
    queue = route["queue"]
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=0, timeout=2)
            return queue.bind(broker.default_channel).queue_declare(passive=True).message_count
    except (*outbox.BROKER_ERRORS, ChannelError, AMQPError):
        return 0


def run_forever(parent: int, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Sweep until the process `parent` is gone."""
    rounds = 0
    while os.getppid() == parent:
        rounds += 1
        try:
            done = sweep()
            if done != Sweep():
                _log.info("swept", sent=done.sent, hinted=done.hinted, given_up=done.given_up)
            if rounds % _FORGET_EVERY == 1:
                outbox.forget_sent()
                forget_delivered()
                uploads.forget_abandoned(settings.SOHOA.data_dir)
                tidy_cache(settings.SOHOA)
        except (DatabaseError, OSError) as error:
            _log.warning("sweep failed", error=str(error))
            connection.close()
        sleep(PERIOD_SECONDS)


def keep_beside(parent: int) -> threading.Thread:
    """Keep a sweeper process running as long as `parent` does; a killed one is started again.

    The thread only waits, so that it holds no lock when the worker forks.
    """

    def watch() -> None:
        while True:
            start_beside(parent).wait()
            time.sleep(1.0)

    thread = threading.Thread(target=watch, name="sweeper-watch", daemon=True)
    thread.start()
    return thread


def start_beside(parent: int) -> subprocess.Popen[bytes]:
    """Start a sweeper process that ends with `parent`."""
    return subprocess.Popen([sys.executable, "-m", "django", "sweep", str(parent)], stdin=subprocess.DEVNULL)
