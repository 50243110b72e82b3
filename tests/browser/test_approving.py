"""A book approved by keys, its copy proved, the broker down meanwhile, and packages from it."""

from __future__ import annotations

import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from playwright.sync_api import expect

from pipeline.models import FieldValue, Record
from pipeline.people.models import Role
from pipeline.stages import seal, store
from tests.browser.people import officer
from tests.stages.conftest import send_to
from tests.stages.holdings import make_record

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

BOOK = "KS|01/2008|xa ia rong"
BOOK_PAGE = "/phe-duyet/quyen/?don_vi=23942&loai=KS&quyen=KS%7C01/2008%7Cxa ia rong"


def keep(record: Record, equipment) -> None:
    """Seal and store outside this thread, where the driver of the browser runs a loop of its own."""

    def work() -> None:
        seal.run(str(record.pk), equipment.for_sealing())
        store.run(str(record.pk), equipment.for_storing())
        connections.close_all()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(work).result()
    record.refresh_from_db()
    assert (record.state, record.error_message) == ("STORED", "")


def test_a_book_is_approved_with_the_keyboard_sealed_and_proved_on_the_screen(desk, approved, equipment):
    Record.objects.filter(pk=approved.pk).update(
        state="REVIEWED", approved_by="", approved_at=None, book_key=BOOK, entry="1"
    )
    page = desk.open(BOOK_PAGE, account=officer(Role.REGISTRAR, name="hanh"))
    page.locator("[data-mark-all]").press("Enter")
    expect(page.locator("input[name=ho_so]")).to_be_checked()
    page.get_by_role("button", name="Duyệt hồ sơ đã đánh dấu").press("Enter")
    expect(page.get_by_text("Đã duyệt 1")).to_be_visible()
    keep(approved, equipment)
    page.goto(f"{desk.url}/phe-duyet/{approved.pk}/")
    expect(page.locator("main")).to_contain_text("đã ký")
    page.get_by_role("button", name="Kiểm chứng ngay").click()
    expect(page.locator("main")).to_contain_text("Chữ ký khớp với nội dung tệp", timeout=30_000)


def test_approving_goes_on_while_the_broker_is_down(desk):
    record = make_record(state="REVIEWED", book_key=BOOK, entry="1")
    FieldValue.objects.create(
        record=record, key="nksHoTen", kind="name", written="Vy", value="Vy", confidence=1, status="KEYED",
        page=1, said_by="keyer", actor="lan", accepted=True,
    )  # fmt: skip
    send_to("redis://127.0.0.1:1/0")
    page = desk.open(BOOK_PAGE, account=officer(Role.REGISTRAR))
    page.locator("[data-mark-all]").press("Enter")
    page.get_by_role("button", name="Duyệt hồ sơ đã đánh dấu").press("Enter")
    expect(page.get_by_text("Đã duyệt 1")).to_be_visible(timeout=20_000)
    record.refresh_from_db()
    assert record.state == "APPROVED"


def test_a_package_is_refused_with_its_reasons_and_fetched_once_the_book_is_locked(
    desk, approved, equipment, tmp_path
):
    Record.objects.filter(pk=approved.pk).update(book_key=BOOK, entry="1")
    page = desk.open("/giao-nop/", account=officer(Role.REGISTRAR, name="hanh"))

    def ask_for_archive() -> None:
        page.get_by_text("Gói lưu trữ số").first.click()
        page.get_by_label("Mã phông").fill("G09")
        page.get_by_label("Mã hồ sơ giấy").fill("A.01.02")
        page.get_by_role("button", name="Lập gói lưu trữ").click()

    ask_for_archive()
    expect(page.get_by_role("alert")).to_contain_text("Không lập gói nào")
    expect(page.get_by_role("alert")).to_contain_text("RECORD_NOT_FINISHED")
    keep(approved, equipment)
    ask_for_archive()
    with page.expect_download() as given:
        page.locator("main table").last.locator("a").first.click()
    path = tmp_path / "goi.zip"
    given.value.save_as(path)
    assert zipfile.is_zipfile(path)
