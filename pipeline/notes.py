"""Notes on records: kept as they were written, shown to whoever works on the record, told in the chain."""

from __future__ import annotations

from django.db import transaction

from pipeline.events import record_event
from pipeline.findings import names_citizen
from pipeline.models import Note, Record
from pipeline.stages.texts import storable

LONGEST = 500


class NoteRefused(Exception):  # noqa: N818 - says what happened
    """The note cannot be kept; the text says why in Vietnamese."""


def add_note(record: Record, text: str, *, actor: str) -> Note:
    """Keep a note on a record, in whatever state it is.

    Its text stands with the record and not in the chain of events.

    Raises:
        NoteRefused: nothing is written, too much, or a citizen's number.
    """
    told = storable(" ".join(text.split()))
    if not told:
        raise NoteRefused("Hãy gõ nội dung ghi chú.")
    if len(told) > LONGEST:
        raise NoteRefused(f"Ghi chú dài quá {LONGEST} chữ.")
    if names_citizen(told):
        raise NoteRefused("Ghi chú không được chứa số giấy tờ của công dân.")
    with transaction.atomic():
        # the record before the chain, as whoever says a word locks them
        row = Record.objects.select_for_update(of=("self",)).select_related("office").get(pk=record.pk)
        note = Note.objects.create(record=row, text=told, actor=actor)
        record_event(
            "note.added",
            actor=actor,
            office=row.office.code,
            subject=f"record:{row.pk}",
            data={"note": note.pk},
        )
    return note
