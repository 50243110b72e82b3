"""Sealed copies on their way to a browser: out of the store itself, or through the desk; and links to them.

A link opens for a short while without a sign-in, for the officer whom another system hands it to. It leads
here, never to the store: who asked for it must still have the right, and every opening is an event. Only
then does the store's own link follow, which is good for starting one download.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pipeline.equipment import equipment
from pipeline.events import record_event
from pipeline.intake import reading_store
from pipeline.machines.models import ApiToken
from pipeline.models import Event, SealedCopy
from pipeline.people.access import Act, records_for
from pipeline.sensitive import shows_copies
from storage.errors import StorageError

_SALT = "copy-link"
_START = timedelta(seconds=30)
"""How long the store's own link is good for; a download that has begun goes on."""
_SENTENCES = {
    "LINK_EXPIRED": "Đường dẫn tải đã hết hạn; hãy xin đường dẫn mới.",
    "STORE_DOWN": "Kho lưu trữ chưa trả lời; hãy tải lại sau ít phút.",
}


def copy_file(copy: SealedCopy) -> HttpResponse:
    """The way to a copy that somebody may have, by `Settings.copies_from_store`.

    Raises:
        StorageError: the store does not answer.
    """
    tools = equipment()
    if settings.SOHOA.copies_from_store:
        store = reading_store(tools.settings, tools.endpoints)
        return HttpResponseRedirect(store.link(copy.bucket, copy.key, copy.version_id, valid=_START))
    name = f"{copy.record.form}-{copy.record_id}-v{copy.version}.pdf"
    return HttpResponse(
        tools.vault.store.get(copy.bucket, copy.key, copy.version_id),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def make_link(caller: ApiToken, copy: SealedCopy, purpose: str) -> str:
    """Path that opens one copy for `Settings.copy_link_seconds`, and the event that tells of it."""
    event = record_event(
        "copy.linked",
        actor=caller.actor,
        office=copy.record.office.code,
        purpose=purpose,
        subject=f"record:{copy.record_id}",
        data={"version": copy.version, "sha256": copy.sha256},
    )
    return reverse("copy-link", args=[signing.dumps(event.pk, salt=_SALT)])


@require_safe
@login_not_required
def fetch(request: HttpRequest, ticket: str) -> HttpResponse:
    """Open a link: asks anew whether the system that got it may still have the copy."""
    try:
        made = signing.loads(ticket, salt=_SALT, max_age=settings.SOHOA.copy_link_seconds)
    except signing.SignatureExpired:
        return _told(request, 410, "LINK_EXPIRED")
    except signing.BadSignature:
        raise Http404 from None
    event = Event.objects.get(pk=made, verb="copy.linked")
    caller = ApiToken.objects.filter(name=event.actor.removeprefix("token:")).first()
    rows = records_for(caller, Act.SEARCH) if caller else records_for(request.user, Act.SEARCH).none()
    record = rows.filter(pk=UUID(event.subject.removeprefix("record:"))).first()
    if caller is None or record is None or not shows_copies(caller, record):
        raise Http404
    copy = record.sealed_copies.select_related("record__office").get(version=event.data["version"])
    try:
        answer = copy_file(copy)
    except StorageError:
        return _told(request, 503, "STORE_DOWN")
    record_event(
        "copy.downloaded",
        actor=event.actor,
        office=event.office,
        purpose=event.purpose,
        subject=event.subject,
        data={**event.data, "link": event.pk},
    )
    return answer


def _told(request: HttpRequest, status: int, code: str) -> HttpResponse:
    if request.accepts("text/html"):
        return render(request, "web/copy_link.html", {"code": code}, status=status)
    told = {"status": status, "code": code, "message": _SENTENCES[code]}
    return JsonResponse(told, status=status, content_type="application/problem+json")
