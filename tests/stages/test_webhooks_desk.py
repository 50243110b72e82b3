"""Administrators look after the messages to other systems of their offices at the desk."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from pipeline.events import record_event
from pipeline.machines.models import Webhook, WebhookDelivery
from pipeline.machines.webhooks import secret_of
from pipeline.models import Event
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.webhook_settings import WebhookSettings
from tests.stages.holdings import make_office

pytestmark = pytest.mark.django_db
PAGE, URL = "/nguoi-dung/bao-tin/", "https://motcua.gov.vn/tin"


@pytest.fixture
def desk(settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    rules = WebhookSettings(allowed_hosts=("motcua.gov.vn",))
    settings.SOHOA = settings.SOHOA.model_copy(update={"webhooks": rules})
    client = Client()
    roles = [(Role.ADMINISTRATOR, make_office())]
    client.force_login(make_account("chief", full_name="", roles=roles, by="an")[0])
    return client


def asked(**values: object) -> dict[str, object]:
    return {"office": make_office().pk, "url": URL, "topics": ["record.sealed"]} | values


def test_a_webhook_is_made_and_its_secret_shown_once(desk):
    page = desk.post(PAGE, asked()).content.decode()
    webhook = Webhook.objects.get()
    assert re.search(r"<kbd>(whsec_[^<]+)</kbd>", page)[1] == secret_of(webhook)
    again = desk.get(PAGE).content.decode()
    assert URL in again
    assert "Ký số hồ sơ" in again
    assert "whsec_" not in again
    assert Event.objects.get(verb="webhook.made").actor == "chief"


@pytest.mark.parametrize("url", ["https://khac.gov.vn/", "http://motcua.gov.vn/", "motcua.gov.vn"])
def test_an_address_that_the_settings_do_not_open_is_refused_in_words(desk, url):
    answer = desk.post(PAGE, asked(url=url))
    assert answer.status_code == 422
    assert "máy chủ đã mở trong cấu hình" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_nobody_subscribes_for_another_office_or_to_an_act_that_is_not_told(desk):
    assert desk.post(PAGE, asked(office=make_office("24000").pk)).status_code == 422
    assert desk.post(PAGE, asked(topics=["record.viewed"])).status_code == 422
    assert not Webhook.objects.exists()


def test_a_message_that_was_given_up_is_seen_and_sent_again(desk):
    desk.post(PAGE, asked())
    event = record_event("record.sealed", actor="sohoa", office="23942", subject="record:7")
    WebhookDelivery.objects.update(state="QUARANTINED", failures=10, error_message="Bên nhận trả lời lỗi.")
    page = desk.get(PAGE).content.decode()
    assert f"evt_{event.pk}" in page
    assert "Bên nhận trả lời lỗi." in page
    row = WebhookDelivery.objects.get()
    desk.post(f"{PAGE}{row.webhook_id}/{row.pk}/gui-lai/")
    row.refresh_from_db()
    assert (row.state, row.failures) == ("OPEN", 0)


def test_a_webhook_is_withdrawn(desk):
    desk.post(PAGE, asked())
    desk.post(f"{PAGE}{Webhook.objects.get().pk}/thoi/")
    assert URL not in desk.get(PAGE).content.decode()
    assert Event.objects.get(verb="webhook.withdrawn").actor == "chief"


def test_without_a_named_host_the_page_says_whom_to_ask(desk, settings):
    settings.SOHOA = settings.SOHOA.model_copy(update={"webhooks": WebhookSettings()})
    page = desk.get(PAGE).content.decode()
    assert "webhooks.allowed_hosts" in page
    assert desk.post(PAGE, asked()).status_code == 422
