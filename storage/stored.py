"""Where the store is, and what one version of one object is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where the store is and who asks.

    Attributes:
        url: scheme, host and port, such as ``https://s3.example.vn``.
        originals_bucket: delivered files.
        sealed_bucket: signed copies.
        encrypt: ask the store to encrypt every object with its own keys (SSE-S3).
        timeout_s: for one request.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    originals_bucket: str = "sohoa-originals"
    sealed_bucket: str = "sohoa-sealed"
    encrypt: bool = False
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of one object.

    Attributes:
        sha256: of the content, read back from the store after the write.
        retain_until: end of the COMPLIANCE lock; ``None`` where there is none.
    """

    bucket: str
    key: str
    version_id: str
    sha256: str
    size: int
    retain_until: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectState:
    """What the store says about one version, unproved.

    Attributes:
        metadata: user metadata, names in lower case without prefix.
        lock_mode: ``COMPLIANCE``, ``GOVERNANCE`` or empty.
    """

    size: int
    content_type: str
    metadata: Mapping[str, str]
    lock_mode: str
    retain_until: datetime | None
    legal_hold: bool
