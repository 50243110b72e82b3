"""Other systems order hand-over packages here, follow them, and fetch their files from the store."""

from __future__ import annotations

import hashlib
import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from ninja import Router, Schema, Status

from pipeline.equipment import equipment
from pipeline.events import record_event
from pipeline.machines.models import OrderState, PackageOrder
from pipeline.machines.packages import Kind, Wanted, order_package
from pipeline.people.access import Act, offices_for
from web.api.callers import IdempotencyKey, Purpose, Text, Token, answered_once, caller_of
from web.api.problems import Problem

REFUSED = dict.fromkeys((401, 403, 404, 409, 422, 429, 503), Problem)
router = Router(auth=Token(Act.HAND_OVER))
_SHOWN = 200


class PackageWanted(Schema):
    """What is to be made; which of the last four a kind wants stands in the documentation."""

    office: Text
    kind: Kind
    book: Text = ""
    unit: Text = ""
    fonds: Text = ""
    paper_code: Text = ""


class PackageFile(Schema):
    """One file of a package."""

    name: str
    sha256: str
    size: int


class PackageProblem(Schema):
    """One reason why a package was not made."""

    code: str
    message: str
    where: str
    field: str


class PackageRow(Schema):
    """A package; `code` and `problems` say why it was refused, or why it still waits."""

    id: UUID
    office: str
    kind: str
    state: OrderState
    created: datetime
    files: list[PackageFile]
    code: str
    reason: str
    problems: list[PackageProblem]


@router.post("", response={202: PackageRow, **REFUSED})
def order(request: HttpRequest, key: IdempotencyKey, purpose: Purpose, wanted: PackageWanted) -> Status[Any]:
    """Have a package made; it is made whole or not at all."""
    caller = caller_of(request)
    office = offices_for(caller, Act.HAND_OVER).filter(code=wanted.office).first()
    if office is None:
        raise Http404
    asked = json.dumps([wanted.dict(), purpose], sort_keys=True)

    def work() -> tuple[int, dict[str, Any]]:
        given = Wanted(wanted.book, wanted.unit, wanted.fonds, wanted.paper_code)
        row = order_package(wanted.kind, given, office=office, actor=caller.actor, purpose=purpose)
        return 202, _told(row).dict() | {"id": str(row.pk), "created": row.created.isoformat()}

    return answered_once(caller, key, hashlib.sha256(asked.encode()).hexdigest(), work)


@router.get("", response={200: list[PackageRow], **REFUSED})
def packages(request: HttpRequest, office: Text = "", state: OrderState | None = None) -> list[PackageRow]:
    """The newest packages that were ordered for the token's offices."""
    given = {"office__code": office, "state": state}
    rows = _rows(request).filter(**{n: v for n, v in given.items() if v})
    return [_told(row) for row in rows[:_SHOWN]]


@router.get("/{uuid:pk}", response={200: PackageRow, **REFUSED})
def package(request: HttpRequest, pk: UUID) -> PackageRow:
    """How far a package is."""
    return _told(_row(request, pk))


@router.get(
    "/{uuid:pk}/files/{str:name}",
    response=REFUSED,
    openapi_extra={
        "responses": {200: {"description": "The file", "content": {"application/octet-stream": {}}}}
    },
)
def file(request: HttpRequest, pk: UUID, name: str, purpose: Purpose) -> FileResponse:
    """A file of a package, as it is locked in the store."""
    row = _row(request, pk)
    kept = next((f for f in row.files if f["name"] == name), None)
    if kept is None:
        raise Http404
    vault = equipment().vault
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        vault.store.stream_to(path, vault.packages, kept["key"], kept["version_id"])
        stream = path.open("rb")  # an open file outlives its folder
    record_event(
        "package.downloaded",
        actor=caller_of(request).actor,
        office=row.office.code,
        purpose=purpose,
        subject=f"order:{row.pk}",
        data={"package": row.kind, "sha256": kept["sha256"]},
    )
    return FileResponse(stream, as_attachment=True, filename=name, content_type="application/octet-stream")


def _rows(request: HttpRequest) -> QuerySet[PackageOrder]:
    offices = offices_for(caller_of(request), Act.HAND_OVER)
    return PackageOrder.objects.filter(office__in=offices).select_related("office")


def _row(request: HttpRequest, pk: UUID) -> PackageOrder:
    row = _rows(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _told(row: PackageOrder) -> PackageRow:
    return PackageRow(
        id=row.pk,
        office=row.office.code,
        kind=row.kind,
        state=row.state,
        created=row.created,
        files=row.files,
        code=row.error_code,
        reason=row.error_message,
        problems=row.problems,
    )
