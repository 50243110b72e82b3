"""Tokens for other systems: made by an administrator, shown once, withdrawn at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pipeline.events import record_event
from pipeline.machines.models import ApiToken
from pipeline.models import Office
from pipeline.people.access import Act

FOR_MACHINES = frozenset(
    {Act.RECEIVE, Act.SEARCH, Act.SENSITIVE, Act.HAND_OVER, Act.PROGRESS, Act.AUDIT, Act.SUBSCRIBE}
)
"""Keying, settling, approving and the care of accounts stay with people."""
LONGEST = timedelta(days=2 * 366)
_WITH_AUDIT = frozenset({Act.AUDIT, Act.PROGRESS})


class TokenRefused(ValueError):  # noqa: N818 - says what happened
    """No such token can be made; the message is Vietnamese."""


def make_token(
    name: str, *, scopes: Iterable[Act], office: Office, expires: datetime, by: str
) -> tuple[ApiToken, str]:
    """Make a token.

    Args:
        name: of the system that will use it; stands in every event that it leaves.
        by: account of the administrator, or ``sohoa`` for the command line.

    Returns:
        The row, and the token itself, which is kept nowhere.

    Raises:
        TokenRefused: nothing was changed.
    """
    acts = frozenset(scopes)
    if not name.strip() or not acts:
        raise TokenRefused("Cần tên hệ thống và ít nhất một phạm vi.")
    if acts - FOR_MACHINES:
        raise TokenRefused(f"Không cấp cho máy phạm vi: {', '.join(sorted(acts - FOR_MACHINES))}.")
    if Act.AUDIT in acts and acts - _WITH_AUDIT:
        raise TokenRefused("Mã đọc nhật ký không được kèm phạm vi làm việc với hồ sơ.")
    if Act.HAND_OVER in acts and Act.SENSITIVE not in acts:
        raise TokenRefused("Gói bàn giao chứa cả nội dung được bảo vệ, nên mã cần thêm phạm vi sensitive.")
    if not timezone.now() < expires <= timezone.now() + LONGEST:
        raise TokenRefused("Ngày hết hạn phải ở phía trước, không quá hai năm.")
    prefix = f"sohoa_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        if ApiToken.objects.filter(name__iexact=name).exists():
            raise TokenRefused(f"Đã có mã mang tên {name}.")
        token = ApiToken.objects.create(
            name=name,
            prefix=prefix,
            digest=_digest(text),
            scopes=sorted(acts),
            office=office,
            made_by=by,
            expires=expires,
        )
        _event("token.made", token, by, scopes=sorted(acts), expires=expires.isoformat())
    return token, text


def withdraw_token(token: ApiToken, *, by: str) -> None:
    """Let a token in no more, from its next call on; it stays in the list."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
            _event("token.withdrawn", token, by)


def token_of(text: str) -> ApiToken | None:
    """The valid token that was shown, or None."""
    token = ApiToken.objects.select_related("office").filter(digest=_digest(text)).first()
    return token if token and token.valid else None


def seconds_to_wait(token: ApiToken) -> int:
    """Count one call; how long its caller has to wait where the minute's calls are used up, else 0."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    row = ApiToken.objects.filter(pk=token.pk)
    if not row.filter(minute=minute).update(calls=F("calls") + 1, last_used=now):
        row.update(minute=minute, calls=1, last_used=now)
    used = row.values_list("calls", flat=True).get()
    return 0 if used <= token.per_minute else 60 - now.second


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _event(verb: str, token: ApiToken, by: str, **data: object) -> None:
    record_event(verb, actor=by, office=token.office.code, subject=f"token:{token.pk}", data=data)
