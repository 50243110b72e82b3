"""Search, and a record as it stands, read-only."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from pipeline.double_keying import blank_names, unseen_in
from pipeline.equipment import equipment
from pipeline.events import record_event
from pipeline.handover.archive import TITLES
from pipeline.intake import scan_limits
from pipeline.models import Event, Record, RecordState
from pipeline.page_pictures import PageLost, page_jpeg
from pipeline.people.access import Act, acts_of, offices_for, records_for
from pipeline.reviewing import opened
from pipeline.searching import Question, search
from pipeline.sensitive import (
    MASK,
    boxes_to_hide,
    hidden_fields,
    sees_all,
    shows_copies,
    shows_person,
    tellable,
)
from validators.rules.labels import label
from web.notes import notes_told
from web.permits import needs

PURPOSES = (
    "Cấp bản sao trích lục",
    "Giải quyết thủ tục của người dân",
    "Xác minh theo yêu cầu của cơ quan",
    "Kiểm tra chất lượng số hóa",
)
_CHOSEN = "search-purpose"
_EVENTS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.SEARCH)
def find(request: HttpRequest) -> HttpResponse:
    """The search form and what it finds; what was asked travels in the body and stands in no log."""
    purpose = _purpose(request)
    given = {name: request.POST.get(name, "").strip()[:200] for name in Question.__slots__}
    question = Question(**given)
    context = {
        "question": question,
        "purpose": purpose,
        "purposes": PURPOSES,
        "asked": bool(question),
        "forms": TITLES.items(),
    }
    if question and purpose:
        found = search(request.user, question)
        if Act.KEY in acts_of(request.user):
            blank_names([hit.record for hit in found.hits], request.user.username)
        record_event(
            "records.searched",
            actor=request.user.username,
            purpose=purpose,
            data={"asked": question.asked, "found": len(found.hits)},
        )
        context["found"] = found
    return render(request, "searching/find.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.SEARCH)
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One record with its page, its words and how they came about; asks first what for."""
    row = _record(request, pk)
    if not (purpose := _purpose(request)):
        return render(request, "searching/purpose.html", {"purposes": PURPOSES})
    opened(row, actor=request.user.username, purpose=purpose)
    open_all = sees_all(request.user, row)
    actor = request.user.username
    blind = unseen_in(row, actor) if Act.KEY in acts_of(request.user) else frozenset()
    hidden = hidden_fields(request.user, row) | blind
    if blind:
        blank_names([row], actor)
    said: dict[str, list[dict[str, object]]] = {}
    for value in row.values.order_by("id"):
        covered = value.key in hidden
        said.setdefault(value.key, []).append(
            {
                "written": MASK if covered else value.written,
                "by": value.actor or f"máy ({value.said_by})",
                "at": value.at,
                "status": value.status,
            }
        )
    watches = offices_for(request.user, Act.AUDIT).filter(pk=row.office_id).exists()
    findings = tellable(request.user, row, row.findings.filter(withdrawn_at=None))
    context = {
        "record": row,
        "person": row.person if shows_person(request.user, row) else MASK,
        "state": RecordState(row.state).label,
        "purpose": purpose,
        "fields": [
            {"label": label(key), "now": words[-1], "before": words[:-1]} for key, words in said.items()
        ],
        "findings": [f for f in findings if blind.isdisjoint(f.fields)],
        "checks": row.register_checks.order_by("id"),
        "notes": notes_told(row, actor) if open_all else (),
        "copies": row.sealed_copies.order_by("-version"),
        "may_copy": shows_copies(request.user, row),
        "pages": [n for n in row.pages if open_all or boxes_to_hide(row, n) is not None],
        "events": Event.objects.filter(subject=f"record:{row.pk}").order_by("-id")[:_EVENTS]
        if watches
        else None,
    }
    return render(request, "searching/record.html", context)


@require_safe
@needs(Act.SEARCH)
def page_picture(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """A page, with what is masked for this account painted over."""
    row = _record(request, pk)
    hide = [] if sees_all(request.user, row) else boxes_to_hide(row, number)
    if number not in row.pages or hide is None or not _purpose(request):
        raise Http404
    tools = equipment()
    try:
        data = page_jpeg(tools.vault, scan_limits(tools.settings), row.scan, number, hide=hide)
    except PageLost as error:
        raise Http404(str(error)) from error
    return HttpResponse(data, content_type="image/jpeg")


def _record(request: HttpRequest, pk: UUID) -> Record:
    return get_object_or_404(records_for(request.user, Act.SEARCH).select_related("office", "scan"), pk=pk)


def _purpose(request: HttpRequest) -> str:
    """Why personal data is read: chosen once, kept until the session ends."""
    chosen = request.POST.get("muc_dich", "")
    if chosen in PURPOSES:
        request.session[_CHOSEN] = chosen
    return str(request.session.get(_CHOSEN, ""))
