"""The first page of the desk and the answer for monitors."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Model, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.addresses import ServicesNotRunning, resolve
from pipeline.configuration import Settings
from pipeline.double_keying import conflicts, with_work_for
from pipeline.endpoints import Endpoints
from pipeline.models import Batch, BatchState, Office, Record, RecordState, Scan, ScanState
from pipeline.people.access import Account, Act, acts_of, offices_for, records_for
from pipeline.reviewing import REVIEWABLE
from web.health import examine
from web.permits import needs


@dataclass(frozen=True)
class StateCount:
    """How many scans or records stand in one state."""

    name: str
    count: int


@dataclass(frozen=True)
class Task:
    """Work that waits for an account.

    Attributes:
        view: where it is done.
        count: how many records or deliveries wait; None where there is nothing to count.
    """

    view: str
    text: str
    count: int | None = None


@require_safe
@needs(Act.PROGRESS)
def home(request: HttpRequest) -> HttpResponse:
    """Show the account's own work first, then counts of its offices and the parts; no persons."""
    try:
        tasks = _tasks(request.user)
        offices = offices_for(request.user, Act.PROGRESS)
        scans, records = _counts(Scan, ScanState, offices), _counts(Record, RecordState, offices)
        highest = list(offices.exclude(parent__in=offices)[:2])
    except DatabaseError:
        tasks, scans, records, highest = [], None, None, []
    context = {
        "office": highest[0] if len(highest) == 1 else None,
        "unnamed": Settings.model_fields["office_name"].default,
        "tasks": tasks,
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


def _tasks(account: Account) -> list[Task]:
    """What the account's roles leave it to do, in the order of the work."""

    def waiting(act: Act, *states: RecordState) -> int:
        return records_for(account, act).filter(state__in=states).count()

    receiving = Batch.objects.filter(office__in=offices_for(account, Act.RECEIVE), state=BatchState.RECEIVING)
    name = account.get_username()
    to_review = with_work_for(name, records_for(account, Act.KEY).filter(state=RecordState.TO_REVIEW))
    apart = conflicts(records_for(account, Act.SETTLE).filter(state__in=REVIEWABLE), name).count()
    to_approve = (RecordState.ACCEPTED, RecordState.REVIEWED)
    tasks = {
        Act.RECEIVE: Task("receiving", "Đợt đang nhận tệp quét", receiving.count()),
        Act.KEY: Task("review-queue", "Hồ sơ chờ kiểm tra", to_review.count()),
        **({Act.SETTLE: Task("settling", "Trường chờ thống nhất hai lần nhập", apart)} if apart else {}),
        Act.APPROVE: Task("approving", "Hồ sơ chờ duyệt", waiting(Act.APPROVE, *to_approve)),
        Act.HAND_OVER: Task(
            "packages", "Hồ sơ đã khóa, chưa giao nộp", waiting(Act.HAND_OVER, RecordState.STORED)
        ),
        Act.SEARCH: Task("search", "Tìm hồ sơ"),
        Act.AUDIT: Task("audit", "Xem ai đã làm gì"),
        Act.PEOPLE: Task("people", "Tài khoản và đơn vị"),
        Act.PROGRESS: Task("progress", "Tiến độ và dự báo"),
    }
    acts = acts_of(account)
    return [task for act, task in tasks.items() if act in acts]


def _counts(model: type[Model], states: type[TextChoices], offices: QuerySet[Office]) -> list[StateCount]:
    rows = model._default_manager.filter(office__in=offices)
    found = dict(rows.values_list("state").annotate(Count("pk")).order_by())
    return [StateCount(str(state.label), found[state.value]) for state in states if found.get(state.value)]


def _endpoints() -> Endpoints:
    try:
        return resolve(settings.SOHOA)
    except ServicesNotRunning:
        return Endpoints()
