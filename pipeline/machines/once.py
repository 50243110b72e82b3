"""A call that is repeated because its answer was lost does its work once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from pipeline.machines.models import ApiToken, KeptAnswer

KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(minutes=15)
"""A call that has no answer after this long was killed; its repeat does the work."""


class StillWorking(Exception):  # noqa: N818 - says what happened
    """The first call with this key has no answer yet."""


class KeyReused(Exception):  # noqa: N818 - says what happened
    """The key belongs to another request of the last day."""


def once(
    token: ApiToken, key: str, request_sha256: str, work: Callable[[], tuple[int, dict[str, Any]]]
) -> tuple[int, dict[str, Any]]:
    """Do `work` unless the same call was answered within `KEPT`; its answer is then given again.

    Args:
        work: gives HTTP status and JSON; where it raises, nothing is kept and a repeat works anew.

    Raises:
        StillWorking: try again later.
        KeyReused: nothing was done.
    """
    now = timezone.now()
    with transaction.atomic():
        token.answers.filter(at__lt=now - KEPT).delete()
        token.answers.filter(key=key, status=0, at__lt=now - GIVEN_UP).delete()
        kept, fresh = KeptAnswer.objects.get_or_create(
            token=token, key=key, defaults={"request_sha256": request_sha256, "at": now}
        )
    if not fresh:
        if kept.request_sha256 != request_sha256:
            raise KeyReused(key)
        if not kept.status:
            raise StillWorking(key)
        return kept.status, kept.body
    try:
        status, body = work()
    except BaseException:
        kept.delete()
        raise
    KeptAnswer.objects.filter(pk=kept.pk).update(status=status, body=body)
    return status, body
