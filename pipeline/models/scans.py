# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Delivered files and their pages."""

from __future__ import annotations

import uuid

from django.db import models

from pipeline.models.claimable import Claimable, lease_constraints
from pipeline.models.holdings import Batch, Office
from pipeline.models.states import ScanState


class Scan(Claimable):
    """One delivered file, untouched and kept for ever.

    The bytes are stored once under a key made from their hash, whoever delivers them; the row exists
    once per office, so that one office never learns what another delivered.

    Attributes:
        name: path inside the delivery, as given.
        version_id: the locked version in the store; the key alone does not prove which bytes are meant.
        signed: delivered with a digital signature; kept as is and never sealed again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="scans")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="scans")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=1000)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, blank=True, default="")
    page_count = models.PositiveIntegerField(default=0)
    signed = models.BooleanField(default=False)
    bucket = models.CharField(max_length=80)
    key = models.CharField(max_length=500)
    version_id = models.CharField(max_length=200)
    received_at = models.DateTimeField(auto_now_add=True)
    codes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["received_at", "name"]
        constraints = [
            *lease_constraints(ScanState),
            models.UniqueConstraint(fields=["office", "sha256"], name="scan_once_per_office"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex="^[0-9a-f]{64}$"), name="scan_sha256_hex"
            ),
            models.CheckConstraint(condition=~models.Q(version_id=""), name="scan_stored_first"),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="scan_claim"),
            models.Index(fields=["batch", "state"], name="scan_batch_state"),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """What became of one file that was handed in: the receipt the deliverer got.

    Attributes:
        scan: the kept scan; of a repeat, the first one; none where nothing could be kept.
        code: empty for a new readable file, else ``DUPLICATE``, ``WRONG_TYPE``, ``ENCRYPTED`` …
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="deliveries")
    scan = models.ForeignKey(Scan, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    path = models.CharField(max_length=1000)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.TextField(blank=True, default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["batch", "code"], name="delivery_code")]

    def __str__(self) -> str:
        return self.path


class Page(models.Model):
    """One delivered page: what the image is like and what was read on it.

    Attributes:
        number: in the file, from 1.
        report: `ocr.elements.PageReport` as JSON.
        texts: `ocr.elements.PageText` as JSON, one per region, each with its transform back to the page.
    """

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    report = models.JSONField()
    texts = models.JSONField(default=list)

    class Meta:
        ordering = ["scan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "number"], name="page_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="page_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.scan} trang {self.number}"
