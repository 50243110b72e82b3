"""An officer finds a record by what he knows of it, and sees no more than his role allows."""

from __future__ import annotations

import pytest
from django.test import Client

from pipeline.models import Event, FieldValue, Office
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.searching import Question, search
from pipeline.stages.fields import index, reading_of
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

KINDS = {
    "nksHoTen": "name", "meHoTen": "name", "chaHoTen": "name", "nktHoTen": "name", "ncHoTen": "name",
    "nksNgaySinh": "date", "so": "entry_number", "soPhatHanh": "serial", "nksSoDinhDanh": "id_number",
    "noiDangKy": "issuing_unit", "nksNoiSinh": "place", "thuaDatSo": "number", "toBanDoSo": "number",
    "chu1HoTen": "name", "nktNguyenNhanChet": "text", "nksGioiTinh": "sex", "ghiChu": "text",
}  # fmt: skip


def known(office: Office | None = None, form: str = "KS", state: str = "TO_REVIEW", **fields: str):
    """A record with these fields, found by them."""
    record = make_record(make_scan(make_batch(office), state="READ"), state=state, form=form)
    for at, (key, value) in enumerate(fields.items()):
        FieldValue.objects.create(
            record=record, key=key, kind=KINDS[key], written=value, value=value, confidence=0.9,
            status="READ", page=1, box=[10, 20 * at, 90, 20 * at + 15], said_by="line-net", accepted=True,
        )  # fmt: skip
    index(record, reading_of(record).fields)
    record.save()
    return record


def account(*roles: Role, name: str = "lan", office: Office | None = None):
    given = [(role, office or make_office()) for role in roles]
    return make_account(name, full_name="", roles=given, by="sohoa")[0]


@pytest.fixture
def registrar(db):
    return account(Role.REGISTRAR)


@pytest.fixture
def holding(db):
    """A birth, a death and a land certificate among others."""
    for name in ("Nguyễn Văn Bình", "Trần Thị Hoa", "Lê Văn Minh"):
        known(nksHoTen=name, nksNgaySinh="1988-01-01")
    return {
        "birth": known(
            nksHoTen="Đặng Phương Vy", nksNgaySinh="1994-10-02", meHoTen="Rơ Châm H'Lan", so="12/1994",
            nksSoDinhDanh="064194001234", noiDangKy="xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai",
        ),
        "land": known(
            form="GCN", chu1HoTen="Phạm Quốc Đạt", soPhatHanh="BC 123456", thuaDatSo="41", toBanDoSo="7"
        ),
    }  # fmt: skip


def found(who, **question: str) -> list[str]:
    return [hit.record.person for hit in search(who, Question(**question)).hits]


@pytest.mark.parametrize(
    "question",
    [
        {"text": "Đặng Phương Vy"},
        {"text": "dang phuong vy"},
        {"text": "ĐẶNG PHƯƠNG VY"},
        {"text": "phuong vy"},
        {"text": "dang phuo"},
        {"text": "dang phuomg vy"},
        {"text": "dnag phuogn vy"},
        {"text": "dang xoxoxo vy"},
        {"text": "phuong vy", "parent": "ro chma"},
        {"text": "phuogn vy", "parent": "ro cham"},
        {"text": "phuogn vy", "parent": "ro chma"},
        {"text": "vy 1994"},
        {"text": "02/10/1994"},
        {"text": "10/1994"},
        {"text": "1994-10-02"},
        {"text": "12/1994"},
        {"text": "064194001234"},
        {"text": "0641940"},
        {"parent": "ro cham h'lan"},
        {"text": "vy", "parent": "lan"},
        {"place": "xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai"},
        {"place": "xa ia rong chu puh"},
        {"place": "Ia Hrú"},
    ],
)
def test_a_birth_is_found_by_whatever_is_known_of_it(registrar, holding, question):
    assert found(registrar, **question) == ["Đặng Phương Vy"]


@pytest.mark.parametrize(
    "question",
    [{"text": "BC 123456"}, {"text": "bc123"}, {"parcel": "41", "sheet": "7"}, {"text": "quoc dat"}],
)
def test_a_certificate_is_found_by_serial_parcel_or_owner(registrar, holding, question):
    assert found(registrar, **question) == ["Phạm Quốc Đạt"]


def test_what_does_not_fit_together_finds_nothing(registrar, holding):
    assert found(registrar, text="phuong vy 1988") == []
    assert found(registrar, parcel="41", sheet="8") == []
    assert found(registrar, text="dang phuong vy", form="GCN") == []
    assert found(registrar, text=" , ") == []
    assert found(registrar, text="'; drop table x; -- \\ 9' | !&") == []


def test_the_name_as_typed_with_its_marks_stands_first_and_a_mended_one_last(registrar):
    for name in ("Lê Văn Hòa", "Lê Văn Hoá", "Lê Văn Hòe"):
        known(nksHoTen=name)
    assert found(registrar, text="Lê Văn Hoá")[0] == "Lê Văn Hoá"
    hits = search(registrar, Question(text="le van hoa")).hits
    assert [(h.record.person, h.near) for h in hits][-1] == ("Lê Văn Hòe", True)


def test_a_changed_name_is_found_by_the_new_one_only(registrar, holding):
    record = holding["birth"]
    FieldValue.objects.create(
        record=record, key="nksHoTen", kind="name", written="Đặng Thùy Dương", value="Đặng Thùy Dương",
        confidence=1, status="KEYED", page=1, said_by="keyer", actor="lan", accepted=True,
        supersedes=record.current_fields()["nksHoTen"],
    )  # fmt: skip
    index(record, reading_of(record).fields)
    record.save()
    assert found(registrar, text="thuy duong") == ["Đặng Thùy Dương"]
    assert found(registrar, text="phuong vy") == []


def test_a_record_whose_page_was_read_anew_is_not_found(registrar):
    known(nksHoTen="Lê Văn Tám", state="SUPERSEDED")
    assert found(registrar, text="le van tam") == []


def test_another_offices_record_is_not_found(holding):
    stranger = account(Role.REGISTRAR, name="minh", office=make_office("9"))
    assert found(stranger, text="dang phuong vy") == []


def test_an_account_without_an_office_finds_nothing(holding):
    assert found(account(name="khach"), text="dang phuong vy") == []


def test_recognitions_are_found_only_by_who_may_see_protected_things(registrar):
    known(form="CMC", ncHoTen="Hồ Thị Mỵ")
    assert found(registrar, text="ho thi my") != []
    assert found(account(Role.SUPERVISOR, name="minh"), text="ho thi my") == []


# The screen


def desk(who) -> Client:
    client = Client()
    client.force_login(who)
    return client


PURPOSE = "Cấp bản sao trích lục"


@pytest.fixture(autouse=True)
def served(settings):
    settings.ALLOWED_HOSTS = ["testserver"]


def test_a_search_says_what_for_and_leaves_an_event_without_what_was_asked(registrar, holding):
    client = desk(registrar)
    assert "chọn mục đích" in client.post("/tra-cuu/", {"text": "phuong vy"}).content.decode()
    page = client.post("/tra-cuu/", {"text": "phuong vy", "muc_dich": PURPOSE}).content.decode()
    assert "Đặng Phương Vy" in page
    event = Event.objects.get(verb="records.searched")
    assert (event.purpose, event.data) == (PURPOSE, {"asked": ["text"], "found": 1})


def test_a_record_opens_after_its_purpose_is_told_and_the_opening_is_in_the_log(registrar, holding):
    client, url = desk(registrar), f"/tra-cuu/{holding['birth'].pk}/"
    assert "Đặng Phương Vy" not in client.get(url).content.decode()
    assert "Đặng Phương Vy" in client.post(url, {"muc_dich": PURPOSE}).content.decode()
    assert Event.objects.get(verb="record.viewed").purpose == PURPOSE


def test_the_cause_of_death_is_shown_only_to_who_may_see_it(registrar):
    record = known(form="KT", nktHoTen="Lê Văn Tám", nktNguyenNhanChet="Bệnh kín")
    url = f"/tra-cuu/{record.pk}/"
    assert "Bệnh kín" in desk(registrar).post(url, {"muc_dich": PURPOSE}).content.decode()
    page = desk(account(Role.SUPERVISOR, name="minh")).post(url, {"muc_dich": PURPOSE}).content.decode()
    assert "Bệnh kín" not in page
    assert "Lê Văn Tám" in page


def test_another_offices_record_does_not_exist(holding):
    stranger = desk(account(Role.REGISTRAR, name="minh", office=make_office("9")))
    assert stranger.post(f"/tra-cuu/{holding['birth'].pk}/", {"muc_dich": PURPOSE}).status_code == 404
