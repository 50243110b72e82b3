# ruff: noqa: D106 - the inner Meta class is how Django is told
"""Rows that workers take turns on; see `pipeline.claims` for how they are taken."""

from __future__ import annotations

from django.db import models


class Claimable(models.Model):
    """A row with a state, a lease and a rising attempt number.

    Attributes:
        attempt: rises with every claim and never falls; a worker that comes back with an older
            number is late and may write nothing.
        tries: claims since the state was entered that have not ended well. Counted when the claim
            is made, so an attempt that a kill cut short counts as well.
        not_before: nobody claims the row earlier; set after a failure, so that retries spread out.
        hinted_at: when a broker message last pointed here.
        error_code: why the last attempt failed, or why the row stands in a side state.
        error_message: the same in one Vietnamese sentence.
    """

    state = models.CharField(max_length=16)
    state_since = models.DateTimeField()
    lease_owner = models.CharField(max_length=120, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    hinted_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_message = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


def lease_constraints(states: type[models.TextChoices]) -> list[models.BaseConstraint]:
    """The constraints every claimable table carries."""
    return [
        models.CheckConstraint(
            condition=models.Q(state__in=[s.value for s in states]),
            name="%(class)s_state_known",
        ),
        models.CheckConstraint(
            condition=models.Q(lease_owner="", lease_until__isnull=True)
            | (~models.Q(lease_owner="") & models.Q(lease_until__isnull=False)),
            name="%(class)s_lease_whole",
        ),
    ]
