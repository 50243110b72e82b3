"""Who calls: a token and nothing else; no session or cookie of the desk counts here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import unquote

from django.http import HttpRequest
from ninja import Header, Status
from ninja.security import HttpBearer
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from pipeline.machines.models import ApiToken
from pipeline.machines.once import KeyReused, StillWorking, once
from pipeline.people.access import Act, acts_of
from pipeline.people.tokens import seconds_to_wait, token_of
from web.api.problems import Refusal


class Token(HttpBearer):
    """Lets a token in that has the scope of one act; ``request.auth`` is then its row."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Look the token up and count the call."""
        caller = token_of(token)
        if caller is None:
            return None
        wait = seconds_to_wait(caller)
        if wait:
            raise Refusal(429, "TOO_MANY_CALLS", {"Retry-After": str(wait)})
        if self.act not in acts_of(caller):
            raise Refusal(403, "SCOPE_MISSING")
        return caller


def caller_of(request: HttpRequest) -> ApiToken:
    """The token that was let in."""
    caller: ApiToken = request.auth  # type: ignore[attr-defined]
    return caller


def answered_once(
    caller: ApiToken, key: str, request_sha256: str, work: Callable[[], tuple[int, dict[str, Any]]]
) -> Status[dict[str, Any]]:
    """Do `work` unless the same call was answered before; see `pipeline.machines.once`."""
    try:
        return Status(*once(caller, key, request_sha256, work))
    except StillWorking:
        raise Refusal(409, "STILL_WORKING", {"Retry-After": "10"}) from None
    except KeyReused:
        raise Refusal(409, "KEY_REUSED") from None


def _storable(text: str) -> str:
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise ValueError("có ký tự điều khiển")
    return text


def _header_text(value: Any) -> Any:
    """Header values arrive as Latin-1; callers send UTF-8, bare or percent-encoded."""
    if not isinstance(value, str):
        return value
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    return unquote(value)


Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable)]
Purpose = Annotated[
    str,
    BeforeValidator(_header_text),
    StringConstraints(min_length=3, max_length=300, strip_whitespace=True),
    AfterValidator(_storable),
    Header(
        alias="X-Purpose",
        description="Why personal data is read; kept in the log. UTF-8, percent-encoded where needed.",
    ),
]
IdempotencyKey = Annotated[
    str,
    StringConstraints(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$"),
    Header(alias="Idempotency-Key", description="A repeat with the same key within 24 h does nothing anew."),
]
