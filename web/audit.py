"""The log: who saw and did what in one's offices, and whether the chain holds."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pipeline.auditing import VERBS, as_csv, as_workbook, events_for, filtered
from pipeline.events import record_event, verify_chain
from pipeline.people.access import Act, offices_for
from web.permits import needs
from web.quality import XLSX

_PAGE = 100
_MOST_ROWS = 100_000
"""A workbook is made in memory; longer logs go by ``sohoa audit export`` or a narrower filter."""


class FilterForm(forms.Form):
    """What to look for; every box may stay empty."""

    don_vi = forms.ChoiceField(label="Đơn vị", required=False)
    nguoi = forms.CharField(label="Người", max_length=150, required=False)
    viec = forms.ChoiceField(label="Việc", required=False)
    doi_tuong = forms.CharField(label="Hồ sơ hoặc tệp", max_length=60, required=False)
    tu = forms.DateField(label="Từ ngày", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    den = forms.DateField(label="Đến ngày", required=False, widget=forms.DateInput(attrs={"type": "date"}))


@require_safe
@needs(Act.AUDIT)
def audit(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Show a page of the log; ``dang`` asks for all of it as ``csv`` or ``xlsx`` instead."""
    offices = offices_for(request.user, Act.AUDIT)
    form = FilterForm(request.GET)
    form.fields["don_vi"].choices = [("", "Tất cả"), *offices.values_list("code", "name")]
    form.fields["viec"].choices = [("", "Tất cả"), *sorted(VERBS.items(), key=lambda pair: pair[1])]
    events = events_for(request.user)
    if form.is_valid():
        given = form.cleaned_data
        events = filtered(
            events,
            office=given["don_vi"],
            actor=given["nguoi"].strip(),
            verb=given["viec"],
            subject=given["doi_tuong"].strip(),
            since=given["tu"],
            until=given["den"],
        )
    else:
        events = events.none()
    if (wanted := request.GET.get("dang")) in {"csv", "xlsx"} and form.is_valid():
        record_event(
            "audit.exported",
            actor=request.user.username,
            office=given["don_vi"],
            data={"format": wanted, "events": events.count()},
        )
        rows = events[:_MOST_ROWS].iterator(chunk_size=2000)
        if wanted == "csv":
            response = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
        else:
            response = HttpResponse(as_workbook(rows), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="nhat-ky.{wanted}"'
        return response
    page = Paginator(events, _PAGE).get_page(request.GET.get("trang"))
    kept = request.GET.copy()
    kept.pop("trang", None)
    context = {
        "form": form,
        "page": page,
        "rows": [(event, VERBS.get(event.verb, event.verb)) for event in page],
        "kept": kept.urlencode(),
    }
    return render(request, "web/audit.html", context)


@needs(Act.AUDIT)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain and say whether it holds."""
    report = verify_chain()
    record_event("audit.verified", actor=request.user.username, data={"sound": report.sound})
    if report.broken is None:
        messages.success(request, f"Nhật ký nguyên vẹn: {report.length} sự kiện. Mã đầu chuỗi: {report.head}")
    else:
        messages.error(
            request,
            f"Nhật ký đã bị can thiệp tại sự kiện số {report.broken.event}. "
            "Hãy giữ nguyên máy, báo ngay người quản trị và đối chiếu với bản sao lưu.",
        )
    return redirect("audit")
