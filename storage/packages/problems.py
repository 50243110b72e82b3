"""Why a package is not made, or does not pass its check."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from storage.checks import Check, Outcome
from storage.errors import PackageError

ZIP_FAULTS = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""What opening a ZIP and reading from it may raise: damaged, encrypted, or packed in an unknown way."""


class PackageRefused(PackageError):  # noqa: N818 - named after what became of the package
    """A hand-over package cannot be made or read.

    Attributes:
        problems: every failed check, where a whole package was checked; else empty.
    """

    def __init__(self, code: str, message: str, problems: tuple[Check, ...] = ()) -> None:
        super().__init__(code, message)
        self.problems = problems

    def __reduce__(self) -> tuple[Callable[..., PackageRefused], tuple[Any, ...]]:
        return type(self), (self.code, self.message, self.problems)


def refuse(checks: Iterable[Check]) -> None:
    """Go on only where no check failed.

    Raises:
        PackageRefused: ``PACK_REFUSED`` with every failed check.
    """
    problems = tuple(check for check in checks if check.outcome is Outcome.FAILED)
    if problems:
        told = ", ".join(sorted({check.code for check in problems}))
        raise PackageRefused("PACK_REFUSED", f"{len(problems)} problems: {told}", problems)
