# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""What was done, by whom and when; and messages waiting to be sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StageRun(models.Model):
    """A preservation event: one run of one stage on one thing. Append-only.

    Attributes:
        subject: ``scan:<id>``, ``record:<id>`` or ``batch:<id>``.
        input_sha256: over stage, version, inputs and parameters; an equal one need not run again.
        detail: what went wrong on single pages, counts, timings.
    """

    subject = models.CharField(max_length=60)
    stage = models.CharField(max_length=12)
    version = models.CharField(max_length=20)
    input_sha256 = models.CharField(max_length=64)
    output_sha256 = models.CharField(max_length=64, blank=True, default="")
    parameters = models.JSONField(default=dict)
    tools = models.JSONField(default=dict)
    outcome = models.CharField(max_length=8)
    seconds = models.FloatField(default=0.0)
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True, default="")
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["OK", "PARTIAL", "FAILED", "SKIPPED"]), name="outcome_known"
            )
        ]
        indexes = [
            models.Index(fields=["subject", "stage", "-id"], name="run_subject_stage"),
            models.Index(fields=["stage", "at"], name="run_stage_at"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.subject} {self.outcome}"


class Event(models.Model):
    """One link of the chain: an act, or a reading of personal data. Append-only.

    Attributes:
        verb: ``scan.received``, ``record.viewed``, ``record.approved`` …
        purpose: why personal data was touched, in the officer's or the rule's words.
        previous: `hash` of the link before; sixty-four zeros for the first.
        hash: SHA-256 over the canonical JSON of everything above and `previous`.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    office = models.CharField(max_length=40, blank=True, default="")
    purpose = models.CharField(max_length=300, blank=True, default="")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject", "id"], name="event_subject"),
            models.Index(fields=["office", "at"], name="event_office_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class OutboxMessage(models.Model):
    """A task to send once the transaction that wrote it is committed."""

    task = models.CharField(max_length=100)
    arguments = models.JSONField(default=list)
    created = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], name="outbox_unsent", condition=Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.task} {self.arguments}"
