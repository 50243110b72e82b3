"""What every answer of the desk carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from web.sign_in_events import steps_before_work

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline: text read from a scan never runs in the officer's browser."""


class StrictContent:
    """Adds the content policy, and keeps pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the page be made, then add the headers that it does not set itself."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class SentInPieces:
    """Sends files while they are read; Django under ASGI would first read them whole into memory."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the answer be made, then have its parts asked for in turn."""
        response = self._get_response(request)
        if (
            isinstance(request, ASGIRequest)
            and isinstance(response, StreamingHttpResponse)
            and not response.is_async
        ):
            response.streaming_content = _in_turn(iter(response.streaming_content))
        return response


async def _in_turn(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """A quarter of a megabyte at a time, of files, whose parts are of 4 kB."""
    while some := await sync_to_async(lambda: list(islice(parts, 64)))():
        yield b"".join(some)


class FirstSteps:
    """Leads to what a person must do before working, such as changing the first password."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let only the pages of one's own account through while a step is open."""
        if request.path.startswith(_OWN_ACCOUNT) or request.path == reverse("health"):
            return self._get_response(request)
        steps = steps_before_work(request)
        if not steps:
            return self._get_response(request)
        if "HX-Request" in request.headers:  # a redirect would put the whole page into a part of one
            return HttpResponseClientRedirect(reverse(steps[0]))
        return redirect(steps[0])


_OWN_ACCOUNT = "/tai-khoan/"
