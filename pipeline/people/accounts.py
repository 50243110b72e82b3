"""Accounts are made for people, with a first password that they change."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction

from pipeline.events import record_event
from pipeline.models import Office
from pipeline.people.models import Assignment, FirstPassword, Role

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
        FirstPassword.objects.create(account=account)
        for role, office in roles:
            assign(account, role, office, by=by)
        record_event("account.made", actor=by, office=home_of(account), subject=f"account:{account.pk}")
    return account, password


def reset_password(account: AbstractUser, *, by: str) -> str:
    """Give a new first password, to be changed at the next sign-in; open sessions end."""
    password = first_password()
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])
        FirstPassword.objects.update_or_create(account=account)
        record_event(
            "account.password_reset", actor=by, office=home_of(account), subject=f"account:{account.pk}"
        )
    return password


def switch(account: AbstractUser, *, on: bool, by: str) -> None:
    """Let an account sign in or keep it out; what it did stays under its name."""
    with transaction.atomic():
        if account.is_active == on:
            return
        account.is_active = on
        account.save(update_fields=["is_active"])
        record_event(
            "account.switched_on" if on else "account.switched_off",
            actor=by,
            office=home_of(account),
            subject=f"account:{account.pk}",
        )


def home_of(account: AbstractUser) -> str:
    """Code of the office under which events about an account are kept; empty if it has no role."""
    first = Assignment.objects.filter(account_id=account.pk).order_by("pk").select_related("office").first()
    return first.office.code if first else ""


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
