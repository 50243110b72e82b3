"""Archive packages made from stored records, on the real servers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.utils import timezone

from pipeline.events import verify_chain
from pipeline.handover.archive import Order, export_archive
from pipeline.models import Event, FieldValue, Record, SealedCopy
from pipeline.stages import seal, store
from storage.checks import Outcome, overall
from storage.packages.archive import document_bytes, read_archive
from storage.packages.archive_check import check_archive
from storage.packages.archive_files import open_package
from storage.packages.problems import PackageRefused
from tests.stages.commands import run_here
from tests.stages.holdings import make_record

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

BOOK = "KS|01/2008|xa ia rong"


@pytest.fixture
def stored(approved, equipment) -> Record:
    Record.objects.filter(pk=approved.pk).update(book_key=BOOK, entry="51/2008", person="NGUYỄN PHƯƠNG VY")
    FieldValue.objects.create(
        record=approved, key="ngayDangKy", written="2/10/2008", value="2008-10-02", status="KEYED",
        page=1, box=None, said_by="keyer", actor="lan", confidence=1,
    )  # fmt: skip
    seal.run(str(approved.pk), equipment.for_sealing())
    store.run(str(approved.pk), equipment.for_storing())
    approved.refresh_from_db()
    assert approved.state == "STORED"
    return approved


def order(**values: object) -> Order:
    given = {
        "office": "23942",
        "fonds": "G09",
        "fonds_name": "UBND xã Ia Rong",
        "paper_code": "H20.01.05.17",
        "actor": "lan",
        "book": BOOK,
    }
    return Order(**(given | values))


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_book_becomes_a_package_that_holds_the_signed_copies_byte_for_byte(
    stored, equipment, tmp_path, as_folder
):
    done = export_archive(order(), tmp_path, equipment.vault, as_folder=as_folder)
    assert overall(check_archive(done.path)) is Outcome.PASSED
    package = read_archive(done.path)
    copy = SealedCopy.objects.get()
    (document,) = package.documents
    with open_package(done.path) as files:
        pdf = document_bytes(files, package, document)
    assert pdf == equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)
    assert (document.sha256, document.signatures, document.issued) == (copy.sha256, 1, "2008-10-02")
    assert document.records == (f"{stored.pk}:v1",)
    assert package.dossier.code == "23942.2008.KS.01-2008"
    assert {p.name for p in tmp_path.iterdir()} == {done.path.name, "trang.jpg"}


def test_the_chain_of_the_record_goes_along_with_whoever_acted(stored, equipment, tmp_path):
    package = export_archive(order(), tmp_path, equipment.vault).package
    told = [(e.kind, e.detail.split(";")[0]) for e in package.events]
    assert ("transfer", "receive 1") in told
    assert ("validation", "record.approved") in told
    assert {"digital signature generation", "fixity check", "information package creation"} <= {
        kind for kind, _ in told
    }
    assert ("lan", "person") in {(a.name, a.kind) for a in package.agents}
    hashes = set(Event.objects.filter(verb="record.approved").values_list("hash", flat=True))
    assert {e.detail.rpartition(" ")[2] for e in package.events if "approved" in e.detail} == hashes


def test_the_handover_is_kept_locked_and_told(stored, equipment, tmp_path):
    done = export_archive(order(), tmp_path, equipment.vault)
    (kept,) = done.kept
    assert kept.sha256 == hashlib.sha256(done.path.read_bytes()).hexdigest()
    vault = equipment.vault
    assert vault.store.state(vault.packages, kept.key, kept.version_id).lock_mode == "COMPLIANCE"
    stored.refresh_from_db()
    assert stored.state == "DELIVERED"
    event = Event.objects.get(verb="package.exported")
    assert (event.actor, event.data["package"], event.data["records"]) == ("lan", "aip", 1)
    assert event.purpose
    assert verify_chain().sound


def test_a_record_that_is_not_stored_yet_holds_the_whole_book_back(approved, equipment, tmp_path):
    Record.objects.filter(pk=approved.pk).update(book_key=BOOK)
    with pytest.raises(PackageRefused) as refused:
        export_archive(order(), tmp_path, equipment.vault)
    assert [c.code for c in refused.value.problems] == ["RECORD_NOT_FINISHED"]
    assert not list(tmp_path.glob("*urn_*"))
    assert Event.objects.get(verb="package.refused").data["codes"] == ["RECORD_NOT_FINISHED"]
    approved.refresh_from_db()
    assert approved.state == "APPROVED"


def test_a_copy_that_the_index_knows_otherwise_is_never_packed(stored, equipment, tmp_path):
    SealedCopy.objects.update(sha256="0" * 64)
    with pytest.raises(PackageRefused) as refused:
        export_archive(order(), tmp_path, equipment.vault)
    assert [c.code for c in refused.value.problems] == ["CONTENT_CHANGED"]
    assert not list(tmp_path.glob("urn_*"))


def test_a_signed_delivery_that_holds_two_cases_is_one_document(stored, equipment, tmp_path):
    second = make_record(
        stored.scan, state="STORED", entry="52/2008", person="LÊ A", book_key=BOOK,
        approved_by="lan", approved_at=timezone.now(),
    )  # fmt: skip
    copy = SealedCopy.objects.get()
    SealedCopy.objects.update(signature_level="AS_DELIVERED")
    copy.pk, copy.record, copy.signature_level = None, second, "AS_DELIVERED"
    copy.save(force_insert=True)
    (document,) = export_archive(order(), tmp_path, equipment.vault).package.documents
    assert document.records == (f"{stored.pk}:v1", f"{second.pk}:v1")
    assert document.subject.endswith("NGUYỄN PHƯƠNG VY và 1 trường hợp khác")
    assert set(Record.objects.values_list("state", flat=True)) == {"DELIVERED"}


def test_a_book_of_another_office_is_unknown(stored, equipment, tmp_path):
    with pytest.raises(PackageRefused, match="BOOK_UNKNOWN"):
        export_archive(order(office="11111"), tmp_path, equipment.vault)


def test_the_command_says_what_it_made_or_why_not(servers, stored, tmp_path: Path):
    start = ("export", "aip", "--office", "23942", "--fonds", "G09", "--out", tmp_path, "--json")
    code, told = run_here(servers, *start, "--paper-code", "H20.1", "--record", stored.pk)
    assert (code, told["documents"], told["records"]) == (0, 1, 1)
    code, (seen,) = run_here(servers, "check-package", told["path"], "--json")
    assert (code, seen["kind"], seen["records"], seen["outcome"]) == (0, "aip", 1, "PASSED")
    code, told = run_here(servers, *start, "--paper-code", "H20.1", "--book", "KS|99/1999|x")
    assert (code, told["code"]) == (10, "BOOK_UNKNOWN")
