"""Whether certificates still count, asked once per batch instead of once per signature."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from storage.errors import RevocationUnavailable, SigningError

KEEP = timedelta(minutes=10)
"""Longest time that an answer is used again; a revocation must not stay unnoticed for a day."""


class Revocations:
    """OCSP answers and revocation lists of the authorities, kept while they are valid."""

    def __init__(
        self,
        trust_roots: Sequence[x509.Certificate],
        *,
        keep: timedelta = KEEP,
        timeout_s: int = 10,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._roots = list(trust_roots)
        self._keep = keep
        self._backend = RequestsFetcherBackend(per_request_timeout=timeout_s)
        self._clock = clock
        self._since = clock()
        self._fetchers: Any = self._backend.get_fetchers()

    def context(self, chain: Sequence[x509.Certificate] = ()) -> ValidationContext:
        """A context for one signature; what earlier ones were told is known to it.

        A certificate that names where to ask counts only if the answer is there and good.
        """
        now = self._clock()
        if now >= min((self._since + self._keep, *self._ends())):
            self.forget()
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=list(chain),
            allow_fetching=True,
            revocation_mode="hard-fail",
            fetchers=self._fetchers,
        )

    def forget(self) -> None:
        """Ask anew next time, also where asking failed."""
        self._since = self._clock()
        self._fetchers = self._backend.get_fetchers()

    def require_valid(self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> None:
        """See that a certificate leads to a trusted root, is within its time and not revoked.

        Raises:
            SigningError: ``CERTIFICATE_EXPIRED``, ``CERTIFICATE_NOT_YET_VALID``, ``CERTIFICATE_REVOKED``,
                ``CERTIFICATE_UNKNOWN``, ``CERTIFICATE_UNUSABLE``.
            RevocationUnavailable: nobody answered.
        """
        validator = CertificateValidator(certificate, list(chain), validation_context=self.context(chain))
        try:
            asyncio.run(validator.async_validate_usage({"non_repudiation"}))  # type: ignore[no-untyped-call]
        except Exception as error:
            refusal = certificate_error(error)
            if refusal is None:
                raise
            if refusal.retryable:
                self.forget()
            raise refusal from error

    def _ends(self) -> Iterator[datetime]:
        for answer in self._fetchers.ocsp_fetcher.fetched_responses():
            for single in answer.basic_ocsp_response["tbs_response_data"]["responses"]:
                if single["next_update"].native is not None:
                    yield single["next_update"].native
        for revoked in self._fetchers.crl_fetcher.fetched_crls():
            if revoked["tbs_cert_list"]["next_update"].native is not None:
                yield revoked["tbs_cert_list"]["next_update"].native


def certificate_error(error: BaseException | None) -> SigningError | None:
    """What a failed validation of a certificate means, wherever in the chain of causes it stands."""
    while error is not None:
        text = str(error)
        match error:
            case RevokedError():
                return SigningError("CERTIFICATE_REVOKED", text)
            case ExpiredError():
                return SigningError("CERTIFICATE_EXPIRED", text)
            case NotYetValidError():
                return SigningError("CERTIFICATE_NOT_YET_VALID", text)
            case InsufficientRevinfoError():
                return RevocationUnavailable("REVOCATION_UNAVAILABLE", text)
            case PathBuildingError() | PathError():
                return SigningError("CERTIFICATE_UNKNOWN", text)
            case ValidationError():
                return SigningError("CERTIFICATE_UNUSABLE", text)
        error = error.__cause__ or error.__context__
    return None
