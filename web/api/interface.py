"""The operations under ``/api/v1/``; what they may reach is decided in `pipeline.people.access` alone."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from ninja import File, Form, Status, UploadedFile
from pydantic import Field

from pipeline.auditing import events_for
from pipeline.equipment import equipment
from pipeline.events import record_event
from pipeline.intake import receive_limits
from pipeline.models import Batch, Office, RecordState
from pipeline.people.access import Act, offices_for, records_for
from pipeline.progress import progress_of
from pipeline.receive import open_reception
from pipeline.searching import Question
from pipeline.searching import search as find
from web.api import reading
from web.api.callers import IdempotencyKey, Purpose, Text, Token, answered_once, caller_of
from web.api.packages import router as packages
from web.api.problems import DocumentedApi, Problem, tell_problems
from web.api.shapes import (
    BatchStatus,
    Copy,
    CopyLink,
    Delivered,
    EventPage,
    EventRow,
    FoundRecords,
    Health,
    Receipt,
    RecordDetail,
    RecordPage,
)
from web.api.webhooks import router as webhooks
from web.copy_links import make_link
from web.views import health as examined

REFUSED = {401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
LONGEST_LIST = 200

api = DocumentedApi(
    title="Sohoa", version="1", docs_url=None, openapi_url="/openapi.json", urls_namespace="api"
)
tell_problems(api)
api.add_router("/packages", packages)
api.add_router("/webhooks", webhooks)
Limit = Annotated[int, Field(ge=1, le=LONGEST_LIST)]


@api.get("/health", response={200: Health, 503: Health}, auth=None)
def health(request: HttpRequest) -> HttpResponse:
    """Which parts answer; without a token."""
    return examined(request)


@api.post("/batches", auth=Token(Act.RECEIVE), response={201: Delivered, 409: Problem, **REFUSED})
def receive(
    request: HttpRequest,
    key: IdempotencyKey,
    files: File[list[UploadedFile]],
    office: Text = Form(...),  # noqa: B008 - how a form field is declared
    name: Text = Form(""),  # noqa: B008 - how a form field is declared
) -> Any:
    """Deliver files as one batch; each is kept and locked when the answer comes."""
    caller = caller_of(request)
    place = offices_for(caller, Act.RECEIVE).filter(code=office).first()
    if place is None:
        raise Http404
    return answered_once(
        caller, key, _digest(place, name, files), lambda: (201, _take(caller.actor, place, name, files))
    )


@api.get("/batches/{uuid:pk}", auth=Token(Act.RECEIVE), response={200: BatchStatus, **REFUSED})
def batch(request: HttpRequest, pk: UUID) -> BatchStatus:
    """How far a batch is."""
    offices = offices_for(caller_of(request), Act.RECEIVE)
    row = Batch.objects.select_related("office").filter(pk=pk, office__in=offices).first()
    if row is None:
        raise Http404
    deliveries = list(row.deliveries.all())
    scans = {str(d.scan_id) for d in deliveries if d.scan_id}
    done = progress_of(scans, str(row.pk))
    return BatchStatus(
        batch=row.pk,
        office=row.office.code,
        state=row.state,
        created=row.created,
        scans=done.scans,
        records=done.records,
        reading=done.reading,
        checking=done.checking,
        sealing=done.sealing,
        stored=done.stored,
        busy=done.busy,
        files=[
            Receipt(file=d.path, sha256=d.sha256, scan=d.scan_id, code=d.code, message=d.message)
            for d in deliveries
        ],
    )


@api.get("/records", auth=Token(Act.SEARCH), response={200: RecordPage, **REFUSED})
def records(
    request: HttpRequest,
    purpose: Purpose,
    form: Text = "",
    state: RecordState | None = None,
    book: Text = "",
    entry: Text = "",
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> RecordPage:
    """List records by their keys; give `next` back as `cursor` for the following part."""
    caller = caller_of(request)
    rows = records_for(caller, Act.SEARCH).select_related("office").order_by("pk")
    given = {"form": form, "state": state, "book_key": book, "entry": entry}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if cursor:
        rows = rows.filter(pk__gt=cursor)
    found = list(rows[: limit + 1])
    heads = reading.listed(caller, found[:limit], purpose)
    return RecordPage(items=heads, next=str(heads[-1].id) if len(found) > limit else "")


@api.get("/search", auth=Token(Act.SEARCH), response={200: FoundRecords, **REFUSED})
def search(
    request: HttpRequest,
    purpose: Purpose,
    q: Text = "",
    parent: Text = "",
    place: Text = "",
    parcel: Text = "",
    sheet: Text = "",
    form: Text = "",
) -> FoundRecords:
    """Find records by what is known of them, with or without diacritics; everything given must fit."""
    caller = caller_of(request)
    question = Question(q, parent, place, parcel, sheet, form)
    if not question:
        return FoundRecords(items=[], more=False)
    found = find(caller, question)
    record_event(
        "records.searched",
        actor=caller.actor,
        office=caller.office.code,
        purpose=purpose,
        data={"asked": question.asked, "found": len(found.hits)},
    )
    return FoundRecords(items=[reading.head_of(caller, h.record) for h in found.hits], more=found.more)


@api.get("/records/{uuid:pk}", auth=Token(Act.SEARCH), response={200: RecordDetail, **REFUSED})
def record(request: HttpRequest, pk: UUID, purpose: Purpose) -> RecordDetail:
    """One record with its fields; what the token may not see is left out."""
    caller = caller_of(request)
    return reading.opened(caller, reading.record_of(caller, pk), purpose)


@api.get("/records/{uuid:pk}/copies", auth=Token(Act.SEARCH), response={200: list[Copy], **REFUSED})
def copies(request: HttpRequest, pk: UUID) -> list[Copy]:
    """Signed copies of one record, without their content."""
    return reading.copies_of(reading.record_of(caller_of(request), pk))


@api.get(
    "/records/{uuid:pk}/copies/{int:version}/content",
    auth=Token(Act.SEARCH),
    response={503: Problem, **REFUSED},
    openapi_extra={"responses": {200: {"description": "PDF", "content": {"application/pdf": {}}}}},
)
def content(request: HttpRequest, pk: UUID, version: int, purpose: Purpose) -> HttpResponse:
    """The signed copy itself, byte for byte as it is locked."""
    caller = caller_of(request)
    copy = reading.copy_of(caller, pk, version)
    data = equipment().vault.store.get(copy.bucket, copy.key, copy.version_id)
    reading.told(caller, "copy.downloaded", copy.record, purpose, sha256=copy.sha256)
    return HttpResponse(data, content_type="application/pdf")


@api.post(
    "/records/{uuid:pk}/copies/{int:version}/link",
    auth=Token(Act.SEARCH),
    response={201: CopyLink, **REFUSED},
)
def link(request: HttpRequest, pk: UUID, version: int, purpose: Purpose) -> Status[CopyLink]:
    """A link that an officer's browser opens for a short while; every opening stands in the log."""
    caller = caller_of(request)
    path = make_link(caller, reading.copy_of(caller, pk, version), purpose)
    expires = timezone.now() + timedelta(seconds=settings.SOHOA.copy_link_seconds)
    return Status(201, CopyLink(url=request.build_absolute_uri(path), expires=expires))


@api.get("/events", auth=Token(Act.AUDIT), response={200: EventPage, **REFUSED})
def events(
    request: HttpRequest,
    verb: Text = "",
    actor: Text = "",
    subject: Text = "",
    cursor: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None,
    limit: Limit = 50,
) -> EventPage:
    """The log of the token's offices, newest first."""
    caller = caller_of(request)
    given = {"verb": verb, "actor": actor, "subject": subject, "id__lt": cursor}
    rows = events_for(caller).filter(**{n: v for n, v in given.items() if v})
    found = list(rows[: limit + 1])
    record_event(
        "audit.read", actor=caller.actor, office=caller.office.code, data={"events": len(found[:limit])}
    )
    return EventPage(
        items=[EventRow.from_orm(e) for e in found[:limit]],
        next=str(found[limit - 1].pk) if len(found) > limit else "",
    )


def paths() -> list[URLPattern]:
    """Addresses of the interface; tokens alone let in, so the desk's sign-in does not apply."""
    patterns: list[URLPattern] = api.urls[0]
    for pattern in patterns:
        pattern.callback = login_not_required(pattern.callback)
    return patterns


def _digest(office: Office, name: str, files: list[UploadedFile]) -> str:
    """What is asked for, so that a key cannot be used for another delivery."""
    asked = hashlib.sha256(f"{office.code}\0{name}\0".encode())
    for file in files:
        asked.update(hashlib.sha256((file.name or "").encode("utf-8", "replace")).digest())
        content = hashlib.sha256()
        for chunk in file.chunks():
            content.update(chunk)
        asked.update(content.digest())
    return asked.hexdigest()


def _take(actor: str, office: Office, name: str, files: list[UploadedFile]) -> dict[str, Any]:
    tools = equipment()
    limits = receive_limits(tools.settings)
    with open_reception(office, actor=actor, vault=tools.vault, name=name, limits=limits) as reception:
        receipts = []
        for file in files:
            file.seek(0)
            receipts += reception.take_bytes(file.read(), file.name or "tep")
    return {
        "batch": str(reception.batch.pk),
        "files": [
            {"file": r.path, "sha256": r.sha256, "scan": r.scan, "code": r.code, "message": r.message}
            for r in receipts
        ],
        "passed_over": reception.passed_over,
    }
