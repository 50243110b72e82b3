"""Preservation events: what a stage was given, what it made, and whether it needs to run again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pipeline.fingerprint import fingerprint
from pipeline.models import Batch, Claimable, Record, Scan, StageRun

OK, PARTIAL, FAILED, SKIPPED = "OK", "PARTIAL", "FAILED", "SKIPPED"

_TOOLS = ("sohoa", "opencv-python", "pytesseract", "pikepdf", "pyhanko", "zxing-cpp", "rapidfuzz")
_KINDS: tuple[tuple[type[Claimable], str], ...] = ((Scan, "scan"), (Record, "record"), (Batch, "batch"))


@dataclass(frozen=True, slots=True)
class StageInput:
    """Everything that decides what a stage makes.

    Attributes:
        stage: name as in DESIGN §1.
        version: of the stage; raised when it improves, so that it and what follows run again.
        inputs: hashes by name.
        parameters: plain JSON.
    """

    stage: str
    version: str
    inputs: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Equal for equal work."""
        return fingerprint([self.stage, self.version, dict(self.inputs), dict(self.parameters)])


def subject_of(row: Claimable) -> str:
    """``scan:<id>``, ``record:<id>`` or ``batch:<id>``."""
    return next(f"{name}:{row.pk}" for kind, name in _KINDS if isinstance(row, kind))


def done_before(row: Claimable, given: StageInput) -> StageRun | None:
    """The last run of the stage, if it was given the same and made something."""
    last = (
        StageRun.objects.filter(subject=subject_of(row), stage=given.stage, outcome__in=(OK, PARTIAL))
        .order_by("-id")
        .first()
    )
    return last if last and last.input_sha256 == given.sha256 else None


def note(
    row: Claimable,
    given: StageInput,
    outcome: str,
    *,
    output: Any = None,
    seconds: float = 0.0,
    attempt: int = 0,
    worker: str = "",
    error: tuple[str, str] = ("", ""),
    detail: Mapping[str, Any] | None = None,
) -> StageRun:
    """Append a preservation event in the current transaction.

    Args:
        row: what the stage ran on.
        given: its inputs.
        outcome: ``OK``, ``PARTIAL``, ``FAILED`` or ``SKIPPED``.
        seconds: wall time.
        attempt: number of the claim.
        worker: owner of the claim.
        detail: counts and page numbers, never what stands on a page.
        output: plain JSON whose hash stands for what was made.
        error: code and sentence.
    """
    return StageRun.objects.create(
        subject=subject_of(row),
        stage=given.stage,
        version=given.version,
        input_sha256=given.sha256,
        output_sha256=fingerprint(output) if output is not None else "",
        parameters={"inputs": dict(given.inputs), **given.parameters},
        tools=tool_versions(),
        outcome=outcome,
        seconds=round(seconds, 4),
        attempt=attempt,
        worker=worker,
        error_code=error[0],
        error_message=error[1],
        detail=dict(detail or {}),
    )


@lru_cache(maxsize=1)
def tool_versions() -> dict[str, str]:
    """Versions of what does the work in this process."""
    found = {"python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
