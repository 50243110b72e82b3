"""The task queue: it carries ids to workers and remembers nothing that matters."""

from __future__ import annotations

import os

from celery import Celery
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipeline.settings")

QUEUES = ("sohoa.read", "sohoa.check", "sohoa.seal", "sohoa.package", "sohoa.tell")
"""Apart, so that sealing what is approved never waits behind a hundred thousand unread scans."""

_EXCHANGE = Exchange("sohoa", type="direct", durable=True)

app = Celery("sohoa", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_queues=[Queue(name, _EXCHANGE, routing_key=name, durable=True) for name in QUEUES],
    task_default_queue="sohoa.check",
    task_default_exchange="sohoa",
    task_default_routing_key="sohoa.check",
    task_create_missing_queues=False,
    task_routes={
        "sohoa.read_scan": {"queue": "sohoa.read", "routing_key": "sohoa.read"},
        "sohoa.seal_record": {"queue": "sohoa.seal", "routing_key": "sohoa.seal"},
        "sohoa.store_record": {"queue": "sohoa.seal", "routing_key": "sohoa.seal"},
        "sohoa.make_package": {"queue": "sohoa.package", "routing_key": "sohoa.package"},
        "sohoa.tell_webhook": {"queue": "sohoa.tell", "routing_key": "sohoa.tell"},
    },
    worker_proc_alive_timeout=60.0,  # each process loads its readers first
    task_publish_retry=False,  # what is not sent now, the sweeper sends later
    broker_connection_timeout=4,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    CELERY_DB_REUSE_MAX=10_000,  # `pipeline.tasks` lets go of connections that are old or broken
)
