"""The areas of the desk, shown to those who may use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from pipeline.people.access import Act, acts_of


@dataclass(frozen=True, slots=True)
class Area:
    """One entry of the menu.

    Attributes:
        view: name of its first page.
        acts: one of them is needed.
    """

    view: str
    title: str
    acts: frozenset[Act]


AREAS: tuple[Area, ...] = (
    Area("receiving", "Tiếp nhận", frozenset({Act.RECEIVE})),
    Area("review-queue", "Kiểm tra", frozenset({Act.KEY})),
    Area("approving", "Phê duyệt", frozenset({Act.APPROVE})),
    Area("search", "Tra cứu", frozenset({Act.SEARCH})),
    Area("packages", "Giao nộp", frozenset({Act.HAND_OVER})),
    Area("progress", "Tiến độ", frozenset({Act.PROGRESS})),
    Area("quality", "Chất lượng", frozenset({Act.PROGRESS})),
    Area("agreement", "Mức khớp", frozenset({Act.TRAIN})),
    Area("audit", "Nhật ký", frozenset({Act.AUDIT})),
    Area("people", "Người dùng", frozenset({Act.PEOPLE})),
    Area("guide", "Trợ giúp", frozenset(Act)),
)
"""In the order of the work."""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give every page the areas that its account may use, and marks the one it is in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"areas": [], "single_sign_on": settings.SOHOA.single_sign_on}
    acts = acts_of(user)
    here = request.path
    return {
        "acts": acts,
        "areas": [
            {"url": url, "title": area.title, "here": here.startswith(url)}
            for area in AREAS
            if area.acts & acts
            for url in [reverse(area.view)]
        ],
    }
