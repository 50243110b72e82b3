"""The data quality of an office as page, JSON and workbook: shares and names of books, no persons."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.models import Office
from pipeline.quality import WORDS, quality_of
from pipeline.quality_sheet import quality_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """Show the report of the office ``don_vi``; ``dang`` asks for ``json`` or ``xlsx`` instead."""
    code = request.GET.get("don_vi") or settings.SOHOA.office_code
    office = Office.objects.filter(code=code).first()
    if office is None:
        raise Http404(f"Không có đơn vị {code}.")
    report = quality_of(office, datetime.now(UTC))
    match request.GET.get("dang"):
        case "json":
            return JsonResponse(report.json(), json_dumps_params={"ensure_ascii": False})
        case "xlsx":
            response = HttpResponse(quality_workbook(report), content_type=XLSX)
            response["Content-Disposition"] = f'attachment; filename="chat-luong-{office.code}.xlsx"'
            return response
    context = {"report": report, "names": WORDS.values()}
    return render(request, "web/quality.html", context)
