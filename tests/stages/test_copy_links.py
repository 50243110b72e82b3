"""A sealed copy reaches a browser by a link that is short-lived, asks for rights anew, and leaves a trace."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from django.test import Client
from django.utils import timezone

from pipeline.endpoints import Endpoints, StoreAddress
from pipeline.equipment import build
from pipeline.machines.models import ApiToken
from pipeline.models import Event, FieldValue, Office, SealedCopy
from pipeline.people.access import Act
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.people.tokens import withdraw_token
from pipeline.stages import seal, store
from tests.stages.holdings import make_office
from tests.stages.test_api_tokens import token_for

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tools(servers, store_endpoints: Endpoints, equipment, monkeypatch, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    endpoints = replace(servers.endpoints, store_reader=store_endpoints.store_reader)
    made = build(servers.settings, endpoints)
    monkeypatch.setattr("web.copy_links.equipment", lambda: made)
    return made


@pytest.fixture
def copy(approved, tools) -> SealedCopy:
    seal.run(str(approved.pk), tools.for_sealing())
    store.run(str(approved.pk), tools.for_storing())
    return SealedCopy.objects.get()


@pytest.fixture
def from_store(settings) -> None:
    settings.SOHOA = settings.SOHOA.model_copy(update={"copies_from_store": True})


def bytes_of(copy: SealedCopy, tools) -> bytes:
    return tools.vault.store.get(copy.bucket, copy.key, copy.version_id)


def asked(copy: SealedCopy, *acts: Act, office: Office | None = None, purpose: str = "cap ban sao"):
    _, text = token_for(*(acts or (Act.SEARCH,)), office=office, name="mc")
    client = Client(headers={"Authorization": f"Bearer {text}", "X-Purpose": purpose})
    return client.post(f"/api/v1/records/{copy.record_id}/copies/{copy.version}/link")


def opened(url: str, **headers: str):
    return Client(headers=headers).get(urlsplit(url).path)


def test_a_browser_without_a_sign_in_gets_the_copy_and_both_steps_are_in_the_log(copy, tools):
    answer = asked(copy)
    assert answer.status_code == 201
    assert answer.json()["url"].startswith("http://testserver/tai-ve/")
    assert answer.json()["expires"] > timezone.now().isoformat()
    file = opened(answer.json()["url"])
    assert (file.status_code, file.content) == (200, bytes_of(copy, tools))
    linked, fetched = Event.objects.filter(verb__startswith="copy.").order_by("id")
    assert (linked.verb, fetched.verb, fetched.data["link"]) == ("copy.linked", "copy.downloaded", linked.pk)
    for event in (linked, fetched):
        assert (event.actor, event.purpose) == ("token:mc", "cap ban sao")
        assert event.subject == f"record:{copy.record_id}"


def test_an_old_link_says_plainly_that_it_ended_to_people_and_to_programs(copy, monkeypatch):
    url = asked(copy).json()["url"]
    later = time.time() + 301
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    page = opened(url, Accept="text/html")
    assert page.status_code == 410
    assert "Đường dẫn tải đã hết hạn" in page.content.decode()
    told = opened(url, Accept="application/json")
    assert (told.status_code, told.json()["code"]) == (410, "LINK_EXPIRED")
    assert not Event.objects.filter(verb="copy.downloaded").exists()


@pytest.mark.parametrize("loss", ["withdrawn", "expired", "moved", "scope", "protected"])
def test_a_right_that_was_lost_since_closes_the_link(copy, loss):
    url = asked(copy).json()["url"]
    token = ApiToken.objects.get()
    if loss == "withdrawn":
        withdraw_token(token, by="an")
    elif loss == "protected":
        FieldValue.objects.create(
            record=copy.record, key="ghiChu", written="kín", value="kín", status="KEYED", page=1,
            said_by="keyer", actor="lan", confidence=1,
        )  # fmt: skip
    else:
        lost = {
            "expired": {"expires": timezone.now() - timedelta(seconds=1)},
            "moved": {"office": make_office("24000")},
            "scope": {"scopes": ["receive"]},
        }
        ApiToken.objects.update(**lost[loss])
    assert opened(url).status_code == 404
    assert not Event.objects.filter(verb="copy.downloaded").exists()


def test_a_link_cannot_be_made_up(copy):
    path = urlsplit(asked(copy).json()["url"]).path
    for made in (path[:-3] + "AAA", path.replace("/tai-ve/", "/tai-ve/M"), "/tai-ve/x", "/tai-ve/1:1:1"):
        assert Client().get(made).status_code == 404
    assert Client().post(path).status_code == 405


def test_who_may_not_have_the_copy_gets_no_link(copy):
    other = asked(copy, office=make_office("24000"))
    assert (other.status_code, other.json()["code"]) == (404, "NOT_FOUND")
    ApiToken.objects.all().delete()
    assert asked(copy, Act.RECEIVE).json()["code"] == "SCOPE_MISSING"
    ApiToken.objects.all().delete()
    assert asked(copy, purpose="").status_code == 422
    assert not Event.objects.filter(verb="copy.linked").exists()


def test_the_store_itself_hands_out_the_copy_where_browsers_reach_it(copy, tools, from_store):
    answer = opened(asked(copy).json()["url"])
    assert answer.status_code == 302
    parts = urlsplit(answer.url)
    asked_of = parse_qs(parts.query)
    assert tools.endpoints.store.url.endswith(parts.netloc)
    assert asked_of["X-Amz-Expires"] == ["30"]
    assert asked_of["X-Amz-Credential"][0].startswith(tools.endpoints.store_reader.access_key)
    assert urllib3.request("GET", answer.url).data == bytes_of(copy, tools)
    assert urllib3.request("GET", answer.url.partition("?")[0]).status == 403
    assert Event.objects.filter(verb="copy.downloaded").count() == 1


def test_the_desk_sends_an_officer_to_the_store_after_asking_for_rights(copy, tools, from_store):
    def officer(name: str, office: Office) -> Client:
        client = Client()
        client.force_login(make_account(name, full_name="", roles=[(Role.REGISTRAR, office)], by="sohoa")[0])
        return client

    path = f"/phe-duyet/ban-ky/{copy.pk}/tep.pdf"
    answer = officer("hoa", make_office()).get(path)
    assert answer.status_code == 302
    assert urllib3.request("GET", answer.url).data == bytes_of(copy, tools)
    assert Event.objects.filter(verb="copy.downloaded", actor="hoa").count() == 1
    assert officer("lam", make_office("24000")).get(path).status_code == 404


def test_a_store_that_does_not_answer_is_told_and_no_download_is_noted(copy, servers, monkeypatch):
    url = asked(copy).json()["url"]
    dead = replace(servers.endpoints, store=StoreAddress("http://127.0.0.1:1", "a", "b", "us-east-1"))
    monkeypatch.setattr("web.copy_links.equipment", lambda: build(servers.settings, dead))
    answer = opened(url, Accept="text/html")
    assert answer.status_code == 503
    assert "Kho lưu trữ chưa trả lời" in answer.content.decode()
    assert not Event.objects.filter(verb="copy.downloaded").exists()
