"""The review screen as an officer uses it, in the system's Chromium: keys only, and a line that breaks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from pipeline.models import FieldValue, Finding, Scan
from pipeline.models import Page as ScanPage
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.receive import receive
from tests.stages.holdings import make_office, make_record, picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

FIELDS = {
    "so": ("entry_number", "12/2008", True),
    "nxnHoTen": ("name", "Rơ Châm Phyới", False),
    "nxnNgaySinh": ("date", "02/10/1985", False),
}


@pytest.fixture
def record(equipment, broker, tmp_path, monkeypatch):
    monkeypatch.setattr("web.review.equipment", lambda: equipment)
    path = tmp_path / "trang.jpg"
    path.write_bytes(picture(4711))
    (receipt,) = receive([path], make_office(), actor="lan", vault=equipment.vault).receipts
    scan = Scan.objects.get(pk=receipt.scan)
    Scan.objects.filter(pk=scan.pk).update(state="READ")
    ScanPage.objects.create(scan=scan, number=1, width=160, height=200, state="ok", report={})
    made = make_record(scan, state="TO_REVIEW", form="HN")
    for top, (key, (kind, written, accepted)) in enumerate(FIELDS.items()):
        choices = [{"value": "Rơ Châm Phyơi", "confidence": 0.3}] if kind == "name" else []
        FieldValue.objects.create(
            record=made, key=key, kind=kind, written=written, value=written, confidence=0.5, ink="hand",
            status="LOW_CONFIDENCE", page=1, box=[10, 20 + 30 * top, 150, 45 + 30 * top], said_by="line-net",
            accepted=accepted, alternatives=choices,
        )  # fmt: skip
    return made


@pytest.fixture
def screen(record, address, monkeypatch) -> Iterator[Page]:
    """The record's page, opened by an officer who signed in; nothing foreign is asked for, nothing fails."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    account, _ = make_account("lan", full_name="Lan", roles=[(Role.REGISTRAR, make_office())], by="sohoa")
    account.first_password.delete()
    client = Client()
    client.force_login(account)
    host = urlsplit(address)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}]
        )
        page = context.new_page()
        foreign, faults = [], []
        page.on("request", lambda asked: foreign.append(asked.url) if host.netloc not in asked.url else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda told: faults.append(told.text) if "Content Security" in told.text else None,
        )
        page.goto(f"{address}/kiem-tra/{record.pk}/", wait_until="networkidle")
        yield page
        browser.close()
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
    assert faults == []


def said(record) -> dict[str, tuple[str, str]]:
    return {k: (v.written, v.status) for k, v in record.current_fields().items() if v.actor == "lan"}


def test_a_record_is_reviewed_with_the_keyboard_alone(screen: Page, record):
    expect(screen.locator("#left")).to_have_text("2 trường cần xem")
    expect(screen.locator(".field.current")).to_have_attribute("data-key", "nxnHoTen")
    screen.keyboard.press("Alt+1")
    expect(screen.locator(".field.current")).to_have_attribute("data-key", "nxnNgaySinh")
    screen.keyboard.press("Enter")
    expect(screen.locator("#left")).to_have_text("0 trường cần xem")
    expect(screen.locator("#saving")).to_have_text("Đã ghi")
    assert said(record) == {
        "nxnHoTen": ("Rơ Châm Phyơi", "KEYED"),
        "nxnNgaySinh": ("02/10/1985", "CONFIRMED"),
    }


@pytest.fixture
def findings(record) -> list[Finding]:
    """One of a field, one of the whole record."""
    return [
        Finding.objects.create(
            record=record, stage="books", code="X", severity="blocks_approval", fields=fields, message="?"
        )
        for fields in (["nxnNgaySinh"], [])
    ]


def test_reasons_of_findings_are_given_with_a_key_of_their_own(findings, screen: Page, record):
    reason = "Giấy ghi đúng như vậy."
    screen.keyboard.press("Alt+l")
    expect(screen.locator(".field.current")).to_have_attribute("data-key", "nxnNgaySinh")
    screen.keyboard.press("Escape")
    expect(screen.locator("#f-nxnNgaySinh")).to_be_focused()
    screen.keyboard.press("Alt+l")
    screen.keyboard.type("đúng")
    screen.keyboard.press("Enter")
    box = screen.locator(f"#finding-{findings[0].pk} [name=ly_do]")
    expect(screen.get_by_role("alert")).to_contain_text("Hãy ghi rõ lý do")
    expect(box).to_have_value("đúng")
    expect(box).to_be_focused()
    box.press("Control+a")
    screen.keyboard.type(reason)
    screen.keyboard.press("Enter")
    expect(screen.locator("#f-nxnNgaySinh")).to_be_focused()
    screen.keyboard.press("Alt+l")
    screen.keyboard.type(reason)
    screen.keyboard.press("Enter")
    expect(screen.locator(f"#finding-{findings[1].pk}")).to_contain_text(reason)
    expect(screen.locator("#f-nxnNgaySinh")).to_be_focused()
    assert {f.settled_reason for f in record.findings.all()} == {reason}


def test_the_reason_of_a_register_answer_waits_for_the_key_that_says_which(record, screen: Page):
    Finding.objects.create(
        record=record, stage="register", code="REGISTER_NAME_DIFFERS", severity="blocks_approval",
        fields=["nxnHoTen"], message="Khác.",
        evidence={"person": "nxn", "column": "hoTen", "book": "Rơ Châm Phyới", "register": "Rơ Châm Phyơi"},
    )  # fmt: skip
    screen.reload(wait_until="networkidle")
    screen.keyboard.press("Alt+l")
    screen.keyboard.type("Sổ viết rõ dấu sắc.")
    screen.keyboard.press("Enter")
    assert not record.findings.exclude(settled_at=None).exists()
    screen.keyboard.press("Alt+c")
    expect(screen.locator("#f-nxnHoTen")).to_be_focused()
    assert record.findings.get().settled_reason.endswith("Sổ viết rõ dấu sắc.")


def test_words_said_without_a_line_are_kept_and_sent_when_it_is_back(screen: Page, record):
    screen.context.set_offline(True)
    screen.keyboard.type("Rơ Châm Phyai")
    screen.keyboard.press("Enter")
    expect(screen.locator("#saving")).to_contain_text("Chưa ghi được 1 trường")
    assert said(record) == {}
    screen.context.set_offline(False)
    expect(screen.locator("#saving")).to_have_text("Đã ghi", timeout=15_000)
    assert said(record) == {"nxnHoTen": ("Rơ Châm Phyai", "KEYED")}


def test_what_was_typed_and_not_yet_said_survives_a_reload(screen: Page, record):
    screen.keyboard.type("Rơ Châm dở")
    screen.reload(wait_until="networkidle")
    expect(screen.locator("#f-nxnHoTen")).to_have_value("Rơ Châm dở")
    assert said(record) == {}


def test_a_field_that_cannot_be_read_is_said_and_taken_back_by_keys(screen: Page, record):
    screen.keyboard.press("Alt+k")
    expect(screen.locator("#saving")).to_have_text("Đã ghi")
    assert said(record) == {"nxnHoTen": ("", "UNREADABLE")}
    screen.keyboard.press("ArrowUp")
    screen.keyboard.press("Alt+z")
    expect(screen.locator("#f-nxnHoTen")).to_have_value("Rơ Châm Phyới")
    assert said(record) == {}


def test_the_field_at_hand_is_shown_large_and_the_page_weighs_little(screen: Page, record):
    expect(screen.locator("#zoom")).to_have_js_property("complete", True)
    assert screen.evaluate("document.getElementById('zoom').naturalWidth") > 100
    sizes = screen.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".map(e => e.encodedBodySize)"
    )
    assert sum(sizes) < 300_000
