# ruff: noqa: D106, RUF012 - the inner Meta class is how Django is told
"""Questions to the population database, and every call that was made for them."""

from __future__ import annotations

from django.db import models

from pipeline.models.claimable import Claimable, lease_constraints
from pipeline.models.records import Record


class QueryState(models.TextChoices):
    """Where a question stands."""

    OPEN = "OPEN", "Chờ hỏi"
    BY_FILE = "BY_FILE", "Chờ trao đổi bằng tệp"
    ANSWERED = "ANSWERED", "Đã có trả lời"
    WITHDRAWN = "WITHDRAWN", "Không còn cần hỏi"
    QUARANTINED = "QUARANTINED", "Thôi hỏi, chờ cán bộ"


class RegisterQuery(Claimable):
    """A confirm question about one person of a record, as the record then stood.

    Attributes:
        prefix: official prefix of the person, such as ``nks``.
        request_id: made from what is asked, so that the same question always has the same one.
        number, name, birth: as asked.
        officer: account on whose behalf, the one who delivered the record.
        outages: rounds without an answer.
        exported_at: when it last went into a file.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="register_queries")
    prefix = models.CharField(max_length=10)
    request_id = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    birth = models.CharField(max_length=10)
    officer = models.CharField(max_length=150)
    purpose = models.CharField(max_length=300)
    outages = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    exported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "register queries"
        constraints = [*lease_constraints(QueryState)]
        indexes = [models.Index(fields=["state", "lease_until"], name="register_query_claim")]

    def __str__(self) -> str:
        return self.request_id


class RegisterCall(models.Model):
    """One sending of a question, whatever became of it. Append-only.

    Attributes:
        officer: MaCanBo as sent; the account behind it stands in the query.
        outcome: ``FOUND``, ``NOT_FOUND`` or an error code.
    """

    query = models.ForeignKey(RegisterQuery, on_delete=models.PROTECT, related_name="calls")
    attempt = models.PositiveSmallIntegerField()
    officer = models.CharField(max_length=150)
    unit = models.CharField(max_length=80)
    procedure = models.CharField(max_length=80)
    purpose = models.CharField(max_length=300)
    outcome = models.CharField(max_length=40)
    milliseconds = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["at"], name="register_call_at")]

    def __str__(self) -> str:
        return f"{self.query.request_id} {self.attempt} {self.outcome}"
