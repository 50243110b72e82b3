"""What officers say about fields is kept, one word after the other, whoever else works there."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from pipeline.claims import WrongState
from pipeline.models import Event, FieldValue, Finding, RecordState
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.registers import Registers
from pipeline.reviewing import NotSayable, Stale, Word, finish, say, take_back
from pipeline.stages.check import CheckTools
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

TOOLS = CheckTools(Registers(None), 10)  # type: ignore[arg-type]


@pytest.fixture
def record(db):
    made = make_record(make_scan(make_batch(), state="READ"), state="TO_REVIEW", form="HN")
    for key, kind, written, accepted in (
        ("nxnHoTen", "name", "Rơ Châm Phyới", False),
        ("ngayDangKy", "date", "02/10/2008", True),
    ):
        FieldValue.objects.create(
            record=made, key=key, kind=kind, written=written, value=written, confidence=0.5,
            status="LOW_CONFIDENCE", ink="hand", page=1, box=[1, 2, 30, 12], said_by="line-net",
            accepted=accepted, alternatives=[{"value": "Rơ Châm Phyơi", "confidence": 0.3}],
        )  # fmt: skip
    return made


def current(record, key: str) -> FieldValue:
    return record.current_fields()[key]


def test_a_word_supersedes_the_machine_and_the_machine_stays_on_record(record):
    machine = current(record, "ngayDangKy")
    said = say(record.pk, "ngayDangKy", Word.VALUE, written="02-10-2008", seen=machine.pk, actor="lan")
    assert (said.value.value, said.value.status, said.fits) == ("2008-10-02", "KEYED", True)
    assert said.value.supersedes == machine
    assert Event.objects.filter(verb="field.said", actor="lan").count() == 1


def test_what_is_no_value_of_its_kind_is_kept_and_told(record):
    seen = current(record, "ngayDangKy").pk
    said = say(record.pk, "ngayDangKy", Word.VALUE, written="31/02/2008", seen=seen, actor="lan")
    assert (said.value.written, said.fits) == ("31/02/2008", False)


def test_the_same_word_sent_twice_over_a_bad_line_is_kept_once(record):
    seen = current(record, "nxnHoTen").pk
    first = say(record.pk, "nxnHoTen", Word.CONFIRM, seen=seen, actor="lan")
    again = say(record.pk, "nxnHoTen", Word.CONFIRM, seen=seen, actor="lan")
    assert again.value.pk == first.value.pk
    assert record.values.filter(key="nxnHoTen").count() == 2


def test_a_word_on_what_another_officer_changed_meanwhile_is_refused_with_the_newer_one(record):
    seen = current(record, "nxnHoTen").pk
    say(record.pk, "nxnHoTen", Word.VALUE, written="Rơ Châm Phyơi", seen=seen, actor="lan")
    with pytest.raises(Stale) as stale:
        say(record.pk, "nxnHoTen", Word.CONFIRM, seen=seen, actor="minh")
    assert stale.value.current.written == "Rơ Châm Phyơi"


def test_taking_back_brings_the_machines_reading_back_as_a_new_word(record):
    machine = current(record, "nxnHoTen")
    mine = say(record.pk, "nxnHoTen", Word.UNREADABLE, seen=machine.pk, actor="lan").value
    back = take_back(record.pk, "nxnHoTen", seen=mine.pk, actor="lan")
    assert (back.written, back.said_by, back.accepted) == (machine.written, "line-net", False)
    assert record.values.filter(key="nxnHoTen").count() == 3
    with pytest.raises(Stale):
        take_back(record.pk, "nxnHoTen", seen=back.pk, actor="lan")


def test_a_record_is_reviewed_once_nothing_is_left_to_ask(record):
    left = finish(record.pk, TOOLS, actor="lan")
    assert left.fields == ("nxnHoTen",)
    say(record.pk, "nxnHoTen", Word.CONFIRM, seen=current(record, "nxnHoTen").pk, actor="lan")
    left = finish(record.pk, TOOLS, actor="lan")
    record.refresh_from_db()
    assert (bool(left), record.state) == (False, RecordState.REVIEWED)


def test_an_open_finding_that_blocks_holds_the_record(record):
    say(record.pk, "nxnHoTen", Word.CONFIRM, seen=current(record, "nxnHoTen").pk, actor="lan")
    Finding.objects.create(
        record=record, stage="books", code="X", severity="blocks_approval", fields=["so"], message="?"
    )
    assert [f.code for f in finish(record.pk, TOOLS, actor="lan").findings] == ["X"]


def test_an_approved_record_takes_no_more_words(record):
    seen = current(record, "nxnHoTen").pk
    type(record).objects.filter(pk=record.pk).update(
        state="APPROVED", approved_by="a", approved_at=record.created
    )
    with pytest.raises(WrongState):
        say(record.pk, "nxnHoTen", Word.CONFIRM, seen=seen, actor="lan")


def test_a_field_that_the_form_does_not_have_takes_no_word(record):
    with pytest.raises(NotSayable):
        say(record.pk, "khongCo", Word.EMPTY, seen=1, actor="lan")


# The screen


@pytest.fixture
def desk(record, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    account, _ = make_account("lan", full_name="", roles=[(Role.KEYER, make_office())], by="sohoa")
    client = Client()
    client.force_login(account)
    return client


def post(desk: Client, record, key: str, **body):
    return desk.post(
        f"/kiem-tra/{record.pk}/truong/{key}/", json.dumps(body), content_type="application/json"
    )


def test_the_screen_shows_doubtful_fields_first_and_leaves_an_event(desk, record):
    page = desk.get(f"/kiem-tra/{record.pk}/").content.decode()
    assert page.index('data-key="nxnHoTen"') < page.index('data-key="ngayDangKy"')
    assert 'data-choice="Rơ Châm Phyơi"' in page
    assert Event.objects.filter(verb="record.viewed", actor="lan").count() == 1


def test_a_word_is_answered_with_what_stands_now_and_a_late_one_with_409(desk, record):
    seen = current(record, "nxnHoTen").pk
    answer = post(desk, record, "nxnHoTen", word="value", written="Rơ Châm Phyơi", seen=seen)
    assert (answer.status_code, answer.json()["written"]) == (200, "Rơ Châm Phyơi")
    say(record.pk, "nxnHoTen", Word.UNREADABLE, seen=answer.json()["id"], actor="minh")
    late = post(desk, record, "nxnHoTen", word="confirm", seen=answer.json()["id"])
    assert late.status_code == 409
    assert "minh vừa ghi" in late.json()["message"]


@pytest.mark.parametrize("body", [{}, {"word": "x", "seen": 1}, {"word": "value", "seen": "a"}])
def test_a_malformed_word_is_refused_kindly(desk, record, body):
    assert post(desk, record, "nxnHoTen", **body).status_code == 400


def test_another_offices_record_does_not_exist(desk, db):
    other = make_record(make_scan(make_batch(make_office("9")), state="READ"), state="TO_REVIEW")
    assert desk.get(f"/kiem-tra/{other.pk}/").status_code == 404
    assert post(desk, other, "so", word="empty", seen=1).status_code == 404


def test_text_from_the_page_is_never_taken_for_markup(desk, record):
    seen = current(record, "nxnHoTen").pk
    say(record.pk, "nxnHoTen", Word.VALUE, written="<script>alert(1)</script>", seen=seen, actor="lan")
    page = desk.get(f"/kiem-tra/{record.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_two_officers_on_one_record_are_told_of_each_other(desk, record):
    desk.get(f"/kiem-tra/{record.pk}/")
    account, _ = make_account("minh", full_name="", roles=[(Role.KEYER, make_office())], by="sohoa")
    other = Client()
    other.force_login(account)
    assert "lan cũng đang mở hồ sơ này" in other.get(f"/kiem-tra/{record.pk}/").content.decode()
    assert "Không có hồ sơ nào chờ xem" in other.get("/kiem-tra/").content.decode()


def test_findings_follow_every_word_and_come_back_with_the_answer(desk, record):
    seen = current(record, "ngayDangKy").pk
    answer = post(desk, record, "ngayDangKy", word="value", written="31/02/2008", seen=seen).json()
    assert Finding.objects.filter(record=record, fields__0="ngayDangKy", withdrawn_at__isnull=True).exists()
    assert "finding-" in answer["findings"]["ngayDangKy"]["html"]
    again = post(desk, record, "ngayDangKy", word="value", written="02/10/2008", seen=answer["id"]).json()
    assert again["findings"].get("ngayDangKy", {"ids": ""})["ids"] != answer["findings"]["ngayDangKy"]["ids"]


@pytest.fixture
def difference(record) -> Finding:
    return Finding.objects.create(
        record=record, stage="register", code="REGISTER_NAME_DIFFERS", severity="blocks_approval",
        fields=["nxnHoTen"], message="Khác.",
        evidence={"person": "nxn", "column": "hoTen", "book": "Rơ Châm Phyới", "register": "Rơ Châm Phyơi"},
    )  # fmt: skip


def test_the_registers_answer_stands_beside_the_books_with_the_difference_marked(desk, record, difference):
    page = desk.get(f"/kiem-tra/{record.pk}/").content.decode()
    assert "Rơ Châm Phy<mark>ới</mark>" in page or "<mark>ớ</mark>" in page
    assert 'value="EVIDENCE"' in page


def test_one_key_takes_the_registers_answer_as_evidence_and_the_book_stays(desk, record, difference):
    url = f"/kiem-tra/{record.pk}/dan-cu/{difference.pk}/"
    assert "phải do người kiểm tra" in desk.post(url, {"quyet_dinh": "EVIDENCE"}).content.decode()
    account, _ = make_account("hoa", full_name="", roles=[(Role.VERIFIER, make_office())], by="sohoa")
    desk.force_login(account)
    assert "Hãy chọn" in desk.post(url, {"quyet_dinh": "x"}).content.decode()
    assert "Ghi nhận làm bằng chứng" in desk.post(url, {"quyet_dinh": "EVIDENCE"}).content.decode()
    difference.refresh_from_db()
    assert (difference.settled_by, current(record, "nxnHoTen").written) == ("hoa", "Rơ Châm Phyới")
    assert "đã được giải quyết" in desk.post(url, {"quyet_dinh": "REFUSED"}).content.decode()
