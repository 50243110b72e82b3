"""A book is sampled, inspected and told about in signed minutes; its quality is counted from the database."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from django.test import Client

from pipeline.acceptance import (
    BrokenResults,
    Result,
    SampleClosed,
    draw,
    lot_of,
    record_results,
    results_in,
    sheet_of,
    summary_of,
)
from pipeline.acceptance_minutes import NotInspected, make_minutes
from pipeline.events import verify_chain
from pipeline.models import AcceptanceSample, FieldValue, Finding, Record, RegisterCheck
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.quality import quality_of
from pipeline.quality_sheet import quality_workbook
from pipeline.sampling import plan
from pipeline.stages import check
from storage.verify_signature import signature_checks
from tests.stages.commands import run_here
from tests.stages.holdings import make_office, make_record, make_scan
from tests.stages.test_reading_and_checking import say

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

BOOK = "KS|01/2008|xa ia rong"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture
def book(broker) -> list[Record]:
    """Ten checked records of one book, entries 1 to 12 without 5 and 6, four values each."""
    scan = make_scan(state="READ")
    records = []
    for number in (1, 2, 3, 4, 7, 8, 9, 10, 11, 12):
        record = make_record(scan, state="TO_REVIEW", book_key=BOOK, entry=f"{number}/2008")
        for key, value in (
            ("so", str(number)),
            ("nksHoTen", "A"),
            ("nksNgaySinh", "2008"),
            ("nksGioiTinh", "1"),
        ):
            say(record, key, "text", value, accepted=key != "nksHoTen")
        records.append(record)
    return records


def sampled(allowed: int = 0) -> AcceptanceSample:
    lot = lot_of(make_office(), BOOK)
    return draw(make_office(), BOOK, lot, plan(len(lot), "0.1", "0.9", allowed), seed="hat", actor="lan")


def test_the_lot_is_every_current_value_of_checked_records(book):
    office = make_office()
    assert len(lot_of(office, BOOK)) == 40
    assert len(lot_of(office, BOOK, machine_only=True)) == 30
    assert lot_of(office, "KS|02/2008|") == {}
    Record.objects.filter(pk=book[0].pk).update(state="QUARANTINED")
    assert len(lot_of(office, BOOK)) == 36


def test_the_same_seed_draws_the_same_values_again(book):
    first, second = sampled(), sampled()
    assert list(first.items.values_list("value", flat=True)) == list(
        second.items.values_list("value", flat=True)
    )


def test_a_sheet_goes_out_and_comes_back_and_accepts_the_book(book):
    sample = sampled()
    lines = sheet_of(sample, "lan").splitlines()
    assert len(lines) == sample.size + 1
    filled = "\n".join(
        [lines[0], *(line[: -len(",,")] + "dung,," if line.endswith(",,,") else line for line in lines[1:])]
    )
    results = results_in(filled, sample.size)
    assert len(results) == sample.size
    summary = record_results(sample, results, "minh")
    assert (summary.verdict, summary.right, summary.waiting) == ("ACCEPTED", sample.size, 0)


def test_a_sheet_with_broken_lines_tells_each_and_changes_nothing(book):
    sample = sampled()
    sheet = "stt,ket_qua\n1,dung\n1,sai\n99,dung\nx,sai\n2,maybe\n3,\n"
    with pytest.raises(BrokenResults) as broken:
        results_in(sheet, sample.size)
    assert [(line, str(code)) for line, code in broken.value.faults] == [
        (3, "ITEM_REPEATED"),
        (4, "NO_SUCH_ITEM"),
        (5, "NO_SUCH_ITEM"),
        (6, "RESULT_UNKNOWN"),
    ]
    assert summary_of(sample).waiting == sample.size


def test_no_cell_of_a_sheet_is_taken_for_a_formula(book):
    lot = lot_of(make_office(), BOOK)
    first = FieldValue.objects.get(pk=min(lot.values()))
    say(first.record, first.key, "text", "=1+1", supersedes=first)
    lot = lot_of(make_office(), BOOK)
    sample = draw(make_office(), BOOK, lot, plan(len(lot), "0.01", "0.99"), seed="hat", actor="lan")
    assert ",'=1+1," in sheet_of(sample, "lan")


def test_minutes_wait_for_a_verdict_then_are_signed_locked_and_final(book, equipment):
    sample = sampled()
    tools = equipment.for_sealing()
    given = {"number": "12/BB-NTCM", "place": "Mỹ Hiệp", "at": AT, "actor": "lan"}
    with pytest.raises(NotInspected):
        make_minutes(sample, tools, **given)
    wrong = [Result(n, "WRONG", "NGUYỄN PHƯỢNG VY") for n in (1, 2)]
    assert record_results(sample, wrong, "minh").verdict == "REJECTED"
    signed = make_minutes(sample, tools, **given)
    assert all(c.outcome == "PASSED" for c in signature_checks(signed, tools.signing.trust))
    sample.refresh_from_db()
    state = equipment.vault.store.state(equipment.vault.sealed, sample.minutes_key, sample.minutes_version_id)
    assert state.retain_until > datetime.now(UTC)
    with pytest.raises(SampleClosed):
        record_results(sample, [Result(3, "RIGHT")], "minh")
    assert verify_chain().sound


def test_the_command_draws_records_and_tells(book, servers, tmp_path):
    def run(*arguments: object) -> dict:
        code, told = run_here(servers, *arguments, "--json")
        assert code == 0, told
        return told

    sheet, pdf = tmp_path / "phieu.csv", tmp_path / "bb.pdf"
    told = run(
        "sample", "draw", "--office", make_office().code, "--book", BOOK, "--sheet", sheet, "--limit", "0.1"
    )
    assert (told["lot"], told["verdict"]) == (40, "PENDING")
    sheet.write_text(
        "stt,ket_qua,gia_tri_dung\n" + "".join(f"{n},dung,\n" for n in range(1, told["size"] + 1))
    )
    assert run("sample", "record", told["sample"], sheet)["verdict"] == "ACCEPTED"
    made = run("sample", "minutes", told["sample"], "--number", "1/BB", "--out", pdf)
    assert made["minutes"]["number"] == "1/BB"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert run("quality", "--office", make_office().code)["total"]["records"] == 10


def shares(report, book: str = "") -> dict[str, tuple[int, int]]:
    chosen = report.total if not book else next(b for b in report.books if b.book == book)
    return {s.measure.code: (s.good, s.of) for s in chosen.shares}


def find(record: Record, code: str, severity: str = "blocks_import", **more: object) -> None:
    Finding.objects.create(record=record, stage="check", code=code, severity=severity, message="…", **more)


def test_every_word_is_counted_from_what_stands_in_the_database(book):
    find(book[0], "REQUIRED_EMPTY:nksHoTen")
    find(book[1], "DUPLICATE_NUMBER")
    find(book[2], "ID_LENGTH", "blocks_approval")
    find(book[3], "DATE_WORDS_DIFFER", "blocks_approval")
    find(book[4], "NUMBER_GAP")
    find(book[4], "ACT_AFTER_DEATH", "blocks_approval")
    settled = {"settled_by": "lan", "settled_at": AT, "settled_reason": "đúng như trên giấy"}
    find(book[5], "DUPLICATE_CASE", **settled)
    Record.objects.filter(pk__in=[r.pk for r in book[:2]]).update(
        state="STORED", approved_by="lan", approved_at=AT
    )
    sample = sampled()
    record_results(sample, [Result(1, "WRONG"), Result(2, "RIGHT"), Result(3, "RIGHT")], "minh")
    for record, said in ((book[0], "B"), (book[1], "A")):
        machine = record.current_fields()["nksHoTen"]
        say(
            record, "nksHoTen", "name", said, supersedes=machine, actor="lan", status="KEYED", said_by="keyer"
        )
    for verdict in ("MATCH", "NOT_FOUND"):
        RegisterCheck.objects.create(record=book[0], prefix="nks", verdict=verdict)
    RegisterCheck.objects.create(record=book[1], prefix="nks", verdict="MATCH")
    found = shares(quality_of(make_office(), datetime.now(UTC)), BOOK)
    assert found == {
        "SAMPLE_RIGHT": (2, 3),
        "MACHINE_KEPT": (1, 2),
        "NO_OPEN_BLOCK": (5, 10),
        "NUMBERS_PRESENT": (10, 12),
        "BOOKS_COMPLETE": (0, 1),
        "REQUIRED_FILLED": (9, 10),
        "READABLE": (40, 40),
        "NOT_REPEATED": (9, 10),
        "WELL_FORMED": (9, 10),
        "REGISTER_CURRENT": (2, 2),
        "REGISTER_MATCH": (1, 2),
        "CONSISTENT": (9, 10),
        "CONSISTENT_BOOKS": (9, 10),
        "SEALED": (2, 10),
        "STORED": (2, 10),
        "EXPORTABLE": (0, 10),
    }
    later = quality_of(make_office(), datetime.now(UTC) + timedelta(days=91))
    assert shares(later)["REGISTER_CURRENT"] == (0, 2)
    assert later.total.word("song") == 0.0


def test_what_was_never_counted_has_no_share(book):
    report = quality_of(make_office(), AT)
    assert report.total.word("song") is None
    assert report.total.word("sach") == 1.0


def test_page_json_and_workbook_tell_the_same_and_nothing_of_persons(book, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    code = make_office().code
    account, _ = make_account("a", full_name="", roles=[(Role.SUPERVISOR, make_office())], by="sohoa")
    client = Client()
    client.force_login(account)
    page = client.get("/chat-luong/", {"don_vi": code}).content.decode()
    assert "quyển 01/2008" in page
    assert "83,3 %" in page
    told = client.get("/chat-luong/", {"don_vi": code, "dang": "json"}).json()
    assert told["total"]["words"]["du"]["share"] == pytest.approx(10 / 12)
    data = client.get("/chat-luong/", {"don_vi": code, "dang": "xlsx"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Chất lượng"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=5, values_only=True)}
    assert rows[BOOK][1:4] == (10, 1.0, pytest.approx(10 / 12))
    assert rows[BOOK][5] is None
    assert client.get("/chat-luong/", {"don_vi": "khong-co"}).status_code == 404
    assert quality_workbook(quality_of(make_office(), AT)).startswith(b"PK")


def test_a_match_in_the_register_is_kept_with_the_fields_it_confirms(
    broker, equipment, tmp_path, monkeypatch
):
    from pipeline.models import Batch
    from validators.population import PopulationRegister

    path = tmp_path / "register.csv"
    path.write_text(
        "soDinhDanh,soCMND,hoTen,ngaySinh,gioiTinh,danToc,queQuan,noiThuongTru,hoTenCha,hoTenMe\n"
        "066108000123,,Nguyễn Phương Vy,2008-05-20,2,Kinh,,,,\n",
        encoding="utf-8",
    )
    register = PopulationRegister.from_csv(path)
    monkeypatch.setattr(type(equipment.registers), "register", lambda *_: register)
    record = make_record()
    Batch.objects.filter(pk=record.scan.batch_id).update(register_sha256="a" * 64)
    for key, kind, value in (("nksHoTen", "name", "Nguyễn Phương Vy"), ("nksNgaySinh", "date", "2008-05-20")):
        say(record, key, kind, value, ink="hand", accepted=False)
    assert check.run(str(record.pk), equipment.for_checking())
    kept = record.current_fields()
    assert {k: (v.accepted, v.decision) for k, v in kept.items()} == dict.fromkeys(
        ("nksHoTen", "nksNgaySinh"), (True, "ACCEPTED_REGISTER")
    )
    assert kept["nksHoTen"].supersedes.accepted is False
