"""What the workers are asked to do; every task is safe to run twice, or never.

Started as ``celery -A pipeline.tasks worker``.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import django

from pipeline.celery import app

django.setup()

from celery.signals import task_prerun, worker_init, worker_process_init, worker_ready  # noqa: E402
from django.db import close_old_connections, connections  # noqa: E402

from pipeline.equipment import equipment  # noqa: E402
from pipeline.machines import packages, telling  # noqa: E402
from pipeline.stages import books, check, confirm, read, seal, store  # noqa: E402
from pipeline.sweeper import keep_beside  # noqa: E402

__all__ = ["app"]

CONNECTION_SECONDS = 300
"""How long a process keeps its connection to the database: opening one takes longer than most tasks ask."""
READ_SECONDS = 4 * 3600
"""The longest scan allowed, 2,000 handwritten pages, at six seconds a page."""


@app.task(name="sohoa.read_scan", soft_time_limit=READ_SECONDS, time_limit=READ_SECONDS + 60)
def read_scan(scan_id: str) -> None:
    """Prepare, read and extract one scan."""
    read.run(scan_id, equipment().for_reading())


@app.task(name="sohoa.check_record")
def check_record(record_id: str) -> None:
    """Check one record and decide where it goes."""
    check.run(record_id, equipment().for_checking())


@app.task(name="sohoa.check_batch")
def check_batch(batch_id: str) -> None:
    """Apply the book rules to one delivery."""
    books.run(batch_id, equipment().for_checking())


@app.task(name="sohoa.confirm_person")
def confirm_person(query_id: str) -> None:
    """Ask the population database one question."""
    confirm.run(query_id, equipment().for_confirming())


@app.task(name="sohoa.seal_record")
def seal_record(record_id: str) -> None:
    """Seal one approved record."""
    seal.run(record_id, equipment().for_sealing())


@app.task(name="sohoa.store_record")
def store_record(record_id: str) -> None:
    """Prove one sealed copy."""
    store.run(record_id, equipment().for_storing())


@app.task(name="sohoa.make_package")
def make_package(order_id: str) -> None:
    """Make one package that another system asked for."""
    packages.run(order_id, equipment())


@app.task(name="sohoa.tell_webhook", soft_time_limit=60, time_limit=90)
def tell_webhook(delivery_id: str) -> None:
    """Send one message to another system."""
    telling.run(delivery_id, equipment().settings)


@worker_init.connect
def _learn(**_: Any) -> None:
    """Load what is only looked up, once, before the worker forks: its processes share the memory."""
    from pipeline.knowledge import shipped_knowledge

    shipped_knowledge()
    gc.freeze()


@worker_process_init.connect
def _settle(**_: Any) -> None:
    """Load the readers, which must not be shared, before the first scan waits for them."""
    from pipeline.reading import default_reader
    from pipeline.reading_pool import settle_threads

    settle_threads()
    for database in connections.all():
        database.settings_dict |= {"CONN_MAX_AGE": CONNECTION_SECONDS, "CONN_HEALTH_CHECKS": True}
    default_reader()


@task_prerun.connect
def _look_after_connections(**_: Any) -> None:
    """Let go of a connection that is old, that an error has broken, or that its server has closed."""
    close_old_connections()


@worker_ready.connect
def _start_sweeper(**_: Any) -> None:
    keep_beside(os.getpid())
