"""What is answered where there is nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found

from web.api.problems import problem


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Tell people on a page, and programs in a problem document, that there is nothing here."""
    if request.path.startswith("/api/"):
        return problem(404, "NOT_FOUND")
    return page_not_found(request, exception)
