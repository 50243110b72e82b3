"""Persons are confirmed with the population database, asked again if need be, and the book stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.cli import main
from pipeline.confirmations import Asking, calls_today, current_verdicts, reopen
from pipeline.events import verify_chain
from pipeline.findings import FindingClosed, ReasonRefused
from pipeline.mismatch_list import open_mismatches, settle_mismatch
from pipeline.models import (
    Event,
    FieldValue,
    Finding,
    OutboxMessage,
    Record,
    RegisterCall,
    RegisterCheck,
    RegisterQuery,
)
from pipeline.population_line import caller_of, service_of
from pipeline.population_settings import PopulationSettings
from pipeline.stages import check, confirm
from pipeline.stages.confirm import ConfirmTools
from tests.stages.holdings import make_record
from tests.stages.test_reading_and_checking import say, waits_again
from tests.unit.population_service.people import VY
from validators.population.simulator import Fault, Simulator

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

ASKING = Asking("OPEN", "Số hóa: xác nhận nhân thân")
REASON = "Đã so với sổ gốc tại xã"


@pytest.fixture
def simulator():
    with Simulator([VY]) as running:
        yield running


@pytest.fixture
def line(simulator, tmp_path) -> PopulationSettings:
    secrets = tmp_path / "bi-mat.toml"
    secrets.write_text(f'secret = "{simulator.access.secret}"\napi_key = "{simulator.access.api_key}"\n')
    secrets.chmod(0o600)
    return PopulationSettings(
        endpoint=simulator.url,
        secret_file=secrets,
        user=simulator.access.user,
        client=simulator.access.client,
        officer="064080000001",
        account="lan",
        unit="H26.3",
        procedure="1.001193",
        calls_per_second=1000,
        attempts=1,
        daily_quota=100,
    )


@pytest.fixture
def tools(line) -> ConfirmTools:
    service = service_of(line, processes=1, used_today=calls_today)
    return ConfirmTools(service, caller_of(line), 10.0, 3)


@pytest.fixture
def checked(equipment, broker):
    """A birth entry with the child's number, checked without a local extract."""

    def make(asking: Asking = ASKING, **changes: str) -> Record:
        record = make_record()
        fields = {
            "so": ("entry_number", "51"),
            "quyenSo": ("book_number", "01/2008"),
            "noiDangKy": ("issuing_unit", "xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai"),
            "ngayDangKy": ("date", "2008-06-05"),
            "nksHoTen": ("name", "NGUYỄN PHƯƠNG VY"),
            "nksNgaySinh": ("date", "2008-05-20"),
            "nksGioiTinh": ("sex", "2"),
            "nksSoDinhDanhCaNhan": ("id_number", VY.soDinhDanh),
        }
        for key, (kind, value) in fields.items():
            say(record, key, kind, changes.get(key, value))
        check.run(str(record.pk), replace(equipment.for_checking(), asking=asking))
        record.refresh_from_db()
        return record

    return make


def due(query: RegisterQuery) -> RegisterQuery:
    RegisterQuery.objects.filter(pk=query.pk).update(not_before=None)
    return RegisterQuery.objects.get(pk=query.pk)


def test_a_record_waits_for_the_answer_and_goes_its_way_with_it(checked, tools, simulator):
    record = checked()
    query = RegisterQuery.objects.get()
    assert (record.state, query.state, query.number) == ("TO_REVIEW", "OPEN", VY.soDinhDanh)
    assert current_verdicts(record) == {"nks": "SOURCE_DOWN"}
    assert OutboxMessage.objects.filter(task="sohoa.confirm_person", arguments=[str(query.pk)]).exists()

    assert confirm.run(str(query.pk), tools)
    assert not confirm.run(str(query.pk), tools), "answered once"
    found = RegisterCheck.objects.get()
    assert (found.verdict, found.source, found.request_id) == ("MATCH", "service:037", query.request_id)
    assert (found.officer, found.purpose) == ("lan", ASKING.purpose)
    assert found.candidates[0]["soDinhDanh"] == VY.soDinhDanh
    assert current_verdicts(record) == {"nks": "MATCH"}
    record.refresh_from_db()
    assert record.error_code != "REGISTER_WAITS"
    assert not Finding.objects.filter(stage="register").exists()


def test_every_call_and_every_reading_is_kept_with_officer_procedure_and_purpose(checked, tools, simulator):
    record = checked()
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    call = RegisterCall.objects.get()
    assert (call.officer, call.unit, call.procedure) == ("064080000001", "H26.3", "1.001193")
    assert (call.outcome, call.purpose) == ("FOUND", "Số hóa sổ hộ tịch: xác nhận nhân thân")
    event = Event.objects.get(verb="register.read")
    assert (event.actor, event.subject, event.data["source"]) == ("lan", f"record:{record.pk}", "service:037")
    assert VY.soDinhDanh not in str(event.data)
    assert verify_chain().sound
    with pytest.raises(Exception, match="append-only"):
        RegisterCall.objects.update(outcome="NOT_FOUND")


def test_the_same_question_is_asked_once_however_often_the_record_is_checked(
    checked, tools, equipment, monkeypatch
):
    record = checked()
    first = RegisterQuery.objects.get()
    confirm.run(str(first.pk), tools)
    monkeypatch.setattr(check, "VERSION", "another")
    waits_again(record, "READ")
    check.run(str(record.pk), replace(equipment.for_checking(), asking=ASKING))
    assert [q.request_id for q in RegisterQuery.objects.all()] == [first.request_id]
    assert current_verdicts(record) == {"nks": "MATCH"}

    name = record.current_fields()["nksHoTen"]
    say(record, "nksHoTen", "name", "NGUYỄN PHƯƠNG VI", actor="lan", status="KEYED", supersedes=name)
    waits_again(record, "READ")
    check.run(str(record.pk), replace(equipment.for_checking(), asking=ASKING))
    assert list(RegisterQuery.objects.values_list("name", "state")) == [
        ("NGUYỄN PHƯƠNG VY", "WITHDRAWN"),
        ("NGUYỄN PHƯƠNG VI", "OPEN"),
    ]
    assert current_verdicts(record) == {"nks": "SOURCE_DOWN"}, "the old answer no longer counts"


def test_a_name_that_a_person_confirms_is_asked_about_at_once(equipment, broker, tools):
    from pipeline.findings import look_again

    record = make_record()
    for key, kind, value, status in (
        ("nksHoTen", "name", "NGUYỄN PHƯƠNG VI", "LOW_CONFIDENCE"),
        ("nksNgaySinh", "date", "2008-05-20", "READ"),
        ("nksSoDinhDanhCaNhan", "id_number", VY.soDinhDanh, "READ"),
    ):
        say(record, key, kind, value, status=status)
    check.run(str(record.pk), replace(equipment.for_checking(), asking=ASKING))
    assert not RegisterQuery.objects.exists()
    name = record.current_fields()["nksHoTen"]
    say(record, "nksHoTen", "name", "NGUYỄN PHƯƠNG VY", actor="lan", status="KEYED", supersedes=name)
    look_again(record, replace(equipment.for_checking(), asking=ASKING), actor="lan")
    assert confirm.run(str(RegisterQuery.objects.get().pk), tools)
    assert current_verdicts(record) == {"nks": "MATCH"}


def test_an_answer_about_another_name_counts_no_more_once_the_name_was_corrected(checked, tools):
    record = checked()
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    name = record.current_fields()["nksHoTen"]
    say(record, "nksHoTen", "name", "NGUYỄN PHƯƠNG VI", actor="lan", status="KEYED", supersedes=name)
    assert current_verdicts(record) == {}


def test_a_silent_service_is_asked_again_later_and_given_up_in_the_end(checked, tools, simulator):
    record = checked()
    query = RegisterQuery.objects.get()
    simulator.standing = frozenset({Fault.ERROR_500})
    waits = []
    for _ in range(tools.give_up_after):
        assert confirm.run(str(query.pk), tools)
        query.refresh_from_db()
        if query.not_before:
            waits.append(round((query.not_before - query.state_since).total_seconds() / 60))
            assert not confirm.run(str(query.pk), tools), "it rests"
        query = due(query)
    assert (query.state, query.error_code) == ("QUARANTINED", "SERVER_ERROR")
    assert waits == [1, 2]
    assert [c.verdict for c in RegisterCheck.objects.all()] == ["SOURCE_DOWN"], "kept once"
    assert Finding.objects.get(stage="register").code == "REGISTER_DOWN"
    record.refresh_from_db()
    assert record.state == "TO_REVIEW"

    simulator.standing = frozenset()
    assert reopen(actor="lan") == 1
    assert confirm.run(str(query.pk), tools)
    assert current_verdicts(record) == {"nks": "MATCH"}
    assert not Finding.objects.filter(stage="register", withdrawn_at__isnull=True).exists()


def test_a_question_whose_worker_is_killed_every_time_is_given_up_and_officers_learn_it(checked):
    from datetime import timedelta

    from pipeline.claims import MAX_TRIES, claim, database_now
    from pipeline.sweeper import DUTIES, hold_exhausted

    record = checked()
    query = RegisterQuery.objects.get()
    duty = next(d for d in DUTIES if d.model is RegisterQuery)
    for number in range(MAX_TRIES):
        assert claim(RegisterQuery, ["OPEN"], f"killed-{number}", 10.0, pk=query.pk)
        assert hold_exhausted(duty) == 0, "its lease still runs"
        ended = database_now() - timedelta(seconds=1)
        RegisterQuery.objects.filter(pk=query.pk).update(lease_until=ended)
    assert hold_exhausted(duty) == 1
    query.refresh_from_db()
    assert (query.state, query.error_code, query.lease_owner) == ("QUARANTINED", "WORKER_LOST", "")
    assert (query.attempt, hold_exhausted(duty)) == (MAX_TRIES + 1, 0)
    finding = Finding.objects.get(stage="register")
    assert (finding.code, finding.evidence["code"]) == ("REGISTER_DOWN", "WORKER_LOST")
    assert [m.code for m in open_mismatches(actor="lan")] == ["REGISTER_DOWN"]
    record.refresh_from_db()
    assert (record.state, current_verdicts(record)) == ("TO_REVIEW", {"nks": "SOURCE_DOWN"})
    settle_mismatch(finding.pk, "EVIDENCE", actor="lan", reason=REASON)
    assert current_verdicts(record) == {}


def test_an_exceeded_quota_waits_for_the_next_day_and_counts_no_failure(checked, tools, simulator):
    checked()
    query = RegisterQuery.objects.get()
    simulator.fail_next(Fault.QUOTA)
    confirm.run(str(query.pk), tools)
    query.refresh_from_db()
    assert (query.state, query.error_code, query.outages) == ("OPEN", "QUOTA_EXCEEDED", 0)
    assert query.not_before is not None


def test_a_difference_becomes_a_proposal_with_a_reason_code_and_changes_no_field(checked, tools):
    record = checked(nksGioiTinh="1")
    before = list(FieldValue.objects.values_list("id", "value"))
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    assert list(FieldValue.objects.values_list("id", "value")) == before
    (mismatch,) = open_mismatches(office=record.office.code, actor="lan")
    assert (mismatch.code, mismatch.field) == ("REGISTER_SEX_DIFFERS", "nksGioiTinh")
    assert (mismatch.book, mismatch.register) == ("1", "2")
    assert open_mismatches(office="khac", actor="lan") == []
    assert Event.objects.filter(verb="register.mismatches_viewed", actor="lan").count() == 1
    record.refresh_from_db()
    assert record.state == "TO_REVIEW"


def test_who_settles_a_difference_says_how_and_why_and_it_no_longer_holds_the_record(checked, tools):
    record = checked(nksGioiTinh="1")
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    (mismatch,) = open_mismatches(actor="lan")
    with pytest.raises(ReasonRefused):
        settle_mismatch(mismatch.id, "REFUSED", actor="lan", reason=" ")
    settle_mismatch(mismatch.id, "REFUSED", actor="lan", reason=REASON)
    finding = Finding.objects.get(pk=mismatch.id)
    assert (finding.settled_by, finding.settled_reason) == ("lan", f"Bác bỏ: {REASON}")
    assert Event.objects.get(verb="register.settled").data["decision"] == "REFUSED"
    assert current_verdicts(record) == {}
    assert open_mismatches(actor="lan") == []
    with pytest.raises(FindingClosed):
        settle_mismatch(mismatch.id, "EVIDENCE", actor="lan", reason=REASON)


def test_a_person_whom_the_register_does_not_know_is_told_as_such(checked, tools):
    checked(nksHoTen="TRẦN VĂN BA")
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    assert RegisterCheck.objects.get().verdict == "NOT_FOUND"
    assert [m.code for m in open_mismatches(actor="lan")] == ["REGISTER_NOT_FOUND"]


def test_an_answer_after_the_approval_is_listed_but_changes_no_seal_that_is_tried_again(checked, tools):
    from pipeline.decide import approve
    from pipeline.stages.sealed_record import record_document

    record = approve(checked(nksGioiTinh="1"), actor="lan", override=True)
    before = record_document(record)
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    assert [m.code for m in open_mismatches(actor="lan")] == ["REGISTER_SEX_DIFFERS"]
    record.refresh_from_db()
    assert record.state == "APPROVED"
    assert record_document(record) == before


def test_a_doubtful_reading_is_not_asked_about(equipment, broker):
    record = make_record()
    for key, kind, value, status in (
        ("nksHoTen", "name", "NGUYỄN PHƯƠNG VY", "LOW_CONFIDENCE"),
        ("nksNgaySinh", "date", "2008-05-20", "READ"),
        ("nksSoDinhDanhCaNhan", "id_number", VY.soDinhDanh, "READ"),
    ):
        say(record, key, kind, value, status=status)
    check.run(str(record.pk), replace(equipment.for_checking(), asking=ASKING))
    assert not RegisterQuery.objects.exists()


def test_a_line_that_is_no_longer_set_up_leaves_the_question_waiting(checked, tools):
    checked()
    query = RegisterQuery.objects.get()
    assert confirm.run(str(query.pk), replace(tools, service=None))
    query.refresh_from_db()
    assert (query.state, query.error_code, query.tries) == ("OPEN", "SERVICE_NOT_SET", 0)


def test_the_sweeper_sends_a_waiting_question_again(checked):
    from datetime import timedelta

    from pipeline.sweeper import DUTIES, hint

    checked()
    duty = next(d for d in DUTIES if d.model is RegisterQuery)
    assert hint(duty, after=timedelta(seconds=-1)) == 1


def test_the_commands_show_and_settle_differences(checked, tools, servers, capsys, monkeypatch):
    import json

    checked(nksGioiTinh="1")
    confirm.run(str(RegisterQuery.objects.get().pk), tools)
    monkeypatch.setattr("pipeline.cli.register._connect", lambda: None)

    def run(*arguments: str) -> tuple[int, object]:
        with pytest.raises(SystemExit) as left:
            main(["register", *arguments, "--json"])
        return left.value.code, json.loads(capsys.readouterr().out or "null")

    code, (row,) = run("mismatches", "--code", "REGISTER_SEX_DIFFERS")
    assert (code, row["register"]) == (0, "2")
    code, answer = run("settle", str(row["id"]), "--take", "--reason", REASON)
    assert (code, answer["decision"]) == (0, "EVIDENCE")
    assert run("settle", str(row["id"]), "--take", "--reason", REASON)[0] == 4
    assert run("mismatches") == (0, [])
