"""What the registers say of the persons of a record, beside what the book says."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from pipeline.confirmations import standing_checks
from pipeline.double_keying import unseen_in
from pipeline.findings import FindingClosed, ReasonRefused
from pipeline.mismatch_list import DECISIONS, settle_mismatch
from pipeline.models import Finding, Record
from pipeline.people.access import Act, records_for
from pipeline.register_explanation import CandidateExplained, explanation, shown
from validators.rules.labels import person
from web.permits import needs

VERDICTS = {
    "MATCH": "khớp",
    "MISMATCH": "có chỗ khác",
    "NOT_FOUND": "không tìm thấy",
    "AMBIGUOUS": "có nhiều người giống",
    "NOT_CHECKED": "không đủ thông tin để hỏi",
    "SOURCE_DOWN": "chưa hỏi được, hệ thống sẽ hỏi lại",
}
_REASONS = {
    "EVIDENCE": "sổ ghi đúng như bản giấy",
    "REFUSED": "giá trị này không dùng để đối chiếu với sổ",
}
"""Kept where the officer gives no reason of their own: one key has to be enough."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a value, and whether the other side lacks it."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One open difference between book and register."""

    finding: Finding
    book: tuple[Part, ...]
    register: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a register answered about one person."""

    person: str
    verdict: str
    good: bool
    candidates: tuple[CandidateExplained, ...]


def answer_of(finding: Finding) -> Answer | None:
    """The difference that a finding is about; None for findings of another making."""
    told = finding.evidence
    if "column" not in told or "register" not in told:
        return None
    column = str(told["column"])
    return Answer(
        finding, *differences(shown(column, str(told["book"])), shown(column, str(told["register"])))
    )


def differences(book: str, register: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Both values cut where they part."""
    left, right = [], []
    for tag, a, b, c, d in SequenceMatcher(None, book, register, autojunk=False).get_opcodes():
        left.append(Part(book[a:b], tag != "equal"))
        right.append(Part(register[c:d], tag != "equal"))
    return tuple(p for p in left if p.text), tuple(p for p in right if p.text)


def checked_persons(record: Record) -> list[Checked]:
    """Every person that a register was asked about, with what speaks for and against its rows."""
    return [
        Checked(
            person(prefix),
            VERDICTS.get(check.verdict, check.verdict),
            check.verdict == "MATCH",
            explanation(check) if check.verdict in ("MATCH", "MISMATCH", "AMBIGUOUS") else (),
        )
        for prefix, check in standing_checks(record).items()
    ]


@require_POST
@needs(Act.KEY, Act.SETTLE)
def take_or_refuse(request: HttpRequest, pk: UUID, finding: int) -> HttpResponse:
    """Keep the register's answer as evidence, or refuse it; the book stays as it is."""
    row = get_object_or_404(records_for(request.user, Act.KEY), pk=pk)
    found = get_object_or_404(Finding, pk=finding, record=row)
    if not unseen_in(row, request.user.username).isdisjoint(found.fields):
        raise Http404
    decision = request.POST.get("quyet_dinh", "")
    reason = " ".join(request.POST.get("ly_do", "").split()) or _REASONS.get(decision, "")
    problem = ""
    if decision not in DECISIONS:
        problem = "Hãy chọn ghi nhận làm bằng chứng hoặc bác bỏ."
    elif not records_for(request.user, Act.SETTLE).filter(pk=pk).exists():
        problem = "Mục này phải do người kiểm tra hoặc hộ tịch viên giải quyết."
    else:
        try:
            settle_mismatch(found.pk, decision, actor=request.user.username, reason=reason)
        except ReasonRefused as error:
            problem = str(error)
        except FindingClosed:
            problem = "Mục này đã được giải quyết."
    found.refresh_from_db()
    context = {
        "answer": answer_of(found),
        "finding": found,
        "record": row,
        "problem": problem,
        "reason": reason,
    }
    return render(request, "review/answer.html", context)
