"""Progress is counted up the tree of offices, foretold for each, and names no person."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from pipeline.models import Book, Office, Page, Record
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.progress_report import forecasts_of, period_of, report_of
from tests.stages.commands import run_command
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

KEY = "KS|01/2008|ubnd xa ia rong"


@pytest.fixture
def commune(db) -> Office:
    return Office.objects.create(code="23942", name="xã Ia Rong", parent=make_office("51"))


@pytest.fixture
def desk(commune, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    account, _ = make_account("lan", full_name="Lan", roles=[(Role.SUPERVISOR, commune.parent)], by="sohoa")
    client = Client()
    client.force_login(account)
    return client


def records(office: Office, number: int, **values) -> list[Record]:
    scan = make_scan(make_batch(office), state="READ")
    return [make_record(scan, **({"state": "TO_REVIEW", "book_key": KEY} | values)) for _ in range(number)]


def approved(office: Office, days: int, per_day: int) -> None:
    """Records approved on each of the last working days before today."""
    today = timezone.localdate()
    past = [d for n in range(1, 2 * days + 9) if (d := today - timedelta(days=n)).weekday() < 5][:days]
    for day in past:
        at = timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 9))
        records(office, per_day, state="STORED", approved_by="canbophe", approved_at=at, state_since=at)


def test_offices_count_with_all_below_them_and_other_offices_do_not_exist(desk, commune):
    records(commune, 3)
    records(commune.parent, 1, state="STORED", approved_by="hoa", approved_at=timezone.now())
    records(make_office("99"), 5)
    above, below = desk.get("/tien-do/?dang=json").json()["offices"]
    assert (above["office"], above["depth"]) == ("51", 0)
    assert (above["records"], above["people"], above["stored"]) == (4, 3, 1)
    assert (below["office"], below["depth"], below["records"]) == ("23942", 1, 3)
    assert len(desk.get("/tien-do/?dang=json&don_vi=23942").json()["offices"]) == 1
    assert desk.get("/tien-do/?don_vi=99").status_code == 404


def test_books_fall_into_the_period_in_which_they_were_opened(desk, commune):
    records(commune, 2)
    records(commune, 1, book_key="KH|02/1974|xa 2016", form="KH")
    records(commune, 1, book_key="")
    told = desk.get("/tien-do/?dang=json").json()
    assert {row["name"]: row["states"] for row in told["periods"]} == {
        "2006–2015": {"TO_REVIEW": 2},
        "đến 1975": {"TO_REVIEW": 1},
        "chưa rõ năm": {"TO_REVIEW": 1},
    }
    assert {row["name"]: row["states"]["TO_REVIEW"] for row in told["forms"]} == {"KS": 3, "KH": 1}
    assert [period_of(y) for y in (1975, 1976, 1999, 2015, 2019, 2020)] == [
        *("đến 1975", "1976–1998", "1999–2005", "2006–2015", "2016–2019", "từ 2020")
    ]


def test_expected_entries_without_a_record_are_work_that_remains(commune):
    Book.objects.create(
        office=commune,
        kind="KS",
        year=2008,
        volume="1",
        issuing_unit="UBND xã Ia Rong",
        expected=list(range(1, 11)),
    )
    records(commune, 1, entry="1/2008")
    records(commune, 2, entry="2/2008")  # the second is a repeat of the first
    records(commune, 1, entry="9/2007", book_key="KS|01/2007|ubnd xa ia rong")
    told = forecasts_of(Office.objects.filter(pk=commune.pk), timezone.localdate(), None)[commune.pk]
    assert (told.waiting, told.missing, told.remaining) == (4, 8, 12)


def test_a_commune_with_enough_working_days_gets_a_date_and_its_slack(desk, commune, settings):
    approved(commune, days=12, per_day=2)
    records(commune, 20)
    deadline = timezone.localdate() + timedelta(days=60)
    told = {f.outcome: f for f in forecasts_of(Office.objects.all(), timezone.localdate(), deadline).values()}
    assert set(told) == {"DONE", "FORETOLD"}
    foretold = told["FORETOLD"]
    assert foretold.per_day == 2
    assert foretold.earliest == foretold.finish == foretold.latest
    assert foretold.slack == (deadline - foretold.finish).days > 0
    assert f"{foretold.finish:%d/%m/%Y}" in desk.get("/tien-do/").content.decode()


def test_an_office_with_time_to_spare_is_proposed_to_help_a_late_one(desk, commune, settings):
    quick = Office.objects.create(code="23943", name="xã Ia Hrú", parent=commune.parent)
    approved(commune, 12, 1)
    approved(quick, 12, 4)
    records(commune, 60)
    records(quick, 4)
    deadline = timezone.localdate() + timedelta(days=28)
    settings.SOHOA = settings.SOHOA.model_copy(update={"deadline": deadline})
    (row,) = desk.get("/tien-do/?dang=json").json()["help"]
    assert (row["giver"], row["taker"]) == ("23943", "23942")
    assert 4 * (row["days"] - 1) < row["records"] <= 4 * row["days"]
    page = desk.get("/tien-do/").content.decode()
    assert "Đề xuất hỗ trợ" in page


def test_a_commune_with_few_days_is_told_so_instead_of_a_date(desk, commune):
    approved(commune, days=3, per_day=2)
    records(commune, 20)
    assert "Chưa đủ ngày làm việc để dự báo (mới có" in desk.get("/tien-do/").content.decode()


def test_pages_of_each_day_leave_blank_ones_out_in_plot_and_table(desk, commune):
    scan = make_scan(make_batch(commune), state="READ")
    for number, state in enumerate(("ok", "unreadable", "blank"), start=1):
        Page.objects.create(scan=scan, number=number, width=1, height=1, state=state, report={})
    assert desk.get("/tien-do/?dang=json").json()["days"][-1] == {
        "day": timezone.localdate().isoformat(),
        "pages": 2,
        "approved": 0,
    }
    page = desk.get("/tien-do/").content.decode()
    assert "nhiều nhất 2 trang" in page
    assert page.count("<rect ") == 30


def test_an_empty_office_gets_a_page_that_says_what_to_do(desk):
    page = desk.get("/tien-do/").content.decode()
    assert "Gửi tệp ở mục Tiếp nhận" in page
    assert "<rect " not in page


def test_no_form_of_the_report_names_a_person(desk, commune):
    approved(commune, days=1, per_day=1)
    records(commune, 1, person="NGUYỄN PHƯƠNG VY")
    for form in ("", "?dang=json"):
        told = desk.get(f"/tien-do/{form}").content.decode().split("<main")[-1]
        assert "canbophe" not in told
        assert "NGUYỄN PHƯƠNG VY" not in told
        assert "approved_by" not in told


def test_the_workbook_holds_offices_types_periods_and_days(desk, commune):
    records(commune, 2)
    book = load_workbook(io.BytesIO(desk.get("/tien-do/?dang=xlsx").content))
    assert book.sheetnames == ["Đơn vị", "Loại sổ", "Thời kỳ", "Theo ngày", "Đề xuất hỗ trợ"]
    rows = list(book["Đơn vị"].iter_rows(values_only=True))
    assert rows[2][:5] == ("23942", "xã Ia Rong", 2, 0, 2)
    assert list(book["Loại sổ"].iter_rows(values_only=True))[1] == ("KS", 2, 2)


def test_the_number_of_queries_does_not_grow_with_offices(commune):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            report_of(Office.objects.all(), date(2026, 11, 24), None)
        return len(caught)

    records(commune, 1)
    Book.objects.create(office=commune, kind="KS", year=2008, volume="1", expected=[1, 2])
    before = queries()
    for number in range(5):
        other = Office.objects.create(code=f"x{number}", name="xã", parent=commune.parent)
        records(other, 1)
        Book.objects.create(office=other, kind="KS", year=2008, volume="1", expected=[1, 2])
    assert queries() == before


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_status_tells_the_forecast_beside_what_it_told_before(servers):
    office = make_office()
    records(office, 2)
    code, told = run_command(servers, "status", "--json", "--office", office.code)
    assert code == 0, told
    assert set(told) == {"records", "scans", "held", "totals", "forecast"}
    (row,) = told["forecast"]
    assert (row["office"], row["remaining"], row["outcome"]) == (office.code, 2, "TOO_FEW_DAYS")
