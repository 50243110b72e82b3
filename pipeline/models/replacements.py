# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Why a record that was sealed and locked got a new version."""

from __future__ import annotations

from django.db import models

from pipeline.models.records import Record, SealedCopy


class Replacement(models.Model):
    """The decision by which one version of a record takes the place of the one before.

    Attributes:
        version: of the record that the decision made; `previous` holds the one that it replaced.
        previous_copy: ``bucket``, ``key`` and ``sha256`` of the copy that was replaced, as it then stood;
            a renewed timestamp changes `previous`, and the new version must not change with it.
        number: of the decision (số quyết định).
        authority: who decided (cơ quan ban hành).
        decided: date of the decision.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="replacements")
    version = models.PositiveIntegerField()
    previous = models.OneToOneField(SealedCopy, on_delete=models.PROTECT, related_name="replaced_by")
    previous_copy = models.JSONField()
    number = models.CharField(max_length=80)
    decided = models.DateField()
    authority = models.CharField(max_length=300)
    reason = models.TextField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["record", "version"]
        constraints = [
            models.UniqueConstraint(fields=["record", "version"], name="replacement_once"),
            models.CheckConstraint(
                condition=~models.Q(number="") & ~models.Q(authority="") & ~models.Q(reason=""),
                name="replacement_with_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} → {self.version}"
