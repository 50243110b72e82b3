# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Tokens of other systems, and the answers kept for calls that are repeated."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from pipeline.models import Office


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
