"""Signing in with keys alone, and a night between two words of a record."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from pipeline.models import FieldValue
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.browser.people import PASSWORD, officer
from tests.stages.holdings import make_office, make_record

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, name: str, password: str) -> None:
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_the_first_password_is_changed_before_anything_else_is_seen(desk):
    _, password = make_account("minh", full_name="Minh", roles=[(Role.KEYER, make_office())], by="sohoa")
    page = desk.open("/kiem-tra/")
    sign_in(page, "minh", "sai-mat-khau")
    expect(page.get_by_text("Tên đăng nhập hoặc mật khẩu không đúng.")).to_be_visible()
    page.fill("[name=login]", "")
    page.focus("[name=login]")
    sign_in(page, "minh", password)
    page.wait_for_url("**/tai-khoan/mat-khau/")
    page.goto(f"{desk.url}/kiem-tra/")
    page.wait_for_url("**/tai-khoan/mat-khau/")
    page.fill("[name=oldpassword]", password)
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Kiểm tra", exact=True).click()
    expect(page.locator("h1")).to_have_text("Kiểm tra – 0 hồ sơ chờ xem")


def test_a_tab_open_over_night_keeps_its_words_and_sends_them_after_signing_in_elsewhere(desk):
    account = officer(Role.KEYER)
    record = make_record(state="TO_REVIEW")
    FieldValue.objects.create(
        record=record, key="nksHoTen", kind="name", written="Rơ Châm Phyới", value="Rơ Châm Phyới",
        confidence=0.5, status="LOW_CONFIDENCE", page=1, said_by="line-net",
    )  # fmt: skip
    page = desk.open(f"/kiem-tra/{record.pk}/", account=account)
    expect(page.locator(".field.current")).to_have_attribute("data-key", "nksHoTen")
    Session.objects.all().delete()
    page.keyboard.type("Rơ Châm Phyơi")
    page.keyboard.press("Enter")
    expect(page.locator("#saving")).to_contain_text("Phiên đã hết, còn 1 trường chưa ghi")
    assert not record.values.filter(actor="lan").exists()
    morning = page.context.new_page()
    morning.goto(desk.url)
    sign_in(morning, "lan", PASSWORD)
    expect(morning.locator("h1")).to_contain_text("Tình hình")
    expect(page.locator("#saving")).to_have_text("Đã ghi", timeout=15_000)
    assert record.current_fields()["nksHoTen"].written == "Rơ Châm Phyơi"
