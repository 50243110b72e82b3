"""What each role may do, and for which offices: the only place where rights are decided."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from pipeline.machines.models import ApiToken
from pipeline.models import Office, Record
from pipeline.people.models import Assignment, Role

Account = AbstractBaseUser | AnonymousUser | ApiToken


class Act(enum.StrEnum):
    """What can be done at the desk or through the interface for machines."""

    RECEIVE = "receive"  # deliver files, follow their reading
    KEY = "key"  # see one record's image and say what stands there
    SETTLE = "settle"  # decide between keyers, settle findings
    APPROVE = "approve"  # approve, sign, correct after the lock
    SEARCH = "search"  # find and open records, download sealed copies
    SENSITIVE = "sensitive"  # see fields that are masked for others
    HAND_OVER = "hand_over"  # make packages
    TRAIN = "train"  # how far the keys of one's offices agree
    PROGRESS = "progress"  # counts and forecasts, no persons
    AUDIT = "audit"  # who saw and did what
    PEOPLE = "people"  # accounts, roles, tokens
    SUBSCRIBE = "subscribe"  # have another system told when something happens


ALLOWED: Mapping[Role, frozenset[Act]] = {
    Role.SCANNER: frozenset({Act.RECEIVE, Act.PROGRESS}),
    Role.KEYER: frozenset({Act.KEY, Act.PROGRESS}),
    Role.VERIFIER: frozenset({Act.RECEIVE, Act.KEY, Act.SETTLE, Act.SEARCH, Act.PROGRESS}),
    Role.REGISTRAR: frozenset(set(Act) - {Act.TRAIN, Act.AUDIT, Act.PEOPLE, Act.SUBSCRIBE}),
    Role.SUPERVISOR: frozenset({Act.SEARCH, Act.TRAIN, Act.PROGRESS}),
    Role.AUDITOR: frozenset({Act.AUDIT, Act.PROGRESS}),
    Role.ADMINISTRATOR: frozenset({Act.PEOPLE, Act.SUBSCRIBE, Act.PROGRESS}),
}
"""Nobody both works with records and watches over the log of that work."""


def acts_of(account: Account) -> frozenset[Act]:
    """Everything that an account may do in some office."""
    if isinstance(account, ApiToken):
        return frozenset(Act(scope) for scope in account.scopes) if account.valid else frozenset()
    return frozenset().union(
        *(ALLOWED[Role(role)] for role in _assigned(account).values_list("role", flat=True))
    )


def offices_for(account: Account, act: Act) -> QuerySet[Office]:
    """Offices in which an account may do something: those of its roles, with all that stand below them."""
    if isinstance(account, ApiToken):
        own = [account.office_id] if act in acts_of(account) else []
        return Office.objects.filter(pk__in=with_below(own))
    roles = [role for role, acts in ALLOWED.items() if act in acts]
    reached = _assigned(account).filter(role__in=roles).values_list("office_id", flat=True)
    return Office.objects.filter(pk__in=with_below(reached))


def with_below(offices: Iterable[int]) -> set[int]:
    """Keys of offices and of all that stand below them in the tree."""
    reached = set(offices)
    level: Collection[int] = reached
    while level:
        below = (
            Office.objects.filter(parent_id__in=level).exclude(pk__in=reached).values_list("pk", flat=True)
        )
        level = set(below)
        reached |= level
    return reached


def records_for(account: Account, act: Act) -> QuerySet[Record]:
    """Records that an account may reach for an act; any other one does not exist for it."""
    return Record.objects.filter(office__in=offices_for(account, act))


def _assigned(account: AbstractBaseUser | AnonymousUser) -> QuerySet[Assignment]:
    if not account.is_authenticated or not account.is_active:
        return Assignment.objects.none()
    return Assignment.objects.filter(account_id=account.pk)
