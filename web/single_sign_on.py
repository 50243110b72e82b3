"""Sign-in at the province's OpenID Connect issuer, beside passwords, which stay for the day it is down."""

from __future__ import annotations

import hmac

import structlog
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pipeline.events import record_event
from pipeline.people.identities import account_of
from pipeline.people.open_id import Attempt, OpenIdClient, SignOnFailed, new_attempt

COOKIE = "sohoa_sign_on"
"""Holds the attempt, signed. Not the session: its cookie is Strict and does not come back from elsewhere."""
_SECONDS = 600
_log = structlog.get_logger(__name__)

_SENTENCES = {
    "CANCELLED": "Chưa đăng nhập ở trang của tỉnh. Hãy thử lại.",
    "STATE_WRONG": "Lần đăng nhập này đã quá lâu hoặc không bắt đầu từ đây. Hãy thử lại.",
    "ISSUER_DOWN": "Trang đăng nhập của tỉnh chưa trả lời. Hãy thử lại sau, hoặc đăng nhập bằng mật khẩu.",
    "UNKNOWN_PERSON": "Người này chưa có tài khoản ở đây. Hãy hỏi người quản trị của đơn vị.",
    "OTHER_PERSON": "Tài khoản cùng tên ở đây đã gắn với người khác. Hãy hỏi người quản trị của đơn vị.",
    "SWITCHED_OFF": "Tài khoản đã bị khóa; hỏi người quản trị.",
}
_OTHERWISE = "Trang đăng nhập của tỉnh trả lời không hợp lệ, nên không cho vào. Hãy báo người quản trị."


@require_safe
@login_not_required
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the issuer."""
    attempt = new_attempt()
    try:
        answer = HttpResponseRedirect(_client(request).address(attempt))
    except SignOnFailed as failed:
        return _refused(request, failed)
    answer.set_cookie(
        COOKIE,
        signing.dumps([attempt.state, attempt.nonce, attempt.verifier], salt=COOKIE),
        max_age=_SECONDS,
        path=reverse("single-sign-on"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer


@require_safe
@login_not_required
def finish(request: HttpRequest) -> HttpResponse:
    """Take the browser back from the issuer, and sign in whom it names."""
    try:
        answer = _sign_in(request, _attempt(request))
    except SignOnFailed as failed:
        answer = _refused(request, failed)
    answer.delete_cookie(COOKIE, path=reverse("single-sign-on"), samesite="Lax")
    return answer


def _sign_in(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    try:
        if "code" not in request.GET:
            raise SignOnFailed("CANCELLED", request.GET.get("error", "")[:100])
        claims = _client(request).claims(request.GET["code"], attempt)
        account = account_of(claims, settings.SOHOA.single_sign_on.claim)
    except SignOnFailed as failed:
        record_event("account.sign_on_refused", actor="sohoa", data={"code": failed.code})
        raise
    onward = perform_login(request, account, signal_kwargs={"single_sign_on": True})
    # a redirect would still count as coming from the issuer, and the session's cookie would stay behind
    return render(request, "account/signed_on.html", {"onward": onward.url})


def _attempt(request: HttpRequest) -> Attempt:
    """What this browser began; an answer to something else is nobody's sign-in."""
    try:
        attempt = Attempt(*signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=_SECONDS))
    except signing.BadSignature as error:
        raise SignOnFailed("STATE_WRONG") from error
    if not hmac.compare_digest(request.GET.get("state", "").encode(), attempt.state.encode()):
        raise SignOnFailed("STATE_WRONG")
    return attempt


def _client(request: HttpRequest) -> OpenIdClient:
    rules = settings.SOHOA.single_sign_on
    if not rules.issuer:
        raise Http404
    secret = rules.client_secret_file.read_text(encoding="utf-8").strip()
    return OpenIdClient(rules, secret, request.build_absolute_uri(reverse("single-sign-on-return")))


def _refused(request: HttpRequest, failed: SignOnFailed) -> HttpResponse:
    _log.warning("single sign-on refused", reason=str(failed))
    context = {"sentence": _SENTENCES.get(failed.code, _OTHERWISE)}
    return render(request, "account/sign_on_refused.html", context, status=403)
