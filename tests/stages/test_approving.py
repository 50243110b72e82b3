"""Registrars approve, sign, prove, correct and hand over at the desk."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from pipeline.approving import Seen, approve_batch
from pipeline.models import Event, FieldValue, Finding, SealedCopy
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.replacements import Decision, correct
from pipeline.reviewing import Word, say
from pipeline.stages import seal, store
from storage.signing.pades import sign_pades
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

BOOK = "KS|01/2008|xa ia rong"
BOOK_PAGE = {"don_vi": "23942", "loai": "KS", "quyen": BOOK}


def ready(state: str = "REVIEWED", office: str = "23942"):
    made = make_record(
        make_scan(make_batch(make_office(office)), state="READ"), state=state, book_key=BOOK, entry="1"
    )
    FieldValue.objects.create(
        record=made, key="nksHoTen", kind="name", written="Rơ Châm Phyới", value="Rơ Châm Phyới",
        confidence=1, status="KEYED", page=1, box=[1, 2, 30, 12], said_by="keyer", actor="lan", accepted=True,
    )  # fmt: skip
    return made


def seen(record) -> Seen:
    return Seen(record.pk, record.values.latest("id").pk)


def block(record) -> None:
    Finding.objects.create(
        record=record, stage="books", code="X", severity="blocks_approval", fields=["so"], message="Trùng số."
    )


@pytest.fixture
def desk(db, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    account, _ = make_account("lan", full_name="", roles=[(Role.REGISTRAR, make_office())], by="sohoa")
    client = Client()
    client.force_login(account)
    return client


# Approval


def test_what_hinders_one_record_does_not_hold_up_the_others(db):
    good, sure, blocked, unseen = ready(), ready("ACCEPTED"), ready(), ready("TO_REVIEW")
    block(blocked)
    done = approve_batch([seen(r) for r in (good, blocked, sure, unseen)], actor="lan")
    assert [r.pk for r in done.approved] == [good.pk, sure.pk]
    assert [(r.record.pk, r.code) for r in done.refused] == [
        (blocked.pk, "FINDINGS_OPEN"),
        (unseen.pk, "NOT_READY"),
    ]
    assert "Trùng số." in done.refused[0].message
    blocked.refresh_from_db()
    assert (blocked.state, blocked.approved_by) == ("REVIEWED", "")


def test_a_record_that_somebody_changed_since_it_was_shown_is_not_approved(db):
    record = ready()
    shown = seen(record)
    say(record.pk, "nksHoTen", Word.UNREADABLE, seen=shown.last_word, actor="minh")
    assert [r.code for r in approve_batch([shown], actor="lan").refused] == ["CHANGED_SINCE"]


def test_the_same_batch_sent_twice_approves_once(db):
    record = ready()
    approve_batch([seen(record)], actor="lan")
    assert [r.code for r in approve_batch([seen(record)], actor="lan").refused] == ["NOT_READY"]
    assert Event.objects.filter(verb="record.approved").count() == 1


def test_the_queue_shows_books_and_what_is_still_open(desk):
    record = ready()
    block(record)
    ready("TO_REVIEW")
    page = desk.get("/phe-duyet/").content.decode()
    assert "1 hồ sơ chờ duyệt" in page
    assert "quyển 01/2008" in page
    page = desk.get("/phe-duyet/quyen/", BOOK_PAGE).content.decode()
    assert "Trùng số." in page
    assert "disabled" in page


def test_the_desk_approves_what_is_marked_and_tells_each_refusal(desk):
    good, blocked = ready(), ready()
    block(blocked)
    marked = [f"{s.record}:{s.last_word}" for s in (seen(good), seen(blocked))]
    page = desk.post("/phe-duyet/duyet/", BOOK_PAGE | {"ho_so": marked}).content.decode()
    assert "Đã duyệt 1" in page
    assert "Chưa duyệt 1" in page
    good.refresh_from_db()
    assert (good.state, good.approved_by) == ("APPROVED", "lan")
    assert f'href="/phe-duyet/{good.pk}/"' in page
    assert "còn 1 hồ sơ" in desk.get("/phe-duyet/tien-do/").content.decode()


def test_another_offices_records_do_not_exist(desk):
    other = ready(office="9")
    mark = f"{other.pk}:{seen(other).last_word}"
    ready()
    assert desk.post("/phe-duyet/duyet/", BOOK_PAGE | {"ho_so": mark}).status_code == 404
    other.refresh_from_db()
    assert other.state == "REVIEWED"
    for page in ("", "dinh-chinh/"):
        assert desk.get(f"/phe-duyet/{other.pk}/{page}").status_code == 404
    assert desk.post(f"/phe-duyet/{other.pk}/rut/", {"ly_do": "x"}).status_code == 404
    assert desk.post("/giao-nop/lap/", {"don_vi": "9", "goi": "pl3"}).status_code == 404


def test_a_malformed_mark_is_refused(desk):
    ready()
    assert desk.post("/phe-duyet/duyet/", BOOK_PAGE | {"ho_so": "x:1"}).status_code == 404


def test_an_empty_desk_says_what_to_do_next(desk):
    assert "Hồ sơ hiện ở đây sau khi" in desk.get("/phe-duyet/").content.decode()
    assert "Không có hồ sơ nào chờ ký" in desk.get("/phe-duyet/thiet-bi/").content.decode()
    assert "Gói giao nộp lập được sau khi" in desk.get("/giao-nop/").content.decode()


# On the real store and authority


@pytest.fixture
def outside(equipment, monkeypatch):
    """No key of the office: an officer signs."""
    from web import approving, copy_links, handover, sealed, signing

    tools = equipment.for_sealing()
    external = replace(tools, signing=replace(tools.signing, key=None))

    class Desk:
        settings, endpoints, vault = equipment.settings, equipment.endpoints, equipment.vault
        registers = equipment.registers

        def for_sealing(self):
            return external

    for module in (approving, copy_links, handover, sealed, signing):
        monkeypatch.setattr(module, "equipment", Desk)
    return tools.signing.key


def keep(record, equipment) -> SealedCopy:
    seal.run(str(record.pk), equipment.for_sealing())
    store.run(str(record.pk), equipment.for_storing())
    record.refresh_from_db()
    return record.sealed_copies.get(version=record.version)


def upload(desk: Client, files: dict[str, bytes]) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    packed.seek(0)
    packed.name = "da-ky.zip"
    return desk.post("/phe-duyet/thiet-bi/nop/", {"tep": packed}).content.decode()


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_zip_goes_out_and_comes_back_signed_with_each_refusal_told(desk, approved, outside):
    answer = desk.post("/phe-duyet/thiet-bi/tai-ve/", {"ma_bam": "on"})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert sorted(archive.namelist()) == [f"{approved.pk}.pdf", f"{approved.pk}.sha256"]
        document = archive.read(f"{approved.pk}.pdf")
    name = f"{approved.pk}_signed.pdf"
    page = upload(desk, {name: document, "thu.pdf": b"%PDF-1.7"})
    assert "SIGNATURE_NOT_SIGNED" in page
    assert "NAME_UNKNOWN" in page
    signed = sign_pades(document, outside, tsa=None, reason="Ký số", location="xã", name="Cán bộ")
    page = upload(desk, {name: signed})
    assert f"Người ký: {outside.common_name}" in page
    approved.refresh_from_db()
    assert approved.state == "SEALED"
    assert "NOTHING_TO_SIGN" in upload(desk, {name: signed})


def test_a_broken_zip_is_told(desk, monkeypatch):
    from web import signing

    monkeypatch.setattr(signing, "equipment", lambda: type("Desk", (), {"for_sealing": lambda self: None})())
    file = io.BytesIO(b"PK\x03\x04 nothing")
    file.name = "x.zip"
    assert "ZIP_UNREADABLE" in desk.post("/phe-duyet/thiet-bi/nop/", {"tep": file}).content.decode()


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_an_approval_is_withdrawn_with_a_reason_before_the_seal_and_not_after(
    desk, approved, outside, equipment
):
    assert "ghi lý do" in desk.post(f"/phe-duyet/{approved.pk}/rut/", follow=True).content.decode()
    desk.post(f"/phe-duyet/{approved.pk}/rut/", {"ly_do": "Duyệt nhầm"})
    approved.refresh_from_db()
    assert approved.state == "TO_REVIEW"
    type(approved).objects.filter(pk=approved.pk).update(state="REVIEWED")
    approve_batch([seen(approved)], actor="lan")
    keep(approved, equipment)
    page = desk.post(f"/phe-duyet/{approved.pk}/rut/", {"ly_do": "Nhầm"}, follow=True).content.decode()
    assert "Không rút được" in page


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_the_panel_says_who_signed_until_when_it_holds_and_proves_it_on_demand(
    desk, approved, outside, equipment
):
    copy = keep(approved, equipment)
    page = desk.get(f"/phe-duyet/{approved.pk}/").content.decode()
    assert f"<strong>{copy.signer}</strong> đã ký" in page
    assert "Chứng minh được đến" in page
    assert "không ai xóa hay sửa được, đến" in page
    assert "Giữ theo yêu cầu pháp lý" not in page
    equipment.vault.store.set_legal_hold(copy.bucket, copy.key, copy.version_id, on=True)
    assert "Giữ theo yêu cầu pháp lý" in desk.get(f"/phe-duyet/{approved.pk}/").content.decode()
    equipment.vault.store.set_legal_hold(copy.bucket, copy.key, copy.version_id, on=False)
    told = desk.post(f"/phe-duyet/ban-ky/{copy.pk}/kiem-chung/").content.decode()
    assert "Chữ ký khớp với nội dung tệp" in told
    assert "Sự cố" not in told
    SealedCopy.objects.filter(pk=copy.pk).update(sha256="0" * 64)
    told = desk.post(f"/phe-duyet/ban-ky/{copy.pk}/kiem-chung/").content.decode()
    assert "Nội dung không còn đúng như khi lưu." in told
    assert Event.objects.filter(verb="copy.verified", actor="lan").count() == 2


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_correction_by_decision_makes_a_version_and_both_are_listed_with_their_files(
    desk, approved, outside, equipment
):
    old = keep(approved, equipment)
    url = f"/phe-duyet/{approved.pk}/dinh-chinh/"
    form = {"so": "12/QĐ-UBND", "ngay": "2026-03-02", "co_quan": "UBND xã", "ly_do": "Ghi sai chữ đệm"}
    refused = desk.post(url, form | {"ngay": "", "truong-nksHoTen": "NGUYỄN PHƯƠNG VI"})
    assert refused.status_code == 422
    assert 'value="NGUYỄN PHƯƠNG VI"' in refused.content.decode()
    assert "Không có trường nào khác" in desk.post(url, form).content.decode()
    desk.post(url, form | {"truong-nksHoTen": "NGUYỄN PHƯƠNG VI"})
    approved.refresh_from_db()
    assert (approved.state, approved.version) == ("TO_REVIEW", 2)
    type(approved).objects.filter(pk=approved.pk).update(state="REVIEWED")
    approve_batch([seen(approved)], actor="lan")
    new = keep(approved, equipment)
    page = desk.get(f"/phe-duyet/{approved.pk}/").content.decode()
    assert "“NGUYỄN PHƯƠNG VY” → “NGUYỄN PHƯƠNG VI”" in page
    assert "12/QĐ-UBND" in page
    for copy in (old, new):
        file = desk.get(f"/phe-duyet/ban-ky/{copy.pk}/tep.pdf")
        assert file.content == equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_package_is_refused_with_every_reason_then_made_and_fetched_again(
    desk, approved, outside, equipment
):
    type(approved).objects.filter(pk=approved.pk).update(book_key=BOOK, entry="1")
    order = {"don_vi": "23942", "goi": "aip", "quyen": BOOK, "phong": "G09", "ma_giay": "A.01.02"}
    refused = desk.post("/giao-nop/lap/", order)
    assert refused.status_code == 422
    assert "RECORD_NOT_FINISHED" in refused.content.decode()
    approved.refresh_from_db()
    keep(approved, equipment)
    page = desk.post("/giao-nop/lap/", order, follow=True)
    made = Event.objects.get(verb="package.exported")
    (name,) = made.data["files"]
    assert name in page.content.decode()
    file = desk.get(f"/giao-nop/tep/{made.pk}/{name}")
    assert zipfile.is_zipfile(io.BytesIO(b"".join(file.streaming_content)))
    assert desk.get(f"/giao-nop/tep/{made.pk}/khac.zip").status_code == 404
    data = {"don_vi": "23942", "goi": "data", "muc": "statistics", "dang": "csv", "muc_dich": "Thống kê"}
    assert zipfile.is_zipfile(io.BytesIO(b"".join(desk.post("/giao-nop/lap/", data).streaming_content)))


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_version_under_correction_is_told(desk, approved, outside, equipment):
    keep(approved, equipment)
    decision = Decision(number="7/QĐ", date=date(2026, 1, 5), authority="UBND xã")
    correct(approved, {"nksHoTen": "NGUYỄN VI"}, decision, reason="Sai", actor="lan")
    page = desk.get(f"/phe-duyet/{approved.pk}/").content.decode()
    assert "Đang đính chính theo quyết định 7/QĐ" in page
    assert "Đính chính theo quyết định…" not in page
