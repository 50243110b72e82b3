"""Addresses and credentials of the servers that an installation uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class StoreAddress:
    """How to reach one S3 store in one role.

    Attributes:
        url: endpoint such as ``http://127.0.0.1:8333``, no path.
        access_key: who asks; what it may do depends on the role.
        secret_key: the password of `access_key`.
        region: name that requests are signed for.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"

    @property
    def host(self) -> str:
        """Host and port without scheme, as the minio client wants it."""
        return self.url.split("://", 1)[1]

    @property
    def secure(self) -> bool:
        """Whether the store is spoken to over TLS."""
        return self.url.startswith("https://")


@dataclass(frozen=True)
class Endpoints:
    """Where the servers of this installation stand, with the credentials to use them.

    A field is None when that part neither has an address in the settings nor runs embedded.

    Attributes:
        database_url: ``postgresql://`` with user and password.
        broker_url: ``redis://`` or ``amqp://`` with password.
        store: the S3 store in the role that writes and locks.
        store_reader: the same store in the role that only reads.
        tsa_url: RFC 3161 timestamp service.
        signing_pkcs12: file with key and certificate chain that seal.
        signing_password: password of `signing_pkcs12`.
        trust_roots: PEM file with the roots that signatures are checked against.
        web_url: the desk.
    """

    database_url: str | None = field(default=None, repr=False)
    broker_url: str | None = field(default=None, repr=False)
    store: StoreAddress | None = None
    store_reader: StoreAddress | None = None
    tsa_url: str | None = None
    signing_pkcs12: Path | None = None
    signing_password: str | None = field(default=None, repr=False)
    trust_roots: Path | None = None
    web_url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give a JSON-ready form; it holds passwords, so it belongs only in a file of mode 600."""
        values = asdict(self)
        return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Endpoints:
        """Rebuild what `to_json` gave."""
        data = dict(values)
        for name in ("store", "store_reader"):
            if data.get(name):
                data[name] = StoreAddress(**data[name])
        for name in ("signing_pkcs12", "trust_roots"):
            if data.get(name):
                data[name] = Path(data[name])
        return cls(**data)
