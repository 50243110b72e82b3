"""Shares as officers read them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """``0.985`` as ``98,5 %``; rounded down, so that only a whole share shows as 100 %."""
    tenths = int(share * 1000 + 1e-9)
    return f"{tenths // 10},{tenths % 10} %".replace(",0 %", " %")
