"""Persons whom no register has confirmed are linked to an extract in one run, as proposals to officers."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict

import pytest

from pipeline.linkage import link_office
from pipeline.mismatch_list import open_mismatches, settle_mismatch
from pipeline.mismatches import raise_mismatches
from pipeline.models import Event, Finding, Office, Record, RegisterCheck
from tests.stages.commands import run_here
from tests.stages.holdings import make_record
from tests.stages.test_reading_and_checking import say
from tests.unit.population_service.people import VY
from validators.population import COLUMNS, RegisterRow

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

OTHERS = [
    RegisterRow(
        f"064308{at:06d}",
        "",
        f"{family} Thị {given}",
        f"{1950 + at % 40}-{at % 12 + 1:02d}-{at % 28 + 1:02d}",
        "2",
        "Kinh",
        "",
        f"thôn {at % 7 + 1}, xã Ia {given}, huyện Chư Sê, tỉnh Gia Lai",
        f"{family} Văn Nam",
        "",
    )
    for at, (family, given) in enumerate(
        (f, g) for f in ("Trần", "Lê", "Phạm") for g in "Hoa Lan Mai Yến".split()
    )
]


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "trich-luc.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(asdict(row) for row in (*OTHERS, VY))
    return path


@pytest.fixture
def record(db, broker) -> Record:
    """A birth entry that no register has confirmed; its mother is known."""
    record = make_record(state="TO_REVIEW")
    for key, kind, value in (
        ("nksHoTen", "name", "NGUYỄN PHƯƠNG VI"),
        ("nksNgaySinh", "date", "2008-05-20"),
        ("nksGioiTinh", "sex", "2"),
        ("meHoTen", "name", "TRẦN THỊ HOA"),
    ):
        say(record, key, kind, value)
    RegisterCheck.objects.create(record=record, prefix="me", verdict="MATCH", source="extract:x")
    return record


def findings() -> list[Finding]:
    return list(Finding.objects.filter(stage="linkage", withdrawn_at__isnull=True))


def test_a_person_found_is_a_warning_that_holds_line_and_bits_and_nobody_s_data(record, extract):
    found = link_office(record.office, extract, actor="lan")
    (person,) = found.linked
    assert (found.asked, person.person, person.candidates[0].row) == (1, "nks", VY)
    (finding,) = findings()
    assert finding.code in ("REGISTER_LINKED", "REGISTER_LINK_UNSURE")
    assert (finding.severity, finding.fields) == ("warns", ["nksHoTen"])
    assert set(finding.evidence) == {"person", "source", "line", "bits"}
    assert finding.evidence["line"] == str(len(OTHERS) + 2)
    stored = json.dumps([finding.evidence, finding.message], ensure_ascii=False).casefold()
    assert not any(value.casefold() in stored for value in asdict(VY).values() if len(value) > 1)
    assert finding.why


def test_a_run_leaves_the_event_of_the_reading_and_names_nobody(record, extract):
    link_office(record.office, extract, actor="lan")
    event = Event.objects.get(verb="register.read")
    assert (event.actor, event.subject, event.office) == ("lan", f"record:{record.pk}", record.office.code)
    assert set(event.data["verdicts"]) == {"nks"}
    assert VY.soDinhDanh not in str(event.data)


def test_what_is_found_stands_in_the_work_list_and_is_settled_there(record, extract):
    link_office(record.office, extract, actor="lan")
    (row,) = open_mismatches(office=record.office.code, actor="lan")
    assert (row.person, row.field, row.register) == ("nks", "", "")
    settle_mismatch(row.id, "EVIDENCE", actor="lan", reason="Đã so với sổ gốc tại xã")
    assert open_mismatches(actor="lan") == []
    link_office(record.office, extract, actor="lan")
    assert open_mismatches(actor="lan") == [], "settled once"


def test_a_later_check_takes_nothing_back_but_a_later_run_does(record, extract):
    link_office(record.office, extract, actor="lan")
    raise_mismatches(record)
    assert len(findings()) == 1
    RegisterCheck.objects.create(record=record, prefix="nks", verdict="MATCH", source="extract:x")
    assert link_office(record.office, extract, actor="lan").asked == 0
    assert findings() == []


def test_records_that_a_person_decided_about_and_other_offices_are_left_alone(record, extract):
    other = Office.objects.create(code="23945", name="UBND xã khác")
    assert link_office(other, extract, actor="lan").asked == 0
    Record.objects.update(state="REVIEWED")
    assert link_office(record.office, extract, actor="lan").asked == 0
    assert findings() == []


def test_the_command_prints_the_pairs_with_bits_per_field(record, extract, servers):
    code, answer = run_here(
        servers, "register", "link", "--register", extract, "--office", record.office.code, "--json"
    )
    assert (code, answer["asked"], answer["rows"]["taken"]) == (0, 1, len(OTHERS) + 1)
    (person,) = answer["certain"] + answer["uncertain"]
    (best, *_) = person["candidates"]
    assert best["row"]["hoTen"] == VY.hoTen
    assert {f["column"] for f in best["fields"]} >= {"hoTen", "ngaySinh"}
    code, _ = run_here(servers, "register", "link", "--register", extract, "--office", "khac", "--json")
    assert code == 2
