"""Progress, quality, log and people as those see them who lead, watch and administer."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from pipeline.events import record_event
from pipeline.models import Event, Record
from pipeline.people.models import Role
from tests.browser.people import PASSWORD, officer
from tests.stages.holdings import make_office, make_record

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def test_progress_shows_counts_and_forecast_and_gives_them_as_a_workbook(desk, tmp_path):
    for _ in range(3):
        make_record(state="TO_REVIEW")
    page = desk.open("/tien-do/", account=officer(Role.SUPERVISOR))
    row = page.locator("table").first.locator("tbody tr")
    expect(row.locator("td").first).to_have_text("3")
    expect(row).to_contain_text("Chưa đủ ngày làm việc để dự báo")
    with page.expect_download() as given:
        page.get_by_role("link", name="bảng tính").click()
    given.value.save_as(tmp_path / "tien-do.xlsx")
    sheet = load_workbook(tmp_path / "tien-do.xlsx")["Đơn vị"]
    assert [cell.value for cell in sheet[2]][:3] == ["23942", "UBND xã Ia Rong", 3]


def test_quality_names_books_as_people_call_them(desk):
    make_record(state="TO_REVIEW", book_key="KS|01/2008|xa ia rong", entry="1")
    page = desk.open("/chat-luong/", account=officer(Role.SUPERVISOR))
    expect(page.locator("tbody").first).to_contain_text("Sổ đăng ký khai sinh – quyển 01/2008")
    expect(page.locator("main")).not_to_contain_text("KS|01/2008")


def test_the_log_is_filtered_by_person_and_its_chain_proved(desk):
    record_event("records.searched", actor="minh", office=make_office().code, purpose="Xác minh")
    page = desk.open("/nhat-ky/", account=officer(Role.AUDITOR))
    expect(page.locator("tbody")).to_contain_text("Tạo tài khoản")
    page.get_by_label("Người").fill("minh")
    page.get_by_role("button", name="Lọc").click()
    expect(page.locator("tbody tr")).to_contain_text("Tìm hồ sơ")
    page.get_by_role("button", name="Kiểm tra nhật ký có bị sửa không").click()
    expect(page.locator("#messages")).to_contain_text("Nhật ký nguyên vẹn")
    assert Event.objects.filter(verb="audit.verified", actor="lan").exists()


def test_a_person_is_added_and_signs_in_with_the_password_shown_once(desk):
    page = desk.open("/nguoi-dung/them/", account=officer(Role.ADMINISTRATOR))
    page.get_by_label("Tên đăng nhập").fill("hoa.nguyen")
    page.get_by_label("Họ tên").fill("Nguyễn Thị Hoa")
    page.get_by_label("Nhập liệu").check()
    page.get_by_role("button", name="Tạo tài khoản").click()
    password = page.locator("main kbd").inner_text()
    page.get_by_role("link", name="Xong").click()
    expect(page.locator("main")).to_contain_text("Nhập liệu")
    expect(page.locator("main")).not_to_contain_text(password)
    other = desk.open()
    other.fill("[name=login]", "hoa.nguyen")
    other.fill("[name=password]", password)
    other.keyboard.press("Enter")
    other.wait_for_url("**/tai-khoan/mat-khau/")
    assert password != PASSWORD


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/tien-do/?don_vi=khong-co", "Không có trang này"),
        ("/tra-cuu/00000000-0000-0000-0000-000000000000/", "Không có trang này"),
        ("/nguoi-dung/", "Không có quyền dùng trang này"),
    ],
)
def test_a_forged_office_a_foreign_record_and_a_right_one_lacks_are_told_in_vietnamese(desk, path, told):
    make_office("99999")
    page = desk.open(path, account=officer(Role.REGISTRAR))
    expect(page.locator("h1")).to_have_text(told)
    page.get_by_role("link", name="Về trang đầu").click()
    expect(page.locator("h1")).to_contain_text("Tình hình")
    assert Record.objects.count() == 0
