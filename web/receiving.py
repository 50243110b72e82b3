"""Receiving: choose the book, drop the files, see what became of each, follow the reading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pipeline.deliveries import (
    DeliveryBusy,
    close_delivery,
    delivery_progress,
    keep_open,
    open_delivery,
    stay_open,
)
from pipeline.equipment import equipment
from pipeline.intake import receive_limits
from pipeline.models import Batch
from pipeline.people.access import Act, offices_for
from pipeline.receive import Reception
from pipeline.uploads import CHUNK_BYTES, Upload, UploadRefused, Uploads, uploads_of
from storage.errors import StoreError
from web.book_form import BookForm
from web.permits import needs

STREAM_SECONDS = 60.0
"""A stream ends after this long and the page asks for the next one, so that a lost right is noticed."""
PERIOD_SECONDS = 2.0
_SHOWN = 200
_STATUS = {
    "UNKNOWN": 404,
    "OFFSET": 409,
    "INCOMPLETE": 409,
    "DAMAGED": 422,
    "DIFFERS": 422,
    "BUSY": 423,
    "NO_ROOM": 507,
}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.RECEIVE)
def receiving(request: HttpRequest) -> HttpResponse:
    """The deliveries so far, and the form that begins one."""
    offices = offices_for(request.user, Act.RECEIVE)
    form = BookForm(request.POST or None, offices=offices)
    if request.method == "POST" and form.is_valid():
        office, book = form.chosen(by=request.user.username)
        name = str(book) if book else ""
        batch = open_delivery(office, actor=request.user.username, name=name, book=book)
        return redirect("receiving-delivery", batch.pk)
    rows = Batch.objects.filter(office__in=offices).select_related("office")
    return render(request, "receiving/deliveries.html", {"form": form, "rows": rows[:50]})


@require_safe
@needs(Act.RECEIVE)
def delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One delivery: where files are dropped, what became of them, how far their reading is."""
    batch = _batch(request, pk)
    told = batch.deliveries.order_by("-id")
    context = {
        "batch": batch,
        "rows": told[:_SHOWN],
        "more": max(0, told.count() - _SHOWN),
        "progress": delivery_progress(batch),
        "unfinished": _uploads(pk).unfinished(),
        "chunk": CHUNK_BYTES,
    }
    return render(request, "receiving/delivery.html", context)


@require_POST
@needs(Act.RECEIVE)
def begin(request: HttpRequest, pk: UUID) -> JsonResponse:
    """Begin an upload, or say how far the one that was begun is."""
    batch = _batch(request, pk)
    try:
        given = json.loads(request.body)
        name, size, modified = str(given["name"]), int(given["size"]), int(given["modified"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"message": "Yêu cầu không đúng dạng."}, status=400)
    if not name or size < 0:
        return JsonResponse({"message": "Yêu cầu không đúng dạng."}, status=400)
    try:
        keep_open(batch.pk)
        return JsonResponse(_told(_uploads(pk).create(name, size, modified)))
    except UploadRefused as refused:
        return _refused(refused)
    except DeliveryBusy:
        return _busy()


@require_POST
@needs(Act.RECEIVE)
def piece(request: HttpRequest, pk: UUID, upload: str) -> JsonResponse:
    """Put one piece of a file behind what stands."""
    batch = _batch(request, pk)
    uploads = _uploads(pk)
    try:
        offset = int(request.headers.get("Upload-Offset", ""))
    except ValueError:
        return JsonResponse({"message": "Yêu cầu không đúng dạng."}, status=400)
    stay_open(batch.pk)
    try:
        stands = uploads.append(upload, offset, request.body, request.headers.get("Upload-Checksum", ""))
        refusable = uploads.is_refusable(upload, receive_limits(equipment().settings))
        return JsonResponse({"offset": stands, "finish": refusable})
    except UploadRefused as refused:
        return _refused(refused)


@require_POST
@needs(Act.RECEIVE)
def finish(request: HttpRequest, pk: UUID, upload: str) -> JsonResponse:
    """Take a whole file in; only this answer acknowledges it."""
    tools = equipment()
    try:
        batch = keep_open(_batch(request, pk).pk)
        door = Reception(
            batch, batch.office, request.user.username, tools.vault, receive_limits(tools.settings)
        )
        done = _uploads(pk).finish(upload, door, request.headers.get("Upload-Sha256", ""))
        return JsonResponse(_told(done))
    except UploadRefused as refused:
        return _refused(refused)
    except DeliveryBusy:
        return _busy()
    except StoreError:
        text = "Kho lưu trữ chưa trả lời. Phần đã gửi được giữ lại; máy sẽ tự thử lại."
        return JsonResponse({"message": text, "code": "STORE"}, status=503)


@require_POST
@needs(Act.RECEIVE)
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Nothing more comes for now: whole books can be checked."""
    close_delivery(_batch(request, pk).pk)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({})
    messages.success(request, "Đã kết thúc đợt nhận. Có thể gửi thêm tệp bất cứ lúc nào.")
    return redirect("receiving-delivery", pk)


@require_safe
@needs(Act.RECEIVE)
def progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    """How far a delivery is, for pages whose stream does not come through."""
    return JsonResponse(asdict(delivery_progress(_batch(request, pk))))


@require_safe
@needs(Act.RECEIVE)
def stream(request: HttpRequest, pk: UUID) -> StreamingHttpResponse:
    """The same as it changes, as server-sent events."""
    answer = StreamingHttpResponse(_events(_batch(request, pk)), content_type="text/event-stream")
    # compression would hold events back until there are enough of them
    answer.headers["Content-Encoding"] = "identity"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


async def _events(batch: Batch) -> AsyncIterator[str]:
    """Events ``progress`` on change, then ``end`` when no machine works on, or ``renew`` after a while."""
    last = None
    for _ in range(int(STREAM_SECONDS / PERIOD_SECONDS)):
        now = await sync_to_async(_counted)(batch)
        yield f"event: progress\ndata: {json.dumps(asdict(now))}\n\n" if now != last else ": \n\n"
        if not now.busy:
            yield "event: end\ndata: {}\n\n"
            return
        last = now
        await asyncio.sleep(PERIOD_SECONDS)
    yield "event: renew\ndata: {}\n\n"


def _counted(batch: Batch) -> Any:
    try:
        return delivery_progress(batch)
    finally:
        close_old_connections()


def _batch(request: HttpRequest, pk: UUID) -> Batch:
    offices = offices_for(request.user, Act.RECEIVE)
    return get_object_or_404(Batch.objects.select_related("office"), pk=pk, office__in=offices)


def _uploads(pk: UUID) -> Uploads:
    return uploads_of(equipment().settings.data_dir, pk)


def _told(upload: Upload) -> dict[str, Any]:
    receipts = None if upload.receipts is None else [asdict(r) for r in upload.receipts]
    return {"id": upload.id, "offset": upload.offset, "size": upload.size, "receipts": receipts}


def _refused(refused: UploadRefused) -> JsonResponse:
    told = {"code": refused.code, "message": refused.message, "offset": refused.offset}
    return JsonResponse(told, status=_STATUS.get(refused.code, 400))


def _busy() -> JsonResponse:
    text = "Máy đang kiểm tra đợt này theo quyển. Hãy đợi một lát; máy sẽ tự thử lại."
    return JsonResponse({"message": text, "code": "BUSY"}, status=423)
