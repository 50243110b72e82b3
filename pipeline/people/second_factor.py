"""Which accounts must have a second factor before they work."""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from pipeline.people.models import Assignment


def lacks_second_factor(account: AbstractBaseUser | AnonymousUser, roles: Collection[str]) -> bool:
    """Whether an account holds one of `roles` in some office, yet signs in with a password alone.

    Asked anew at every request, so that a role given or a factor taken away counts at once.
    """
    if not roles or not account.is_authenticated:
        return False
    if not Assignment.objects.filter(account_id=account.pk, role__in=roles).exists():
        return False
    return not Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP).exists()
