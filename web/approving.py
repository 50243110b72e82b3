"""Approval: what is ready, book by book; many records at once; sealing as it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pipeline.approving import READY, Approvals, Seen, approve_batch
from pipeline.claims import WrongState
from pipeline.equipment import equipment
from pipeline.models import Finding, Record, RecordState
from pipeline.people.access import Act, records_for
from pipeline.shelves import shelves
from pipeline.withdrawals import withdraw
from storage.errors import StorageError
from web.permits import needs

_SHOWN = 200
_RECENT = timedelta(days=1)
_APPROVED = (RecordState.APPROVED, RecordState.SEALED, RecordState.STORED, RecordState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that waits for approval, with what is still open."""

    record: Record
    last_word: int
    blocking: tuple[Finding, ...]
    warning: tuple[Finding, ...]


@require_safe
@needs(Act.APPROVE)
def books(request: HttpRequest) -> HttpResponse:
    """Books in which something waits for approval or signature."""
    mine = records_for(request.user, Act.APPROVE)
    rows = [
        {
            "shelf": shelf,
            "ready": shelf.of(READY),
            "unready": shelf.of(
                (RecordState.TO_REVIEW, RecordState.CHECKED, RecordState.READ, RecordState.QUARANTINED)
            ),
            "waiting": shelf.of((RecordState.APPROVED, RecordState.SEALED)),
        }
        for shelf in shelves(mine)
    ]
    context = {"books": rows, "ready": sum(row["ready"] for row in rows), **_progress(request)}
    return render(request, "approving/books.html", context)


@require_safe
@needs(Act.APPROVE)
def book(request: HttpRequest) -> HttpResponse:
    """The records of one book that are ready, and what is still open about them."""
    return render(request, "approving/book.html", _book(request))


@needs(Act.APPROVE)
@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Approve the chosen records; each refusal is told beside its record."""
    chosen = list(_seen(request))
    known = set(
        records_for(request.user, Act.APPROVE)
        .filter(pk__in=[s.record for s in chosen])
        .values_list("pk", flat=True)
    )
    if not chosen:
        messages.error(request, "Chưa chọn hồ sơ nào. Hãy đánh dấu các hồ sơ muốn duyệt.")
    if {s.record for s in chosen} - known:
        raise Http404
    done: Approvals = approve_batch(chosen, actor=request.user.username)
    context = _book(request) | {"done": done, "signs": settings.SOHOA.signing.source != "external"}
    return render(request, "approving/book.html", context)


@require_POST
@needs(Act.APPROVE)
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an approval back, as long as nothing is sealed."""
    row = get_object_or_404(records_for(request.user, Act.APPROVE), pk=pk)
    reason = " ".join(request.POST.get("ly_do", "").split())[:300]
    if not reason:
        messages.error(request, "Hãy ghi lý do rút duyệt.")
        return redirect("sealed-record", pk=pk)
    try:
        withdraw(row, actor=request.user.username, reason=reason, vault=equipment().vault)
    except WrongState:
        messages.error(
            request,
            "Không rút được: hồ sơ đang được ký hoặc đã ký. Nếu đã ký, hãy đính chính theo quyết định.",
        )
    except StorageError:
        messages.error(request, "Kho lưu trữ không trả lời nên chưa rút được; hãy thử lại sau ít phút.")
    else:
        messages.success(request, "Đã rút duyệt; hồ sơ trở lại phần Kiểm tra.")
    return redirect("sealed-record", pk=pk)


@require_safe
@needs(Act.APPROVE)
def progress(request: HttpRequest) -> HttpResponse:
    """How far sealing is, for the page that asks again and again; it is loaded anew once all is done."""
    told = _progress(request)
    answer = render(request, "approving/progress.html", told)
    if not told["under_way"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _book(request: HttpRequest) -> dict[str, object]:
    asked = {
        name: request.POST.get(name, request.GET.get(name, "")) for name in ("don_vi", "loai", "quyen", "tu")
    }
    mine = records_for(request.user, Act.APPROVE).filter(
        office__code=asked["don_vi"], form=asked["loai"], book_key=asked["quyen"]
    )
    found = shelves(mine)
    if not found:
        raise Http404("Không có quyển này.")
    ready = mine.filter(state__in=READY).annotate(last_word=Max("values__id"))
    after = int(asked["tu"]) if asked["tu"].isdigit() else 0
    rows = ready.order_by("scan_id", "ordinal").prefetch_related(_open_findings())[after : after + _SHOWN]
    return {
        "shelf": found[0],
        "asked": asked,
        "rows": [_candidate(row) for row in rows],
        "ready": ready.count(),
        "unready": found[0].of((RecordState.TO_REVIEW,)),
        "approved": mine.filter(state__in=_APPROVED).order_by("-approved_at")[:_SHOWN],
        "following": after + _SHOWN if ready.count() > after + _SHOWN else None,
    }


def _open_findings() -> Prefetch:
    open_ones = Finding.objects.filter(settled_at=None, withdrawn_at=None)
    return Prefetch("findings", open_ones, to_attr="open_findings")


def _candidate(row: Record) -> Candidate:
    return Candidate(
        row,
        row.last_word or 0,
        tuple(f for f in row.open_findings if f.severity == "blocks_approval"),
        tuple(f for f in row.open_findings if f.severity != "blocks_approval"),
    )


def _seen(request: HttpRequest) -> Iterator[Seen]:
    for given in request.POST.getlist("ho_so")[:_SHOWN]:
        record, _, last = given.partition(":")
        try:
            yield Seen(UUID(record), int(last))
        except ValueError:
            raise Http404 from None


def _progress(request: HttpRequest) -> dict[str, object]:
    mine = records_for(request.user, Act.APPROVE)
    under_way = mine.filter(state__in=(RecordState.APPROVED, RecordState.SEALED))
    stuck = under_way.filter(~Q(error_code="") | Q(findings__stage="seal", findings__withdrawn_at=None))
    waiting = mine.filter(state=RecordState.APPROVED, scan__signed=False).count()
    stored = mine.filter(
        state__in=(RecordState.STORED, RecordState.DELIVERED), approved_at__gte=timezone.now() - _RECENT
    ).count()
    count = under_way.count()
    return {
        "waiting": waiting,
        "under_way": count,
        "stored": stored,
        "all": count + stored,
        "stuck": stuck.distinct().order_by("state_since").prefetch_related(_open_findings())[:20],
        "outside": settings.SOHOA.signing.source == "external",
    }
