"""Accounts are made for people, with a first password that they change."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction

from pipeline.events import record_event
from pipeline.models import Office
from pipeline.people.models import Assignment, Role

_WORDS = 3
_SYLLABLES = ("ba bo ca co da do ga go ha ho la lo ma mo na no sa so ta to va vo").split()


class AccountTaken(ValueError):  # noqa: N818 - says what happened
    """The name belongs to another account."""


def first_password() -> str:
    """A password that can be told over the telephone: 3 x 4 syllables, about 53 bits."""
    return "-".join("".join(secrets.choice(_SYLLABLES) for _ in range(4)) for _ in range(_WORDS))


def make_account(
    name: str, *, full_name: str, roles: Iterable[tuple[Role, Office]], by: str
) -> tuple[AbstractUser, str]:
    """Make an account with its roles.

    Args:
        name: what the person signs in with.
        roles: each in one office and all below it.
        by: account of the administrator, or ``sohoa`` for the command line.

    Returns:
        The account, and its first password, which is kept nowhere.

    Raises:
        AccountTaken: nothing was changed.
    """
    accounts = get_user_model()
    password = first_password()
    with transaction.atomic():
        if accounts.objects.filter(username__iexact=name).exists():
            raise AccountTaken(name)
        account = accounts.objects.create_user(username=name, password=password, first_name=full_name)
        for role, office in roles:
            assign(account, role, office, by=by)
        record_event("account.made", actor=by, subject=f"account:{account.pk}")
    return account, password


def assign(account: AbstractUser, role: Role, office: Office, *, by: str) -> None:
    """Give an account a role in an office; giving it twice changes nothing."""
    with transaction.atomic():
        _, fresh = Assignment.objects.get_or_create(account=account, role=role, office=office)
        if fresh:
            record_event(
                "role.given",
                actor=by,
                office=office.code,
                subject=f"account:{account.pk}",
                data={"role": str(role)},
            )


def withdraw(account: AbstractUser, role: Role, office: Office, *, by: str) -> None:
    """Take a role back; sessions lose it at their next request."""
    with transaction.atomic():
        gone, _ = Assignment.objects.filter(account=account, role=role, office=office).delete()
        if gone:
            record_event(
                "role.withdrawn",
                actor=by,
                office=office.code,
                subject=f"account:{account.pk}",
                data={"role": str(role)},
            )
