"""Settling: where two keys of a field differ, a third person sees both and the paper, and decides."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ocr.elements import FieldStatus
from pipeline.claims import WrongState
from pipeline.double_keying import conflicts, differing, may_settle
from pipeline.equipment import equipment
from pipeline.models import FieldValue, Record
from pipeline.people.access import Act, records_for
from pipeline.reviewing import REVIEWABLE, NotSayable, Word, adjudicate, finish, opened, outstanding
from validators.rules.labels import label
from web.permits import needs
from web.register_answers import Part, differences

_BLANK = {FieldStatus.EMPTY: "(để trống)", FieldStatus.UNREADABLE: "(không đọc được)"}
_WORDS = {FieldStatus.EMPTY: Word.EMPTY, FieldStatus.UNREADABLE: Word.UNREADABLE}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the two keys; whose it is stays untold, so that the paper decides and not the person.

    Attributes:
        word: what is sent when it is chosen.
        parts: its text, marked where the other one differs.
    """

    word: Word
    written: str
    parts: tuple[Part, ...]


@require_safe
@needs(Act.SETTLE)
def settling(request: HttpRequest) -> HttpResponse:
    """The next field that waits for this account, or the news that there is none."""
    following = _conflicts(request).first()
    if following is not None:
        return redirect("settling-field", value=following.pk)
    return render(request, "review/settled.html", {"before": _before(request)})


@require_safe
@needs(Act.SETTLE)
def field(request: HttpRequest, value: int) -> HttpResponse:
    """One field with its two keys and the paper; opening it leaves an event."""
    row = _value(request, value)
    opened(row.record, actor=request.user.username, purpose="Thống nhất hai lần nhập")
    context = {
        "value": row,
        "record": row.record,
        "label": label(row.key),
        "choices": _choices(row),
        "left": _conflicts(request).count(),
        "before": _before(request),
    }
    return render(request, "review/settling.html", context)


@require_POST
@needs(Act.SETTLE)
def decide(request: HttpRequest, value: int) -> HttpResponse:
    """Keep the decision and go to the next field; a record with nothing left to ask is passed on."""
    row = _value(request, value)
    actor = request.user.username
    word, _, written = request.POST.get("chon", "").partition(":")
    word, written = word or "value", written or request.POST.get("noi_dung", "").strip()
    if word not in _SAYABLE or (word == Word.VALUE and not written):
        messages.error(request, "Hãy chọn một trong hai cách, hoặc gõ nội dung đúng như trên giấy.")
        return redirect("settling-field", value=row.pk)
    try:
        kept = adjudicate(row.record_id, row.key, Word(word), written=written, seen=row.pk, actor=actor)
    except NotSayable as refused:
        messages.error(request, str(refused))
        return redirect("settling")
    except WrongState:
        messages.error(request, "Hồ sơ đã được duyệt hoặc chuyển đi; không sửa được nữa.")
        return redirect("settling")
    request.session[_DECIDED] = kept.pk
    messages.success(request, f"Đã quyết định: {kept.written or _BLANK[FieldStatus(kept.status)]}.")
    if not outstanding(row.record).fields:
        finish(row.record_id, equipment().for_checking(), actor=actor)
    return redirect("settling")


def _reviewable(request: HttpRequest) -> QuerySet[Record]:
    return records_for(request.user, Act.SETTLE).filter(state__in=REVIEWABLE)


def _conflicts(request: HttpRequest) -> QuerySet[FieldValue]:
    return conflicts(_reviewable(request), request.user.username)


def _standing(request: HttpRequest) -> QuerySet[FieldValue]:
    return FieldValue.objects.filter(record__in=_reviewable(request), superseded_by__isnull=True)


def _before(request: HttpRequest) -> int | None:
    """What the account decided last, as long as that can be changed."""
    last = _standing(request).filter(pk=request.session.get(_DECIDED)).first()
    return last.pk if last else None


def _value(request: HttpRequest, pk: int) -> FieldValue:
    """A field that this account may decide; for its keyers, and once it is decided, it does not exist."""
    row = get_object_or_404(_standing(request).select_related("record__office", "record__scan"), pk=pk)
    if not may_settle(row, request.user.username):
        raise Http404
    return row


def _choices(value: FieldValue) -> list[Choice]:
    """Both keys in the order of the alphabet, which tells nothing of who came first."""
    one, other = sorted(differing(value), key=lambda k: k.written)
    texts = [_BLANK.get(FieldStatus(k.status), k.written) for k in (one, other)]
    parts = differences(*texts)
    return [
        Choice(_WORDS.get(FieldStatus(k.status), Word.VALUE), k.written, shown)
        for k, shown in zip((one, other), parts, strict=True)
    ]


_DECIDED = "settling-decided"
_SAYABLE = {Word.VALUE, Word.EMPTY, Word.UNREADABLE}
