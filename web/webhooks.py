"""Administrators see which other systems are told of what, make and withdraw that, and send again."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pipeline.auditing import VERBS
from pipeline.machines.models import DeliveryState, Webhook, WebhookDelivery
from pipeline.machines.webhooks import (
    AddressRefused,
    Topic,
    make_webhook,
    secret_of,
    send_again,
    withdraw_webhook,
)
from pipeline.models import Office
from pipeline.people.access import Act, offices_for
from web.permits import needs

_SHOWN = 50


class WebhookForm(forms.Form):
    """Who is to be told of what."""

    office = forms.ModelChoiceField(Office.objects.none(), label="Đơn vị", empty_label=None)
    url = forms.CharField(label="Địa chỉ nhận tin", max_length=500, help_text="https://…")
    topics = forms.MultipleChoiceField(
        label="Báo khi", choices=[(t.value, VERBS[t]) for t in Topic], widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.SUBSCRIBE)
def webhooks(request: HttpRequest) -> HttpResponse:
    """What is told to whom in one's offices; the secret of a new one is shown once, on this answer alone."""
    form = WebhookForm(request.POST or None)
    form.fields["office"].queryset = offices_for(request.user, Act.SUBSCRIBE)
    hosts, secret = settings.SOHOA.webhooks.allowed_hosts, ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        topics = [Topic(topic) for topic in given["topics"]]
        try:
            made = make_webhook(
                given["url"], topics, office=given["office"], allowed_hosts=hosts, by=request.user.username
            )
        except AddressRefused:
            form.add_error("url", "Địa chỉ phải là https:// ở một máy chủ đã mở trong cấu hình.")
        else:
            secret = secret_of(made)
    rows = _rows(request)
    waiting = WebhookDelivery.objects.filter(webhook__in=rows).exclude(state=DeliveryState.DELIVERED)
    counts = {
        state.lower(): Count("deliveries", filter=Q(deliveries__state=state)) for state in DeliveryState
    }
    context = {
        "form": form,
        "hosts": hosts,
        "secret": secret,
        "rows": [(row, [VERBS[t] for t in row.topics]) for row in rows.annotate(**counts)],
        "waiting": [
            (row, VERBS[row.event.verb]) for row in waiting.select_related("event", "webhook")[:_SHOWN]
        ],
        "given_up": DeliveryState.QUARANTINED,
    }
    return render(request, "people/webhooks.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Act.SUBSCRIBE)
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell an address nothing more."""
    withdraw_webhook(get_object_or_404(_rows(request), pk=pk), by=request.user.username)
    messages.success(request, "Đã thôi báo tin tới địa chỉ này.")
    return redirect("webhooks")


@require_POST
@needs(Act.SUBSCRIBE)
def again(request: HttpRequest, pk: UUID, delivery: int) -> HttpResponse:
    """Send a message that was given up once more."""
    row = get_object_or_404(WebhookDelivery, webhook=get_object_or_404(_rows(request), pk=pk), pk=delivery)
    if send_again(row):
        messages.success(request, "Đang gửi lại.")
    else:
        messages.error(request, "Tin này đã nhận hoặc đang chờ gửi.")
    return redirect("webhooks")


def _rows(request: HttpRequest) -> QuerySet[Webhook]:
    offices = offices_for(request.user, Act.SUBSCRIBE)
    return Webhook.objects.filter(office__in=offices, withdrawn_at=None).select_related("office")
