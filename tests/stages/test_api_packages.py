"""Another system orders a hand-over package, follows it, and fetches it from the locked store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pipeline.endpoints import StoreAddress
from pipeline.equipment import build
from pipeline.machines import packages
from pipeline.machines.models import PackageOrder
from pipeline.models import Event, FieldValue, Office, Record
from pipeline.people.access import Act
from pipeline.stages import seal, store
from pipeline.sweeper import queue_length, sweep
from storage.packages.archive import read_archive
from tests.stages.conftest import empty_broker
from tests.stages.holdings import make_office, make_record, make_scan
from tests.stages.test_api_tokens import token_for
from tests.stages.test_handover_ministry import CERTIFICATE

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
API = "/api/v1/packages"
BOOK = "KS|01/2008|xa ia rong"
AIP = {"office": "23942", "kind": "aip", "book": BOOK, "fonds": "G09", "paper_code": "H20.01.05.17"}


@pytest.fixture(autouse=True)
def _desk(settings, equipment, monkeypatch) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr("web.api.packages.equipment", lambda: equipment)


@pytest.fixture
def stored(approved, equipment) -> Record:
    Record.objects.filter(pk=approved.pk).update(book_key=BOOK, entry="51/2008")
    FieldValue.objects.create(
        record=approved, key="ngayDangKy", written="2/10/2008", value="2008-10-02", status="KEYED",
        page=1, box=None, said_by="keyer", actor="lan", confidence=1,
    )  # fmt: skip
    seal.run(str(approved.pk), equipment.for_sealing())
    store.run(str(approved.pk), equipment.for_storing())
    return approved


def caller(*acts: Act, office: Office | None = None, name: str = "kho tỉnh") -> Client:
    _, text = token_for(*(acts or (Act.HAND_OVER, Act.SENSITIVE)), office=office, name=name)
    return Client(headers={"Authorization": f"Bearer {text}", "X-Purpose": "giao nop luu tru"})


def ordered(client: Client, key: str = "giao-lan-1", **values: str):
    headers = {"Idempotency-Key": key}
    return client.post(API, json.dumps(AIP | values), content_type="application/json", headers=headers)


def test_a_book_is_ordered_made_by_a_worker_and_fetched_byte_for_byte(stored, equipment, broker, tmp_path):
    empty_broker()
    client = caller()
    answer = ordered(client)
    assert (answer.status_code, answer.json()["state"], answer.json()["files"]) == (202, "OPEN", [])
    own = f"{API}/{answer.json()['id']}"
    assert queue_length(packages.TASK) == 1
    assert packages.run(answer.json()["id"], equipment)
    made = client.get(own).json()
    assert (made["state"], made["problems"]) == ("MADE", [])
    (file,) = made["files"]
    fetched = client.get(f"{own}/files/{file['name']}")
    content = b"".join(fetched.streaming_content)
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["size"])
    (tmp_path / file["name"]).write_bytes(content)
    (document,) = read_archive(tmp_path / file["name"]).documents
    assert document.records == (f"{stored.pk}:v1",)
    stored.refresh_from_db()
    assert stored.state == "DELIVERED"
    told = Event.objects.filter(verb__startswith="package.").order_by("id").values_list("verb", "actor")
    steps = ("package.asked", "package.exported", "package.downloaded")
    assert Event.objects.get(verb="order.made").subject == f"order:{answer.json()['id']}"
    assert list(told) == [(verb, "token:kho tỉnh") for verb in steps]
    assert Event.objects.get(verb="package.downloaded").purpose == "giao nop luu tru"


def test_what_stands_in_the_way_is_told_with_every_reason(approved, equipment, broker):
    Record.objects.filter(pk=approved.pk).update(book_key=BOOK, entry="51/2008")
    client = caller()
    asked = ordered(client).json()
    packages.run(asked["id"], equipment)
    told = client.get(f"{API}/{asked['id']}").json()
    assert (told["state"], told["code"], told["files"]) == ("REFUSED", "PACK_REFUSED", [])
    assert [(p["code"], p["where"]) for p in told["problems"]] == [("RECORD_NOT_FINISHED", "KS 51/2008")]
    assert Event.objects.get(verb="order.refused").subject == f"order:{asked['id']}"
    asked = ordered(client, "giao-lan-2", kind="ministry-pack", book="KS.1999.07").json()
    packages.run(asked["id"], equipment)
    assert client.get(f"{API}/{asked['id']}").json()["code"] == "BOOK_UNKNOWN"


def test_a_land_sheet_of_an_office_asks_for_no_book(equipment, broker):
    record = make_record(
        make_scan(state="READ"), form="GCN", state="APPROVED", approved_by="lan", approved_at=timezone.now()
    )
    FieldValue.objects.bulk_create(
        FieldValue(
            record=record, key=key, written=value, value=value, status="KEYED", page=1, said_by="keyer",
            actor="lan", confidence=1,
        )
        for key, value in CERTIFICATE.items()
    )  # fmt: skip
    client = caller()
    asked = ordered(client, kind="pl3", book="").json()
    packages.run(asked["id"], equipment)
    told = client.get(f"{API}/{asked['id']}").json()
    assert (told["state"], told["problems"]) == ("MADE", [])
    assert sorted(f["name"].rpartition(".")[2] for f in told["files"]) == ["txt", "xlsx"]


def test_an_order_that_is_repeated_is_noted_once(broker):
    client = caller()
    first, again = ordered(client), ordered(client)
    assert first.json() == again.json()
    assert ordered(client, kind="pl3").json()["code"] == "KEY_REUSED"
    assert PackageOrder.objects.count() == 1
    assert client.post(API, json.dumps(AIP), content_type="application/json").status_code == 422


def test_an_order_is_made_once_however_often_its_message_comes(stored, equipment, broker):
    asked = ordered(caller()).json()
    assert [packages.run(asked["id"], equipment) for _ in range(3)] == [True, False, False]
    assert Event.objects.filter(verb="package.exported").count() == 1


def test_a_store_that_does_not_answer_costs_no_try_and_the_order_waits(stored, servers, equipment, broker):
    asked = ordered(caller()).json()
    dead = replace(servers.endpoints, store=StoreAddress("http://127.0.0.1:1", "a", "b", "us-east-1"))
    packages.run(asked["id"], build(servers.settings, dead))
    row = PackageOrder.objects.get()
    assert (row.state, row.error_code, row.tries) == ("OPEN", "STORE_DOWN", 0)
    PackageOrder.objects.update(not_before=None)
    packages.run(asked["id"], equipment)
    row.refresh_from_db()
    assert row.state == "MADE"


def test_an_order_whose_message_was_lost_is_found_by_the_sweeper(broker):
    ordered(caller())
    empty_broker()
    sweep(hint_after=timedelta(0))
    assert queue_length(packages.TASK) == 1


def test_packages_of_other_offices_do_not_exist(stored, equipment, broker):
    asked = ordered(caller()).json()
    packages.run(asked["id"], equipment)
    (file,) = PackageOrder.objects.get().files
    other = caller(office=make_office("24000"), name="b")
    assert other.get(API).json() == []
    for call in (f"{API}/{asked['id']}", f"{API}/{asked['id']}/files/{file['name']}"):
        assert other.get(call).status_code == 404
    assert ordered(other).status_code == 404
    assert not Event.objects.filter(verb="package.downloaded").exists()


def test_a_package_wants_its_scope_a_reason_and_a_file_that_it_holds(stored, equipment, broker):
    client = caller()
    asked = ordered(client).json()
    packages.run(asked["id"], equipment)
    own = f"{API}/{asked['id']}"
    (file,) = client.get(own).json()["files"]
    assert client.get(f"{own}/files/khac.zip").status_code == 404
    assert client.get(f"{own}/files/{file['name']}", headers={"X-Purpose": ""}).status_code == 422
    searching = caller(Act.SEARCH, Act.SENSITIVE, name="b")
    assert searching.get(own).json()["code"] == "SCOPE_MISSING"
    assert ordered(searching).json()["code"] == "SCOPE_MISSING"
