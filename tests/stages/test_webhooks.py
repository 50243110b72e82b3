"""Another system is told what happened: signed, again until it is taken, and nowhere it should not be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pipeline.events import record_event
from pipeline.machines import telling
from pipeline.machines.models import Webhook, WebhookDelivery
from pipeline.machines.webhooks import (
    TASK,
    Topic,
    forget_delivered,
    headers_of,
    make_webhook,
    may_be_called,
    secret_of,
)
from pipeline.models import Event, Office
from pipeline.people.access import Act
from pipeline.sweeper import queue_length, sweep
from pipeline.webhook_settings import WebhookSettings
from tests.stages.holdings import make_office, make_record
from tests.stages.receivers import Receiver, make_certificate, receiving
from tests.stages.test_api_tokens import token_for

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
API = "/api/v1/webhooks"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls") / "receiver.pem")


@pytest.fixture
def receiver(certificate, broker):
    with receiving(certificate) as started:
        yield started


@pytest.fixture
def rules(receiver, certificate, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    wanted = WebhookSettings(allowed_hosts=(receiver.host,), ca_file=certificate, timeout_seconds=0.5)
    settings.SOHOA = settings.SOHOA.model_copy(update={"webhooks": wanted})
    return settings.SOHOA


def subscribed(receiver: Receiver, *topics: Topic, office: Office | None = None) -> Webhook:
    wanted = topics or (Topic.RECORD_SEALED,)
    return make_webhook(
        receiver.url, wanted, office=office or make_office(), allowed_hosts=[receiver.host], by="an"
    )


def sealed(office: str = "23942") -> Event:
    return record_event(
        "record.sealed", actor="sohoa", office=office, subject="record:7", purpose="Ký số NGUYỄN PHƯƠNG VY",
        data={"version": 2, "sha256": "a" * 64},
    )  # fmt: skip


def send(rules, delivery: WebhookDelivery | None = None) -> WebhookDelivery:
    """One sending, as soon as waits are over."""
    row = delivery or WebhookDelivery.objects.latest("id")
    WebhookDelivery.objects.filter(pk=row.pk).update(not_before=None)
    Webhook.objects.update(quiet_until=None)
    telling.run(str(row.pk), rules)
    row.refresh_from_db()
    return row


def proves(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does, by the letter of Standard Webhooks."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode()}" in headers["webhook-signature"].split(" ")


def test_signatures_are_those_of_the_published_example():
    at = datetime.fromtimestamp(1614265330, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', secret, at)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_sealed_record_is_told_with_its_ids_alone_and_the_receiver_can_prove_it(receiver, rules):
    webhook = subscribed(receiver)
    event = sealed()
    assert queue_length(TASK) == 1
    assert send(rules).state == "DELIVERED"
    (path, headers, body) = receiver.got[0]
    assert (path, headers["webhook-id"]) == ("/tin", f"evt_{event.pk}")
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    assert proves(secret_of(webhook), headers, body)
    assert not proves(secret_of(webhook), headers, body.replace(b"7", b"8"))
    assert json.loads(body)["data"] == {"office": "23942", "event": event.pk, "record": "7", "version": 2}
    assert "NGUY" not in body.decode()


def test_what_was_taken_is_not_sent_again(receiver, rules):
    subscribed(receiver)
    sealed()
    send(rules)
    send(rules)
    assert len(receiver.got) == 1


def test_a_failed_sending_is_repeated_with_the_same_id_and_bytes_and_a_time_of_its_own(
    receiver, rules, monkeypatch
):
    webhook = subscribed(receiver)
    sealed()
    receiver.answers = [500, 503]
    row = send(rules)
    assert (row.state, row.failures, row.status, row.error_code) == ("OPEN", 1, 500, "REFUSED")
    assert row.not_before > timezone.now()
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("pipeline.machines.telling.timezone.now", lambda: later)
    send(rules)
    assert send(rules).state == "DELIVERED"
    calls = [(h["webhook-id"], body) for _, h, body in receiver.got]
    assert len(calls) == 3
    assert len(set(calls)) == 1
    assert receiver.got[0][1]["webhook-timestamp"] != receiver.got[1][1]["webhook-timestamp"]
    assert all(proves(secret_of(webhook), h, body) for _, h, body in receiver.got)


def test_waits_grow_and_in_the_end_the_message_is_given_up(receiver, rules):
    subscribed(receiver)
    sealed()
    receiver.answers, waits = [500] * 30, []
    while (row := send(rules)).state == "OPEN":
        waits.append(round((row.not_before - timezone.now()).total_seconds()))
    assert waits == list(telling.WAITS)
    assert (row.state, len(receiver.got)) == ("QUARANTINED", len(telling.WAITS) + 1)


def test_a_receiver_that_wants_no_more_is_left_alone(receiver, rules):
    subscribed(receiver)
    sealed()
    receiver.answers = [410]
    assert send(rules).state == "QUARANTINED"


def test_a_redirect_is_not_followed(receiver, rules):
    subscribed(receiver)
    sealed()
    receiver.answers = [307]
    assert send(rules).error_code == "REDIRECTED"
    assert [path for path, _, _ in receiver.got] == ["/tin"]


def test_a_slow_a_dead_and_an_unproved_receiver_are_told_apart(receiver, rules, certificate, tmp_path):
    subscribed(receiver)
    sealed()
    receiver.pause = 1.0
    assert send(rules).error_code == "TIMEOUT"
    stranger = make_certificate(tmp_path / "other.pem")
    doubted = rules.webhooks.model_copy(update={"ca_file": stranger})
    before = len(receiver.got)
    assert send(rules.model_copy(update={"webhooks": doubted})).error_code == "NOT_REACHED"
    assert len(receiver.got) == before
    Webhook.objects.update(url="https://127.0.0.1:1/tin")
    deaf = rules.webhooks.model_copy(update={"allowed_hosts": ("127.0.0.1:1",)})
    assert send(rules.model_copy(update={"webhooks": deaf})).error_code == "NOT_REACHED"


def test_other_messages_wait_while_a_receiver_is_down_and_use_up_no_sending(receiver, rules):
    subscribed(receiver)
    receiver.answers = [500]
    sealed()
    send(rules)
    sealed()
    row = WebhookDelivery.objects.latest("id")
    telling.run(str(row.pk), rules)
    row.refresh_from_db()
    assert (len(receiver.got), row.failures, row.tries, row.state) == (1, 0, 0, "OPEN")
    assert row.not_before > timezone.now()


def test_the_sweeper_reminds_of_a_message_whose_time_has_come(receiver, rules, broker):
    from tests.stages.conftest import empty_broker

    subscribed(receiver)
    sealed()
    empty_broker()
    assert sweep(hint_after=timedelta(0)).hinted == 1
    assert queue_length(TASK) == 1


def test_what_is_withdrawn_or_no_longer_allowed_is_not_sent(receiver, rules):
    webhook = subscribed(receiver)
    sealed()
    closed = rules.webhooks.model_copy(update={"allowed_hosts": ()})
    assert send(rules.model_copy(update={"webhooks": closed})).error_code == "NOT_ALLOWED"
    sealed()
    Webhook.objects.filter(pk=webhook.pk).update(withdrawn_at=timezone.now())
    assert send(rules).error_code == "WITHDRAWN"
    sealed()
    assert WebhookDelivery.objects.count() == 2
    assert receiver.got == []


def test_an_office_is_told_of_itself_and_of_what_stands_below_and_only_of_what_it_asked_for(receiver, rules):
    province = make_office("51")
    Office.objects.create(code="23942", name="xã", parent=province)
    make_office("24000")
    subscribed(receiver, Topic.RECORD_SEALED, office=province)
    sealed("23942")
    sealed("24000")
    record_event("record.stored", actor="sohoa", office="23942", subject="record:7")
    assert [d.event.office for d in WebhookDelivery.objects.all()] == ["23942"]


def test_an_act_that_is_undone_tells_nobody(receiver, rules):
    from django.db import transaction

    subscribed(receiver)
    with transaction.atomic():
        sealed()
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_old_messages_are_forgotten_and_waiting_ones_are_not(receiver, rules):
    subscribed(receiver)
    sealed()
    send(rules)
    sealed()
    WebhookDelivery.objects.update(state_since=timezone.now() - timedelta(days=40))
    assert forget_delivered() == 1
    assert WebhookDelivery.objects.get().state == "OPEN"


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.vn/",
        "https://b.gov.vn/", "https://a.gov.vn:8443/", "https://x@a.gov.vn/",
        "https://a.gov.vn@b.gov.vn/", "https://a.gov.vn\\@b.gov.vn/", "https://a.gov.vn.b.vn/",
        "https://127.0.0.1/",
        "https://a.gov.vn:99999/", "ftp://a.gov.vn/", "https://a.gov.vn/#x", "https://a.gov.vn/ x",
        "a.gov.vn", "",
    ],
)  # fmt: skip
def test_no_address_but_https_on_a_named_host_is_called(url):
    assert not may_be_called(url, ["a.gov.vn"])
    assert may_be_called("https://A.gov.vn/x?y=1", ["a.gov.vn"])


def caller(*acts: Act, office: Office | None = None, name: str = "mc") -> Client:
    _, text = token_for(*acts, office=office, name=name)
    return Client(headers={"Authorization": f"Bearer {text}"})


def order(receiver: Receiver, **values) -> dict[str, object]:
    return {"office": "23942", "url": receiver.url, "topics": ["record.sealed"]} | values


def test_another_system_subscribes_follows_its_messages_and_leaves(receiver, rules):
    client = caller(Act.SUBSCRIBE)
    made = client.post(API, order(receiver), content_type="application/json")
    assert made.status_code == 201
    own = f"{API}/{made.json()['id']}"
    assert "secret" not in client.get(API).json()[0]
    event = sealed()
    send(rules)
    assert proves(made.json()["secret"], receiver.got[0][1], receiver.got[0][2])
    (told,) = client.get(f"{own}/deliveries").json()["items"]
    assert (told["message"], told["type"], told["state"]) == (f"evt_{event.pk}", "record.sealed", "DELIVERED")
    assert client.delete(own).status_code == 204
    assert client.get(API).json() == []
    verbs = Event.objects.filter(subject=f"webhook:{made.json()['id']}").values_list("verb", "actor")
    assert sorted(verbs) == [("webhook.made", "token:mc"), ("webhook.withdrawn", "token:mc")]


def test_a_message_that_was_given_up_is_sent_again_on_request_under_its_old_id(receiver, rules):
    client, webhook = caller(Act.SUBSCRIBE), subscribed(receiver)
    sealed()
    receiver.answers = [410]
    row = send(rules)
    again = f"{API}/{webhook.pk}/deliveries/{row.pk}/retry"
    assert client.post(again).json()["state"] == "OPEN"
    assert client.post(again).json()["code"] == "NOT_GIVEN_UP"
    assert send(rules).state == "DELIVERED"
    assert len({h["webhook-id"] for _, h, _ in receiver.got}) == 1


def test_a_foreign_address_an_unknown_topic_and_a_foreign_office_are_refused(receiver, rules):
    make_office("24000")
    client = caller(Act.SUBSCRIBE)
    for values, status, code in (
        ({"url": "https://169.254.169.254/latest"}, 422, "ADDRESS_REFUSED"),
        ({"topics": ["record.viewed"]}, 422, "REQUEST_INVALID"),
        ({"topics": []}, 422, "REQUEST_INVALID"),
        ({"office": "24000"}, 404, "NOT_FOUND"),
    ):
        answer = client.post(API, order(receiver, **values), content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Webhook.objects.exists()


def test_webhooks_of_another_office_do_not_exist(receiver, rules):
    webhook = subscribed(receiver, office=make_office("24000"))
    sealed("24000")
    row, client = WebhookDelivery.objects.get(), caller(Act.SUBSCRIBE)
    assert client.get(API).json() == []
    assert client.delete(f"{API}/{webhook.pk}").status_code == 404
    assert client.get(f"{API}/{webhook.pk}/deliveries").status_code == 404
    assert client.post(f"{API}/{webhook.pk}/deliveries/{row.pk}/retry").status_code == 404
    assert caller(Act.SEARCH, name="b").get(API).status_code == 403


def test_the_end_of_a_delivery_of_scans_is_told(receiver, rules, equipment):
    from pipeline.models import Batch
    from pipeline.stages import books

    record = make_record(state="TO_REVIEW")
    batch = record.scan.batch
    Batch.objects.filter(pk=batch.pk).update(state="RECEIVED")
    subscribed(receiver, Topic.BATCH_CHECKED)
    assert books.run(str(batch.pk), equipment.for_checking())
    send(rules)
    data = json.loads(receiver.got[0][2])["data"]
    assert (data["batch"], data["office"]) == (str(batch.pk), "23942")
