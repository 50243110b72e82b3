"""Review: the page on the left, what was read on the right, one doubtful field after the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from pipeline.claims import WrongState
from pipeline.contract import decision_json
from pipeline.equipment import equipment
from pipeline.findings import FindingClosed, ReasonRefused, settle_finding
from pipeline.intake import scan_limits
from pipeline.models import FieldValue, Finding, Record, RecordState
from pipeline.page_pictures import PageLost, field_jpeg, page_jpeg
from pipeline.people.access import Act, acts_of, records_for
from pipeline.reviewing import (
    NotSayable,
    Outstanding,
    Stale,
    Word,
    ask_rescan,
    finish,
    opened,
    say,
    take_back,
)
from pipeline.stages.fields import field_of
from validators.rules.labels import label
from web.permits import needs
from web.register_answers import Answer, answer_of, checked_persons

HELD_SECONDS = 180
"""So long after an officer's last sign of life, a record is offered to others again."""
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One field as the reviewer sees it."""

    key: str
    label: str
    value: FieldValue
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    decision: dict[str, Any] | None

    @property
    def raised(self) -> tuple[Finding, ...]:
        """All open findings of the field, the register's among them."""
        return (*self.findings, *(a.finding for a in self.answers))

    @property
    def ids(self) -> str:
        """Which findings these are, for the browser to see whether others stand there now."""
        return ",".join(str(f.pk) for f in self.raised)

    @property
    def settled(self) -> bool:
        """Nobody needs to look."""
        return self.value.accepted and not any(f.severity != "warns" for f in self.raised)


@require_safe
@needs(Act.KEY)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a person, book by book."""
    waiting = records_for(request.user, Act.KEY).filter(state=RecordState.TO_REVIEW)
    form, book = request.GET.get("loai", ""), request.GET.get("quyen", "")
    if form:
        waiting = waiting.filter(form=form)
    if book:
        waiting = waiting.filter(book_key=book)
    rows = waiting.select_related("office", "scan").order_by("book_key", "scan_id", "ordinal")
    forms = records_for(request.user, Act.KEY).filter(state=RecordState.TO_REVIEW)
    context = {
        "rows": rows[:_SHOWN],
        "count": waiting.count(),
        "form": form,
        "forms": sorted(forms.order_by().values_list("form", flat=True).distinct()),
        "first": _next(request, None),
    }
    return render(request, "review/queue.html", context)


@require_safe
@needs(Act.KEY)
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One record with its page."""
    row = _record(request, pk)
    holder = _hold(request, row)
    opened(row, actor=request.user.username, purpose="Kiểm tra hồ sơ số hóa")
    entries = _entries(row)
    open_findings = row.findings.filter(settled_at__isnull=True, withdrawn_at__isnull=True)
    named = {f.pk for entry in entries for f in entry.raised}
    context = {
        "record": row,
        "entries": entries,
        "findings": [f for f in open_findings if f.pk not in named],
        "checks": checked_persons(row),
        "pages": [
            {"number": p.number, "width": p.width, "height": p.height}
            for p in row.scan.pages.filter(number__in=row.pages)
        ],
        "holder": holder,
        "before": _beside(request, row, -1),
        "after": _beside(request, row, +1),
        "unsure": sum(1 for e in entries if not e.settled),
    }
    return render(request, "review/record.html", context)


@require_POST
@needs(Act.KEY)
def word(request: HttpRequest, pk: UUID, key: str) -> JsonResponse:
    """Keep one word about one field; the answer says what stands now."""
    row = _record(request, pk)
    _hold(request, row)
    try:
        given = json.loads(request.body)
        said, seen = Word(given["word"]), int(given["seen"])
        written = str(given.get("written", ""))
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"message": "Yêu cầu không đúng dạng."}, status=400)
    actor = request.user.username
    try:
        kept = say(row.pk, key, said, written=written, seen=seen, actor=actor)
    except Stale as stale:
        return JsonResponse({**_word_json(stale.current), "message": _by_other(stale.current)}, status=409)
    except WrongState:
        return JsonResponse(
            {"message": "Hồ sơ đã được duyệt hoặc chuyển đi; không sửa được nữa."}, status=409
        )
    except NotSayable as error:
        return JsonResponse({"message": str(error)}, status=422)
    message = "" if kept.fits else "Đã ghi, nhưng nội dung chưa đúng dạng của trường này; hãy xem lại."
    told = {"fits": kept.fits, "message": message, "findings": _findings_json(row)}
    return JsonResponse({**_word_json(kept.value), **told})


@require_POST
@needs(Act.KEY)
def undo(request: HttpRequest, pk: UUID, key: str) -> JsonResponse:
    """Take back one's own last word on a field."""
    row = _record(request, pk)
    try:
        seen = int(json.loads(request.body)["seen"])
        value = take_back(row.pk, key, seen=seen, actor=request.user.username)
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"message": "Yêu cầu không đúng dạng."}, status=400)
    except (Stale, WrongState, NotSayable):
        return JsonResponse({"message": "Không còn gì để hoàn tác ở trường này."}, status=409)
    return JsonResponse({**_word_json(value), "message": "", "findings": _findings_json(row)})


@require_POST
@needs(Act.KEY)
def done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pass the record on, or say what is left to do, and go to the next one."""
    row = _record(request, pk)
    try:
        left: Outstanding = finish(row.pk, equipment().for_checking(), actor=request.user.username)
    except WrongState:
        messages.error(request, "Hồ sơ đã được duyệt hoặc chuyển đi; không sửa được nữa.")
        return redirect("review-queue")
    if left:
        what = [label(key) for key in left.fields] + [f.message for f in left.findings]
        messages.error(request, "Còn phải xem: " + "; ".join(what[:8]))
        return redirect("review-record", pk=row.pk)
    cache.delete(_held(row))
    following = _next(request, row)
    if following is None:
        messages.success(request, "Đã xem hết hồ sơ đang chờ.")
        return redirect("review-queue")
    return redirect("review-record", pk=following.pk)


@require_POST
@needs(Act.KEY)
def rescan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the record back to be scanned again."""
    row = _record(request, pk)
    reason = " ".join(request.POST.get("ly_do", "").split()) or "Ảnh không đọc được."
    try:
        ask_rescan(row.pk, reason=reason, actor=request.user.username)
    except WrongState:
        messages.error(request, "Hồ sơ đã được duyệt hoặc chuyển đi; không trả lại được nữa.")
    else:
        messages.success(request, "Đã yêu cầu quét lại.")
    following = _next(request, row)
    return redirect("review-record", pk=following.pk) if following else redirect("review-queue")


@require_POST
@needs(Act.KEY, Act.SETTLE)
def settle(request: HttpRequest, pk: UUID, finding: int) -> HttpResponse:
    """Settle one finding with a reason; answers with the finding as it stands."""
    row = _record(request, pk)
    found = get_object_or_404(Finding, pk=finding, record=row)
    problem = ""
    if found.severity != "warns" and Act.SETTLE not in acts_of(request.user):
        problem = "Mục này phải do người kiểm tra hoặc hộ tịch viên giải quyết."
    else:
        try:
            found = settle_finding(found, by=request.user.username, reason=request.POST.get("ly_do", ""))
        except ReasonRefused as error:
            problem = str(error)
        except FindingClosed:
            problem = "Mục này đã được giải quyết."
    context = {"finding": found, "record": row, "problem": problem}
    return render(request, "review/finding.html", context, status=200)


@require_safe
@needs(Act.KEY)
def page_picture(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """The whole page as a picture for the screen."""
    row = _seen(request, pk)
    if number not in row.pages:
        raise Http404
    try:
        data = page_jpeg(equipment().vault, scan_limits(equipment().settings), row.scan, number)
    except PageLost as error:
        raise Http404(str(error)) from error
    return _picture(data)


@require_safe
@needs(Act.KEY)
def field_picture(request: HttpRequest, pk: UUID, value: int) -> HttpResponse:
    """The part of the page where a value stands, at full resolution."""
    row = _seen(request, pk)
    found = get_object_or_404(FieldValue, pk=value, record=row)
    if not found.box:
        raise Http404
    try:
        left, top, right, bottom = found.box
        data = field_jpeg(
            equipment().vault,
            scan_limits(equipment().settings),
            row.scan,
            found.page,
            (left, top, right, bottom),
        )
    except PageLost as error:
        raise Http404(str(error)) from error
    return _picture(data)


def _picture(data: bytes) -> HttpResponse:
    # what stands at this address never changes, so the browser of this account may keep it for a while
    return HttpResponse(data, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def _record(request: HttpRequest, pk: UUID) -> Record:
    rows = records_for(request.user, Act.KEY).select_related("office", "scan__batch")
    return get_object_or_404(rows, pk=pk)


def _seen(request: HttpRequest, pk: UUID) -> Record:
    rows = records_for(request.user, Act.KEY)
    return get_object_or_404(rows.select_related("scan"), pk=pk)


def _entries(row: Record) -> list[Entry]:
    """Fields in the order of the work: doubtful ones, those with findings, then the rest as on paper."""
    findings: dict[str, list[Finding]] = {}
    for found in row.findings.filter(settled_at__isnull=True, withdrawn_at__isnull=True):
        if found.fields:
            findings.setdefault(found.fields[0], []).append(found)
    entries = []
    for key, value in row.current_fields().items():
        raised = findings.get(key, [])
        answers = tuple(a for f in raised if (a := answer_of(f)))
        others = tuple(f for f in raised if answer_of(f) is None)
        entries.append(Entry(key, label(key), value, others, answers, decision_json(field_of(value))))

    def place(entry: Entry) -> tuple[int, int, int, int]:
        box = entry.value.box or [0, 1_000_000, 0, 0]
        urgency = 0 if not entry.value.accepted else 1 if entry.raised else 2
        return urgency, entry.value.page, box[1], box[0]

    return sorted(entries, key=place)


def _word_json(value: FieldValue) -> dict[str, Any]:
    return {
        "id": value.pk,
        "written": value.written,
        "value": value.value,
        "status": value.status,
        "accepted": value.accepted,
        "by": value.actor,
    }


def _findings_json(row: Record) -> dict[str, dict[str, str]]:
    """What is open now at each field that has something open, ready for the page."""
    return {
        entry.key: {
            "ids": entry.ids,
            "html": render_to_string("review/findings.html", {"entry": entry, "record": row}),
        }
        for entry in _entries(row)
        if entry.raised
    }


def _by_other(value: FieldValue) -> str:
    return f"{value.actor or 'Máy'} vừa ghi “{value.written}”. Hãy xem lại rồi ghi tiếp."


def _held(row: Record) -> str:
    return f"review:{row.pk}"


def _hold(request: HttpRequest, row: Record) -> str:
    """Note who works on a record now; tells the name of another one who does, or nothing."""
    holder = str(cache.get(_held(row)) or "")
    if holder in ("", request.user.username):
        cache.set(_held(row), request.user.username, HELD_SECONDS)
        return ""
    return holder


def _next(request: HttpRequest, row: Record | None) -> Record | None:
    """The next record that waits and that nobody works on; after `row`, in the order of the book."""
    waiting = records_for(request.user, Act.KEY).filter(state=RecordState.TO_REVIEW)
    waiting = waiting.order_by("book_key", "scan_id", "ordinal")
    if row is not None:
        waiting = waiting.exclude(pk=row.pk)
        same = waiting.filter(scan=row.scan, ordinal__gt=row.ordinal)
        candidates = [*same[:20], *waiting.filter(book_key__gte=row.book_key)[:20], *waiting[:20]]
    else:
        candidates = list(waiting[:50])
    held = cache.get_many([_held(c) for c in candidates])
    mine = request.user.username
    return next((c for c in candidates if held.get(_held(c), mine) == mine), None)


def _beside(request: HttpRequest, row: Record, step: int) -> Record | None:
    """The entry before or after on paper: officers compare hands and numbers."""
    rows = records_for(request.user, Act.KEY).filter(scan=row.scan)
    if step < 0:
        return rows.filter(ordinal__lt=row.ordinal).order_by("-ordinal").first()
    return rows.filter(ordinal__gt=row.ordinal).order_by("ordinal").first()
