"""Auditors see who did what in their offices, and whether the log still holds."""

from __future__ import annotations

import ast
import io
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from pipeline.auditing import VERBS, events_for
from pipeline.events import record_event
from pipeline.models import Event, Office
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.conftest import ROOT
from tests.stages.holdings import make_office


@pytest.fixture
def commune(db) -> Office:
    return Office.objects.create(code="23942", name="xã Ia Rong", parent=make_office("51"))


@pytest.fixture
def auditor(commune):
    return make_account("kim", full_name="", roles=[(Role.AUDITOR, commune)], by="sohoa")[0]


@pytest.fixture
def desk(auditor, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(auditor)
    return client


def seen(desk: Client, **given: str) -> str:
    return desk.get("/nhat-ky/", given).content.decode().split("<tbody>")[-1]


def test_only_events_of_ones_offices_are_seen(desk, auditor):
    record_event("record.viewed", actor="lan", office="23942", subject="record:a")
    record_event("record.viewed", actor="nga", office="51", subject="record:b")
    record_event("store.backed_up", actor="may")
    page = seen(desk)
    assert "Mở xem hồ sơ" in page
    assert "nga" not in page
    assert "Sao lưu" not in page
    above, _ = make_account(
        "tren", full_name="", roles=[(Role.AUDITOR, Office.objects.get(code="51"))], by=""
    )
    assert {"lan", "nga", "may"} <= {event.actor for event in events_for(above)}


def test_events_are_found_by_person_verb_record_and_day(desk):
    early = datetime(2026, 1, 2, 17, 30, tzinfo=UTC)  # half past midnight of 3 January in Vietnam
    record_event("record.viewed", actor="lan", office="23942", subject="record:a", at=early)
    record_event("record.approved", actor="hoa", office="23942", subject="record:b")
    assert "record:a" in seen(desk, nguoi="LAN")
    assert "record:b" not in seen(desk, nguoi="lan")
    assert "record:b" in seen(desk, viec="record.approved")
    assert "record:a" in seen(desk, doi_tuong="a")
    assert "record:a" in seen(desk, tu="2026-01-03", den="2026-01-03")
    assert "Không có sự kiện nào" in seen(desk, tu="2026-01-02", den="2026-01-02")


def test_the_log_leaves_as_csv_and_workbook_without_formulas_and_that_is_an_event(desk):
    record_event("record.viewed", actor="lan", office="23942", purpose="=1+1", subject="record:a")
    text = b"".join(desk.get("/nhat-ky/?dang=csv&nguoi=lan").streaming_content).decode("utf-8-sig")
    assert "Mở xem hồ sơ,record.viewed,record:a,'=1+1" in text
    book = load_workbook(io.BytesIO(desk.get("/nhat-ky/?dang=xlsx&nguoi=lan").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[1][2:6] == ("lan", "23942", "Mở xem hồ sơ", "record.viewed")
    assert len(rows) == 2
    assert Event.objects.filter(verb="audit.exported", actor="kim").count() == 2


def test_a_button_says_whether_the_log_was_tampered_with(desk):
    record_event("record.viewed", actor="lan", office="23942")
    assert "Nhật ký nguyên vẹn" in desk.post("/nhat-ky/kiem-chuoi/", follow=True).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pipeline_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE pipeline_event SET actor = 'khac' WHERE actor = 'lan'")
    assert "đã bị can thiệp" in desk.post("/nhat-ky/kiem-chuoi/", follow=True).content.decode()


def test_every_verb_that_the_program_writes_has_a_vietnamese_name():
    written = set()
    for folder in ("pipeline", "web"):
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text("utf-8")
            if "record_event(" in source:
                written |= {
                    node.value
                    for node in ast.walk(ast.parse(source))
                    if isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and re.fullmatch(
                        r"(?!sohoa|pipeline)[a-z]+\.(?!csv$|json$|toml$|jsonl$|pem$)[a-z_]+", node.value
                    )
                }
    assert "record.viewed" in written
    assert written - set(VERBS) == set()
