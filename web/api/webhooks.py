"""Other systems ask here to be told when something happens, and see what became of their messages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from pipeline.machines.models import DeliveryState, Webhook, WebhookDelivery
from pipeline.machines.webhooks import (
    AddressRefused,
    Topic,
    make_webhook,
    message_id,
    secret_of,
    send_again,
    withdraw_webhook,
)
from pipeline.people.access import Act, offices_for
from web.api.callers import Text, Token, caller_of
from web.api.problems import Problem, Refusal

REFUSED = dict.fromkeys((401, 403, 404, 409, 422, 429), Problem)
router = Router(auth=Token(Act.SUBSCRIBE))


class WebhookOrder(Schema):
    """Who is to be told of what."""

    office: Text
    url: Annotated[str, Field(max_length=500)]
    topics: Annotated[list[Topic], Field(min_length=1)]


class WebhookRow(Schema):
    """An address that is told of events of an office and of all below it."""

    id: UUID
    office: str
    url: str
    topics: list[Topic]
    created: datetime
    quiet_until: datetime | None


class WebhookMade(WebhookRow):
    """The same with its secret, which is shown here alone."""

    secret: str


class DeliveryRow(Schema):
    """One message; `message` is its ``webhook-id``, `status` the receiver's last answer, 0 without one."""

    id: int
    message: str
    type: str
    state: DeliveryState
    failures: int
    status: int
    code: str
    reason: str
    next_try: datetime | None


class DeliveryPage(Schema):
    """A part of the messages, newest first; `next` is the cursor of the following part."""

    items: list[DeliveryRow]
    next: str


@router.get("", response={200: list[WebhookRow], **REFUSED})
def webhooks(request: HttpRequest) -> list[WebhookRow]:
    """Every address that is told of something in the token's offices."""
    return [WebhookRow(**_shown(row)) for row in _rows(request)]


@router.post("", response={201: WebhookMade, **REFUSED})
def subscribe(request: HttpRequest, order: WebhookOrder) -> Status[WebhookMade]:
    """Have an address told; only this answer gives the secret for its signatures."""
    caller = caller_of(request)
    office = offices_for(caller, Act.SUBSCRIBE).filter(code=order.office).first()
    if office is None:
        raise Http404
    hosts = settings.SOHOA.webhooks.allowed_hosts
    try:
        row = make_webhook(order.url, order.topics, office=office, allowed_hosts=hosts, by=caller.actor)
    except AddressRefused:
        raise Refusal(422, "ADDRESS_REFUSED") from None
    return Status(201, WebhookMade(**_shown(row), secret=secret_of(row)))


@router.delete("/{uuid:pk}", response={204: None, **REFUSED})
def unsubscribe(request: HttpRequest, pk: UUID) -> Status[None]:
    """Tell an address nothing more, not even what waits for it."""
    withdraw_webhook(_row(request, pk), by=caller_of(request).actor)
    return Status(204, None)


@router.get("/{uuid:pk}/deliveries", response={200: DeliveryPage, **REFUSED})
def deliveries(
    request: HttpRequest,
    pk: UUID,
    state: DeliveryState | None = None,
    cursor: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> DeliveryPage:
    """Messages of the last thirty days, and what became of each."""
    rows = _row(request, pk).deliveries.select_related("event").order_by("-id")
    given = {"state": state, "id__lt": cursor}
    found = list(rows.filter(**{n: v for n, v in given.items() if v})[: limit + 1])
    return DeliveryPage(
        items=[_told(row) for row in found[:limit]],
        next=str(found[limit - 1].pk) if len(found) > limit else "",
    )


@router.post(
    "/{uuid:pk}/deliveries/{int:delivery}/retry", response={202: DeliveryRow, 409: Problem, **REFUSED}
)
def retry(request: HttpRequest, pk: UUID, delivery: int) -> Status[DeliveryRow]:
    """Send a message that was given up once more, under the same ``webhook-id``."""
    row = _row(request, pk).deliveries.select_related("event").filter(pk=min(delivery, 2**63 - 1)).first()
    if row is None:
        raise Http404
    if not send_again(row):
        raise Refusal(409, "NOT_GIVEN_UP")
    row.refresh_from_db()
    return Status(202, _told(row))


def _rows(request: HttpRequest) -> QuerySet[Webhook]:
    offices = offices_for(caller_of(request), Act.SUBSCRIBE)
    return Webhook.objects.filter(office__in=offices, withdrawn_at=None).select_related("office")


def _row(request: HttpRequest, pk: UUID) -> Webhook:
    row = _rows(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _shown(row: Webhook) -> dict[str, Any]:
    return {
        "id": row.pk,
        "office": row.office.code,
        "url": row.url,
        "topics": row.topics,
        "created": row.created,
        "quiet_until": row.quiet_until,
    }


def _told(row: WebhookDelivery) -> DeliveryRow:
    return DeliveryRow(
        id=row.pk,
        message=message_id(row.event),
        type=row.event.verb,
        state=row.state,
        failures=row.failures,
        status=row.status,
        code=row.error_code,
        reason=row.error_message,
        next_try=row.not_before,
    )
