# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Tokens of other systems, answers kept for repeated calls, messages sent to them, packages made for them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from pipeline.models import Claimable, Event, Office
from pipeline.models.claimable import lease_constraints


class ApiToken(models.Model):
    """What another system shows to be let in.

    Attributes:
        prefix: first letters of the token, shown in lists to tell tokens apart.
        digest: SHA-256 of the whole token, which is random enough for a plain hash and kept nowhere.
        scopes: names of acts, see `pipeline.people.access.Act`, for the office and all below it.
        per_minute: calls allowed in one minute.
        minute: start of the minute in which `calls` were made.
    """

    name = models.CharField(max_length=100, unique=True)
    prefix = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField()
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="tokens")
    made_by = models.CharField(max_length=150)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)
    per_minute = models.PositiveIntegerField(default=600)
    minute = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["office", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def valid(self) -> bool:
        """Neither withdrawn nor expired."""
        return self.withdrawn_at is None and self.expires > timezone.now()

    @property
    def actor(self) -> str:
        """How events name it; no account can bear such a name."""
        return f"token:{self.name}"


class KeptAnswer(models.Model):
    """The answer to a call with an idempotency key; the same call gets it again for a day.

    Attributes:
        request_sha256: over what was asked; another request under the same key is refused.
        status: HTTP status; 0 while the first call still works.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=100)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="answered_once")]

    def __str__(self) -> str:
        return self.key


class Webhook(models.Model):
    """An address that is told when something happens in an office or below it.

    Attributes:
        topics: verbs of events, see `pipeline.machines.webhooks.Topic`.
        salt: what the secret is derived from, together with the key of this installation.
        quiet_until: a receiver that failed is left alone until then, whatever waits for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="webhooks")
    url = models.URLField(max_length=500)
    topics = models.JSONField()
    salt = models.CharField(max_length=64)
    made_by = models.CharField(max_length=150)
    created = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created"]

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    """Where a message to a receiver stands."""

    OPEN = "OPEN", "Chờ gửi"
    DELIVERED = "DELIVERED", "Bên nhận đã nhận"
    QUARANTINED = "QUARANTINED", "Thôi gửi"


class WebhookDelivery(Claimable):
    """One event for one receiver, sent until it is taken or given up.

    Attributes:
        failures: sendings that were not taken.
        status: HTTP status of the last answer; 0 where there was none.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    failures = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        constraints = [
            *lease_constraints(DeliveryState),
            models.UniqueConstraint(fields=["webhook", "event"], name="told_once"),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="webhook_delivery_claim")]

    def __str__(self) -> str:
        return f"{self.webhook} {self.event_id}"


class OrderState(models.TextChoices):
    """Where a package that another system asked for stands."""

    OPEN = "OPEN", "Chờ lập"
    MADE = "MADE", "Đã lập"
    REFUSED = "REFUSED", "Không lập được vì dữ liệu"
    QUARANTINED = "QUARANTINED", "Thôi lập, chờ quản trị"


class PackageOrder(Claimable):
    """A hand-over package that another system asked for.

    Attributes:
        kind: ``ministry-pack``, ``aip`` or ``pl3``.
        given: what the kind wants to know, see `pipeline.machines.packages.Wanted`.
        actor, purpose: who asked, and what for.
        files: name, SHA-256, size, key and version id of each file in the bucket of packages.
        problems: code, sentence, place and field of everything that stood in the way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="package_orders")
    kind = models.CharField(max_length=20)
    given = models.JSONField()
    actor = models.CharField(max_length=150)
    purpose = models.CharField(max_length=300)
    created = models.DateTimeField(auto_now_add=True)
    files = models.JSONField(default=list)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["-created"]
        constraints = [*lease_constraints(OrderState)]
        indexes = [models.Index(fields=["state", "lease_until"], name="package_order_claim")]

    def __str__(self) -> str:
        return f"{self.kind} {self.office_id}"
