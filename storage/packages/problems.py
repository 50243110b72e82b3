"""Why a package is not made, or does not pass its check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from storage.checks import Check
from storage.errors import PackageError


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
