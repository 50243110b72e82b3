# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Whose paper it is, which book it stands in, and how it was delivered."""

from __future__ import annotations

import uuid

from django.db import models

from pipeline.models.claimable import Claimable, lease_constraints
from pipeline.models.states import BatchState


class Office(models.Model):
    """A commune, land office or department.

    Attributes:
        code: short code that officers type and that stands in object keys.
        unit_code: administrative unit it is today, by the statistics office's code.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(
        max_length=20,
        choices=[("commune", "Xã, phường"), ("land", "Văn phòng đất đai"), ("department", "Sở, phòng")],
        default="commune",
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    unit_code = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """A register book, or the dossier of a land certificate.

    Attributes:
        kind: ``KS``, ``KH``, ``KT``, ``CMC``, ``HN`` … or ``GCN``.
        year: when the book was opened; cases in it may be registered in other years.
        issuing_unit: as it was named then. Books of merged communes repeat each other's numbers,
            so a book is only told apart by this name.
        expected: entry numbers that ought to stand in it, where known.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="books")
    kind = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    volume = models.CharField(max_length=20, blank=True, default="")
    issuing_unit = models.CharField(max_length=300, blank=True, default="")
    expected = models.JSONField(default=list, blank=True)
    closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["kind", "year", "volume"]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "kind", "year", "volume", "issuing_unit"],
                name="book_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.volume}/{self.year or '?'} {self.issuing_unit}".strip()


class Batch(Claimable):
    """One delivery; its scans are checked against each other.

    Attributes:
        book: chosen when it was delivered; its records stand in that one unless they name another.
        register_sha256: population register extract to check against, an object in the originals bucket.
        plans_sha256: what the books are expected to hold, likewise.
        actor: who delivered it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="batches")
    name = models.CharField(max_length=200, blank=True, default="")
    actor = models.CharField(max_length=150)
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.PROTECT, related_name="batches")
    created = models.DateTimeField(auto_now_add=True)
    register_sha256 = models.CharField(max_length=64, blank=True, default="")
    plans_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["-created"]
        verbose_name_plural = "batches"
        constraints = [*lease_constraints(BatchState)]
        indexes = [models.Index(fields=["state", "lease_until"], name="batch_claim")]

    def __str__(self) -> str:
        return self.name or str(self.id)
