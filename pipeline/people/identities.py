"""Which account a person is whom the province's sign-in names: one that an administrator made, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction

from pipeline.people.models import Identity
from pipeline.people.open_id import SignOnFailed


def account_of(claims: Mapping[str, Any], claim: str) -> AbstractUser:
    """The account of somebody whose claims are proved; it gains no right by this.

    The first time, the claim must be the account's name; from then on the issuer's subject stands for the
    person, so that a name which the issuer gives to somebody else later opens nothing.

    Raises:
        SignOnFailed: ``UNKNOWN_PERSON``, ``OTHER_PERSON`` (the account is bound to another subject) or
            ``SWITCHED_OFF``.
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    with transaction.atomic():
        bound = Identity.objects.select_related("account").filter(issuer=issuer, subject=subject).first()
        if bound is None:
            bound = _bind(issuer, subject, claims.get(claim))
    account: AbstractUser = bound.account
    if not account.is_active:
        raise SignOnFailed("SWITCHED_OFF")
    return account


def _bind(issuer: str, subject: str, name: object) -> Identity:
    accounts = get_user_model().objects.select_for_update()
    account = accounts.filter(username__iexact=name).first() if name and isinstance(name, str) else None
    if account is None:
        raise SignOnFailed("UNKNOWN_PERSON")
    if Identity.objects.filter(account=account).exists():
        raise SignOnFailed("OTHER_PERSON")
    return Identity.objects.create(account=account, issuer=issuer, subject=subject)
