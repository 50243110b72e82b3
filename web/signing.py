"""Signing with an officer's own token: copies go out as a ZIP and come back signed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from pipeline.addresses import ServicesNotRunning
from pipeline.configuration import ConfigurationError
from pipeline.equipment import equipment
from pipeline.models import Record, RecordState
from pipeline.people.access import Act, records_for
from pipeline.signing_round import MOST_COPIES, Returned, pack, take_in
from storage.errors import StorageError
from web.permits import needs


@require_safe
@needs(Act.APPROVE)
def own_token(request: HttpRequest) -> HttpResponse:
    """What waits for an officer's signature, and how to give it."""
    return _page(request, ())


@needs(Act.APPROVE)
@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """The copies to sign, the longest waiting first; asked again, the same ones."""
    records = list(_waiting(request).values_list("pk", flat=True)[:MOST_COPIES])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cho-ky.zip"
        try:
            count = pack(
                records,
                equipment().for_sealing(),
                path,
                digests="ma_bam" in request.POST,
                actor=request.user.username,
            )
        except (StorageError, ServicesNotRunning, ConfigurationError):
            messages.error(request, "Chưa lập được tệp để ký; hãy thử lại sau ít phút hoặc báo quản trị.")
            return redirect("own-token")
        if not count:
            messages.error(request, "Không có hồ sơ nào chờ ký.")
            return redirect("own-token")
        # the open file outlives its folder
        return FileResponse(path.open("rb"), as_attachment=True, filename="cho-ky.zip")


@needs(Act.APPROVE)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take signed files back; each refusal is told with its code."""
    files = request.FILES.getlist("tep")
    if not files:
        messages.error(request, "Chưa chọn tệp nào. Hãy chọn các tệp đã ký, hoặc một tệp ZIP chứa chúng.")
        return redirect("own-token")
    # a copy brought twice is told that nothing waits for it, so all that a person may sign is allowed
    allowed: set[UUID] = set(_waiting(request).values_list("pk", flat=True))
    try:
        tools = equipment().for_sealing()
    except (StorageError, ServicesNotRunning, ConfigurationError):
        messages.error(request, "Dịch vụ ký số chưa sẵn sàng; hãy nộp lại sau ít phút hoặc báo quản trị.")
        return redirect("own-token")
    returned = [
        answer
        for file in files
        for answer in take_in(file.name or "", file, allowed, tools, actor=request.user.username)
    ]
    return _page(request, returned)


def _page(request: HttpRequest, returned: Sequence[Returned]) -> HttpResponse:
    waiting = _waiting(request)
    context = {
        "outside": settings.SOHOA.signing.source == "external",
        "count": waiting.count(),
        "rows": waiting.select_related("office")[:MOST_COPIES],
        "most": MOST_COPIES,
        "returned": returned,
        "signed": sum(1 for r in returned if not r.code),
    }
    return render(request, "approving/own_token.html", context)


def _waiting(request: HttpRequest) -> QuerySet[Record]:
    mine = records_for(request.user, Act.APPROVE)
    return mine.filter(state=RecordState.APPROVED, scan__signed=False).order_by("state_since")
