"""A real worker makes packages and tells other systems, and tells them again when its sweeper finds time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.events import record_event
from pipeline.machines.models import PackageOrder, WebhookDelivery
from pipeline.machines.packages import Wanted, order_package
from pipeline.machines.webhooks import Topic, make_webhook, secret_of
from pipeline.webhook_settings import WebhookSettings
from tests.stages.holdings import make_office
from tests.stages.receivers import make_certificate, receiving
from tests.stages.test_webhooks import proves
from tests.stages.workers import START_SECONDS, SWEEP_SECONDS, celery_worker, wait_for

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture
def receiver(tmp_path, broker):
    with receiving(make_certificate(tmp_path / "receiver.pem")) as started:
        yield started


@pytest.fixture
def worker(servers, receiver, settings, tmp_path):
    """A Celery worker for messages and packages that signs with the key of this process."""
    key = tmp_path / "key"
    key.write_text("khoa chung cua ban lam viec va viec nen")
    settings.SECRET_KEY = key.read_text()
    rules = WebhookSettings(allowed_hosts=(receiver.host,), ca_file=tmp_path / "receiver.pem")
    given = servers.settings.model_copy(update={"webhooks": rules, "secret_key_file": key})
    environment = replace(servers, settings=given).environment()
    with celery_worker("sohoa.tell,sohoa.package", environment, tmp_path / "worker.log") as said:
        yield said


def test_a_refused_package_and_a_sealed_record_are_told_through_an_outage_of_the_receiver(receiver, worker):
    office = make_office()
    topics = [Topic.RECORD_SEALED, Topic.ORDER_REFUSED]
    webhook = make_webhook(receiver.url, topics, office=office, allowed_hosts=[receiver.host], by="an")
    receiver.answers = [500]
    event = record_event("record.sealed", actor="sohoa", office=office.code, subject="record:7")
    failed = WebhookDelivery.objects.filter(failures=1)
    assert wait_for(failed.exists, START_SECONDS), worker.read_text()

    order = order_package(
        "ministry-pack", Wanted("KS.1999.07"), office=office, actor="an", purpose="giao nộp"
    )
    refused = PackageOrder.objects.filter(pk=order.pk, state="REFUSED", error_code="BOOK_UNKNOWN")
    assert wait_for(refused.exists, SWEEP_SECONDS), worker.read_text()

    told = WebhookDelivery.objects.filter(state="DELIVERED")
    assert wait_for(lambda: told.count() == 2, 3 * SWEEP_SECONDS), list(WebhookDelivery.objects.values())
    assert [h["webhook-id"] for _, h, _ in receiver.got].count(f"evt_{event.pk}") == 2
    assert all(proves(secret_of(webhook), h, body) for _, h, body in receiver.got)
