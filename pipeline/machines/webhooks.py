"""Other systems that are told when something happens: who is, of what, and how a message is signed.

Messages follow Standard Webhooks 1.0.0 (www.standardwebhooks.com): headers ``webhook-id``,
``webhook-timestamp`` and ``webhook-signature``. They carry ids and nothing about persons; whoever wants to
know more asks the interface, with a token and a purpose.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from pipeline import outbox
from pipeline.claims import database_now, move
from pipeline.events import record_event
from pipeline.machines.models import DeliveryState, Webhook, WebhookDelivery
from pipeline.models import Event, Office


class Topic(enum.StrEnum):
    """Verbs of events that may be told outside; none of them is a reading of personal data."""

    BATCH_CHECKED = "batch.checked"
    ORDER_MADE = "order.made"
    ORDER_REFUSED = "order.refused"
    PACKAGE_EXPORTED = "package.exported"
    RECORD_APPROVED = "record.approved"
    RECORD_APPROVAL_WITHDRAWN = "record.approval_withdrawn"
    RECORD_CORRECTED = "record.corrected"
    RECORD_DELIVERED = "record.delivered"
    RECORD_RESCAN_ASKED = "record.rescan_asked"
    RECORD_SEALED = "record.sealed"
    RECORD_STORED = "record.stored"


_TOPICS = frozenset(Topic)
TASK = "sohoa.tell_webhook"
KEPT = timedelta(days=30)
_TOLD = ("version", "package")
"""What of an event's data is told, beside its ids."""


class AddressRefused(ValueError):  # noqa: N818 - says what happened
    """The settings do not let this address be called."""


def make_webhook(
    url: str, topics: Collection[Topic], *, office: Office, allowed_hosts: Collection[str], by: str
) -> Webhook:
    """Have an address told of events of an office and all below it.

    Raises:
        AddressRefused: nothing was changed.
    """
    if not may_be_called(url, allowed_hosts):
        raise AddressRefused(url)
    with transaction.atomic():
        webhook = Webhook.objects.create(
            office=office, url=url, topics=sorted(set(topics)), salt=secrets.token_hex(32), made_by=by
        )
        _event("webhook.made", webhook, by, host=urlsplit(url).hostname, topics=webhook.topics)
    return webhook


def withdraw_webhook(webhook: Webhook, *, by: str) -> None:
    """Tell an address nothing more; what waits for it is given up."""
    with transaction.atomic():
        if Webhook.objects.filter(pk=webhook.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
            _event("webhook.withdrawn", webhook, by)


def may_be_called(url: str, allowed_hosts: Collection[str]) -> bool:
    """Whether an address is HTTPS on a host that the settings name; asked again before every sending."""
    try:
        parts = urlsplit(url)
        place = parts.hostname or "" if parts.port in (None, 443) else f"{parts.hostname}:{parts.port}"
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(url) & set(' \\"<>')
    bare = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme == "https" and plain and bare and place in allowed_hosts


def announce(sender: type[Event], instance: Event, *, created: bool, **_: Any) -> None:
    """Queue a new event for everybody who asked for it, in the transaction of the act."""
    if not created or instance.verb not in _TOPICS:
        return
    wanted = list(Webhook.objects.filter(withdrawn_at=None, topics__contains=[instance.verb]))
    if not wanted:
        return
    reached = _with_above(instance.office)
    now = database_now()
    for webhook in wanted:
        if webhook.office_id in reached:
            row = WebhookDelivery.objects.create(
                webhook=webhook, event=instance, state=DeliveryState.OPEN, state_since=now
            )
            outbox.post(TASK, row.pk)


def send_again(delivery: WebhookDelivery) -> bool:
    """Send a message that was given up, under its old id; false where it was not given up."""
    with transaction.atomic():
        row = WebhookDelivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        if row.state != DeliveryState.QUARANTINED or row.webhook.withdrawn_at:
            return False
        row.failures, row.error_code, row.error_message = 0, "", ""
        move(row, DeliveryState.OPEN)
        row.save()
        Webhook.objects.filter(pk=row.webhook_id).update(quiet_until=None)
        outbox.post(TASK, row.pk)
    return True


def secret_of(webhook: Webhook) -> str:
    """The secret that the receiver checks signatures with.

    It is derived from the key of this installation and stands in no table: who reads the database cannot
    sign. Another `Settings.secret_key_file` makes other secrets.
    """
    key = salted_hmac(f"webhook:{webhook.salt}", str(webhook.pk), algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(key).decode()}"


def message_id(event: Event) -> str:
    """The same for every sending of an event, so that receivers drop what they have."""
    return f"evt_{event.pk}"


def body_of(event: Event) -> bytes:
    """What is sent: the same bytes at every sending."""
    kind, _, key = event.subject.partition(":")
    told: dict[str, Any] = {"office": event.office, "event": event.pk}
    told |= {kind: key} if key else {}
    told |= {name: event.data[name] for name in _TOLD if name in event.data}
    message = {"type": event.verb, "timestamp": event.at.isoformat(), "data": told}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(message: str, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    """Headers that prove who sent a message, and when."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.new(key, f"{message}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def forget_delivered(*, older_than: timedelta = KEPT) -> int:
    """Delete messages that were taken or given up long ago; their events stay in the log."""
    ended = WebhookDelivery.objects.exclude(state=DeliveryState.OPEN)
    return ended.filter(state_since__lt=timezone.now() - older_than).delete()[0]


def _with_above(code: str) -> set[int]:
    """Keys of an office and of those it stands below."""
    reached: set[int] = set()
    office = Office.objects.select_related("parent").filter(code=code).first()
    while office is not None and office.pk not in reached:
        reached.add(office.pk)
        office = office.parent
    return reached


def _event(verb: str, webhook: Webhook, by: str, **data: object) -> None:
    record_event(verb, actor=by, office=webhook.office.code, subject=f"webhook:{webhook.pk}", data=data)
