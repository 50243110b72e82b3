# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""What officers tell each other about a record."""

from __future__ import annotations

from django.db import models

from pipeline.models.records import Record


class Note(models.Model):
    """A remark on a record, for those who work on it later; append-only, and no part of the sealed copy."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(max_length=500)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text="") & ~models.Q(actor=""), name="note_says_something"
            )
        ]

    def __str__(self) -> str:
        return self.text
