"""What officers' corrections teach: which readings were right."""

from __future__ import annotations

from collections.abc import Iterator

from ocr.elements import FieldReading
from pipeline.evaluation.comparing import comparable
from pipeline.models import FieldValue
from pipeline.stages.fields import field_of


def corrected_readings() -> Iterator[tuple[int, str, FieldReading, bool]]:
    """Record and its form, what the machine had read, and whether the person who looked at it agreed.

    Only a person's word that came right after a machine's counts: later ones judge other people. Where that
    word left the field open, the one that closed it counts.
    """
    words = FieldValue.objects.exclude(actor="").filter(supersedes__actor="")
    words = words.select_related("supersedes__record")
    for word in words.order_by("id").iterator():
        machine = word.supersedes
        closing = _closing(word)
        if machine.signals and closing is not None:
            agreed = comparable(machine.value) == comparable(closing.value)
            yield machine.record_id, machine.record.form, field_of(machine), agreed


def _closing(word: FieldValue) -> FieldValue | None:
    """The first accepted word from here on; None where the field is still open or the word was taken back."""
    row: FieldValue | None = word
    while row is not None and row.actor and not row.accepted:
        row = FieldValue.objects.filter(supersedes=row).first()
    return row if row is not None and row.actor else None
