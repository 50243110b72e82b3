"""Refusals as problem documents (RFC 9457) with a stable code and a Vietnamese sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from pipeline.addresses import ServicesNotRunning
from storage.errors import StorageError

_log = structlog.get_logger(__name__)

SENTENCES = {
    "REQUEST_INVALID": "Yêu cầu thiếu hoặc sai tham số; xem `errors`.",
    "TOKEN_INVALID": "Thiếu mã kết nối, hoặc mã sai, hết hạn, đã bị thu hồi.",
    "SCOPE_MISSING": "Mã kết nối này không có phạm vi cần cho việc đó; hãy hỏi người quản trị.",
    "NOT_FOUND": "Không có thứ này, hoặc nó không thuộc đơn vị của mã kết nối.",
    "TOO_MANY_CALLS": "Đã gọi quá số lần cho phép trong một phút; hãy đợi rồi gọi lại.",
    "KEY_REUSED": "Idempotency-Key này đã dùng cho một yêu cầu khác trong 24 giờ qua; hãy dùng khóa mới.",
    "STILL_WORKING": "Yêu cầu đầu tiên với Idempotency-Key này chưa xong; hãy đợi rồi gọi lại.",
    "CURSOR_INVALID": "Con trỏ trang không dùng được; hãy lấy lại từ trang đầu.",
    "STORE_DOWN": "Kho lưu trữ chưa trả lời; hãy gọi lại sau ít phút.",
    "ADDRESS_REFUSED": "Địa chỉ phải là https:// ở một máy chủ có trong webhooks.allowed_hosts của cấu hình.",
    "NOT_GIVEN_UP": "Tin này đã nhận hoặc đang chờ gửi; chỉ gửi lại được tin đã thôi gửi.",
    "INTERNAL": "Lỗi của hệ thống; hãy báo người quản trị kèm thời điểm gọi.",
}


class FaultyPart(Schema):
    """One part of a request that cannot be taken; `place` as in ``query.limit``."""

    place: str
    reason: str


class Problem(Schema):
    """Why a call was refused."""

    status: int
    code: str
    message: str
    errors: list[FaultyPart] = Field(default_factory=list)


class Refusal(Exception):  # noqa: N818 - says what happened
    """A call is refused; `SENTENCES` says why."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def problem(
    status: int,
    code: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[FaultyPart] | None = None,
) -> HttpResponse:
    """The answer for a refused call."""
    told: dict[str, Any] = {"status": status, "code": code, "message": SENTENCES[code]}
    if errors:
        told["errors"] = [e.dict() for e in errors]
    return HttpResponse(
        json.dumps(told, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers=dict(headers or {}),
    )


class DocumentedApi(NinjaAPI):
    """An interface whose document tells problems by their own media type."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """The document, with ``application/problem+json`` where a problem is answered."""
        document = super().get_openapi_schema(**options)
        told = {"$ref": "#/components/schemas/Problem"}
        for path in document["paths"].values():
            for operation in path.values():
                for answer in operation["responses"].values():
                    content = answer.get("content", {})
                    if content.get("application/json", {}).get("schema") == told:
                        content["application/problem+json"] = content.pop("application/json")
        return document


def tell_problems(api: NinjaAPI) -> None:
    """Let every error of `api` be told as a problem document."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return problem(error.status, error.code, headers=error.headers)

    @api.exception_handler(AuthenticationError)
    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, "TOKEN_INVALID", headers={"WWW-Authenticate": "Bearer"})

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        faults = [FaultyPart(place=".".join(map(str, e["loc"])), reason=e["msg"]) for e in error.errors]
        return problem(422, "REQUEST_INVALID", errors=faults)

    @api.exception_handler(Http404)
    def absent(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "NOT_FOUND")

    @api.exception_handler(HttpError)
    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(SuspiciousOperation)
    def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        """A body that is no JSON or no form, or has more parts than anyone sends."""
        return problem(422, "REQUEST_INVALID")

    @api.exception_handler(StorageError)
    @api.exception_handler(ServicesNotRunning)
    def store_down(request: HttpRequest, error: Exception) -> HttpResponse:
        _log.warning("store does not answer a call", error=str(error))
        return problem(503, "STORE_DOWN", headers={"Retry-After": "60"})

    @api.exception_handler(Exception)
    def fault(request: HttpRequest, error: Exception) -> HttpResponse:
        _log.error("call failed", path=request.path, exc_info=error)
        return problem(500, "INTERNAL")
