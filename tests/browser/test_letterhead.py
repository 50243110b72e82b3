"""A field of several lines is shown with its words apart, and taken as it is when it is right."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pipeline.models import FieldValue
from pipeline.people.models import Role
from tests.browser.people import officer
from tests.stages.holdings import make_record

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def test_a_letterhead_of_three_lines_is_confirmed_as_it_stands(desk):
    record = make_record(state="TO_REVIEW")
    written = "TỈNH GIA LAI\nHUYỆN CHƯ PƯH\nUBND XÃ IA RONG"
    FieldValue.objects.create(
        record=record, key="noiDangKy", kind="issuing_unit", written=written, confidence=0.5,
        value="xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai", status="LOW_CONFIDENCE", page=1, said_by="line-net",
    )  # fmt: skip
    page = desk.open(f"/kiem-tra/{record.pk}/", account=officer(Role.KEYER))
    expect(page.locator("#f-noiDangKy")).to_have_value("TỈNH GIA LAI HUYỆN CHƯ PƯH UBND XÃ IA RONG")
    page.keyboard.press("Enter")
    expect(page.locator("#saving")).to_have_text("Đã ghi")
    said = record.current_fields()["noiDangKy"]
    assert (said.status, said.written) == ("CONFIRMED", written)
    assert said.value == "xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai"
