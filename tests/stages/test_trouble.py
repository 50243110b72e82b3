"""What goes wrong is told in Vietnamese, with what to do next, and nothing of the machine's inside."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from pipeline.people.access import Act
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.holdings import make_office
from tests.stages.test_api_tokens import token_for
from web import views


@pytest.fixture
def account(db, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    return make_account("lan", full_name="Lan", roles=[(Role.REGISTRAR, make_office())], by="sohoa")[0]


def signed_in(account, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(account)
    return client


def test_a_page_that_is_not_there(account):
    answer = signed_in(account).get("/khong-co/")
    assert (answer.status_code, "Không có trang này" in answer.content.decode()) == (404, True)


def test_a_page_left_open_through_another_sign_in(account):
    answer = signed_in(account, enforce_csrf_checks=True).post("/nguoi-dung/them/")
    assert answer.status_code == 403
    assert "Trang đã để quá lâu" in answer.content.decode()


def test_an_order_that_makes_no_sense(account):
    answer = signed_in(account).post("/giao-nop/lap/", {"don_vi": "23942", "goi": "khac"})
    assert (answer.status_code, "Yêu cầu không đúng" in answer.content.decode()) == (400, True)


def test_a_database_that_goes_down_while_someone_works(account, monkeypatch):
    def down(*_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    client = signed_in(account, raise_request_exception=False)
    monkeypatch.setattr(views, "examine", down)
    answer = client.get("/")
    assert answer.status_code == 500
    told = answer.content.decode()
    assert "Máy chủ đang gặp sự cố" in told
    assert "vẫn còn nguyên" in told
    assert "server closed" not in told


def test_a_program_that_asks_for_what_is_not_there_gets_no_page(account):
    answer = Client().get("/api/v1/khong-co")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("kind", "path"), [("multipart/form-data", "batches"), ("application/json", "packages")]
)
def test_a_body_that_cannot_be_read_is_told_and_is_no_fault_of_the_server(account, kind, path):
    _, token = token_for(*({Act.RECEIVE} if path == "batches" else {Act.HAND_OVER, Act.SENSITIVE}))
    given = {"Authorization": f"Bearer {token}", "Idempotency-Key": "mot-khoa-du-dai-0001"}
    answer = Client().generic("POST", f"/api/v1/{path}", b"{\xff", kind, headers=given)
    assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID")
