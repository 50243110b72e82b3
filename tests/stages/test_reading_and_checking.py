"""Stages read, check and books: what is done is not done again, what improved is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.models import (
    Book,
    FieldValue,
    Finding,
    OutboxMessage,
    Page,
    Record,
    RegisterCheck,
    Scan,
    StageRun,
)
from pipeline.receive import receive
from pipeline.stages import books, check, read
from tests.faults import hostile
from tests.stages.holdings import make_batch, make_office, make_record, make_scan

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

SAMPLES = Path(__file__).parents[2] / "samples"
DECISION = SAMPLES / "items" / "sample-013-land-decision" / "scan.pdf"


def outcomes(row: Scan | Record, stage: str) -> list[tuple[str, str]]:
    name = type(row).__name__.lower()
    runs = StageRun.objects.filter(subject=f"{name}:{row.pk}", stage=stage).order_by("id")
    return list(runs.values_list("version", "outcome"))


def waits_again(row: Scan | Record, state: str) -> None:
    type(row).objects.filter(pk=row.pk).update(state=state, not_before=None)


def say(record: Record, key: str, kind: str, value: str, **more: object) -> FieldValue:
    given = {"status": "READ", "said_by": "tesseract", "confidence": 0.99, "accepted": True} | more
    return FieldValue.objects.create(
        record=record, key=key, kind=kind, written=value, value=value, page=1, box=[0, 0, 9, 9], **given
    )


@pytest.fixture
def received(equipment, broker, tmp_path):
    def take(data: bytes, name: str) -> Scan:
        path = tmp_path / name
        path.write_bytes(data)
        (receipt,) = receive([path], make_office(), actor="lan", vault=equipment.vault).receipts
        return Scan.objects.get(pk=receipt.scan)

    return take


@pytest.fixture
def entered(db, broker):
    """A birth entry, read without doubt."""

    def enter(number: str = "51", **values: object) -> Record:
        record = make_record(values.pop("scan", None), **values)
        for key, kind, value in (
            ("so", "entry_number", number),
            ("quyenSo", "book_number", "01/2008"),
            ("noiDangKy", "issuing_unit", "xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai"),
            ("ngayDangKy", "date", "2008-06-05"),
            ("nksHoTen", "name", "NGUYỄN PHƯƠNG VY"),
            ("nksNgaySinh", "date", "2008-05-20"),
        ):
            say(record, key, kind, value)
        return record

    return enter


def test_reading_leaves_pages_records_and_values_and_is_not_repeated(received, equipment, monkeypatch):
    scan = received(DECISION.read_bytes(), "quyet-dinh.pdf")
    assert read.run(str(scan.pk), equipment.for_reading())
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == ("READ", "")
    record = Record.objects.get()
    assert (record.state, record.form) == ("READ", "GCN")
    assert Page.objects.get().report["state"] == "ok"
    values = FieldValue.objects.count()
    assert values > 5
    assert outcomes(scan, "read") == [("1", "OK")] == outcomes(scan, "prepare") == outcomes(scan, "extract")

    assert not read.run(str(scan.pk), equipment.for_reading()), "nothing waits"
    waits_again(scan, "RECEIVED")
    assert read.run(str(scan.pk), equipment.for_reading())
    assert outcomes(scan, "read") == [("1", "OK"), ("1", "SKIPPED")]

    monkeypatch.setattr(read, "VERSION", "2")
    waits_again(scan, "RECEIVED")
    assert read.run(str(scan.pk), equipment.for_reading())
    assert outcomes(scan, "read")[-1] == ("2", "OK")
    assert Record.objects.get().pk == record.pk
    assert FieldValue.objects.count() == values, "equal words are not said twice"


def test_a_second_reading_never_overwrites_what_a_person_keyed(received, equipment, monkeypatch):
    scan = received(DECISION.read_bytes(), "quyet-dinh.pdf")
    read.run(str(scan.pk), equipment.for_reading())
    before = FieldValue.objects.filter(record__scan=scan).exclude(value="").first()
    assert before is not None
    keyed = say(
        before.record, before.key, before.kind, "đã sửa tay", status="KEYED", actor="lan", supersedes=before
    )
    monkeypatch.setattr(read, "VERSION", "2")
    waits_again(scan, "RECEIVED")
    assert read.run(str(scan.pk), equipment.for_reading())
    assert before.record.current_fields()[before.key].pk == keyed.pk


@pytest.mark.parametrize(
    ("make", "state", "code"),
    [
        (hostile.blank_page, "READ", "BLANK"),
        (hostile.jpeg, "READ", "NO_RECORD"),
    ],
)  # fmt: skip
def test_a_scan_without_a_record_says_why_in_vietnamese(received, equipment, make, state: str, code: str):
    scan = received(make(), "trang.jpg")
    read.run(str(scan.pk), equipment.for_reading())
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == (state, code)
    assert scan.error_message.endswith(".")
    assert not Record.objects.exists()


def test_checking_is_skipped_on_equal_values_and_repeated_when_improved_or_corrected(
    entered, equipment, monkeypatch
):
    record = entered()
    tools = equipment.for_checking()
    assert check.run(str(record.pk), tools)
    record.refresh_from_db()
    first = record.state
    assert first in ("ACCEPTED", "TO_REVIEW")
    assert not check.run(str(record.pk), tools), "nothing waits"
    found = Finding.objects.count()

    waits_again(record, "READ")
    assert check.run(str(record.pk), tools)
    record.refresh_from_db()
    assert (outcomes(record, "check")[-1], record.state) == ((check.VERSION, "SKIPPED"), first)

    monkeypatch.setattr(check, "VERSION", "next")
    waits_again(record, "READ")
    assert check.run(str(record.pk), tools)
    assert outcomes(record, "check")[-1] == ("next", "OK")
    assert Finding.objects.filter(withdrawn_at__isnull=True).count() == found

    born = record.current_fields()["nksNgaySinh"]
    say(record, "nksNgaySinh", "date", "2009-05-20", actor="lan", status="KEYED", supersedes=born)
    waits_again(record, "READ")
    assert check.run(str(record.pk), tools)
    record.refresh_from_db()
    assert (record.state, record.error_code) == ("TO_REVIEW", "BLOCKING_FINDING")
    raised = Finding.objects.get(code="BIRTH_AFTER_REGISTRATION")
    assert (raised.severity, raised.stage) == ("blocks_approval", "check")

    wrong = record.current_fields()["nksNgaySinh"]
    say(record, "nksNgaySinh", "date", "2008-05-20", actor="lan", status="KEYED", supersedes=wrong)
    waits_again(record, "READ")
    assert check.run(str(record.pk), tools)
    raised.refresh_from_db()
    assert raised.withdrawn_at is not None, "the finding goes when its reason is gone"


def test_the_register_of_a_batch_is_asked_and_its_verdict_kept_with_officer_and_purpose(entered, equipment):
    import hashlib

    data = (SAMPLES / "register.csv").read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    equipment.vault.keep_input(data, sha256, "text/csv")
    record = entered(scan=make_scan(make_batch(register_sha256=sha256), state="READ"))
    assert check.run(str(record.pk), equipment.for_checking())
    kept = RegisterCheck.objects.get(record=record, prefix="nks")
    assert kept.verdict == "NOT_FOUND"
    assert kept.officer == "lan"
    assert kept.purpose
    record.refresh_from_db()
    assert record.state == "TO_REVIEW"


def test_a_corrected_field_is_looked_up_in_the_extract_again_and_explained(entered, equipment):
    import hashlib

    from pipeline.events import verify_chain
    from pipeline.findings import look_again
    from pipeline.models import Event
    from pipeline.register_explanation import explanation
    from pipeline.stages.seal import record_document

    columns = "soDinhDanh,soCMND,hoTen,ngaySinh,gioiTinh,danToc,queQuan,noiThuongTru,hoTenCha,hoTenMe"
    data = f"{columns}\n064308001234,,Nguyễn Phương Vi,2008-05-20,2,Kinh,,,,\n".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    equipment.vault.keep_input(data, sha256, "text/csv")
    record = entered(scan=make_scan(make_batch(register_sha256=sha256), state="READ"))
    tools = equipment.for_checking()
    assert check.run(str(record.pk), tools)
    assert RegisterCheck.objects.get(record=record).verdict == "NOT_FOUND"
    name = record.current_fields()["nksHoTen"]
    say(record, "nksHoTen", "name", "NGUYỄN PHƯƠNG VI", actor="hoa", status="KEYED", supersedes=name)
    look_again(record, tools, actor="hoa")
    found = RegisterCheck.objects.filter(record=record).order_by("id").last()
    assert (found.verdict, found.officer) == ("MATCH", "hoa")
    assert Event.objects.filter(verb="register.read", actor="hoa").count() == 1
    assert verify_chain().sound

    (candidate,) = explanation(found)
    told = {c.column: c for c in candidate.columns}
    assert candidate.row.soDinhDanh == "064308001234"
    assert (told["hoTen"].label, told["hoTen"].said) == ("Họ tên", "giống")
    assert (told["ngaySinh"].paper, told["ngaySinh"].register) == ("20/05/2008", "20/05/2008")
    assert told["hoTen"].points == told["hoTen"].best > 0
    record.approved_at = found.at
    assert "064308001234" not in str(record_document(record)["population"])


def test_book_rules_wait_for_the_whole_batch_then_find_gaps_and_repeats(entered, equipment):
    batch = make_batch(state="RECEIVED")
    numbers = ["1", "2", "2", "5"]
    scans = [make_scan(batch, state="READ", name=f"{n:02}.jpg") for n in range(len(numbers))]
    records = [entered(number, scan=scan) for number, scan in zip(numbers, scans, strict=True)]
    tools = equipment.for_checking()
    assert not books.run(str(batch.pk), tools), "a record is not checked yet"
    calls = OutboxMessage.objects.filter(task="sohoa.check_batch", arguments=[str(batch.pk)])
    for record in records:
        assert not calls.exists(), "a record is not checked yet"
        assert check.run(str(record.pk), tools)
    assert calls.count() == 1, "the last record calls for the books at once"
    assert books.run(str(batch.pk), tools)
    batch.refresh_from_db()
    assert batch.state == "CHECKED"
    raised = Finding.objects.filter(stage="books", withdrawn_at__isnull=True)
    assert {(f.code, f.record.current_fields()["so"].value) for f in raised} == {
        ("DUPLICATE_NUMBER", "2"),
        ("NUMBER_GAP", "5"),
    }
    repeated = raised.get(code="DUPLICATE_NUMBER").record
    assert (repeated.state, repeated.error_code) == ("TO_REVIEW", "BLOCKING_FINDING")
    assert not books.run(str(batch.pk), tools), "nothing waits"

    type(batch).objects.filter(pk=batch.pk).update(state="RECEIVED")
    assert books.run(str(batch.pk), tools)
    assert raised.count() == 2, "a finding raised again keeps its row"


def test_planned_numbers_that_never_came_are_told(entered, equipment):
    import hashlib

    plan = {"books": [{"id": "b", "office": "xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai", "kind": "KS",
                       "year": 2008, "volume": "01", "expected": [1, 2, 3]}]}  # fmt: skip
    data = json.dumps(plan, ensure_ascii=False).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    equipment.vault.keep_input(data, sha256, "application/json")
    batch = make_batch(state="RECEIVED", plans_sha256=sha256)
    record = entered("1", scan=make_scan(batch, state="READ"))
    check.run(str(record.pk), equipment.for_checking())
    assert books.run(str(batch.pk), equipment.for_checking())
    assert Finding.objects.get(stage="books").code == "NUMBER_GAP"


def test_a_page_of_another_book_is_told_once_the_delivery_is_read(entered, equipment):
    book = Book.objects.create(office=make_office(), kind="KS", year=2008, volume="02")
    batch = make_batch(state="RECEIVED", book=book)
    record = entered("1", scan=make_scan(batch, state="READ"))
    check.run(str(record.pk), equipment.for_checking())
    assert books.run(str(batch.pk), equipment.for_checking())
    assert Finding.objects.get(record=record, stage="chosen_book").code == "BOOK_NOT_AS_CHOSEN"
