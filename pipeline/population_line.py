"""The client of service 037, built from the settings."""

from __future__ import annotations

import random
import time
import tomllib
from collections.abc import Callable

from pydantic import ValidationError

from pipeline.configuration import ConfigurationError
from pipeline.population_settings import PopulationSecrets, PopulationSettings
from validators.population.service import (
    Caller,
    CircuitBreaker,
    DailyQuota,
    DirectSigner,
    Edge,
    GatewaySigner,
    JsonWire,
    Pace,
    Retries,
    ServiceClient,
    SoapWire,
    auth_hash_of,
    bearer_fetcher,
    http_client,
)

_FAILURES = 5
_REST_SECONDS = 30.0


def caller_of(settings: PopulationSettings) -> Caller:
    """On whose behalf this installation asks."""
    return Caller(
        officer=settings.officer,
        unit=settings.unit,
        procedure=settings.procedure,
        account=settings.account,
        purpose=settings.purpose,
        phone=settings.phone,
    )


def service_of(
    settings: PopulationSettings, *, processes: int, used_today: Callable[[], int]
) -> ServiceClient | None:
    """The client; None where no endpoint is set.

    Args:
        processes: how many of this installation share the calls per second.
        used_today: calls of all processes since midnight.

    Raises:
        ConfigurationError: the file with secrets or the authority's certificate cannot be used.
    """
    if not settings.endpoint:
        return None
    secrets = secrets_of(settings)
    try:
        http = http_client(ca_file=settings.ca_file, timeout_seconds=settings.timeout_seconds)
    except OSError as error:
        raise ConfigurationError(
            f"Không dùng được tệp chứng thư {settings.ca_file} (population.ca_file): {error}"
        ) from error
    auth_hash = ""
    if secrets.auth_key_name:
        auth_hash = auth_hash_of(secrets.auth_key_name, secrets.auth_key.get_secret_value())
    signer: DirectSigner | GatewaySigner
    if settings.token_url:
        fetch = bearer_fetcher(http, settings.token_url, time.monotonic)
        signer = GatewaySigner(secrets.lgsp_access_token.get_secret_value(), fetch, auth_hash=auth_hash)
    else:
        signer = DirectSigner(
            signed_url=settings.signed_url or settings.endpoint,
            user=settings.user,
            secret=secrets.secret.get_secret_value(),
            client=settings.client,
            api_key=secrets.api_key.get_secret_value(),
            auth_hash=auth_hash,
        )
    return ServiceClient(
        settings.endpoint,
        SoapWire() if settings.variant == "soap" else JsonWire(),
        signer,
        http,
        edge=Edge(lambda: time.time_ns() // 1_000_000, time.monotonic, time.sleep, random.random),
        pace=Pace(settings.calls_per_second / processes, time.monotonic, time.sleep),
        breaker=CircuitBreaker(_FAILURES, _REST_SECONDS, time.monotonic),
        quota=DailyQuota(settings.daily_quota, used_today),
        retries=Retries(attempts=settings.attempts),
    )


def secrets_of(settings: PopulationSettings) -> PopulationSecrets:
    """What the file with secrets holds.

    Raises:
        ConfigurationError: it is missing, open to other users, no TOML, or lacks what the line needs.
    """
    path = settings.secret_file
    if path is None:
        raise ConfigurationError("Thiếu population.secret_file; xem docs/configuration.md.")
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(f"Tệp {path} để người khác đọc được. Hãy gõ: chmod 600 {path}")
        secrets = PopulationSecrets(**tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"Không đọc được tệp {path} (population.secret_file).") from error
    except ValidationError:
        # the error quotes what it was given, which is secret
        raise ConfigurationError(f"Tệp {path} (population.secret_file) có mục lạ hoặc sai kiểu.") from None
    needed = ("lgsp_access_token",) if settings.token_url else ("secret", "api_key")
    missing = [name for name in needed if not getattr(secrets, name).get_secret_value()]
    if missing:
        raise ConfigurationError(f"Tệp {path} (population.secret_file) thiếu {', '.join(missing)}.")
    if not all(getattr(secrets, n).get_secret_value().isascii() for n in ("api_key", "lgsp_access_token")):
        raise ConfigurationError(f"Tệp {path}: api_key và lgsp_access_token chỉ gồm chữ không dấu.")
    return secrets
