"""The client of service 037: one question, sent until it is answered or given up."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from validators.errors import PopulationServiceError
from validators.population.service.hardened_xml import MAX_BYTES
from validators.population.service.messages import Caller, CallRecord, Citizen, Question
from validators.population.service.pacing import CircuitBreaker, DailyQuota, Pace
from validators.population.service.signing import Signer
from validators.population.service.wires import Wire

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REFUSED = frozenset({401, 403})
OnCall = Callable[[CallRecord], None]


class ConfirmService(Protocol):
    """Anything that can confirm a person."""

    def confirm(self, question: Question, caller: Caller, on_call: OnCall) -> tuple[Citizen, ...]:
        """The persons with this number, name and birth; mostly one or none.

        Args:
            on_call: told of every sending, before the answer is given or the error raised.

        Raises:
            PopulationServiceError: there is no answer that can be trusted.
        """


@dataclass(frozen=True, slots=True)
class Retries:
    """Attempts per question and the pauses between them: `first_pause` doubled each time, with jitter."""

    attempts: int = 3
    first_pause: float = 0.5
    longest_pause: float = 8.0

    def pause(self, attempt: int, jitter: float) -> float:
        """Seconds after attempt number `attempt`; `jitter` 0-1 takes up to half of them away."""
        return min(self.longest_pause, self.first_pause * 2.0 ** (attempt - 1)) * (1 - jitter / 2)


@dataclass(frozen=True, slots=True)
class Edge:
    """What a client takes from outside: time, waiting, chance."""

    wall_ms: Callable[[], int]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


class ServiceClient:
    """Asks service 037 over HTTPS.

    Args:
        endpoint: address; plain HTTP is for a simulator on this machine only.
        http: from `http_client`.
        quota: None for no limit of one's own.

    Raises:
        ValueError: the endpoint is neither HTTPS nor on this machine.
    """

    def __init__(
        self,
        endpoint: str,
        wire: Wire,
        signer: Signer,
        http: httpx.Client,
        *,
        edge: Edge,
        pace: Pace,
        breaker: CircuitBreaker,
        quota: DailyQuota | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._endpoint = checked_address(endpoint)
        self._wire, self._signer, self._http = wire, signer, http
        self._edge, self._pace, self._breaker, self._quota = edge, pace, breaker, quota
        self._retries = retries or Retries()

    def confirm(self, question: Question, caller: Caller, on_call: OnCall) -> tuple[Citizen, ...]:
        """See `ConfirmService`; every attempt carries the request id of the question."""
        body = self._wire.encode(question, caller, self._signer.auth_hash)
        attempt = 0
        while True:
            attempt += 1
            self._breaker.check()
            if self._quota:
                self._quota.check()
            self._pace.wait()
            start = self._edge.monotonic()
            outcome = "UNREACHABLE"
            try:
                people = self._wire.decode(self._send(body))
                outcome = "FOUND" if people else "NOT_FOUND"
                self._breaker.succeeded()
                return people
            except PopulationServiceError as error:
                outcome = error.code
                if error.retryable:
                    self._breaker.failed()
                else:
                    self._breaker.succeeded()  # it answered, if not what was hoped for
                if not error.retryable or attempt >= self._retries.attempts:
                    raise
            finally:
                spent = round((self._edge.monotonic() - start) * 1000)
                on_call(
                    CallRecord(
                        question.request_id,
                        caller.officer,
                        caller.unit,
                        caller.procedure,
                        caller.purpose,
                        attempt,
                        outcome,
                        spent,
                    )
                )
            self._edge.sleep(self._retries.pause(attempt, self._edge.chance()))

    def _send(self, body: bytes) -> bytes:
        headers = {"Content-Type": self._wire.content_type, **self._signer.headers(self._edge.wall_ms())}
        status, answer = exchanged(self._http, self._endpoint, body, headers, self._edge.monotonic)
        if status in _REFUSED:
            self._signer.refused()
            raise PopulationServiceError("REFUSED", f"status {status}")
        if status == 429:
            raise PopulationServiceError("QUOTA_EXCEEDED", f"status {status}")
        if status >= 500:
            # a SOAP fault comes with status 500 and says more than the status does
            if b"Fault" in answer:
                self._wire.decode(answer)
            raise PopulationServiceError("SERVER_ERROR", f"status {status}", retryable=True)
        if status != 200:
            raise PopulationServiceError("FAULT", f"status {status}")
        return answer


def http_client(*, ca_file: Path | None = None, timeout_seconds: float = 20.0) -> httpx.Client:
    """A connection pool that always proves the server's certificate and follows no redirect.

    Args:
        ca_file: PEM file with the authority of the service, beside those the system trusts.

    Raises:
        OSError: the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=str(ca_file))
    return httpx.Client(
        verify=context,
        timeout=httpx.Timeout(timeout_seconds, connect=min(10.0, timeout_seconds)),
        follow_redirects=False,
        trust_env=False,
    )


def checked_address(url: str) -> str:
    """The address, if what goes there stays secret.

    Raises:
        ValueError: plain HTTP to another machine, or no HTTP at all.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return url
    raise ValueError(f"{url} is neither HTTPS nor on this machine")


def exchanged(
    http: httpx.Client, url: str, body: bytes, headers: Mapping[str, str], clock: Callable[[], float]
) -> tuple[int, bytes]:
    """Post once; status and body, which is read no further and no longer than an answer may be long.

    Args:
        clock: monotonic seconds; a server that drips its answer may take one time-out in all.

    Raises:
        PopulationServiceError: UNREACHABLE, TIMED_OUT, TLS_REFUSED, TOO_LARGE or WRONG_ENCODING.
    """
    until = clock() + (http.timeout.read or 0.0)
    try:
        with http.stream(
            "POST", url, content=body, headers={**headers, "Accept-Encoding": "identity"}
        ) as answer:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise PopulationServiceError("WRONG_ENCODING", "packed although that was not asked for")
            received = bytearray()
            for part in answer.iter_raw(1 << 16):
                received += part
                if len(received) > MAX_BYTES:
                    raise PopulationServiceError("TOO_LARGE", f"more than {MAX_BYTES} bytes")
                if clock() > until:
                    raise PopulationServiceError("TIMED_OUT", "the answer dripped", retryable=True)
            return answer.status_code, bytes(received)
    except httpx.TimeoutException as error:
        raise PopulationServiceError("TIMED_OUT", type(error).__name__, retryable=True) from error
    except httpx.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise PopulationServiceError("TLS_REFUSED", "the server's certificate is not trusted") from error
        raise PopulationServiceError("UNREACHABLE", type(error).__name__, retryable=True) from error


def bearer_fetcher(
    http: httpx.Client, token_url: str, clock: Callable[[], float]
) -> Callable[[str], tuple[str, float]]:
    """How `GatewaySigner` gets its tokens: client credentials under ``lgspaccesstoken``."""
    address = checked_address(token_url)

    def fetch(access_token: str) -> tuple[str, float]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "lgspaccesstoken": access_token}
        status, answer = exchanged(http, address, b"grant_type=client_credentials", headers, clock)
        if status in _REFUSED:
            raise PopulationServiceError("REFUSED", f"the gateway gave no token, status {status}")
        if status != 200:
            raise PopulationServiceError("SERVER_ERROR", f"token, status {status}", retryable=status >= 500)
        try:
            given = json.loads(answer)
            return str(given["access_token"]), float(given.get("expires_in", 300))
        except (ValueError, KeyError, TypeError) as error:
            raise PopulationServiceError("WRONG_SHAPE", "the gateway's token is not readable") from error

    return fetch
