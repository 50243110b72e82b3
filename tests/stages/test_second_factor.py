"""Accounts of a role for which it is demanded set up a second factor before anything else."""

from __future__ import annotations

import re
import time
import typing
import uuid

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from pipeline.access_settings import RoleName
from pipeline.models import Event
from pipeline.people.access import Act
from pipeline.people.accounts import assign, make_account
from pipeline.people.administration import drop_second_factor
from pipeline.people.models import FirstPassword, Role
from tests.stages.holdings import make_office
from tests.stages.test_api_tokens import token_for
from tests.stages.test_signing_in import OPEN_TO_ALL, SIGN_IN, named_patterns

ENROL = "/tai-khoan/lop-thu-hai/totp/activate/"
AGAIN = "/tai-khoan/xac-nhan-lai/"
REMOVE = "/tai-khoan/lop-thu-hai/totp/deactivate/"
OWN = "mot-mat-khau-rieng-2026"
VALUES = {
    "pk": uuid.UUID(int=7), "copy": 1, "key": "nksHoTen", "number": 1, "value": 1, "finding": 1, "event": 1,
    "name": "a.zip", "upload": "a", "code": "23942",
    "delivery": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _demanded(db, settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SOHOA = settings.SOHOA.model_copy(update={"second_factor": ("registrar",)})


def person(name: str, role: Role):
    account, _ = make_account(name, full_name="", roles=[(role, make_office())], by="sohoa")
    account.set_password(OWN)
    account.save()
    FirstPassword.objects.all().delete()
    return account


def signed_in(account) -> Client:
    client = Client()
    client.post(SIGN_IN, {"login": account.username, "password": OWN})
    return client


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def enrol(client: Client) -> str:
    secret = re.search(r"<kbd>(\w+)</kbd>", client.get("/", follow=True).content.decode())[1]
    assert client.post(ENROL, {"code": code_of(secret)}).status_code == 302
    return secret


def addresses() -> dict[str, str]:
    """One address of every page that wants an account."""
    made = {}
    for name, pattern in named_patterns().items():
        if name in OPEN_TO_ALL or not hasattr(pattern.callback, "acts"):
            continue
        wanted = pattern.pattern.converters
        values = {
            n: 7 if n == "pk" and "int" in type(c).__name__.lower() else VALUES[n] for n, c in wanted.items()
        }
        made[name] = reverse(name, kwargs=values)
    return made


def test_every_role_can_be_named_in_the_setting():
    assert set(typing.get_args(RoleName)) == set(Role.values)


def test_a_registrar_sets_up_the_second_factor_and_then_works(django_capture_on_commit_callbacks):
    client = signed_in(person("hoa", Role.REGISTRAR))
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == ENROL
    assert "Đơn vị yêu cầu lớp bảo vệ thứ hai" in answer.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        enrol(client)
    assert "Tình hình số hóa" in client.get("/").content.decode()
    assert Event.objects.filter(verb="account.second_factor_set").exists()


def test_the_next_sign_in_asks_for_the_code_and_the_password_alone_opens_nothing():
    account = person("hoa", Role.REGISTRAR)
    secret = enrol(signed_in(account))
    client = signed_in(account)
    assert client.get("/").url.startswith(SIGN_IN)
    client.post("/tai-khoan/lop-thu-hai/authenticate/", {"code": "000000"})
    assert client.get("/").url.startswith(SIGN_IN)
    client.post("/tai-khoan/lop-thu-hai/authenticate/", {"code": code_of(secret)})
    assert client.get("/").status_code == 200


def test_a_first_password_is_changed_before_the_second_factor_is_set_up():
    _, password = make_account("hoa", full_name="", roles=[(Role.REGISTRAR, make_office())], by="sohoa")
    client = Client()
    answer = client.post(SIGN_IN, {"login": "hoa", "password": password}, follow=True)
    assert answer.redirect_chain[-1][0] == "/tai-khoan/mat-khau/"
    own = {"oldpassword": password, "password1": OWN, "password2": OWN}
    assert client.post("/tai-khoan/mat-khau/", own, follow=True).redirect_chain[-1][0] == ENROL


def test_no_page_opens_before_neither_read_nor_ordered_nor_as_a_part_nor_as_a_stream():
    client = signed_in(person("hoa", Role.REGISTRAR))
    for name, address in addresses().items():
        for send in (client.get, client.post, client.put, client.head):
            answer = send(address)
            assert (answer.status_code, answer.headers.get("Location")) == (302, ENROL), name
        part = client.get(address, headers={"HX-Request": "true"})
        assert (part.headers["HX-Redirect"], part.content) == (ENROL, b""), name
        stream = client.get(address, headers={"Accept": "text/event-stream"})
        assert (stream.status_code, stream.content) == (302, b""), name
    assert len(addresses()) > 40


def test_who_takes_the_second_factor_away_is_led_back_to_it():
    client = signed_in(person("hoa", Role.REGISTRAR))
    enrol(client)
    client.get("/")
    assert client.post(REMOVE).url.startswith(AGAIN)
    client.post(AGAIN, {"password": OWN})
    assert client.post(REMOVE).url == "/tai-khoan/lop-thu-hai/"
    assert client.get("/").url == ENROL


def test_a_lost_telephone_is_dropped_by_an_administrator_and_open_sessions_stop_there():
    account, chief = person("hoa", Role.REGISTRAR), person("chief", Role.ADMINISTRATOR)
    client = signed_in(account)
    enrol(client)
    drop_second_factor(chief, account)
    assert client.get("/kiem-tra/").url == ENROL


def test_a_role_given_while_somebody_works_demands_it_at_once():
    account = person("lan", Role.KEYER)
    client = signed_in(account)
    assert client.get("/").status_code == 200
    assign(account, Role.REGISTRAR, make_office(), by="chief")
    assert client.get("/").url == ENROL


def test_other_roles_and_the_tokens_of_machines_are_not_asked():
    assert signed_in(person("lan", Role.KEYER)).get("/").status_code == 200
    _, text = token_for(Act.SEARCH)
    answer = Client(headers={"Authorization": f"Bearer {text}", "X-Purpose": "kiem tra"}).get(
        "/api/v1/records"
    )
    assert answer.status_code == 200
