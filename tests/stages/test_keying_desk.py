"""At the desk nobody sees what they are to key, a third account settles, and figures stay one's own."""

from __future__ import annotations

import io
import json

import pytest
from django.test import Client
from openpyxl import load_workbook

from ocr.forms.schema import KINDS
from pipeline.agreement import KIND_NAMES
from pipeline.models import Event, FieldValue, Finding, Note, Record
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.registers import Registers
from pipeline.stages.check import CheckTools
from pipeline.stages.fields import index, reading_of
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

READ = "Rơ Châm Phyới"
KEY = "nxnHoTen"


class Tools:
    def for_checking(self) -> CheckTools:
        return CheckTools(Registers(None), 10)  # type: ignore[arg-type]


@pytest.fixture
def desks(db, settings, monkeypatch):
    """Signed-in browsers by name: two keyers, a verifier, a registrar, a supervisor."""
    settings.ALLOWED_HOSTS = ["testserver"]
    for module in ("web.review", "web.settling"):
        monkeypatch.setattr(f"{module}.equipment", Tools)
    roles = {
        "lan": Role.KEYER,
        "minh": Role.KEYER,
        "hoa": Role.VERIFIER,
        "tam": Role.REGISTRAR,
        "ha": Role.SUPERVISOR,
    }
    found = {}
    for name, role in roles.items():
        found[name] = Client()
        found[name].force_login(make_account(name, full_name="", roles=[(role, make_office())], by="s")[0])
    return found


@pytest.fixture
def record(db) -> Record:
    made = make_record(make_scan(make_batch(), state="READ"), state="TO_REVIEW", form="HN")
    FieldValue.objects.create(
        record=made, key=KEY, kind="name", written=READ, value=READ, confidence=0.5, ink="hand",
        status="LOW_CONFIDENCE", page=1, box=[1, 2, 30, 12], said_by="line-net",
        decision="NEEDS_PERSON_TWO_KEYS", alternatives=[{"value": "Rơ Châm Phyơi", "confidence": 0.3}],
    )  # fmt: skip
    index(made, reading_of(made).fields)
    made.save()
    Finding.objects.create(
        record=made, stage="register", code="REGISTER_NAME_DIFFERS", severity="blocks_approval", fields=[KEY],
        message="Khác.", evidence={"person": "nxn", "column": "hoTen", "book": READ, "register": "Rơ Châm"},
    )  # fmt: skip
    return made


def unread(record: Record) -> Record:
    """The same, where the machine read nothing."""
    before = record.current_fields()[KEY]
    FieldValue.objects.create(
        record=record, key=KEY, kind="name", status="UNREADABLE", page=1, box=[1, 2, 30, 12], ink="hand",
        said_by="line-net", decision="NEEDS_PERSON_TWO_KEYS", supersedes=before,
    )  # fmt: skip
    record.findings.update(settled_by="s", settled_reason="-", settled_at=record.created)
    return record


def now(record: Record) -> FieldValue:
    return record.current_fields()[KEY]


def keyed(desk: Client, record: Record, written: str, word: str = "value"):
    body = json.dumps({"word": word, "written": written, "seen": now(record).pk})
    url = f"/kiem-tra/{record.pk}/truong/{KEY}/"
    return desk.post(url, body, content_type="application/json")


def page(desk: Client, path: str, **post: str) -> str:
    answer = desk.post(path, post, follow=True) if post else desk.get(path, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_keys_finds_what_was_read_on_no_page(desks, record):
    assert READ not in page(desks["lan"], f"/kiem-tra/{record.pk}/")
    for path in ("/kiem-tra/", f"/kiem-tra/{record.pk}/", "/kiem-tra/nhom/"):
        told = page(desks["hoa"], path)
        assert READ not in told
        assert "Phyơi" not in told
    found = page(desks["hoa"], "/tra-cuu/", text="ro cham phyoi", muc_dich="Kiểm tra chất lượng số hóa")
    assert f"/tra-cuu/{record.pk}/" in found
    assert READ not in found
    assert READ not in page(desks["hoa"], f"/tra-cuu/{record.pk}/")
    assert READ in page(desks["ha"], "/tra-cuu/", text="ro cham", muc_dich="Kiểm tra chất lượng số hóa")


def test_the_answer_to_a_key_tells_nothing_of_the_other_one(desks, record):
    told = keyed(desks["lan"], record, "Rơ Châm Phyai").json()
    assert (told["written"], told["status"], told["accepted"], told["turn"]) == (
        "Rơ Châm Phyai", "", True, "apart",
    )  # fmt: skip
    assert READ not in json.dumps(told, ensure_ascii=False)
    assert keyed(desks["minh"], record, READ).status_code == 422
    assert "Rơ Châm" not in page(desks["minh"], f"/kiem-tra/{record.pk}/")


@pytest.mark.parametrize("act", ["muc", "dan-cu"])
def test_a_finding_on_a_field_that_is_to_be_keyed_is_not_told_when_it_is_settled(desks, record, act):
    url = f"/kiem-tra/{record.pk}/{act}/{record.findings.get().pk}/"
    assert desks["hoa"].post(url, {"ly_do": "giấy ghi đúng như vậy"}).status_code == 404
    assert record.findings.get().open


def test_what_the_machine_read_cannot_be_confirmed_unseen(desks, record):
    assert keyed(desks["lan"], record, "", "confirm").status_code == 422


def test_a_key_taken_back_does_not_bring_the_machines_reading_to_light(desks, record):
    row = unread(record)
    told = keyed(desks["lan"], row, "Rơ Châm Phyai").json()
    assert "Phyai" in page(desks["lan"], f"/kiem-tra/{row.pk}/")
    assert "Phyai" not in page(desks["minh"], f"/kiem-tra/{row.pk}/")
    body = json.dumps({"seen": told["id"]})
    url = f"/kiem-tra/{row.pk}/truong/{KEY}/hoan-tac/"
    back = desks["lan"].post(url, body, content_type="application/json").json()
    assert (back["written"], back["turn"]) == ("", "blind")


def test_a_keyer_goes_on_when_only_other_peoples_fields_remain(desks, record):
    keyed(desks["lan"], unread(record), "Rơ Châm Phyai")
    told = page(desks["lan"], f"/kiem-tra/{record.pk}/xong/", x="")
    assert "hồ sơ còn chờ người khác" in told
    assert "Không có hồ sơ nào chờ xem" in told
    assert f"/kiem-tra/{record.pk}/" in page(desks["minh"], "/kiem-tra/")


def test_a_third_account_settles_and_the_record_goes_on(desks, record):
    keyed(desks["lan"], unread(record), "Rơ Châm Phyai")
    keyed(desks["hoa"], record, "Rơ Châm Phyơi")
    field = f"/kiem-tra/thong-nhat/{now(record).pk}/"
    assert desks["hoa"].get(field).status_code == 404
    assert desks["hoa"].post(f"{field}quyet/", {"chon": "value:Rơ Châm Phyơi"}).status_code == 404
    assert desks["lan"].get(field).status_code == 403
    assert "Không có trường nào chờ bạn" in page(desks["hoa"], "/kiem-tra/thong-nhat/")
    assert "Thống nhất 1 trường" in page(desks["tam"], "/kiem-tra/")
    assert "Trường chờ thống nhất" in page(desks["tam"], "/")
    assert "Trường chờ thống nhất" not in page(desks["hoa"], "/")
    told = page(desks["tam"], "/kiem-tra/thong-nhat/")
    assert "<mark>ơ</mark>" in told
    assert "hoa" not in told.split("<main")[1]
    assert Event.objects.filter(verb="record.viewed", actor="tam", purpose="Thống nhất hai lần nhập").exists()
    assert "Hãy chọn" in page(desks["tam"], f"{field}quyet/", noi_dung=" ")
    assert "Đã quyết định: Rơ Châm Phyơi" in page(desks["tam"], f"{field}quyet/", chon="value:Rơ Châm Phyơi")
    record.refresh_from_db()
    assert (now(record).written, now(record).said_by, record.state) == (
        "Rơ Châm Phyơi", "adjudicator", "REVIEWED",
    )  # fmt: skip
    again = f"/kiem-tra/thong-nhat/{now(record).pk}/"
    assert again in page(desks["tam"], "/kiem-tra/thong-nhat/")
    page(desks["tam"], f"{again}quyet/", chon="unreadable")
    assert now(record).status == "UNREADABLE"


def test_another_offices_conflict_does_not_exist(desks, record):
    keyed(desks["lan"], record, "Rơ Châm Phyai")
    Record.objects.filter(pk=record.pk).update(office=make_office("9"))
    assert desks["tam"].get(f"/kiem-tra/thong-nhat/{now(record).pk}/").status_code == 404


def test_a_keyer_sees_their_own_figures_and_a_supervisor_those_of_the_office(desks, record):
    keyed(desks["lan"], record, "Rơ Châm Phyai")
    other = make_record(record.scan, state="TO_REVIEW", form="HN")
    FieldValue.objects.create(
        record=other, key=KEY, kind="name", status="UNREADABLE", page=1, ink="hand", said_by="line-net",
        decision="NEEDS_PERSON_TWO_KEYS",
    )  # fmt: skip
    keyed(desks["hoa"], other, READ)
    keyed(desks["minh"], other, READ)

    def figures(name: str) -> list[tuple[str, int, int, int, int]]:
        rows = desks[name].get("/muc-khop/?dang=json").json()["rows"]
        return [
            (row["office"], *(row[pair][what] for pair in ("machine", "people") for what in ("agreed", "of")))
            for row in rows
        ]

    assert figures("lan") == [("", 0, 1, 0, 0)]
    assert figures("minh") == figures("hoa") == [("", 0, 0, 1, 1)]
    assert figures("tam") == []
    assert figures("ha") == [("UBND xã Ia Rong", 0, 1, 1, 1)]
    told = page(desks["ha"], "/muc-khop/").split("<main")[1]
    assert "100 %" in told
    assert not any(name in told for name in ("lan", "minh"))
    sheet = load_workbook(io.BytesIO(desks["ha"].get("/muc-khop/?dang=xlsx").content)).active
    assert [cell.value for cell in sheet[2]] == ["UBND xã Ia Rong", "HN", "Họ tên", 0, 1, 0, 1, 1, 1]


def test_every_kind_of_field_has_a_name():
    assert set(KIND_NAMES) == KINDS


def noted(desk: Client, record: Record, text: str) -> str:
    return page(desk, f"/kiem-tra/{record.pk}/ghi-chu/", noi_dung=text)


def test_a_note_is_kept_shown_and_told_in_the_chain_without_its_text(desks, record):
    row = unread(record)
    keyed(desks["lan"], row, READ)
    keyed(desks["minh"], row, READ)
    assert "Bản giấy rách góc" in noted(desks["lan"], row, " Bản giấy  rách góc ")
    event = Event.objects.get(verb="note.added")
    assert (event.actor, event.subject, "rách" in str(event.data)) == ("lan", f"record:{row.pk}", False)
    assert "Bản giấy rách góc" in page(desks["minh"], f"/kiem-tra/{row.pk}/")
    assert "Bản giấy rách góc" in page(desks["tam"], f"/phe-duyet/{row.pk}/")
    desks["tam"].post("/tra-cuu/", {"muc_dich": "Kiểm tra chất lượng số hóa"})
    assert "Bản giấy rách góc" in page(desks["tam"], f"/tra-cuu/{row.pk}/")


def test_a_note_of_another_is_not_read_before_ones_own_key_is_given(desks, record):
    noted(desks["lan"], record, "Đọc là Phyai")
    assert "Đọc là Phyai" in page(desks["lan"], f"/kiem-tra/{record.pk}/")
    assert "Đọc là Phyai" not in page(desks["minh"], f"/kiem-tra/{record.pk}/")


@pytest.mark.parametrize("text", [" ", "x" * 501, "CCCD 051 094 001 234"])
def test_a_note_that_says_nothing_too_much_or_a_citizens_number_is_refused(desks, record, text):
    assert 'role="alert"' in noted(desks["lan"], record, text)
    assert not Note.objects.exists()
