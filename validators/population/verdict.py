"""What the register says of a person on a page."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from validators.population.agreement import FieldAgreement
from validators.population.row import RegisterRow


class RegisterAnswer(enum.StrEnum):
    """Answer of a register check."""

    MATCH = "MATCH"
    MISMATCH = "MISMATCH"
    NOT_FOUND = "NOT_FOUND"
    AMBIGUOUS = "AMBIGUOUS"
    NOT_CHECKED = "NOT_CHECKED"
    SOURCE_DOWN = "SOURCE_DOWN"


@dataclass(frozen=True, slots=True)
class RegisterVerdict:
    """Answer for one person.

    Attributes:
        fields: register columns that differ (MISMATCH), or that agree only if a doubtful reading is
            corrected (MATCH); an officer confirms those on the image.
        candidates: rows an officer should see, best first.
        score: agreement of the best row, 0-1; not a probability.
        explained: per candidate, what every field adds to its score.
    """

    verdict: RegisterAnswer
    fields: tuple[str, ...] = ()
    candidates: tuple[RegisterRow, ...] = ()
    score: float = 0.0
    explained: tuple[tuple[FieldAgreement, ...], ...] = ()
