"""Where the servers are: named in the settings, or told by the instance that runs on the data folder."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from pipeline.configuration import ConfigurationError, Settings
from pipeline.endpoints import Endpoints, StoreAddress


class ServicesNotRunning(Exception):  # noqa: N818 - a state, told as such
    """An address is needed that only a running ``sohoa up`` could give."""


def run_dir(settings: Settings) -> Path:
    """Give the folder in which a running instance leaves its lock, addresses and process numbers."""
    return settings.data_dir / "run"


def configured_endpoints(settings: Settings) -> Endpoints:
    """Give the part of the addresses that the settings name themselves."""
    store = reader = None
    if settings.store_url:
        if not (settings.store_access_key and settings.store_secret_key):
            raise ConfigurationError(
                "Đã đặt store_url nhưng thiếu store_access_key hoặc store_secret_key; hãy đặt đủ cả ba."
            )
        store = StoreAddress(
            settings.store_url,
            settings.store_access_key.get_secret_value(),
            settings.store_secret_key.get_secret_value(),
            settings.store_region,
        )
        reader = store
        if settings.store_read_access_key and settings.store_read_secret_key:
            reader = StoreAddress(
                settings.store_url,
                settings.store_read_access_key.get_secret_value(),
                settings.store_read_secret_key.get_secret_value(),
                settings.store_region,
            )
    if settings.signing_pkcs12 and not settings.trust_roots:
        raise ConfigurationError(
            "Đã đặt signing_pkcs12 nhưng thiếu trust_roots; không có nó thì không chứng minh được bản đã ký."
        )
    return Endpoints(
        database_url=_revealed(settings.database_url),
        broker_url=_revealed(settings.broker_url),
        store=store,
        store_reader=reader,
        tsa_url=settings.tsa_url,
        signing_pkcs12=settings.signing_pkcs12,
        signing_password=_revealed(settings.signing_password),
        trust_roots=settings.trust_roots,
    )


def merged(configured: Endpoints, embedded: Endpoints) -> Endpoints:
    """Take each address from the settings, else from the embedded instance."""
    return Endpoints(
        database_url=configured.database_url or embedded.database_url,
        broker_url=configured.broker_url or embedded.broker_url,
        store=configured.store or embedded.store,
        store_reader=configured.store_reader or embedded.store_reader,
        tsa_url=configured.tsa_url or embedded.tsa_url,
        # key and password belong together: never a configured key with the demo password
        signing_pkcs12=configured.signing_pkcs12 or embedded.signing_pkcs12,
        signing_password=configured.signing_password
        if configured.signing_pkcs12
        else embedded.signing_password,
        trust_roots=configured.trust_roots or embedded.trust_roots,
        web_url=configured.web_url or embedded.web_url,
    )


def resolve(settings: Settings) -> Endpoints:
    """Find every server: from its address in the settings, else from the running embedded instance.

    Raises:
        ServicesNotRunning: some address is missing in the settings and no instance runs on the data folder.
        ConfigurationError: an address in the settings lacks its credentials.
    """
    configured = configured_endpoints(settings)
    needed = (configured.database_url, configured.broker_url, configured.store, configured.tsa_url)
    if all(needed) and (configured.signing_pkcs12 or settings.signing.source != "pkcs12"):
        return configured
    from pipeline.embedded.lock import is_running

    path = run_dir(settings) / "endpoints.json"
    if is_running(settings.data_dir) and path.is_file():
        embedded = Endpoints.from_json(json.loads(path.read_text(encoding="utf-8"))["endpoints"])
        return merged(configured, embedded)
    raise ServicesNotRunning(
        f"Chưa có máy chủ nào chạy trên thư mục {settings.data_dir}. Hãy gõ: sohoa up "
        "(hoặc đặt đủ database_url, broker_url, store_url, tsa_url, signing_pkcs12 trong sohoa.toml)."
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
