"""Every sign-in, failed or not, is an event; some sign-ins leave a step to take before working."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa import signals as mfa
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from pipeline.events import record_event
from pipeline.people.accounts import home_of
from pipeline.people.models import FirstPassword
from pipeline.people.second_factor import lacks_second_factor

FIRST_STEPS = "first_steps"
"""Key of the session under which names of pages stand that must be passed before any other."""
CHANGE_PASSWORD = "account_change_password"  # noqa: S105 - the name of a page
ENROL = "mfa_activate_totp"


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: AbstractUser, *, single_sign_on: bool = False, **_: Any) -> None:
    """Note the sign-in, and what is to be done first."""
    _note("account.signed_in", user, **({"way": "single sign-on"} if single_sign_on else {}))
    # who comes by single sign-on did not use the first password, and need not know it
    wanted = not single_sign_on and FirstPassword.objects.filter(account=user).exists()
    request.session[FIRST_STEPS] = [CHANGE_PASSWORD] if wanted else []


@receiver(user_logged_out)
def signed_out(user: AbstractUser | None, **_: Any) -> None:
    """Note that a person left; sessions that run out leave no event."""
    if user is not None:
        _note("account.signed_out", user)


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], **_: Any) -> None:
    """Note a wrong password for a known account; a name nobody has may be a password typed one box early."""
    name = str(credentials.get("username") or "")
    if user := get_user_model().objects.filter(username__iexact=name).first():
        _note("account.sign_in_failed", user, actor="sohoa")


@receiver(password_changed)
def changed_password(request: HttpRequest, user: AbstractUser, **_: Any) -> None:
    """The password is the person's own now."""
    FirstPassword.objects.filter(account=user).delete()
    step_taken(request, CHANGE_PASSWORD)
    _note("account.password_changed", user)


@receiver(mfa.authenticator_added)
@receiver(mfa.authenticator_reset)
def second_factor_set(user: AbstractUser, authenticator: Any, **_: Any) -> None:
    """A second factor or new recovery codes."""
    _note("account.second_factor_set", user, kind=str(authenticator.type))


@receiver(mfa.authenticator_removed)
def second_factor_removed(user: AbstractUser, authenticator: Any, **_: Any) -> None:
    """The person took the second factor away."""
    _note("account.second_factor_removed", user, kind=str(authenticator.type))


@receiver(mfa.authentication_failed)
def second_factor_failed(user: AbstractUser, **_: Any) -> None:
    """The password was right, the code was not."""
    _note("account.second_factor_failed", user, actor="sohoa")


def steps_before_work(request: HttpRequest) -> list[str]:
    """Names of pages that a person must pass first; a demanded second factor is asked for anew each time."""
    kept = request.session.get(FIRST_STEPS, [])
    steps = [step for step in kept if step != ENROL]
    if lacks_second_factor(request.user, settings.SOHOA.second_factor):
        steps.append(ENROL)
    if steps != kept:
        request.session[FIRST_STEPS] = steps
    return steps


def step_taken(request: HttpRequest, page: str) -> None:
    """Ask for a step no more."""
    request.session[FIRST_STEPS] = [step for step in request.session.get(FIRST_STEPS, []) if step != page]


def _note(verb: str, user: AbstractUser, *, actor: str = "", **data: Any) -> None:
    record_event(
        verb, actor=actor or user.username, office=home_of(user), subject=f"account:{user.pk}", data=data
    )
