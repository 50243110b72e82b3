"""What every answer of the desk carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from web.sign_in_events import FIRST_STEPS

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


class FirstSteps:
    """Leads to what a person must do before working, such as changing the first password."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let only the pages of one's own account through while a step is open."""
        steps = request.session.get(FIRST_STEPS)
        if steps and not request.path.startswith(_OWN_ACCOUNT) and request.path != reverse("health"):
            return redirect(steps[0])
        return self._get_response(request)


_OWN_ACCOUNT = "/tai-khoan/"
