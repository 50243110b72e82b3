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
from tests.stages.commands import run_here
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


@pytest.mark.django_db(transaction=True)
def test_the_command_proves_the_log_against_a_head_noted_before(servers):
    record_event("record.viewed", actor="lan", office="23942")
    last = record_event("record.viewed", actor="lan", office="23942")
    code, told = run_here(servers, "audit", "verify", "--head", last.hash, "--json")
    assert (code, told["sound"], told["length"], told["head"]) == (0, True, 2, last.hash)
    code, told = run_here(servers, "audit", "verify", "--head", "a" * 64, "--json")
    assert (code, told["broken"]) == (7, {"event": 0, "reason": "UNLINKED"})
    assert run_here(servers, "audit", "verify", "--head", "a1")[0] == 2
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pipeline_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE pipeline_event SET actor = 'khac' WHERE id = %s", [last.pk])
        cursor.execute("ALTER TABLE pipeline_event ENABLE TRIGGER USER")
    code, told = run_here(servers, "audit", "verify", "--json")
    assert (code, told["broken"]) == (7, {"event": last.pk, "reason": "CHANGED"})
    assert [e.data["sound"] for e in Event.objects.filter(verb="audit.verified")] == [True, False, False]


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_the_log_of_an_office_and_of_some_days_to_a_file(servers, commune, tmp_path):
    early = datetime(2026, 1, 2, 17, 30, tzinfo=UTC)  # half past midnight of 3 January in Vietnam
    record_event("record.viewed", actor="lan", office="23942", subject="record:a", at=early)
    record_event("record.viewed", actor="lan", office="23942", subject="record:b")
    record_event("record.viewed", actor="nga", office="51", subject="record:c")
    whole, day = tmp_path / "nhat-ky.csv", tmp_path / "nhat-ky.xlsx"
    code, told = run_here(servers, "audit", "export", "--office", "23942", "--csv", whole, "--json")
    assert (code, told["events"]) == (0, 2)
    lines = whole.read_text("utf-8-sig").splitlines()
    assert [line.split(",")[6] for line in lines] == ["Đối tượng", "record:a", "record:b"]
    days = ("--since", "2026-01-03", "--until", "2026-01-03")
    assert run_here(servers, "audit", "export", *days, "--xlsx", day)[0] == 0
    rows = list(load_workbook(day).active.iter_rows(values_only=True))
    assert [row[6] for row in rows[1:]] == ["record:a"]
    assert run_here(servers, "audit", "export", "--office", "99999", "--csv", whole)[0] == 2
    assert run_here(servers, "audit", "export", "--csv", whole, "--xlsx", day)[0] == 2
    assert Event.objects.filter(verb="audit.exported").count() == 2


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
