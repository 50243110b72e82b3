"""One doubtful reading in many records is settled on one screen."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from pipeline.models import Event, FieldValue
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

WALL = "/kiem-tra/nhom/tuong/?truong=nksNgaySinh&chu=1985?"


def doubtful(office: str) -> FieldValue:
    record = make_record(make_scan(make_batch(make_office(office)), state="READ"), state="TO_REVIEW")
    return FieldValue.objects.create(
        record=record, key="nksNgaySinh", kind="date", written="1985?", status="LOW_CONFIDENCE",
        ink="hand", page=1, box=[1, 2, 30, 12], said_by="line-net",
    )  # fmt: skip


@pytest.fixture
def desk(db, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    account, _ = make_account("lan", full_name="", roles=[(Role.KEYER, make_office())], by="sohoa")
    client = Client()
    client.force_login(account)
    return client


def speak(desk: Client, value: FieldValue, word: str):
    url = f"/kiem-tra/{value.record_id}/truong/{value.key}/"
    return desk.post(url, json.dumps({"word": word, "seen": value.pk}), content_type="application/json")


def test_equal_readings_of_ones_own_offices_stand_on_one_wall_and_leave_events(desk):
    mine, other = [doubtful("23942") for _ in range(3)], doubtful("9")
    assert '<td class="number">3</td>' in desk.get("/kiem-tra/nhom/").content.decode()
    page = desk.get(WALL).content.decode()
    assert all(f'data-seen="{v.pk}"' in page for v in mine)
    assert f'data-seen="{other.pk}"' not in page
    assert Event.objects.filter(verb="record.viewed", purpose="Kiểm tra theo nhóm").count() == 3


def test_right_is_kept_as_confirmed_by_the_person_and_wrong_waits_for_a_look_of_its_own(desk):
    right, wrong = doubtful("23942"), doubtful("23942")
    assert speak(desk, right, "confirm").status_code == 200
    assert speak(desk, wrong, "wrong").status_code == 200
    now = [v.record.current_fields()["nksNgaySinh"] for v in (right, wrong)]
    assert [(v.status, v.accepted, v.actor) for v in now] == [
        ("CONFIRMED", True, "lan"),
        ("CONFLICT", False, "lan"),
    ]
    assert "đã xem xong" in desk.get(WALL).content.decode()


def test_two_officers_at_one_wall_do_not_overwrite_each_other(desk):
    value = doubtful("23942")
    account, _ = make_account("minh", full_name="", roles=[(Role.KEYER, make_office())], by="sohoa")
    other = Client()
    other.force_login(account)
    assert speak(other, value, "wrong").status_code == 200
    late = speak(desk, value, "confirm")
    assert (late.status_code, "minh vừa ghi" in late.json()["message"]) == (409, True)
