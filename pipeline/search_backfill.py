"""Search keys for records that were read before there were any."""

from __future__ import annotations

from django.db import transaction

from pipeline.models import Record
from pipeline.search_terms import keep_terms
from pipeline.stages.fields import reading_of


def index_missing() -> int:
    """Write the keys of every record that has none; each counts at once, so a run that was stopped goes on.

    Returns:
        How many records can now be found.
    """
    missing = Record.objects.filter(search_entry=None)
    return sum(_index(pk) for pk in missing.values_list("pk", flat=True).iterator())


@transaction.atomic
def _index(pk: object) -> bool:
    # whoever changes a record locks its row first, so these keys are those of its latest words
    rows = Record.objects.select_for_update(of=("self",))
    record = rows.filter(pk=pk, search_entry=None).first()
    if record is None:
        return False
    keep_terms(record, reading_of(record).fields)
    return True
