"""What an administrator may do to accounts and offices: only within the offices of that role.

Who holds a role outside those offices is seen, and may lose or gain roles inside them, but neither gets a
new password nor is switched off there: a commune would otherwise hold the keys of its province.
"""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from pipeline.events import record_event
from pipeline.models import Office
from pipeline.people.access import Act, offices_for, with_below
from pipeline.people.accounts import assign, home_of, make_account, reset_password, switch, withdraw
from pipeline.people.models import Assignment, Identity, Role
from pipeline.places import office_gazetteer


class NotAllowed(ValueError):  # noqa: N818 - says what happened
    """The administrator may not do this; the text says why, in Vietnamese."""


class OfficeRefused(ValueError):  # noqa: N818 - says what happened
    """An office cannot stand as described; the text says what to change, in Vietnamese."""


def accounts_for(administrator: AbstractUser) -> QuerySet[AbstractUser]:
    """Accounts with a role in the administrator's offices.

    Accounts that lost all their roles belong to nobody; administrators of a whole tree see them too.
    """
    mine = offices_for(administrator, Act.PEOPLE)
    seen = Q(assignments__office__in=mine)
    if mine.filter(parent=None).exists():
        seen |= Q(assignments=None)
    accounts: QuerySet[AbstractUser] = get_user_model().objects.filter(seen).distinct().order_by("username")
    return accounts


def holds(administrator: AbstractUser, account: AbstractUser) -> bool:
    """Whether the whole account is the administrator's: nobody's own, and no role elsewhere."""
    mine = offices_for(administrator, Act.PEOPLE)
    elsewhere = Assignment.objects.filter(account_id=account.pk).exclude(office__in=mine)
    return account.pk != administrator.pk and not elsewhere.exists()


def add_account(
    administrator: AbstractUser, name: str, *, full_name: str, roles: Iterable[Role], office: Office
) -> tuple[AbstractUser, str]:
    """Make an account for someone of one's own offices; see `make_account`.

    Raises:
        NotAllowed: the office is not the administrator's.
        AccountTaken: the name belongs to another account.
    """
    _own_office(administrator, office)
    given = [(role, office) for role in roles]
    return make_account(name, full_name=full_name, roles=given, by=administrator.username)


def give_role(administrator: AbstractUser, account: AbstractUser, role: Role, office: Office) -> None:
    """Give a role in one of one's own offices.

    Raises:
        NotAllowed: the account is one's own, or the office is not.
    """
    _not_oneself(administrator, account)
    _own_office(administrator, office)
    assign(account, role, office, by=administrator.username)


def take_role(administrator: AbstractUser, account: AbstractUser, role: Role, office: Office) -> None:
    """Take a role in one of one's own offices back.

    Raises:
        NotAllowed: the account is one's own, or the office is not.
    """
    _not_oneself(administrator, account)
    _own_office(administrator, office)
    withdraw(account, role, office, by=administrator.username)


def new_password(administrator: AbstractUser, account: AbstractUser) -> str:
    """A new first password for someone who forgot theirs.

    Raises:
        NotAllowed: not wholly the administrator's account.
    """
    _whole_account(administrator, account)
    return reset_password(account, by=administrator.username)


def switch_account(administrator: AbstractUser, account: AbstractUser, *, on: bool) -> None:
    """Keep an account out, or let it in again.

    Raises:
        NotAllowed: not wholly the administrator's account.
    """
    _whole_account(administrator, account)
    switch(account, on=on, by=administrator.username)


def drop_second_factor(administrator: AbstractUser, account: AbstractUser) -> None:
    """Take away a second factor whose telephone and recovery codes are lost.

    Raises:
        NotAllowed: not wholly the administrator's account.
    """
    _drop(Authenticator.objects.filter(user=account), "account.second_factor_dropped", administrator, account)


def forget_identity(administrator: AbstractUser, account: AbstractUser) -> None:
    """Let the next single sign-on under this account's name bind it anew, to whoever then stands there.

    Raises:
        NotAllowed: not wholly the administrator's account.
    """
    _drop(Identity.objects.filter(account=account), "account.identity_forgotten", administrator, account)


def _drop(rows: QuerySet[Model], verb: str, administrator: AbstractUser, account: AbstractUser) -> None:
    _whole_account(administrator, account)
    with transaction.atomic():
        gone, _ = rows.delete()
        if gone:
            record_event(
                verb,
                actor=administrator.username,
                office=home_of(account),
                subject=f"account:{account.pk}",
            )


def save_office(
    administrator: AbstractUser,
    office: Office | None,
    *,
    code: str,
    name: str,
    kind: str,
    parent: Office | None,
    unit_code: str,
) -> Office:
    """Make an office below one's own, or change one; the code stands in object keys and stays as it is.

    Raises:
        NotAllowed: the office, or its new place in the tree, is not the administrator's.
        OfficeRefused: the description does not hold together.
    """
    mine = offices_for(administrator, Act.PEOPLE)
    if office is not None:
        _own_office(administrator, office)
    moved = office is None or (parent.pk if parent else None) != office.parent_id
    if moved and (parent is None or not mine.filter(pk=parent.pk).exists()):
        raise NotAllowed("Hãy chọn đơn vị cấp trên trong số các đơn vị của mình.")
    with transaction.atomic():
        row = office or Office(code=code)
        if office is None and Office.objects.filter(code__iexact=code).exists():
            raise OfficeRefused(f"Đã có đơn vị mang mã {code}; hãy chọn mã khác.")
        if parent is not None and row.pk and parent.pk in with_below([row.pk]):
            raise OfficeRefused("Đơn vị cấp trên không thể là chính đơn vị này hay đơn vị nằm dưới nó.")
        if unit_code and unit_code not in {unit.code for unit in office_gazetteer() if unit.valid_to is None}:
            raise OfficeRefused(f"Không có đơn vị hành chính mang mã {unit_code}; hãy xem lại mã thống kê.")
        row.name, row.kind, row.parent, row.unit_code = name, kind, parent, unit_code
        row.full_clean()
        row.save()
        record_event(
            "office.made" if office is None else "office.changed",
            actor=administrator.username,
            office=row.code,
            subject=f"office:{row.pk}",
        )
    return row


def _own_office(administrator: AbstractUser, office: Office) -> None:
    if not offices_for(administrator, Act.PEOPLE).filter(pk=office.pk).exists():
        raise NotAllowed("Đơn vị này không thuộc quyền quản trị của tài khoản đang dùng.")


def _not_oneself(administrator: AbstractUser, account: AbstractUser) -> None:
    if account.pk == administrator.pk:
        raise NotAllowed("Không ai tự đổi vai trò của mình; hãy nhờ người quản trị khác.")


def _whole_account(administrator: AbstractUser, account: AbstractUser) -> None:
    _not_oneself(administrator, account)
    seen = accounts_for(administrator).filter(pk=account.pk).exists()
    if not seen or not holds(administrator, account):
        told = "Tài khoản này còn có vai trò ở đơn vị khác; hãy nhờ người quản trị cấp trên."
        raise NotAllowed(told)
