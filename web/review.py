"""Review: the page on the left, what was read on the right, one doubtful field after the other."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from pipeline.claims import WrongState
from pipeline.double_keying import blank_names, conflicts, unseen_in, with_work_for
from pipeline.equipment import equipment
from pipeline.findings import FindingClosed, ReasonRefused, settle_finding
from pipeline.intake import scan_limits
from pipeline.models import FieldValue, Finding, Record, RecordState
from pipeline.page_pictures import PageLost, field_jpeg, page_jpeg
from pipeline.people.access import Act, acts_of, records_for
from pipeline.reviewing import (
    REVIEWABLE,
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
from web.entries import entries_of, findings_json, tellable_findings, word_json
from web.notes import notes_told
from web.permits import needs
from web.register_answers import checked_persons

HELD_SECONDS = 180
"""So long after an officer's last sign of life, a record is offered to others again."""
_SHOWN = 200


@require_safe
@needs(Act.KEY)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a person, book by book."""
    waiting = _waiting(request)
    form, book = request.GET.get("loai", ""), request.GET.get("quyen", "")
    if form:
        waiting = waiting.filter(form=form)
    if book:
        waiting = waiting.filter(book_key=book)
    rows = waiting.select_related("office", "scan").order_by("book_key", "scan_id", "ordinal")[:_SHOWN]
    blank_names(rows, request.user.username)
    to_settle = records_for(request.user, Act.SETTLE).filter(state__in=REVIEWABLE)
    context = {
        "rows": rows,
        "count": waiting.count(),
        "form": form,
        "forms": sorted(_waiting(request).order_by().values_list("form", flat=True).distinct()),
        "conflicts": conflicts(to_settle, request.user.username).count(),
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
    actor = request.user.username
    entries = entries_of(row, actor)
    before, after = _beside(request, row, -1), _beside(request, row, +1)
    blank_names([r for r in (row, before, after) if r], actor)
    named = {f.pk for entry in entries for f in entry.raised}
    context = {
        "record": row,
        "entries": entries,
        "findings": [f for f in tellable_findings(row, actor) if f.pk not in named],
        "checks": [] if any(e.hidden for e in entries) else checked_persons(row),
        "notes": notes_told(row, actor),
        "pages": [
            {"number": p.number, "width": p.width, "height": p.height}
            for p in row.scan.pages.filter(number__in=row.pages)
        ],
        "holder": holder,
        "before": before,
        "after": after,
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
        told = {**word_json(stale.current, actor), "message": _by_other(stale.current)}
        return JsonResponse(told, status=409)
    except WrongState:
        return JsonResponse(
            {"message": "Hồ sơ đã được duyệt hoặc chuyển đi; không sửa được nữa."}, status=409
        )
    except NotSayable as error:
        return JsonResponse({"message": str(error)}, status=422)
    message = "" if kept.fits else "Đã ghi, nhưng nội dung chưa đúng dạng của trường này; hãy xem lại."
    told = {"fits": kept.fits, "message": message, "findings": findings_json(row, actor)}
    return JsonResponse({**word_json(kept.value, actor), **told})


@require_POST
@needs(Act.KEY)
def undo(request: HttpRequest, pk: UUID, key: str) -> JsonResponse:
    """Take back one's own last word on a field."""
    row, actor = _record(request, pk), request.user.username
    try:
        seen = int(json.loads(request.body)["seen"])
        value = take_back(row.pk, key, seen=seen, actor=actor)
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"message": "Yêu cầu không đúng dạng."}, status=400)
    except (Stale, WrongState, NotSayable):
        return JsonResponse({"message": "Không còn gì để hoàn tác ở trường này."}, status=409)
    told = {"message": "", "findings": findings_json(row, actor)}
    return JsonResponse({**word_json(value, actor), **told})


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
    actor = request.user.username
    mine = [e for e in entries_of(row, actor) if e.key in left.fields and not e.settled]
    waits_for_others = len(left.fields) > len(mine)
    if left and (mine or not waits_for_others):
        told = tellable_findings(row, actor)
        what = [e.label for e in mine] + [f.message for f in left.findings if f in told]
        hint = "" if mine else " Sửa trường cho đúng giấy, hoặc ghi lý do (Alt L)."
        messages.error(request, "Còn phải xem: " + "; ".join(what[:8]) + hint)
        return redirect("review-record", pk=row.pk)
    cache.delete(_held(row))
    if waits_for_others:
        messages.info(request, "Đã ghi phần của bạn; hồ sơ còn chờ người khác nhập hoặc thống nhất.")
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
    if not unseen_in(row, request.user.username).isdisjoint(found.fields):
        raise Http404
    reason, problem = request.POST.get("ly_do", ""), ""
    if found.severity != "warns" and Act.SETTLE not in acts_of(request.user):
        problem = "Mục này phải do người kiểm tra hoặc hộ tịch viên giải quyết."
    else:
        try:
            found = settle_finding(found, by=request.user.username, reason=reason)
        except ReasonRefused as error:
            problem = str(error)
        except FindingClosed:
            problem = "Mục này đã được giải quyết."
    context = {"finding": found, "record": row, "problem": problem, "reason": reason}
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


def _waiting(request: HttpRequest) -> QuerySet[Record]:
    """What waits for a person, without what waits for others only."""
    waiting = records_for(request.user, Act.KEY).filter(state=RecordState.TO_REVIEW)
    return with_work_for(request.user.username, waiting)


def _next(request: HttpRequest, row: Record | None) -> Record | None:
    """The next record that waits and that nobody works on; after `row`, in the order of the book."""
    waiting = _waiting(request).order_by("book_key", "scan_id", "ordinal")
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
