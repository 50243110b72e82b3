"""Search as an officer types: without marks, mistyped, for a stated purpose; a hostile name stays text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pipeline.models import Event
from pipeline.people.models import Role
from tests.browser.people import officer
from tests.stages.test_searching import known

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(desk) -> Page:
    known(nksHoTen="Đặng Phương Vy", nksNgaySinh="1994-10-02", so="12/1994")
    known(nksHoTen="<script>alert(1)</script>", so="13/1994")
    return desk.open("/tra-cuu/", account=officer(Role.REGISTRAR))


def ask(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.focus("#text")
    page.keyboard.press("Enter")


def test_nothing_is_looked_for_without_a_purpose_and_a_typing_error_finds_all_the_same(page):
    ask(page, "dang phuomg vy")
    assert not Event.objects.filter(verb="records.searched").exists()
    page.select_option("#muc_dich", "Cấp bản sao trích lục")
    ask(page, "dang phuomg vy")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("Đặng Phương Vy")
    expect(row).to_contain_text("gần giống")
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("Đặng Phương Vy")
    expect(page.get_by_text("Mục đích xem: Cấp bản sao trích lục")).to_be_visible()
    assert Event.objects.filter(verb="record.viewed", actor="lan").count() == 1


def test_a_name_made_to_run_in_the_page_is_shown_as_it_is_written(page):
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.select_option("#muc_dich", "Cấp bản sao trích lục")
    ask(page, "13/1994")
    page.get_by_role("link", name="<script>alert(1)</script>").click()
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
