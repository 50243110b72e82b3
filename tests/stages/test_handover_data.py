"""Data for the shared store, taken from stored records on the real servers."""

from __future__ import annotations

import pytest
from django.utils import timezone

from pipeline.events import verify_chain
from pipeline.handover.data import Order, export_data
from pipeline.models import Event, FieldValue, Record, SealedCopy
from storage.checks import Outcome, overall
from storage.packages.data import DataFormat, check_data, read_data
from storage.packages.data_model import Profile
from storage.packages.problems import PackageRefused
from tests.stages.commands import run_here
from tests.stages.holdings import make_office, make_record, make_scan

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

VALUES = {
    "so": "51/2008",
    "nksHoTen": "NGUYỄN PHƯƠNG VY",
    "nksGioiTinh": "2",
    "chaHoTen": "NGUYỄN A",
    "ghiChu": "",
}


@pytest.fixture
def stored(db) -> Record:
    scan = make_scan(state="READ")
    record = make_record(
        scan, state="STORED", entry="51/2008", approved_by="lan", approved_at=timezone.now(),
        book_key="KS|01/2008|x",
    )  # fmt: skip
    for key, value in VALUES.items():
        FieldValue.objects.create(
            record=record, key=key, written=value, value=value, status="KEYED", page=1, box=[1, 2, 3, 4],
            said_by="keyer", actor="lan", confidence=0.98765,
        )  # fmt: skip
    SealedCopy.objects.create(
        record=record, version=1, bucket="b", key="k", version_id="v", sha256="a" * 64,
        content_sha256="b" * 64, size=1, pdfa="PDF/A-3u", pdfa_verdict="PASSED", signature_level="B-LTA",
        signer="Lan", signed_at=timezone.now(), locked_until=timezone.now(),
    )  # fmt: skip
    make_record(scan, state="TO_REVIEW")
    return record


def order(profile: Profile, **values: object) -> Order:
    given = {
        "office": make_office().code,
        "kind": DataFormat.CSV,
        "purpose": "Kho dùng chung",
        "actor": "lan",
    }
    return Order(profile=profile, **(given | values))


@pytest.mark.parametrize("kind", list(DataFormat))
def test_stored_records_become_rows_with_their_evidence_and_the_others_are_counted(stored, tmp_path, kind):
    done = export_data(order(Profile.FULL, kind=kind), tmp_path / "d")
    assert done.waiting == 1
    (row,) = read_data(tmp_path / "d").records
    assert row.record == str(stored.pk)
    assert row.values == {k: v for k, v in VALUES.items() if v}
    assert (row.sealed_sha256, row.approved_at[-6:]) == ("a" * 64, "+07:00")
    told = {e.key: (e.status, e.confidence, e.box) for e in done.dataset.evidence}
    assert told["nksHoTen"] == ("KEYED", 0.9877, "1,2,3,4")
    assert set(told) == set(VALUES)


def test_every_record_read_leaves_an_event_with_its_purpose_and_no_value(stored, tmp_path):
    export_data(order(Profile.REUSE), tmp_path / "d")
    event = Event.objects.get(verb="record.exported")
    assert (event.subject, event.purpose, event.data["profile"]) == (
        f"record:{stored.pk}",
        "Kho dùng chung",
        "reuse",
    )
    assert Event.objects.get(verb="package.exported").data["records"] == 1
    assert not any("NGUYỄN" in str(e.data) for e in Event.objects.all())
    assert verify_chain().sound
    stored.refresh_from_db()
    assert stored.state == "STORED"


def test_a_purpose_sees_no_more_than_it_may(stored, tmp_path):
    reuse = export_data(order(Profile.REUSE), tmp_path / "r").dataset
    assert set(reuse.records[0].values) == {"so", "nksHoTen"}
    statistics = export_data(order(Profile.STATISTICS), tmp_path / "s").dataset
    assert statistics.records[0].values == {"nksGioiTinh": "2"}
    assert str(stored.pk) not in "".join(p.read_text("utf-8") for p in (tmp_path / "s").iterdir())


def test_nothing_stored_is_nothing_to_hand_over(stored, tmp_path):
    with pytest.raises(PackageRefused, match="NO_CASES"):
        export_data(order(Profile.FULL, form="KT"), tmp_path / "d")
    assert not (tmp_path / "d").exists()
    assert not Event.objects.exists()


def test_a_failure_while_telling_leaves_no_data_behind(stored, tmp_path, monkeypatch):
    from pipeline.handover import data

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("database gone")

    monkeypatch.setattr(data, "record_event", crash)
    with pytest.raises(RuntimeError, match="database gone"):
        export_data(order(Profile.FULL), tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_the_command_writes_data_and_refuses_an_empty_choice(servers, stored, tmp_path):
    start = ("export", "data", "--office", "23942", "--purpose", "Báo cáo", "--json")
    told = run_here(servers, *start, "--profile", "statistics", "--out", tmp_path / "d")
    assert told[0] == 0, told
    assert (told[1]["records"], told[1]["evidence"], told[1]["waiting"]) == (1, 0, 1)
    assert overall(check_data(tmp_path / "d")) is Outcome.PASSED
    code, told = run_here(servers, *start, "--profile", "full", "--form", "HN", "--out", tmp_path / "e")
    assert (code, told["code"]) == (10, "NO_CASES")
