"""One record after approval: its sealed copies, what they prove, and corrections by decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import ValidationError

from pipeline.claims import WrongState
from pipeline.equipment import equipment
from pipeline.events import record_event
from pipeline.models import FieldValue, Record, RecordState, Replacement, SealedCopy
from pipeline.people.access import Act, records_for
from pipeline.replacements import LOCKED, CorrectionRefused, Decision, correct
from pipeline.reviewing import opened
from pipeline.sealed_copies import LEVELS, Holding, conclusion, holding, prove, told
from pipeline.sensitive import MASK, hidden_fields, sees_all, shows_copies, shows_person, tellable
from pipeline.stages.sealed_proof import process_validator
from storage.checks import Outcome
from storage.errors import StorageError
from storage.verify_signature import load_trust
from validators.rules.labels import label
from web.copy_links import copy_file
from web.notes import notes_told
from web.permits import needs


@dataclass(frozen=True, slots=True)
class Version:
    """One sealed copy as the panel shows it.

    Attributes:
        changes: fields that the version after it corrected, with both texts.
        replacement: the decision that replaced it; ``None`` for the newest.
        reason: of the decision; masked where one of the changes is, since it tells of them.
    """

    copy: SealedCopy
    level: str
    holding: Holding
    replacement: Replacement | None
    changes: tuple[tuple[str, str, str], ...]
    reason: str


@require_safe
@needs(Act.APPROVE, Act.SEARCH)
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """State, sealed copies, decisions and holds of one record."""
    row = get_object_or_404(_reachable(request), pk=pk)
    opened(row, actor=request.user.username, purpose="Xem bản đã ký và hiệu lực chữ ký")
    mine = records_for(request.user, Act.APPROVE).filter(pk=pk).exists()
    versions = list(_versions(row, hidden_fields(request.user, row)))
    context = {
        "record": row,
        "person": row.person if shows_person(request.user, row) else MASK,
        "state": RecordState(row.state).label,
        "versions": versions,
        "held": any(v.holding.held for v in versions),
        "under_correction": row.replacements.filter(version=row.version).first()
        if row.state not in LOCKED
        else None,
        "may_withdraw": mine and row.state == RecordState.APPROVED,
        "may_correct": mine and row.state in LOCKED,
        "findings": tellable(request.user, row, row.findings.filter(settled_at=None, withdrawn_at=None)),
        "notes": notes_told(row, request.user.username) if sees_all(request.user, row) else (),
    }
    return render(request, "approving/record.html", context)


@require_POST
@needs(Act.APPROVE, Act.SEARCH)
def verify(request: HttpRequest, copy: int) -> HttpResponse:
    """Prove one copy now, and say what came out in plain words."""
    row = _copy(request, copy)
    tools = equipment()
    roots = tools.endpoints.trust_roots
    try:
        trust = load_trust(roots) if roots else ()
        report = prove(row, tools.vault, trust, process_validator(), actor=request.user.username)
    except StorageError:
        context = {"problem": "Kho lưu trữ không trả lời nên chưa kiểm chứng được; hãy thử lại sau ít phút."}
    else:
        context = {
            "checks": [told(check) for check in report.checks],
            "outcome": report.outcome,
            "sentence": conclusion(report.outcome),
            "passed": Outcome.PASSED,
            "at": row.verified_at,
        }
    return render(request, "approving/checks.html", context)


@require_safe
@needs(Act.APPROVE, Act.SEARCH)
def content(request: HttpRequest, copy: int) -> HttpResponse:
    """The sealed copy itself, as stored; whole, so only for who may see all that stands in it."""
    row = _copy(request, copy)
    if not shows_copies(request.user, row.record):
        raise PermissionDenied("Bản này có nội dung được bảo vệ; hãy nhờ hộ tịch viên tải giúp.")
    try:
        answer = copy_file(row)
    except StorageError:
        messages.error(request, "Kho lưu trữ không trả lời; hãy thử tải lại sau ít phút.")
        return redirect("sealed-record", pk=row.record_id)
    record_event(
        "copy.downloaded",
        actor=request.user.username,
        office=row.record.office.code,
        purpose="Tải bản đã ký",
        subject=f"record:{row.record_id}",
        data={"version": row.version, "sha256": row.sha256},
    )
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.APPROVE)
def correction(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form by which a decision corrects a locked record; what was typed stays after a refusal."""
    row = get_object_or_404(records_for(request.user, Act.APPROVE), pk=pk)
    fields = row.current_fields()
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        problems = _correct(request, row, fields)
        if not problems:
            messages.success(
                request, "Đã tạo phiên bản mới theo quyết định. Hãy kiểm tra rồi duyệt để ký phiên bản này."
            )
            return redirect("sealed-record", pk=pk)
    elif row.state not in LOCKED:
        messages.error(request, "Hồ sơ chưa khóa hoặc đang được đính chính; hãy sửa ở phần Kiểm tra.")
        return redirect("sealed-record", pk=pk)
    else:
        opened(row, actor=request.user.username, purpose="Đính chính theo quyết định")
    context = {
        "record": row,
        "problems": problems,
        "given": request.POST,
        "entries": [
            {
                "key": k,
                "label": label(k),
                "value": request.POST.get(f"truong-{k}", v.written),
                "was": v.written,
            }
            for k, v in fields.items()
        ],
    }
    return render(request, "approving/correction.html", context, status=422 if problems else 200)


def _correct(request: HttpRequest, row: Record, fields: dict[str, FieldValue]) -> tuple[str, ...]:
    """Why nothing was corrected; empty where it was."""
    given = {k: request.POST[f"truong-{k}"] for k in fields if f"truong-{k}" in request.POST}
    values = {k: v for k, v in given.items() if " ".join(v.split()) != fields[k].written}
    reason = request.POST.get("ly_do", "").strip()
    try:
        decision = Decision.model_validate(
            {
                "number": request.POST.get("so", ""),
                "date": request.POST.get("ngay", ""),
                "authority": request.POST.get("co_quan", ""),
            }
        )
    except ValidationError as error:
        return tuple(_DECISION[str(e["loc"][0])] for e in error.errors())
    if not reason:
        return ("Hãy ghi lý do đính chính.",)
    try:
        correct(row, values, decision, reason=reason, actor=request.user.username)
    except CorrectionRefused as refused:
        return (refused.message,)
    except WrongState:
        return ("Hồ sơ chưa khóa, hoặc người khác vừa đính chính. Hãy mở lại hồ sơ để xem.",)
    return ()


_DECISION = {
    "number": "Hãy ghi số quyết định (không quá 80 chữ).",
    "date": "Ngày quyết định chưa đúng; hãy chọn ngày.",
    "authority": "Hãy ghi cơ quan ban hành quyết định (không quá 300 chữ).",
}


def _versions(row: Record, hidden: frozenset[str]) -> Iterator[Version]:
    """Newest first."""
    vault = equipment().vault if row.sealed_copies.exists() else None
    replaced = {made.previous_id: made for made in row.replacements.all()}
    for copy in row.sealed_copies.order_by("-version"):
        assert vault is not None
        made = replaced.get(copy.pk)
        words = _corrected(row, made.version) if made else []
        yield Version(
            copy,
            LEVELS.get(copy.signature_level, ""),
            holding(copy, vault),
            made,
            tuple(_change(word, masked=word.key in hidden) for word in words),
            "" if not made else MASK if any(w.key in hidden for w in words) else made.reason,
        )


def _corrected(row: Record, version: int) -> list[FieldValue]:
    return list(row.values.filter(version=version, said_by="decision").select_related("supersedes"))


def _change(word: FieldValue, *, masked: bool) -> tuple[str, str, str]:
    """Name of the field, what stood there before, and what stands there now."""
    before = word.supersedes.written if word.supersedes else ""
    return (label(word.key), *((MASK, MASK) if masked else (before, word.written)))


def _reachable(request: HttpRequest) -> QuerySet[Record]:
    rows = records_for(request.user, Act.APPROVE) | records_for(request.user, Act.SEARCH)
    return rows.select_related("office", "scan")


def _copy(request: HttpRequest, pk: int) -> SealedCopy:
    copies = SealedCopy.objects.filter(record__in=_reachable(request)).select_related("record__office")
    return get_object_or_404(copies, pk=pk)
