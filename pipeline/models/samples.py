# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Acceptance samples of books: what was drawn, what inspection found, where the minutes are."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pipeline.models.holdings import Office
from pipeline.models.records import FieldValue


class AcceptanceSample(models.Model):
    """One sample of the values of one book, drawn by a plan of `pipeline.sampling`.

    Attributes:
        book_key: as `Record.book_key`; empty for all records of the office.
        machine_only: the lot is only what was accepted without a person.
        lot: values in the book when the sample was drawn.
        limit: share of wrong values not to be exceeded.
        seed: with it anybody can draw the same sample from the same lot.
        minutes_version_id: of the signed, locked minutes; empty until they are made.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="samples")
    book_key = models.CharField(max_length=400, blank=True, default="")
    machine_only = models.BooleanField(default=False)
    lot = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField()
    limit = models.DecimalField(max_digits=7, decimal_places=6)
    confidence = models.DecimalField(max_digits=7, decimal_places=6)
    seed = models.CharField(max_length=64)
    drawn_by = models.CharField(max_length=150)
    drawn_at = models.DateTimeField(auto_now_add=True)
    minutes_number = models.CharField(max_length=60, blank=True, default="")
    minutes_at = models.DateTimeField(null=True, blank=True)
    minutes_key = models.CharField(max_length=500, blank=True, default="")
    minutes_version_id = models.CharField(max_length=200, blank=True, default="")
    minutes_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["-drawn_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=1) & Q(size__lte=models.F("lot")), name="sample_fits_lot"
            ),
            models.CheckConstraint(condition=~Q(seed="") & ~Q(drawn_by=""), name="sample_can_be_redrawn"),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.book_key} {self.size}/{self.lot}"


class SampledValue(models.Model):
    """One value of a sample and what a person found on the paper.

    Attributes:
        ordinal: in the sample, from 1.
        right_value: what stands on the paper, where the value is wrong.
    """

    sample = models.ForeignKey(AcceptanceSample, on_delete=models.PROTECT, related_name="items")
    ordinal = models.PositiveIntegerField()
    value = models.ForeignKey(FieldValue, on_delete=models.PROTECT, related_name="inspections")
    outcome = models.CharField(max_length=5, blank=True, default="")
    right_value = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    checked_by = models.CharField(max_length=150, blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["sample", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "ordinal"], name="sample_item_once"),
            models.UniqueConstraint(fields=["sample", "value"], name="sample_value_once"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=["RIGHT", "WRONG"]) & ~Q(checked_by=""),
                name="sample_outcome_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ordinal} {self.outcome}"
