"""People: accounts, their roles, and the tree of offices, each within one's own offices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pipeline.models import Office
from pipeline.people.access import Act, offices_for, with_below
from pipeline.people.accounts import AccountTaken
from pipeline.people.administration import (
    NotAllowed,
    OfficeRefused,
    accounts_for,
    add_account,
    drop_second_factor,
    forget_identity,
    give_role,
    holds,
    new_password,
    save_office,
    switch_account,
    take_role,
)
from pipeline.people.models import Role
from web.permits import needs

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Branch:
    """One office with its depth in the tree as the administrator sees it."""

    office: Office
    depth: int

    @property
    def indent(self) -> str:
        """Drawn before the name; read out as nothing."""
        return "— " * self.depth


class AccountForm(forms.Form):
    """A new account with its first roles in one office."""

    name = forms.CharField(
        label="Tên đăng nhập",
        max_length=60,
        help_text="Chữ không dấu, số, dấu chấm; ví dụ: lan.tran",
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+\Z", "Chỉ dùng chữ không dấu, số, dấu . _ -")],
    )
    full_name = forms.CharField(label="Họ tên", max_length=150)
    office = forms.ModelChoiceField(Office.objects.none(), label="Đơn vị", empty_label=None)
    roles = forms.MultipleChoiceField(
        label="Vai trò", choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )


class RoleForm(forms.Form):
    """One role in one office."""

    role = forms.ChoiceField(label="Vai trò", choices=Role.choices)
    office = forms.ModelChoiceField(Office.objects.none(), label="Đơn vị", empty_label=None)


class OfficeForm(forms.Form):
    """What an office is called and where it stands."""

    code = forms.SlugField(label="Mã", max_length=40, help_text="Giữ nguyên sau khi đã tạo.")
    name = forms.CharField(label="Tên", max_length=200)
    kind = forms.ChoiceField(label="Loại", choices=Office._meta.get_field("kind").choices)
    parent = forms.ModelChoiceField(Office.objects.none(), label="Đơn vị cấp trên", required=False)
    unit_code = forms.CharField(
        label="Mã đơn vị hành chính hiện nay",
        max_length=10,
        required=False,
        help_text="Mã thống kê, ví dụ 23942; để trống nếu không phải xã, phường.",
    )


@require_safe
@needs(Act.PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Accounts of one's offices; ``tim`` looks in names."""
    found = accounts_for(request.user).prefetch_related("assignments__office")
    if wanted := request.GET.get("tim", "").strip():
        found = found.filter(username__icontains=wanted) | found.filter(first_name__icontains=wanted)
    context = {"accounts": found[:_SHOWN], "count": found.count(), "wanted": wanted}
    return render(request, "people/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.PEOPLE)
def add(request: HttpRequest) -> HttpResponse:
    """Make an account; its first password is shown once, on the answer to this request alone."""
    form = _with_offices(AccountForm(request.POST or None), request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            account, password = add_account(
                request.user,
                given["name"],
                full_name=given["full_name"],
                roles=[Role(role) for role in given["roles"]],
                office=given["office"],
            )
        except AccountTaken:
            form.add_error("name", "Tên này đã có người dùng; hãy chọn tên khác.")
        else:
            return render(request, "people/password.html", {"account": account, "password": password})
    return render(request, "people/add.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@needs(Act.PEOPLE)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account with its roles, and what may be done to it."""
    row = _account(request, pk)
    mine = set(offices_for(request.user, Act.PEOPLE).values_list("pk", flat=True))
    context = {
        "account": row,
        "assignments": [(a, a.office_id in mine) for a in row.assignments.select_related("office")],
        "own": row.pk == request.user.pk,
        "whole": holds(request.user, row),
        "second_factor": row.authenticator_set.exists(),
        "single_sign_on": hasattr(row, "identity"),
        "form": _with_offices(RoleForm(), request),
    }
    return render(request, "people/account.html", context)


@require_POST
@needs(Act.PEOPLE)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role, or take it back (``bo``)."""
    row = _account(request, pk)
    form = _with_offices(RoleForm(request.POST), request)
    if not form.is_valid():
        raise Http404
    change = take_role if "bo" in request.POST else give_role
    try:
        change(request.user, row, Role(form.cleaned_data["role"]), form.cleaned_data["office"])
    except NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Đã đổi vai trò; có hiệu lực ngay.")
    return redirect("people-account", pk=pk)


@require_POST
@needs(Act.PEOPLE)
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a new first password, shown once."""
    row = _account(request, pk)
    try:
        given = new_password(request.user, row)
    except NotAllowed as refused:
        messages.error(request, str(refused))
        return redirect("people-account", pk=pk)
    return render(request, "people/password.html", {"account": row, "password": given})


@require_POST
@needs(Act.PEOPLE)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an account off, on (``bat``), or drop its second factor or single sign-on (``bo_...``)."""
    row = _account(request, pk)
    try:
        if "bo_lop_hai" in request.POST:
            drop_second_factor(request.user, row)
        elif "bo_mot_lan" in request.POST:
            forget_identity(request.user, row)
        else:
            switch_account(request.user, row, on="bat" in request.POST)
    except NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Đã ghi.")
    return redirect("people-account", pk=pk)


@require_safe
@needs(Act.PEOPLE)
def offices(request: HttpRequest) -> HttpResponse:
    """The tree of one's offices."""
    return render(request, "people/offices.html", {"branches": _tree(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Act.PEOPLE)
def office(request: HttpRequest, code: str = "") -> HttpResponse:
    """Make an office, or change one."""
    mine = offices_for(request.user, Act.PEOPLE)
    row = get_object_or_404(mine, code=code) if code else None
    start: dict[str, Any] = {}
    if row is not None:
        start = {n: getattr(row, n) for n in ("code", "name", "kind", "parent", "unit_code")}
    form = OfficeForm(request.POST or None, initial=start)
    # the office above one's own is out of reach, yet stays where it is
    choices = mine | Office.objects.filter(pk=row.parent_id if row else None)
    form.fields["parent"].queryset = choices.exclude(pk__in=with_below([row.pk] if row else []))
    form.fields["parent"].required = row is None
    form.fields["code"].disabled = row is not None
    if request.method == "POST" and form.is_valid():
        try:
            save_office(request.user, row, **form.cleaned_data)
        except (NotAllowed, OfficeRefused) as refused:
            form.add_error(None, str(refused))
        except ValidationError as refused:
            form.add_error(None, refused.messages[0])
        else:
            messages.success(request, "Đã ghi đơn vị.")
            return redirect("people-offices")
    context = {"form": form, "office": row}
    return render(request, "people/office.html", context, status=422 if form.errors else 200)


def _account(request: HttpRequest, pk: int) -> AbstractUser:
    return get_object_or_404(accounts_for(request.user), pk=pk)


def _with_offices(form: forms.Form, request: HttpRequest) -> forms.Form:
    form.fields["office"].queryset = offices_for(request.user, Act.PEOPLE)
    return form


def _tree(request: HttpRequest) -> list[Branch]:
    rows = list(offices_for(request.user, Act.PEOPLE))
    known = {row.pk for row in rows}
    under: dict[int | None, list[Office]] = {}
    for row in rows:
        under.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def walk(parent: int | None, depth: int) -> list[Branch]:
        return [
            branch
            for row in under.get(parent, [])
            for branch in (Branch(row, depth), *walk(row.pk, depth + 1))
        ]

    return walk(None, 0)
