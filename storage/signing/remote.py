"""Signing keys that a remote service holds, by the Cloud Signature Consortium's API, version 1 or 2."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import aiohttp
from asn1crypto import algos
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCCredentialInfo,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)

from storage.errors import KeyUnavailable, SigningError
from storage.signing.keys import common_name

_MARGIN = timedelta(seconds=30)
"""An authorisation that ends sooner may end before the request arrives."""


@dataclass(frozen=True, slots=True)
class RemoteService:
    """Where the key lies and how it is asked for.

    Attributes:
        url: part before ``/csc/v1/...``.
        credential: id of the credential.
        token: access token of the account.
        pin: of the credential, where it wants one.
        version: of the interface.
        timeout_s: longest wait for one answer.
    """

    url: str
    credential: str
    token: str = field(repr=False)
    pin: str | None = field(default=None, repr=False)
    version: Literal["v1", "v2"] = "v1"
    timeout_s: int = 30


class RemoteKey:
    """A key by its credential.

    One authorisation serves as many signatures as the service grants; where the service ties it to the
    hash, each signature asks anew.

    Attributes:
        common_name: subject of the certificate.
        certificate: the signer's, from the service.
        chain: certificates above it.
    """

    def __init__(self, service: RemoteService) -> None:
        """Ask the service for its certificates.

        Raises:
            KeyUnavailable: it did not answer, or not with a credential that signs.
        """
        info = CSCServiceSessionInfo(service.url, service.credential, service.token, api_ver=service.version)
        try:
            credential = asyncio.run(_credential(info, service.timeout_s))
        except (PyHankoSigningError, aiohttp.ClientError, TimeoutError) as error:
            raise KeyUnavailable("SIGNING_SERVICE_UNAVAILABLE", f"{service.url}: {error}") from error
        self.certificate = credential.signing_cert
        self.chain = tuple(credential.chain)
        self.common_name = common_name(self.certificate)
        self._authorization = _Authorization(info, credential, service)
        self._service = service

    def signer(self) -> Signer:
        """A signer that opens its connection when it signs."""
        return _RemoteSigner(self._authorization, self._service)


async def _credential(info: CSCServiceSessionInfo, timeout: int) -> CSCCredentialInfo:
    async with aiohttp.ClientSession() as session:
        return await fetch_certs_in_csc_credential(session, info, timeout)


class _Authorization(CSCAuthorizationManager):
    def __init__(
        self, info: CSCServiceSessionInfo, credential: CSCCredentialInfo, service: RemoteService
    ) -> None:
        super().__init__(info, credential)
        self._service = service
        self._granted: CSCAuthorizationInfo | None = None
        self._left = 0

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        pinned = self.credential_info.hash_pinning_required
        if not pinned and self._granted is not None and self._left > 0 and _lasts(self._granted):
            self._left -= 1
            return self._granted
        count = 1 if pinned else max(1, self.credential_info.max_batch_size)
        body = self.format_csc_auth_request(
            num_signatures=count, pin=self._service.pin, hash_b64s=hash_b64s if pinned else None
        )
        if pinned and self._service.version == "v2":
            body["hashes"] = body.pop("hash")
            body["hashAlgorithmOID"] = algos.DigestAlgorithmId("sha256").dotted
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self.csc_session_info.endpoint_url("credentials/authorize"),  # type: ignore[no-untyped-call]
                headers=self.auth_headers,
                json=body,
                timeout=aiohttp.ClientTimeout(total=self._service.timeout_s),
            ) as answer,
        ):
            if 400 <= answer.status < 500:
                # a PIN that is wrong must not be sent again and again
                raise SigningError("SIGNING_SERVICE_REFUSED", f"{self._service.url}: {await answer.text()}")
            answer.raise_for_status()
            granted: CSCAuthorizationInfo = self.parse_csc_auth_response(await answer.json())
        self._granted, self._left = granted, count - 1
        return granted


class _RemoteSigner(CSCSigner):
    def __init__(self, authorization: _Authorization, service: RemoteService) -> None:
        super().__init__(  # its session is opened for each signature
            None,  # type: ignore[arg-type]
            authorization,
            sign_timeout=service.timeout_s,
            embed_roots=False,
        )
        self._version = service.version

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(self.est_raw_signature_size)
        try:
            async with aiohttp.ClientSession() as self.session:
                raw: bytes = await super().async_sign_raw(data, digest_algorithm)
        except (PyHankoSigningError, TimeoutError) as error:
            raise KeyUnavailable("SIGNING_SERVICE_UNAVAILABLE", str(error)) from error
        return raw

    async def format_csc_signing_req(self, tbs_hashes: list[str], digest_algorithm: str) -> dict[str, Any]:
        body: dict[str, Any] = await super().format_csc_signing_req(tbs_hashes, digest_algorithm)
        if self._version == "v2":
            body["hashes"] = body.pop("hash")
            body["hashAlgorithmOID"] = body.pop("hashAlgo")
        return body


def _lasts(granted: CSCAuthorizationInfo) -> bool:
    return granted.expires_at is not None and granted.expires_at - _MARGIN > datetime.now(UTC)
