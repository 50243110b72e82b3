"""Two keyers and a third person settle a name with the keyboard alone, in the system's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from pipeline.models import FieldValue, Note, Record, Scan
from pipeline.models import Page as ScanPage
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.receive import receive
from tests.stages.holdings import make_office, make_record, picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

OpenAs = Callable[[str, Role, str], Page]


@pytest.fixture
def record(equipment, broker, tmp_path, monkeypatch) -> Record:
    """A record of which the machine read the number and could not read the name."""
    for module in ("web.review", "web.settling"):
        monkeypatch.setattr(f"{module}.equipment", lambda: equipment)
    path = tmp_path / "trang.jpg"
    path.write_bytes(picture(4711))
    (receipt,) = receive([path], make_office(), actor="lan", vault=equipment.vault).receipts
    scan = Scan.objects.get(pk=receipt.scan)
    Scan.objects.filter(pk=scan.pk).update(state="READ")
    ScanPage.objects.create(scan=scan, number=1, width=160, height=200, state="ok", report={})
    made = make_record(scan, state="TO_REVIEW", form="HN")
    for top, (key, kind, written, decision) in enumerate(
        (
            ("nxnHoTen", "name", "", "NEEDS_PERSON_TWO_KEYS"),
            ("so", "entry_number", "12/2008", "NEEDS_PERSON_LOW_CONFIDENCE"),
        )
    ):
        FieldValue.objects.create(
            record=made, key=key, kind=kind, written=written, value=written, confidence=0.5, ink="hand",
            status="LOW_CONFIDENCE" if written else "UNREADABLE", page=1, said_by="line-net",
            box=[10, 20 + 30 * top, 150, 45 + 30 * top], decision=decision,
        )  # fmt: skip
    return made


@pytest.fixture
def open_as(record, address, monkeypatch) -> Iterator[OpenAs]:
    """Open a page as somebody, each in a browser of their own; nothing may fail in any of them."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    faults: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def open_as(name: str, role: Role, path: str) -> Page:
            account, _ = make_account(name, full_name="", roles=[(role, make_office())], by="sohoa")
            account.first_password.delete()
            client = Client()
            client.force_login(account)
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
            context.add_cookies([cookie])
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{address}{path}", wait_until="networkidle")
            return page

        yield open_as
        browser.close()
    assert faults == []


def name(record: Record) -> tuple[str, str, str]:
    value = record.current_fields()["nxnHoTen"]
    return value.written, value.status, value.said_by


def test_two_keyers_and_an_adjudicator_settle_a_name_by_keys(open_as, record):
    review = f"/kiem-tra/{record.pk}/"

    first = open_as("lan", Role.KEYER, review)
    expect(first.locator(".field.current")).to_have_attribute("data-key", "nxnHoTen")
    first.keyboard.press("Enter")  # nothing typed is no word
    expect(first.locator(".field.current")).to_have_attribute("data-key", "nxnHoTen")
    first.keyboard.press("Alt+a")  # takes the number, and leaves the name to its keys
    expect(first.locator("#left")).to_have_text("1 trường cần xem")
    first.locator("#f-nxnHoTen").focus()
    first.keyboard.type("Rơ Châm Phyai")
    first.keyboard.press("Enter")
    expect(first.locator("#left")).to_have_text("0 trường cần xem")
    first.keyboard.press("Alt+g")
    first.keyboard.type("Bản giấy ố ở chữ cuối")
    first.keyboard.press("Enter")
    expect(first.locator("#notes li")).to_contain_text("Bản giấy ố ở chữ cuối")
    expect(first.locator(".field.current input")).to_be_focused()
    assert Note.objects.get().actor == "lan"
    first.keyboard.press("Alt+Enter")
    expect(first.locator("#messages")).to_contain_text("còn chờ người khác", timeout=30_000)

    second = open_as("minh", Role.KEYER, review)
    expect(second.locator("#f-nxnHoTen")).to_have_value("")
    assert "Phyai" not in second.content()
    second.keyboard.type("Rơ Châm Phyơi")
    second.keyboard.press("Enter")
    expect(second.locator("#saving")).to_have_text("Đã ghi")
    assert name(record) == ("Rơ Châm Phyơi", "CONFLICT", "double-keying")
    second.keyboard.press("Alt+Enter")
    expect(second.locator("#messages")).to_contain_text("còn chờ người khác", timeout=30_000)

    third = open_as("hoa", Role.VERIFIER, "/kiem-tra/thong-nhat/")
    expect(third.locator(".choice")).to_have_count(2)
    third.keyboard.press("Alt+1")
    expect(third.locator("#messages")).to_contain_text("Đã quyết định: Rơ Châm Phyai")
    third.keyboard.press("Alt+z")
    expect(third.locator("#noi_dung")).to_be_focused()
    third.keyboard.type("Rơ Châm Phyơi")
    third.keyboard.press("Enter")
    expect(third.locator("#messages")).to_contain_text("Đã quyết định: Rơ Châm Phyơi")
    assert name(record) == ("Rơ Châm Phyơi", "KEYED", "adjudicator")
    record.refresh_from_db()
    assert record.state == "REVIEWED"
