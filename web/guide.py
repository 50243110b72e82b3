"""Help for everyone who signs in: how the desk is used, and a card of its keys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.people.access import Act
from web.permits import needs


@require_safe
@needs(*Act)
def guide(request: HttpRequest) -> HttpResponse:
    """Show the guide, in the order of the work."""
    return render(request, "guide/guide.html")


@require_safe
@needs(*Act)
def keys(request: HttpRequest) -> HttpResponse:
    """Show the card of keys, on one sheet of paper when printed."""
    return render(request, "guide/keys.html")
