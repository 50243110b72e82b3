"""Progress and forecasts of one's offices as page, JSON and workbook: counts, no persons."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pipeline.models import RecordState
from pipeline.people.access import Act, offices_for, with_below
from pipeline.progress_report import OUTCOMES, Day, ProgressReport, progress_workbook, report_of
from web.permits import needs
from web.quality import XLSX

_WIDTH, _HEIGHT = 900, 160


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the plot, in units of its drawing."""

    day: Day
    x: float
    y: float
    width: float
    height: float
    labelled: bool


@require_safe
@needs(Act.PROGRESS)
def progress(request: HttpRequest) -> HttpResponse:
    """Show the office ``don_vi`` with all below it, else every office; ``dang``: ``json`` or ``xlsx``."""
    allowed = offices_for(request.user, Act.PROGRESS)
    shown, code = allowed, request.GET.get("don_vi", "")
    if code:
        office = allowed.filter(code=code).first()
        if office is None:
            raise Http404(f"Không có đơn vị {code}.")
        shown = allowed.filter(pk__in=with_below([office.pk]))
    report = report_of(shown, timezone.localdate(), settings.SOHOA.deadline)
    match request.GET.get("dang"):
        case "json":
            return JsonResponse(report.json(), json_dumps_params={"ensure_ascii": False})
        case "xlsx":
            response = HttpResponse(progress_workbook(report), content_type=XLSX)
            response["Content-Disposition"] = 'attachment; filename="tien-do.xlsx"'
            return response
    names = {row.office: row.name for row in report.offices}
    context = {
        "report": report,
        "offices": [(row, row.depth * "— ", OUTCOMES[row.forecast.outcome]) for row in report.offices],
        "help": [(names[h.giver], names[h.taker], h) for h in report.help],
        "choices": allowed,
        "code": code,
        "deadline": settings.SOHOA.deadline,
        "states": [RecordState(state).label for state in report.states],
        "tables": [
            (title, head, [(row, [row.states.get(s, 0) for s in report.states]) for row in rows])
            for title, head, rows in (
                ("Theo loại sổ", "Loại", report.forms),
                ("Theo thời kỳ", "Thời kỳ", report.periods),
            )
        ],
        "bars": _bars(report),
        "most": max(day.pages for day in report.days),
        "width": _WIDTH,
        "height": _HEIGHT,
    }
    return render(request, "web/progress.html", context)


def _bars(report: ProgressReport) -> list[Bar]:
    step = _WIDTH / len(report.days)
    most = max(day.pages for day in report.days) or 1
    heights = [_HEIGHT * day.pages / most for day in report.days]
    return [
        Bar(day, round(n * step, 1), round(_HEIGHT - h, 1), round(step * 0.75, 1), round(h, 1), n % 5 == 0)
        for n, (day, h) in enumerate(zip(report.days, heights, strict=True))
    ]
