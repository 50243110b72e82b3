"""Kinds of books and papers by the names that officers call them."""

from __future__ import annotations

from django import template

from pipeline.handover.archive import TITLES

register = template.Library()


@register.filter
def form_title(form: str) -> str:
    """``KS`` as ``Sổ đăng ký khai sinh``; a form of the office's own by its code."""
    return TITLES.get(form, form)
