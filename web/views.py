"""The first page of the desk and the answer for monitors."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Model, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.configuration import ServicesNotRunning, resolve
from pipeline.endpoints import Endpoints
from pipeline.models import Office, Record, RecordState, Scan, ScanState
from pipeline.people.access import Act, offices_for
from web.health import examine
from web.permits import needs


@dataclass(frozen=True)
class StateCount:
    """How many scans or records stand in one state."""

    name: str
    count: int


@require_safe
@needs(Act.PROGRESS)
def home(request: HttpRequest) -> HttpResponse:
    """Show counts by state of the account's offices and the health of the parts; nothing about any person."""
    try:
        offices = offices_for(request.user, Act.PROGRESS)
        scans, records = _counts(Scan, ScanState, offices), _counts(Record, RecordState, offices)
    except DatabaseError:
        scans = records = None
    context = {
        "office": settings.SOHOA.office_name,
        "scans": scans,
        "records": records,
        "parts": examine(_endpoints()),
    }
    return render(request, "web/home.html", context)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell monitors which parts answer; 503 when the database does not."""
    parts = {part.key: part.up for part in examine(_endpoints())}
    return JsonResponse({"ok": all(parts.values()), "parts": parts}, status=200 if parts["database"] else 503)


def _counts(model: type[Model], states: type[TextChoices], offices: QuerySet[Office]) -> list[StateCount]:
    rows = model._default_manager.filter(office__in=offices)
    found = dict(rows.values_list("state").annotate(Count("pk")).order_by())
    return [StateCount(str(state.label), found[state.value]) for state in states if found.get(state.value)]


def _endpoints() -> Endpoints:
    try:
        return resolve(settings.SOHOA)
    except ServicesNotRunning:
        return Endpoints()
