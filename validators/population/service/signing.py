"""The headers by which service 037, or a province's gateway before it, knows who calls."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Signer(Protocol):
    """Makes the headers of one call."""

    auth_hash: str

    def headers(self, now_ms: int) -> Mapping[str, str]:
        """Headers for a call at `now_ms`, milliseconds since 1970."""

    def refused(self) -> None:
        """The last headers were not accepted; what was remembered is forgotten."""


@dataclass(frozen=True, slots=True)
class DirectSigner:
    """Signature of the national platform: Basic over user and SHA-256 of address, user, time and secret.

    Attributes:
        signed_url: address that is signed; a security server may be called under another one.
        client: X-Road-Client, the caller's place in the national platform.
        auth_hash: sent inside the question where the gateway wants it, see `auth_hash_of`.
    """

    signed_url: str
    user: str
    secret: str
    client: str
    api_key: str
    auth_hash: str = ""

    def headers(self, now_ms: int) -> Mapping[str, str]:
        """Timestamp and the signature made with it."""
        return {
            "Timestamp": str(now_ms),
            "Authorization": basic(self.signed_url, self.user, str(now_ms), self.secret),
            "X-Road-Client": self.client,
            "ApiKey": self.api_key,
            "SOAPAction": '""',
        }

    def refused(self) -> None:
        """Nothing is remembered from call to call."""


class GatewaySigner:
    """Headers of a provincial gateway (LGSP): a bearer token and ``lgspaccesstoken``.

    Args:
        access_token: Base64 text that the gateway's operator gave, see `lgsp_access_token`.
        fetch: asks the gateway for a bearer token; seconds of validity beside it.
        auth_hash: as in `DirectSigner`.
    """

    _MARGIN_MS = 30_000

    def __init__(
        self, access_token: str, fetch: Callable[[str], tuple[str, float]], *, auth_hash: str = ""
    ) -> None:
        self.auth_hash = auth_hash
        self._access_token = access_token
        self._fetch = fetch
        self._bearer = ""
        self._until_ms = 0.0

    def headers(self, now_ms: int) -> Mapping[str, str]:
        """A bearer token, fetched again shortly before the old one ends."""
        if not self._bearer or now_ms >= self._until_ms - self._MARGIN_MS:
            self._bearer, seconds = self._fetch(self._access_token)
            self._until_ms = now_ms + seconds * 1000
        return {
            "Authorization": f"Bearer {self._bearer}",
            "lgspaccesstoken": self._access_token,
            "SOAPAction": '""',
        }

    def refused(self) -> None:
        """Fetch another token for the next call."""
        self._bearer = ""


def basic(url: str, user: str, timestamp: str, secret: str) -> str:
    """``Basic base64(user:sha256(url+user+timestamp+secret))``, the hash in small hexadecimal digits."""
    digest = hashlib.sha256(f"{url}{user}{timestamp}{secret}".encode()).hexdigest()
    return "Basic " + base64.b64encode(f"{user}:{digest}".encode()).decode()


def lgsp_access_token(*, access_key: str, secret_key: str, app: str, partner: str, customer: str) -> str:
    """``lgspaccesstoken`` from its parts."""
    parts = {
        "AccessKey": access_key,
        "SecretKey": secret_key,
        "AppName": app,
        "PartnerCode": partner,
        "PartnerCodeCus": customer,
    }
    return base64.b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def auth_hash_of(key_name: str, key: str) -> str:
    """``AuthHash`` of an officer: Base64 of key name and key."""
    return base64.b64encode(f"{key_name}:{key}".encode()).decode()
