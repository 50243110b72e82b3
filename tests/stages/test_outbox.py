# ruff: noqa: PT012 - the block that must fail is a whole transaction
import pytest
from django.db import transaction
from kombu import Connection

from pipeline import outbox
from pipeline.celery import app
from pipeline.models import OutboxMessage, Scan
from pipeline.sweeper import queue_length, sweep
from tests.stages.conftest import empty_broker, send_to
from tests.stages.holdings import make_scan

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
AT_ONCE = outbox.timedelta(0)


def waiting() -> int:
    return queue_length("sohoa.read_scan")


@pytest.fixture
def dead_broker(broker: str):
    """Nobody listens at this address."""
    send_to("redis://127.0.0.1:1/0")
    yield
    send_to(broker)


def test_a_message_leaves_only_after_the_commit(broker: str):
    with transaction.atomic():
        outbox.post("sohoa.read_scan", "a")
        assert OutboxMessage.objects.get().sent_at is None
    assert OutboxMessage.objects.get().sent_at is not None
    assert waiting() == 1


def test_a_message_of_a_transaction_that_failed_never_leaves(broker: str):
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.post("sohoa.read_scan", "a")
        raise RuntimeError
    assert not OutboxMessage.objects.exists()
    assert waiting() == 0


def test_only_ids_travel_and_they_travel_as_json(broker: str):
    scan = make_scan(name="Nguyễn Văn A.jpg")
    with transaction.atomic():
        outbox.post("sohoa.read_scan", scan.pk)
    with Connection(broker) as connection, connection.SimpleQueue("sohoa.read") as queue:
        message = queue.get(timeout=5)
        message.ack()
    assert message.content_type == "application/json"
    assert message.payload[0] == [str(scan.pk)]
    assert "Nguy" not in str(message.payload)


def test_a_dead_broker_costs_the_sender_nothing_but_time(dead_broker):
    with transaction.atomic():
        outbox.post("sohoa.read_scan", "a")
        outbox.post("sohoa.read_scan", "b")
    assert OutboxMessage.objects.filter(sent_at__isnull=True).count() == 2


def test_the_sweeper_sends_what_a_dead_broker_did_not_take(broker: str):
    OutboxMessage.objects.create(task="sohoa.read_scan", arguments=["a"])
    assert sweep(message_age=AT_ONCE).sent == 1
    assert waiting() == 1
    assert sweep(message_age=AT_ONCE).sent == 0


@pytest.mark.parametrize("url", ["redis_url", "rabbitmq_url"])
def test_losing_every_message_only_costs_a_delay(url: str, broker: str, request: pytest.FixtureRequest):
    send_to(request.getfixturevalue(url))
    empty_broker()
    for _ in range(5):
        scan = make_scan()
        with transaction.atomic():
            outbox.post("sohoa.read_scan", scan.pk)
    assert waiting() == 5
    assert empty_broker() == 5
    assert sweep(hint_after=AT_ONCE).hinted == 5
    assert waiting() == 5
    assert sweep().hinted == 0  # told a moment ago
    with app.connection_for_write() as connection, connection.SimpleQueue("sohoa.read") as queue:
        told = {queue.get(timeout=5).payload[0][0] for _ in range(5)}
    assert told == {str(pk) for pk in Scan.objects.values_list("pk", flat=True)}
    empty_broker()


def test_no_hints_pile_up_behind_a_full_queue(broker: str):
    for _ in range(101):
        app.send_task("sohoa.read_scan", args=["x"])
    make_scan()
    assert sweep(hint_after=AT_ONCE).hinted == 0
