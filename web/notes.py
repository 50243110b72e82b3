"""Notes on a record: written in review with one key, told wherever the record is shown."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from pipeline.double_keying import unseen_in
from pipeline.models import Note, Record
from pipeline.notes import NoteRefused, add_note
from pipeline.people.access import Act, records_for
from web.permits import needs


@require_POST
@needs(Act.KEY)
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a note; answers with all notes as they stand now."""
    row = get_object_or_404(records_for(request.user, Act.KEY), pk=pk)
    actor, problem = request.user.username, ""
    try:
        add_note(row, request.POST.get("noi_dung", ""), actor=actor)
    except NoteRefused as refused:
        problem = str(refused)
    context = {"record": row, "notes": notes_told(row, actor), "problem": problem}
    return render(request, "review/notes.html", context)


def notes_told(record: Record, actor: str) -> list[Note]:
    """Notes that an account may read: only its own while it has fields to key blindly."""
    notes = record.notes.all()
    return list(notes.filter(actor=actor) if unseen_in(record, actor) else notes)
