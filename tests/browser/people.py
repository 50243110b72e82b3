"""Officers with the roles that tests want."""

from __future__ import annotations

from typing import Any

from pipeline.models import Office
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.holdings import make_office

PASSWORD = "mat-khau-cua-lan"


def officer(*roles: Role, name: str = "lan", office: Office | None = None) -> Any:
    """An account that has been in before and has a password of its own."""
    given = [(role, office or make_office()) for role in roles]
    account, _ = make_account(name, full_name="Lê Thị Lan", roles=given, by="sohoa")
    account.first_password.delete()
    account.set_password(PASSWORD)
    account.save()
    return account
