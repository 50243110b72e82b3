"""Nobody works at the desk without an account, a role and an office."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pipeline.models import Event, Office
from pipeline.people.access import ALLOWED, Act, acts_of, offices_for, records_for
from pipeline.people.accounts import AccountTaken, assign, make_account, withdraw
from pipeline.people.models import Role
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

SIGN_IN = "/tai-khoan/dang-nhap/"
OPEN_TO_ALL = {
    "health",
    "copy-link",
    "single-sign-on",
    "single-sign-on-return",
    "account_login",
    "account_logout",
    "account_inactive",
    "mfa_authenticate",
}
ONES_OWN = {"account_reauthenticate", "account_change_password"}


def named_patterns() -> dict[str, URLPattern]:
    def walk(resolver: URLResolver):
        for part in resolver.url_patterns:
            if isinstance(part, URLResolver):
                if part.namespace != "api":  # lets tokens in, not accounts; see test_api
                    yield from walk(part)
            else:
                yield str(part.name), part

    return dict(walk(get_resolver()))


@pytest.fixture
def desk(db, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    return Client()


def test_a_person_signs_in_with_the_first_password_changes_it_and_reaches_the_first_page(desk):
    _, password = make_account("lan", full_name="Lan", roles=[(Role.KEYER, make_office())], by="sohoa")
    answer = desk.post(SIGN_IN, {"login": "lan", "password": password}, follow=True)
    assert answer.redirect_chain[-1][0] == "/tai-khoan/mat-khau/"
    own = {"oldpassword": password, "password1": "rieng-cua-lan-1", "password2": "rieng-cua-lan-1"}
    answer = desk.post("/tai-khoan/mat-khau/", own, follow=True)
    assert "Tình hình số hóa" in answer.content.decode()


def test_a_wrong_password_is_told_in_vietnamese_and_five_lock_the_name_for_a_while(desk):
    _, password = make_account("lan", full_name="Lan", roles=[(Role.KEYER, make_office())], by="sohoa")
    answer = desk.post(SIGN_IN, {"login": "lan", "password": "sai"})
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in answer.content.decode()
    for _ in range(4):
        desk.post(SIGN_IN, {"login": "lan", "password": "sai"})
    answer = desk.post(SIGN_IN, {"login": "lan", "password": password})
    assert "Đã thử quá nhiều lần" in answer.content.decode()


def test_nobody_can_sign_up(desk):
    assert desk.get("/tai-khoan/dang-ky/").status_code in (302, 404)
    assert "account_signup" not in named_patterns()


def test_every_page_wants_an_account_and_says_which_act_it_serves():
    for name, pattern in named_patterns().items():
        if name in OPEN_TO_ALL:
            continue
        assert getattr(pattern.callback, "login_required", True), name
        if name not in ONES_OWN and not name.startswith("mfa_"):
            assert getattr(pattern.callback, "acts", None), f"{name} says no act"


@pytest.mark.parametrize("role", Role)
def test_every_role_reaches_the_pages_of_its_acts_and_no_other(desk, role):
    account, _ = make_account("a", full_name="", roles=[(role, make_office())], by="sohoa")
    desk.force_login(account)
    for name, pattern in named_patterns().items():
        acts = getattr(pattern.callback, "acts", None)
        if acts is None or pattern.pattern.converters:
            continue
        answer = desk.get(reverse(name))
        if answer.status_code == 405:
            answer = desk.post(reverse(name))
        assert answer.status_code != 405, name
        assert (answer.status_code == 403) == (not acts & ALLOWED[role]), name


def test_a_role_reaches_down_the_tree_of_offices_and_not_sideways(desk):
    province = make_office("51")
    commune = Office.objects.create(code="23942", name="xã Ia Rong", parent=province)
    other = make_office("24000")
    account, _ = make_account("a", full_name="", roles=[(Role.SUPERVISOR, province)], by="sohoa")
    assert set(offices_for(account, Act.PROGRESS)) == {province, commune}
    mine = make_record(make_scan(make_batch(commune), state="READ"))
    make_record(make_scan(make_batch(other), state="READ"))
    assert list(records_for(account, Act.SEARCH)) == [mine]
    assert not records_for(account, Act.APPROVE).exists()


def test_a_withdrawn_role_is_lost_at_once_and_both_are_in_the_log(desk):
    office = make_office()
    account, _ = make_account("a", full_name="", roles=[], by="quantri")
    assign(account, Role.AUDITOR, office, by="quantri")
    assert Act.AUDIT in acts_of(account)
    withdraw(account, Role.AUDITOR, office, by="quantri")
    assert acts_of(account) == frozenset()
    verbs = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[-3:] == ["account.made", "role.given", "role.withdrawn"]


def test_an_account_that_is_switched_off_may_nothing(desk):
    account, _ = make_account("a", full_name="", roles=[(Role.REGISTRAR, make_office())], by="sohoa")
    account.is_active = False
    account.save()
    assert acts_of(account) == frozenset()


def test_a_name_is_given_once_whatever_its_case(db):
    make_account("Lan", full_name="", roles=[], by="sohoa")
    with pytest.raises(AccountTaken):
        make_account("lan", full_name="", roles=[], by="sohoa")
    assert get_user_model().objects.count() == 1
