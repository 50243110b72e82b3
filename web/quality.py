"""The data quality of an office as page, JSON and workbook: shares and names of books, no persons."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.people.access import Act, offices_for
from pipeline.quality import WORDS, quality_of
from pipeline.quality_sheet import quality_workbook
from pipeline.shelves import shelves
from web.permits import needs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@needs(Act.PROGRESS)
def quality(request: HttpRequest) -> HttpResponse:
    """Show the report of the office ``don_vi``; ``dang`` asks for ``json`` or ``xlsx`` instead."""
    offices = offices_for(request.user, Act.PROGRESS)
    code = request.GET.get("don_vi")
    office = offices.filter(code=code).first() if code else offices.first()
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
    titles = {shelf.book: shelf.title for shelf in shelves(office.records.all()) if shelf.book}
    books = [(titles.get(row.book, "Chưa rõ quyển"), row) for row in report.books]
    context = {"report": report, "names": WORDS.values(), "books": books, "choices": offices}
    return render(request, "web/quality.html", context)
