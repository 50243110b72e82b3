"""Group verification: one reading, a wall of the places where it stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.group_checking import groups, members
from pipeline.people.access import Act, records_for
from pipeline.reviewing import opened
from validators.rules.labels import label
from web.permits import needs

_LISTED = 100
_ON_A_WALL = 60


@require_safe
@needs(Act.KEY)
def group_list(request: HttpRequest) -> HttpResponse:
    """Which readings can be looked at together."""
    found = groups(records_for(request.user, Act.KEY), limit=_LISTED)
    return render(request, "review/groups.html", {"groups": [(label(g.key), g) for g in found]})


@require_safe
@needs(Act.KEY)
def wall(request: HttpRequest) -> HttpResponse:
    """The pictures of one reading; every record shown leaves an event."""
    key, written = request.GET.get("truong", ""), request.GET.get("chu", "")
    values = members(records_for(request.user, Act.KEY), key, written, limit=_ON_A_WALL)
    for value in values:
        opened(value.record, actor=request.user.username, purpose="Kiểm tra theo nhóm")
    context = {"values": values, "label": label(key), "written": written}
    return render(request, "review/wall.html", context)
