# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""What records can be found by; made from their fields, and made again at any time."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from pipeline.models.records import Record


class SearchEntry(models.Model):
    """Everything that one record can be found by.

    Attributes:
        terms: typed keys such as ``n:nguyen`` or ``d:1994-10-02``; `pipeline.search_terms` lists the types.
            In a table of its own, so that a record that moves on does not write its index anew.
    """

    record = models.OneToOneField(
        Record, primary_key=True, on_delete=models.CASCADE, related_name="search_entry"
    )
    terms = SearchVectorField()

    class Meta:
        verbose_name_plural = "search entries"
        indexes = [GinIndex(fields=["terms"], name="search_terms", fastupdate=False)]

    def __str__(self) -> str:
        return str(self.record_id)


class SearchWord(models.Model):
    """A folded word of some name: what a mistyped one may have meant.

    Attributes:
        word: not unique, so that writers never wait for each other; a rare repeat does no harm.
    """

    word = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(fields=["word"], name="search_word"),
            GinIndex(fields=["word"], name="search_word_like", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.word
