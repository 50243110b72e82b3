"""Why a record cannot be sealed, signed, kept or proved."""
# ruff: noqa: N818 -- errors are named after the state of the store that a caller handles

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.objects import StoredObject


class StorageError(Exception):
    """Root of what `storage` raises on purpose.

    Attributes:
        code: stable code for machines, such as ``IMAGE_UNREADABLE``.
        message: what happened and what to do next, for logs.
        retryable: true where the same call may succeed later without any change.
    """

    retryable = False

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class SealError(StorageError):
    """The pages or the record cannot become a PDF/A file."""


class SigningError(StorageError):
    """The key, its certificate or the document does not allow a signature."""


class TimestampUnavailable(SigningError):
    """The timestamp authority did not answer; the same request may be sent again."""

    retryable = True


class RevocationUnavailable(SigningError):
    """Nobody said whether a certificate still counts; asking again may help."""

    retryable = True


class KeyUnavailable(SigningError):
    """The token or the remote signing service did not answer."""

    retryable = True


class ClockOff(SigningError):
    """This machine's clock and the timestamp authority's disagree: one of them has to be put right."""

    retryable = True


class SignatureRefused(SigningError):
    """A file that came back from an officer does not count as the document that was handed out, signed."""


class ValidatorUnavailable(StorageError):
    """The PDF/A validator is not installed or its process died."""

    retryable = True


class StoreError(StorageError):
    """Root of what the object store can do wrong."""


class StoreUnavailable(StoreError):
    """The store did not answer, or said that it is busy."""

    retryable = True


class StoreRefused(StoreError):
    """The store understood and said no: rights, a checksum, a lock."""


class NotLocked(StoreError):
    """A bucket or a version is not protected as it has to be."""


class ObjectMissing(StoreError):
    """No such bucket, key or version."""


class ObjectConflict(StoreError):
    """The key already holds other bytes.

    Attributes:
        existing: the version that stands there.
    """

    def __init__(self, code: str, message: str, existing: StoredObject) -> None:
        super().__init__(code, message)
        self.existing = existing

    def __reduce__(self) -> tuple[Callable[..., ObjectConflict], tuple[Any, ...]]:
        return type(self), (self.code, self.message, self.existing)


class PackageError(StorageError):
    """A hand-over package cannot be made, or what was delivered as one is not one."""
