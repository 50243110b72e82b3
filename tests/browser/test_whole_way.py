"""The way of a newcomer's first scan: account, delivery, review, approval, and the signed copy in hand."""

from __future__ import annotations

import io
import json

import pikepdf
import pytest
from playwright.sync_api import expect

from pipeline.celery import QUEUES
from storage.seal_manifest import RECORD_NAME
from tests.browser.people import PASSWORD
from tests.stages.commands import run_command
from tests.stages.conftest import ROOT
from tests.stages.workers import celery_worker

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

READING_MS = 120_000
SEALING_MS = 60_000
"""Of one page by a worker that starts with it, on two busy cores."""


def test_a_scan_becomes_a_signed_copy_that_is_proved_with_the_browser_and_a_worker_alone(
    desk, servers, tmp_path
):
    _, made = run_command(servers, "account", "add", "lan", "--role", "registrar", "--json")
    page = desk.open("/")
    page.fill("[name=login]", "lan")
    page.fill("[name=password]", made["password"])
    page.keyboard.press("Enter")
    page.fill("[name=oldpassword]", made["password"])
    for box in ("password1", "password2"):
        page.fill(f"[name={box}]", PASSWORD)
    page.keyboard.press("Enter")
    with celery_worker(",".join(QUEUES), servers.environment(), tmp_path / "worker.log"):
        page.get_by_role("link", name="Tiếp nhận", exact=True).click()
        page.get_by_role("button", name="Bắt đầu nhận").click()
        page.set_input_files("#files", ROOT / "samples/items/sample-003-gks/scan.jpg")
        page.get_by_role("link", name="Sang Kiểm tra").click(timeout=READING_MS)
        page.get_by_role("link", name="Bắt đầu").press("Enter")
        expect(page.locator("h1")).to_have_text("GKS 44")
        expect(page.locator(".field.current")).to_be_visible()
        page.keyboard.press("Alt+a")
        expect(page.locator("#left")).to_have_text("0 trường cần xem")
        page.keyboard.press("Alt+Enter")
        expect(page.locator("#messages")).to_contain_text("Đã xem hết hồ sơ đang chờ")
        page.locator("main").get_by_role("link", name="Phê duyệt").click()
        page.locator("tbody a").click()
        page.wait_for_load_state()
        page.locator("[data-mark-all]").press("Enter")
        expect(page.locator("input[name=ho_so]")).to_be_checked()
        page.get_by_role("button", name="Duyệt hồ sơ đã đánh dấu").press("Enter")
        page.get_by_role("link", name="xem tiến độ").click()
        expect(page.locator("tbody tr td").last).to_have_text("1", timeout=SEALING_MS)
    page.locator("tbody a").click()
    page.locator("summary").click()
    page.locator("details a").click()
    page.get_by_role("button", name="Kiểm chứng ngay").click()
    expect(page.locator("main")).to_contain_text("Chữ ký khớp với nội dung tệp", timeout=SEALING_MS)
    with page.expect_download() as given:
        page.get_by_role("link", name="Tải bản đã ký").click()
    copy = tmp_path / "ban-ky.pdf"
    given.value.save_as(copy)
    with pikepdf.open(copy) as pdf:
        record = json.load(io.BytesIO(pdf.attachments[RECORD_NAME].get_file().read_bytes()))
    assert record["fields"]["nksHoTen"]["written"] == "RAHLAN H'DJUIN"
    assert record["approved"]["by"] == "lan"
    code, told = run_command(servers, "verify", copy, "--json")
    assert code == 0, told
