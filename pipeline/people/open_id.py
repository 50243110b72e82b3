"""Sign-in by OpenID Connect Core 1.0: authorization code with PKCE (RFC 7636), state and nonce.

The client is our own because the one of allauth asks for no nonce and, in this flow, takes the identity
token without looking at its signature. Here a token counts only if its signature, issuer, audience, times
and nonce all hold.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from pipeline.access_settings import SingleSignOnSettings, is_closed_line

ALGORITHMS = ("RS256", "PS256", "ES256")
"""None with a shared secret: the client's secret must never pass for the issuer's key."""
_LEEWAY_SECONDS = 30
_TIMEOUT_SECONDS = 10.0
_REQUIRED = ("iss", "aud", "exp", "iat", "sub", "nonce")


class SignOnFailed(Exception):  # noqa: N818 - says what happened
    """Nobody is signed in; `code` says why, for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in is recognised by when the browser comes back; kept on this side only."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """The addresses that an issuer publishes."""

    authorization: str
    token: str
    keys: str


def new_attempt() -> Attempt:
    """Three random texts."""
    return Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))


class OpenIdClient:
    """One relying party at one issuer."""

    def __init__(self, rules: SingleSignOnSettings, secret: str, redirect_uri: str) -> None:
        if not rules.issuer:
            raise SignOnFailed("NOT_SET_UP")
        self._rules = rules
        self._issuer = rules.issuer
        self._secret = secret
        self._redirect_uri = redirect_uri

    def address(self, attempt: Attempt) -> str:
        """Where the browser signs in.

        Raises:
            SignOnFailed: ``ISSUER_DOWN`` or ``ISSUER_WRONG``.
        """
        with self._line() as line:
            issuer = self._discover(line)
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._rules.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self._rules.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{issuer.authorization}{'&' if '?' in issuer.authorization else '?'}{urlencode(asked)}"

    def claims(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        """What the issuer says about who signed in.

        Raises:
            SignOnFailed: ``ISSUER_DOWN``, ``ISSUER_WRONG``, ``CODE_REFUSED``, ``TOKEN_INVALID`` or
                ``NONCE_WRONG``.
        """
        with self._line() as line:
            issuer = self._discover(line)
            answer = _answered(
                line,
                "POST",
                issuer.token,
                auth=httpx.BasicAuth(self._rules.client_id, self._secret),
                data={
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": self._redirect_uri,
                    "code_verifier": attempt.verifier,
                },
                refused="CODE_REFUSED",
            )
            keys = _answered(line, "GET", issuer.keys, refused="ISSUER_WRONG")
        claims = self._proved(str(answer.get("id_token", "")), keys)
        if not hmac.compare_digest(str(claims["nonce"]).encode(), attempt.nonce.encode()):
            raise SignOnFailed("NONCE_WRONG")
        return claims

    def _proved(self, token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            known = jwt.PyJWKSet.from_dict(dict(keys)).keys
            fitting = [k for k in known if kid is None or k.key_id == kid]
            if len(fitting) != 1:
                raise SignOnFailed("TOKEN_INVALID", f"{len(fitting)} keys fit")
            claims: dict[str, Any] = jwt.decode(
                token,
                fitting[0].key,
                algorithms=list(ALGORITHMS),
                audience=self._rules.client_id,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": list(_REQUIRED)},
            )
        except jwt.PyJWTError as error:
            raise SignOnFailed("TOKEN_INVALID", str(error)) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._rules.client_id) != self._rules.client_id:
            raise SignOnFailed("TOKEN_INVALID", "made for another client")
        return claims

    def _discover(self, line: httpx.Client) -> Issuer:
        told = _answered(
            line,
            "GET",
            f"{self._issuer.rstrip('/')}/.well-known/openid-configuration",
            refused="ISSUER_WRONG",
        )
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        addresses = [str(told.get(name, "")) for name in names]
        if told.get("issuer") != self._issuer or not all(map(is_closed_line, addresses)):
            raise SignOnFailed("ISSUER_WRONG", "it calls itself something else, or an address is open")
        return Issuer(*addresses)

    def _line(self) -> httpx.Client:
        ca = self._rules.ca_file
        trust = ssl.create_default_context(cafile=str(ca) if ca else None)
        return httpx.Client(verify=trust, timeout=_TIMEOUT_SECONDS, trust_env=False)


def _answered(line: httpx.Client, method: str, url: str, *, refused: str, **more: Any) -> dict[str, Any]:
    try:
        answer = line.request(method, url, headers={"Accept": "application/json"}, **more)
        answer.raise_for_status()
        told = answer.json()
    except httpx.HTTPStatusError as error:
        code = "ISSUER_DOWN" if error.response.status_code >= 500 else refused
        raise SignOnFailed(code, str(error)) from error
    except httpx.HTTPError as error:
        raise SignOnFailed("ISSUER_DOWN", str(error)) from error
    except ValueError as error:
        raise SignOnFailed("ISSUER_WRONG", "no JSON") from error
    if not isinstance(told, dict):
        raise SignOnFailed("ISSUER_WRONG", "no JSON object")
    return told
