"""What officers' corrections teach: which readings were right."""

from __future__ import annotations

from collections.abc import Iterator

from ocr.elements import FieldReading
from pipeline.evaluation.comparing import comparable
from pipeline.models import FieldValue
from pipeline.stages.fields import field_of


def corrected_readings() -> Iterator[tuple[int, str, FieldReading, bool]]:
    """Record and its form, what the machine had read, and whether the person who looked at it agreed.

    Only a person's word that came right after a machine's counts: later ones judge other people.
    """
    words = FieldValue.objects.exclude(actor="").filter(supersedes__actor="")
    words = words.select_related("supersedes__record")
    for word in words.order_by("id").iterator():
        machine = word.supersedes
        if machine.signals:
            agreed = comparable(machine.value) == comparable(word.value)
            yield machine.record_id, machine.record.form, field_of(machine), agreed
