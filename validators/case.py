"""What a check sees of a record."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Certainty(enum.StrEnum):
    """How far a value may carry a finding."""

    SURE = "sure"  # keyed, confirmed, or read well
    DOUBTFUL = "doubtful"  # read poorly, or not surely empty: rules may not block on it
    MISSING = "missing"  # something is written but could not be read
    EMPTY = "empty"  # nothing is written


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field as written (NFC) and its canonical value ("" where there is none).

    Attributes:
        confidence: how often such readings are right, 0-1.
        alternatives: other readings of the same ink, best first.
    """

    written: str
    value: str
    certainty: Certainty = Certainty.SURE
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookRef:
    """The book a case stands in; the issuing unit is named as it was then."""

    kind: str
    year: int | None
    volume: str
    office: str


@dataclass(frozen=True, slots=True)
class Case:
    """One registration case or certificate.

    Attributes:
        form: ``KS``, ``KH``, ``KT``, ``CMC``, ``HN``, ``GKS`` or ``GCN``.
        era: period of the form layout.
        fields: by official key.
    """

    form: str
    era: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    book: BookRef | None = None

    def value(self, key: str) -> str:
        """Canonical value, or "" where the field is absent or empty."""
        found = self.fields.get(key)
        return found.value if found else ""
