"""Administrators look after the accounts and offices below them, and no others."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from pipeline.models import Event, Office
from pipeline.people.access import Act, acts_of
from pipeline.people.accounts import assign, make_account
from pipeline.people.administration import (
    NotAllowed,
    OfficeRefused,
    accounts_for,
    give_role,
    new_password,
    save_office,
    switch_account,
    take_role,
)
from pipeline.people.models import Role
from tests.stages.holdings import make_office

SIGN_IN, PASSWORD = "/tai-khoan/dang-nhap/", "/tai-khoan/mat-khau/"
OWN = "mot-mat-khau-rieng-2026"


@pytest.fixture
def tree(db):
    province = make_office("51")
    commune = Office.objects.create(code="23942", name="xã Ia Rong", parent=province)
    other = Office.objects.create(code="24000", name="xã khác", parent=province)
    return province, commune, other


@pytest.fixture
def chief(tree):
    return make_account("chief", full_name="", roles=[(Role.ADMINISTRATOR, tree[1])], by="sohoa")[0]


@pytest.fixture
def desk(chief, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(chief)
    return client


def person(name: str, *roles):
    return make_account(name, full_name="", roles=roles, by="sohoa")[0]


def test_a_new_person_is_told_the_password_once_and_must_change_it_before_working(desk, tree):
    given = {"name": "lan", "full_name": "Trần Lan", "office": tree[1].pk, "roles": ["keyer"]}
    answer = desk.post("/nguoi-dung/them/", given)
    password = re.search(r"<kbd>([a-z-]+)</kbd>", answer.content.decode())[1]
    lan = Client()
    answer = lan.post(SIGN_IN, {"login": "lan", "password": password}, follow=True)
    assert answer.redirect_chain[-1][0] == PASSWORD
    assert "Mật khẩu đầu tiên do người quản trị cấp" in answer.content.decode()
    assert lan.get("/kiem-tra/").url == PASSWORD
    same = {"oldpassword": password, "password1": password, "password2": password}
    assert "phải khác mật khẩu hiện tại" in lan.post(PASSWORD, same).content.decode()
    assert lan.post(PASSWORD, same | {"password1": OWN, "password2": OWN}).url == "/"
    assert lan.get("/kiem-tra/").status_code == 200
    assert Client().post(SIGN_IN, {"login": "lan", "password": OWN}).url == "/"
    verbs = Event.objects.filter(actor="lan").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["account.signed_in", "account.password_changed", "account.signed_in"]


def test_failed_sign_ins_and_leaving_are_events_of_the_persons_office(tree, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    lan, password = make_account("lan", full_name="", roles=[(Role.KEYER, tree[1])], by="sohoa")
    client = Client()
    client.post(SIGN_IN, {"login": "lan", "password": "sai"})
    client.post(SIGN_IN, {"login": "mat-khau-go-nham-o", "password": "sai"})
    client.post(SIGN_IN, {"login": "lan", "password": password})
    client.post("/tai-khoan/thoat/")
    told = Event.objects.filter(subject=f"account:{lan.pk}", office="23942").values_list("verb", flat=True)
    wanted = ["account.sign_in_failed", "account.signed_in", "account.signed_out"]
    assert list(told.order_by("id"))[-3:] == wanted
    assert not [e for e in Event.objects.all() if "nham" in f"{e.actor}{e.subject}{e.data}"]


def test_a_new_password_ends_open_sessions(desk, tree):
    lan = person("lan", (Role.KEYER, tree[1]))
    open_session = Client()
    open_session.force_login(lan)
    assert open_session.get("/kiem-tra/").status_code == 200
    assert "<kbd>" in desk.post(f"/nguoi-dung/{lan.pk}/mat-khau/").content.decode()
    assert open_session.get("/kiem-tra/").status_code == 302


def test_accounts_of_other_offices_do_not_exist_for_an_administrator(desk, tree):
    stranger = person("stranger", (Role.KEYER, tree[2]))
    assert "stranger" not in desk.get("/nguoi-dung/").content.decode()
    assert desk.get(f"/nguoi-dung/{stranger.pk}/").status_code == 404
    for way in ("vai-tro", "mat-khau", "khoa"):
        assert desk.post(f"/nguoi-dung/{stranger.pk}/{way}/").status_code == 404
    assert desk.get("/nguoi-dung/don-vi/sua/24000/").status_code == 404
    assert desk.get("/nguoi-dung/don-vi/sua/51/").status_code == 404


def test_an_account_with_a_role_above_keeps_its_password_and_is_not_switched_off(chief, tree):
    above = person("above", (Role.ADMINISTRATOR, tree[0]), (Role.KEYER, tree[1]))
    assert above in accounts_for(chief)
    with pytest.raises(NotAllowed, match="đơn vị khác"):
        new_password(chief, above)
    with pytest.raises(NotAllowed):
        switch_account(chief, above, on=False)
    take_role(chief, above, Role.KEYER, tree[1])
    with pytest.raises(NotAllowed):
        take_role(chief, above, Role.ADMINISTRATOR, tree[0])
    assert Act.PEOPLE in acts_of(above)


def test_nobody_changes_own_roles_or_gives_roles_elsewhere(desk, chief, tree):
    with pytest.raises(NotAllowed, match="Không ai tự đổi"):
        give_role(chief, chief, Role.REGISTRAR, tree[1])
    lan = person("lan", (Role.KEYER, tree[1]))
    with pytest.raises(NotAllowed, match="không thuộc quyền"):
        give_role(chief, lan, Role.KEYER, tree[0])
    forged = {"role": "registrar", "office": tree[0].pk}
    assert desk.post(f"/nguoi-dung/{lan.pk}/vai-tro/", forged).status_code == 404
    desk.post(f"/nguoi-dung/{lan.pk}/vai-tro/", {"role": "registrar", "office": tree[1].pk})
    assert Act.APPROVE in acts_of(lan)
    desk.post(f"/nguoi-dung/{lan.pk}/vai-tro/", {"role": "registrar", "office": tree[1].pk, "bo": "1"})
    assert Act.APPROVE not in acts_of(lan)


def test_an_account_switched_off_leaves_at_its_next_request_and_comes_back(desk, tree):
    lan = person("lan", (Role.KEYER, tree[1]))
    client = Client()
    client.force_login(lan)
    desk.post(f"/nguoi-dung/{lan.pk}/khoa/")
    assert client.get("/kiem-tra/").status_code == 302
    desk.post(f"/nguoi-dung/{lan.pk}/khoa/", {"bat": "1"})
    assert client.get("/kiem-tra/").status_code == 200


def test_who_lost_all_roles_is_found_by_the_administrator_of_the_whole_tree_only(chief, tree):
    top = person("top", (Role.ADMINISTRATOR, tree[0]))
    gone = person("gone")
    assert gone in accounts_for(top)
    assert gone not in accounts_for(chief)
    with pytest.raises(NotAllowed):
        new_password(chief, gone)
    assign(gone, Role.KEYER, tree[1], by="top")
    assert gone in accounts_for(chief)


def test_an_office_is_made_below_ones_own_and_never_under_itself(desk, chief, tree):
    new = {"code": "to-1", "name": "Tổ một cửa", "kind": "department", "parent": tree[1].pk, "unit_code": ""}
    assert desk.post("/nguoi-dung/don-vi/them/", new).status_code == 302
    made = Office.objects.get(code="to-1")
    assert "Tổ một cửa" in desk.get("/nguoi-dung/don-vi/").content.decode()
    answer = desk.post("/nguoi-dung/don-vi/them/", new)
    assert answer.status_code == 422
    assert "Đã có đơn vị mang mã to-1" in answer.content.decode()
    as_it_is = {"code": "23942", "name": "xã Ia Rong", "kind": "commune", "unit_code": ""}
    with pytest.raises(OfficeRefused, match="chính đơn vị này"):
        save_office(chief, tree[1], **as_it_is, parent=made)
    with pytest.raises(OfficeRefused, match="mã thống kê"):
        save_office(chief, tree[1], **as_it_is | {"unit_code": "99999"}, parent=tree[0])
    assert save_office(chief, tree[1], **as_it_is | {"unit_code": "23942"}, parent=tree[0]).parent == tree[0]
    with pytest.raises(NotAllowed, match="cấp trên"):
        save_office(chief, made, **new | {"parent": tree[2]})


def test_the_pages_of_ones_own_account_show_no_outside_picture_and_no_english(desk):
    for page in ("/tai-khoan/lop-thu-hai/", PASSWORD, "/tai-khoan/thoat/"):
        text = desk.get(page).content.decode()
        assert "data:" not in text
        assert not re.search(r"\b(Password|Authenticator|Activate|Sign Out|Confirm)\b", text), page


def test_every_page_names_an_icon_of_its_own_that_exists(desk):
    named = re.search(r'<link rel="icon" href="/static/([^"]+)"', desk.get("/nguoi-dung/").content.decode())
    assert finders.find(named[1])
