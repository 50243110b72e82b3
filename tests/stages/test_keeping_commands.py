"""The commands of who keeps the archive: proving a sample, going on, holding, locking, correcting."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from uuid import uuid4

import pytest

from pipeline.equipment import build
from pipeline.events import verify_chain
from pipeline.exit_codes import ExitCode
from pipeline.intake import reading_store
from pipeline.models import Event, Record, SealedCopy
from pipeline.stages import seal, store
from pipeline.verification import Progress, sampler, walk
from storage.keys import PROBE
from storage.objects import ObjectState
from storage.verify import load_trust, verify_bucket
from tests.stages.commands import run_here

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

YEARS = {"KS": 3, "ORIGINAL": 5}
ORDER = {
    "decision": {"number": "12/QĐ-UBND", "date": "2026-03-02", "authority": "UBND xã Ia Rong"},
    "reason": "Ghi sai chữ đệm",
    "fields": {"nksHoTen": "NGUYỄN PHƯƠNG VI"},
}


@pytest.fixture(autouse=True)
def _no_java(monkeypatch):
    """Proofs of PDF/A are not what these tests are about, and a Java machine takes seconds to start."""
    monkeypatch.setattr("pipeline.cli.verify.available", lambda: "not wanted here")


@pytest.fixture
def sohoa(servers):
    return partial(run_here, servers)


@pytest.fixture
def equipment(servers, db):
    return build(servers.settings.model_copy(update={"retention_years": YEARS}), servers.endpoints)


@pytest.fixture
def copy(approved, equipment) -> SealedCopy:
    seal.run(str(approved.pk), equipment.for_sealing())
    store.run(str(approved.pk), equipment.for_storing())
    return SealedCopy.objects.select_related("record__scan").get()


def states(copy: SealedCopy, equipment) -> list[ObjectState]:
    """Of the copy and of the scan that it was made from."""
    held = equipment.vault.store
    return [held.state(o.bucket, o.key, o.version_id) for o in (copy, copy.record.scan)]


def buckets(servers) -> tuple[str, ...]:
    settings = servers.settings
    return settings.bucket_sealed, settings.bucket_originals, settings.bucket_packages


def keys(servers) -> list[tuple[str, str]]:
    """Everything in the store, whichever test put it there, in the order of proof."""
    held = reading_store(servers.settings, servers.endpoints)
    return [
        (bucket, key)
        for bucket in buckets(servers)
        for key in sorted({v.key for v in held.list_versions(bucket) if not v.key.startswith(PROBE)})
    ]


def test_a_sample_proves_its_share_and_names_every_incident_beside_it(copy, servers, sohoa):
    given = ("verify", "--sample", "0.5", "--seed", "hạt", "--json")
    code, told = sohoa(*given)
    assert "walk" in told, told
    chosen = sampler(0.5, "hạt")
    expected = {(bucket, key) for bucket, key in keys(servers) if chosen(key)}
    incidents = {(o["bucket"], o["key"]) for o in told["objects"] if o["outcome"] == "FAILED"}
    assert {(o["bucket"], o["key"]) for o in told["objects"]} == expected | incidents
    assert code == (ExitCode.INTEGRITY if incidents else ExitCode.OK)
    assert told["walk"]["done"]


def test_a_walk_that_was_cut_short_goes_on_where_it_stopped(copy, servers, sohoa):
    state = servers.settings.data_dir / "verify.json"
    held = reading_store(servers.settings, servers.endpoints)
    roots = load_trust(servers.endpoints.trust_roots)
    begun = Progress("|1.0|hạt", "2026-11-20T08:00:00+00:00")
    proving = walk(begun, state, buckets(servers), lambda b, a: verify_bucket(held, b, roots, after=a))
    proved, _ = [(report.bucket, report.key) for report in islice(proving, 2)]
    proving.close()  # the second was handed out and not counted yet: it is proved again
    given = ("verify", "--sample", "1", "--seed", "hạt", "--json")
    _, told = sohoa(*given)
    later = [(o["bucket"], o["key"]) for o in told["objects"]]
    assert [proved, *later] == keys(servers)
    assert told["totals"]["objects"] == len(keys(servers))
    assert (told["walk"]["started"], told["walk"]["done"]) == (begun.started, True)
    _, told = sohoa(*given, "--restart")
    assert [(o["bucket"], o["key"]) for o in told["objects"]] == keys(servers)


def test_a_hold_covers_copy_and_original_and_is_lifted_with_its_reason(copy, servers, equipment, sohoa):
    for on, verb in ((True, "record.held"), (False, "record.released")):
        switch = "--on" if on else "--off"
        given = ("hold", "set", copy.record_id, switch, "--reason", "Công văn 5/CV-TA", "--json")
        assert sohoa(*given) == (ExitCode.OK, {"objects": 2, "on": on})
        assert [state.legal_hold for state in states(copy, equipment)] == [on, on]
        event = Event.objects.get(verb=verb)
        assert (event.purpose, event.data, event.subject) == (
            "Công văn 5/CV-TA",
            {"objects": 2},
            f"record:{copy.record_id}",
        )
    assert verify_chain().sound


def test_a_hold_on_an_unknown_record_is_refused_and_leaves_no_event(sohoa, db):
    code, told = sohoa("hold", "set", uuid4(), "--on", "--reason", "Thử", "--json")
    assert (code, told["said"].strip()) == (ExitCode.INPUT, "Không có hồ sơ này.")
    assert not Event.objects.filter(verb="record.held").exists()


def test_each_class_is_locked_for_its_own_years(copy, equipment):
    now = datetime.now(UTC)
    for state, years in zip(states(copy, equipment), (YEARS["KS"], YEARS["ORIGINAL"]), strict=True):
        assert state.lock_mode == "COMPLIANCE"
        assert timedelta(days=365 * years) <= state.retain_until - now <= timedelta(days=366 * years, hours=1)
    assert states(copy, equipment)[0].retain_until >= copy.locked_until


def test_locks_of_permanent_classes_are_renewed_before_they_end(copy, servers, equipment, sohoa):
    given = ("hold", "extend", "--json")
    assert sohoa(*given) == (ExitCode.OK, {"extended": 0})
    permanent = {"SOHOA_RETENTION_YEARS": json.dumps({"KS": "permanent"})}
    assert sohoa(*given, **permanent) == (ExitCode.OK, {"extended": 2})
    far = datetime.now(UTC) + timedelta(days=365 * 69)
    copy.refresh_from_db()
    assert min(copy.locked_until, *(s.retain_until for s in states(copy, equipment))) > far
    assert sohoa(*given, **permanent) == (ExitCode.OK, {"extended": 0})
    assert [e.data["objects"] for e in Event.objects.filter(verb="locks.extended")] == [0, 2, 0]


def test_a_correction_by_decision_makes_the_next_version_and_tells_it(copy, servers, tmp_path, sohoa):
    file = tmp_path / "quyet-dinh.json"
    file.write_text(json.dumps({"record": str(copy.record_id), **ORDER}), "utf-8")
    code, told = sohoa("correct", file, "--json")
    assert (code, told) == (
        ExitCode.OK,
        {"record": str(copy.record_id), "version": 2, "state": "TO_REVIEW", "error": None},
    )
    values = Record.objects.get(pk=copy.record_id).current_fields()
    assert values["nksHoTen"].value == "NGUYỄN PHƯƠNG VI"
    code, told = sohoa("correct", file, "--json")
    assert (code, told["error"]) == (ExitCode.INPUT, "RECORD_NOT_LOCKED")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"record": str(uuid4())}, "RECORD_UNKNOWN"),
        ({"reason": ""}, "FILE_INVALID"),
        ({"khongCo": 1}, "FILE_INVALID"),
        ({"fields": {"khongCo": "x"}}, "FIELD_UNKNOWN"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_by_code(copy, servers, tmp_path, change, code, sohoa):
    file = tmp_path / "quyet-dinh.json"
    file.write_text(json.dumps({"record": str(copy.record_id), **ORDER, **change}), "utf-8")
    ended, told = sohoa("correct", file, "--json")
    assert (ended, told["error"]) == (ExitCode.INPUT, code)
    assert Record.objects.get(pk=copy.record_id).version == 1
