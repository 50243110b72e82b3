"""The three-valued answer of every check, and the finding it leaves."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Outcome(enum.StrEnum):
    """Passed, failed, or not decidable from what is known."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


class Severity(enum.StrEnum):
    """What a failed rule stops."""

    BLOCKS_IMPORT = "blocks_import"
    BLOCKS_APPROVAL = "blocks_approval"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of one check, with its reason.

    Attributes:
        code: stable code, such as ``DATE_IMPOSSIBLE``.
        evidence: what was seen, as plain text for people and machines.
    """

    outcome: Outcome
    code: str
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed rule that a person has to settle.

    Attributes:
        fields: official keys concerned, most telling first.
        message: one Vietnamese sentence.
    """

    code: str
    severity: Severity
    fields: tuple[str, ...]
    message: str
    evidence: Mapping[str, str] = field(default_factory=dict)
