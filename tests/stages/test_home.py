"""The first page leads everyone to the work that waits for them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from pipeline.configuration import load_settings
from pipeline.models import Office
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

WORK = {
    Role.SCANNER: ["Đợt đang nhận tệp quét", "Tiến độ và dự báo"],
    Role.KEYER: ["2 Hồ sơ chờ kiểm tra", "Tiến độ và dự báo"],
    Role.REGISTRAR: [
        "0 Đợt đang nhận tệp quét", "2 Hồ sơ chờ kiểm tra", "1 Hồ sơ chờ duyệt",
        "0 Hồ sơ đã khóa, chưa giao nộp", "Tìm hồ sơ", "Tiến độ và dự báo",
    ],
    Role.SUPERVISOR: ["Tìm hồ sơ", "Tiến độ và dự báo"],
    Role.AUDITOR: ["Xem ai đã làm gì", "Tiến độ và dự báo"],
    Role.ADMINISTRATOR: ["Tài khoản và đơn vị", "Tiến độ và dự báo"],
}  # fmt: skip


@pytest.mark.parametrize("role", WORK)
def test_the_first_page_counts_what_waits_for_each_role_in_its_own_offices(db, settings, role):
    settings.ALLOWED_HOSTS = ["testserver"]
    for state in ("TO_REVIEW", "TO_REVIEW", "REVIEWED"):
        make_record(state=state)
    make_record(make_scan(make_batch(make_office("99999")), state="READ"), state="TO_REVIEW")
    client = Client()
    client.force_login(make_account("a", full_name="", roles=[(role, make_office())], by="sohoa")[0])
    page = client.get("/").content.decode()
    work = re.findall(r'class="card" href="[^"]+">(.*?)</a>', page)
    told = [re.sub("<[^>]+>", "", line) for line in work]
    assert [t for t in told if t.endswith(tuple(WORK[role]))] == told
    assert len(told) == len(WORK[role])


def test_an_administrator_is_led_to_name_the_office_and_the_name_stands_on_the_first_page(db, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    office = Office.objects.create(code="00000", name=load_settings().office_name)
    client = Client()
    account, _ = make_account("a", full_name="", roles=[(Role.ADMINISTRATOR, office)], by="sohoa")
    account.first_password.delete()
    client.force_login(account)
    (link,) = re.findall(r'<a href="([^"]+)">Đặt tên đơn vị</a>', client.get("/").content.decode())
    form = client.get(link).content.decode()
    assert (
        office.name not in form.split('name="parent"')[1].split("</select>")[0]
    )  # no office stands below itself
    client.post(link, {"name": "UBND xã Ia Rong", "kind": "commune"})
    page = client.get("/").content.decode()
    assert "Tình hình số hóa – UBND xã Ia Rong" in page
    assert "Đặt tên đơn vị" not in page
