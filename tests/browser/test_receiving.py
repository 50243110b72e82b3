"""Files on a bad line: cut near the end, the page loaded anew, far too large, with a hostile name."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from pipeline.models import Batch, Delivery, Scan
from pipeline.people.models import Role
from storage.objects import ObjectStore
from tests.browser.conftest import use
from tests.browser.people import officer
from tests.stages.holdings import picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

PIECES = "**/tep/*/"
CHUNK = 1024 * 1024


@pytest.fixture
def delivery(desk) -> Page:
    page = desk.open("/tiep-nhan/", account=officer(Role.SCANNER))
    page.get_by_role("button", name="Bắt đầu nhận").click()
    expect(page.locator("#receiving")).to_be_visible()
    return page


def large_picture() -> bytes:
    noise = np.random.default_rng(7).integers(0, 255, (1500, 1400, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=90, dpi=(200, 200))
    return buffer.getvalue()


def test_a_file_cut_near_its_end_goes_on_where_it_stopped_after_the_page_is_loaded_anew(delivery, tmp_path):
    path = tmp_path / "trang 01.jpg"
    path.write_bytes(large_picture())
    size = path.stat().st_size
    last = size // CHUNK * CHUNK
    offsets: list[int] = []
    cut = True

    def line(route: Route) -> None:
        offset = int(route.request.headers.get("upload-offset", 0))
        offsets.append(offset)
        if cut and offset == last:
            route.abort("connectionreset")
        else:
            route.continue_()

    delivery.route(PIECES, line)
    delivery.set_input_files("#files", path)
    expect(delivery.locator("#sending-told")).to_contain_text("Mất kết nối", timeout=20_000)
    assert Scan.objects.count() == 0
    delivery.once("dialog", lambda dialog: dialog.accept())
    delivery.reload()
    expect(delivery.locator("#unfinished")).to_contain_text("trang 01.jpg")
    cut = False
    offsets.clear()
    delivery.set_input_files("#files", path)
    expect(delivery.locator("#results tbody tr")).to_contain_text("Đã nhận", timeout=20_000)
    expect(delivery.locator("#unfinished")).to_have_count(0)
    assert offsets == [last]
    assert Scan.objects.get().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_four_gigabytes_are_refused_before_the_line_is_busy_with_them(delivery, tmp_path):
    path = tmp_path / "quyen.pdf"
    with path.open("wb") as stream:
        stream.write(b"%PDF-1.7\n")
        stream.truncate(4 * 1024**3)
    sent: list[str] = []
    delivery.on("request", lambda asked: sent.append(asked.url) if "/tep/" in asked.url else None)
    delivery.set_input_files("#files", path)
    row = delivery.locator("#results tbody tr")
    expect(row).to_contain_text("Tệp vượt quá dung lượng cho phép", timeout=20_000)
    assert len(sent) <= 3  # begin, one piece, the answer
    assert Scan.objects.count() == 0


def test_a_name_made_to_run_in_the_page_is_shown_as_it_is_written(delivery, tmp_path):
    name = "<img src=x onerror=alert(1)>.jpg"
    dialogs: list[str] = []
    delivery.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    delivery.set_input_files("#files", {"name": name, "mimeType": "image/jpeg", "buffer": picture(1)})
    expect(delivery.locator("#results td").first).to_have_text(name, timeout=20_000)
    delivery.reload()
    expect(delivery.locator("#results td").first).to_have_text(name)
    assert dialogs == []


def test_files_chosen_before_the_program_of_the_page_is_there_are_sent(desk):
    page = desk.open("/tiep-nhan/", account=officer(Role.SCANNER))
    held: list[Route] = []
    page.route("**/receiving*.js", lambda route: held.append(route))
    with page.expect_request("**/receiving*.js"):
        page.get_by_role("button", name="Bắt đầu nhận").click(no_wait_after=True)
    page.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture(2)})
    held[0].continue_()
    expect(page.locator("#results tbody tr")).to_contain_text("Đã nhận", timeout=20_000)


def test_a_store_that_is_down_is_told_and_the_file_is_taken_in_when_it_is_back(
    delivery, equipment, monkeypatch
):
    nowhere = ObjectStore(replace(equipment.vault.store.address, url="http://127.0.0.1:1", timeout_s=1))
    use(replace(equipment, vault=replace(equipment.vault, store=nowhere)), monkeypatch)
    delivery.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture(2)})
    expect(delivery.locator("#sending-told")).to_contain_text("Kho lưu trữ chưa trả lời", timeout=30_000)
    assert not Delivery.objects.exists()
    use(equipment, monkeypatch)
    expect(delivery.locator("#results tbody tr")).to_contain_text("Đã nhận", timeout=30_000)
    assert Delivery.objects.get().batch == Batch.objects.get()
