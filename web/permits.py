"""Every view says which act it belongs to; nothing is shown that its account may not see."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from pipeline.people.access import Act, acts_of

View = Callable[..., HttpResponse]


def needs(*acts: Act) -> Callable[[View], View]:
    """Let in accounts that may do one of these acts in some office.

    The view itself takes what it shows from `pipeline.people.access`, so that other offices' things do not
    exist for it. The acts stand on the view as ``acts``, for the test that tries every page in every role.
    """

    def permitted(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not acts_of(request.user) & set(acts):
                raise PermissionDenied("Tài khoản này không có quyền dùng trang này.")
            return view(request, *args, **kwargs)

        guarded.acts = frozenset(acts)  # type: ignore[attr-defined]
        return guarded

    return permitted
