"""How far double keys agree, as page, JSON and workbook: keyers see their own, supervisors their offices'."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.agreement import agreement_in, agreement_json, agreement_workbook, own_agreement
from pipeline.people.access import Act, acts_of, offices_for
from web.permits import needs
from web.quality import XLSX


@require_safe
@needs(Act.KEY, Act.TRAIN)
def agreement(request: HttpRequest) -> HttpResponse:
    """Show the figures; ``dang`` asks for ``json`` or ``xlsx`` instead."""
    of_offices = Act.TRAIN in acts_of(request.user)
    if of_offices:
        rows = agreement_in(offices_for(request.user, Act.TRAIN))
    else:
        rows = own_agreement(request.user.username)
    match request.GET.get("dang"):
        case "json":
            told = {"own": not of_offices, "rows": agreement_json(rows)}
            return JsonResponse(told, json_dumps_params={"ensure_ascii": False})
        case "xlsx":
            response = HttpResponse(agreement_workbook(rows), content_type=XLSX)
            response["Content-Disposition"] = 'attachment; filename="muc-khop.xlsx"'
            return response
    return render(request, "web/agreement.html", {"rows": rows, "of_offices": of_offices})
