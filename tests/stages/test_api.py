"""Other systems deliver, follow, find and reuse records through ``/api/v1/``."""

from __future__ import annotations

import json
import re
import uuid

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings

from pipeline.machines.models import ApiToken
from pipeline.models import Event, FieldValue, Finding, Record, SealedCopy
from pipeline.people.access import Act
from pipeline.sensitive import FIELDS, WHOLE_FORMS
from pipeline.stages.fields import index, reading_of
from tests.stages.holdings import make_batch, make_office, make_record, make_scan, picture
from tests.stages.test_api_tokens import token_for
from web.api.interface import api

PURPOSE = "C%E1%BA%A5p b%E1%BA%A3n sao"  # Cấp bản sao
CLERK = {Act.RECEIVE, Act.SEARCH}
CALLS = (
    "batches/{id}",
    "records",
    "records/{id}",
    "records/{id}/copies",
    "records/{id}/copies/1/content",
    "search?q=vy",
    "events",
)


def called(*acts: Act, name: str = "một cửa") -> Client:
    """A client with a fresh token of the usual office."""
    _, text = token_for(*acts, name=name)
    return Client(headers={"Authorization": f"Bearer {text}", "X-Purpose": PURPOSE})


@pytest.fixture(autouse=True)
def _host(settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def birth(db) -> Record:
    record = make_record(make_scan(state="READ"), state="STORED", entry="51/2008", person="NGUYỄN PHƯƠNG VY",
                         search="nguyen phuong vy 51/2008", approved_by="lan",
                         approved_at="2026-01-02T03:04:05Z")  # fmt: skip
    for key, value in {"nksHoTen": "NGUYỄN PHƯƠNG VY", "chaHoTen": "NGUYỄN A"}.items():
        FieldValue.objects.create(
            record=record, key=key, kind="name", written=value, value=value, status="KEYED", page=1,
            box=[1, 2, 3, 4], said_by="keyer", actor="lan", confidence=1, accepted=True,
        )  # fmt: skip
    index(record, reading_of(record).fields)
    record.save()
    return record


def write(record: Record, key: str, written: str, **values) -> None:
    """Something more that stands in a record."""
    given = {"kind": "text", "box": [5, 6, 7, 8], "page": 1, "accepted": True} | values
    FieldValue.objects.create(
        record=record, key=key, written=written, value=written, status="KEYED", said_by="keyer",
        actor="lan", confidence=1, **given,
    )  # fmt: skip


@pytest.fixture
def kept(monkeypatch):
    """Gives a record a signed copy whose bytes the store hands out."""

    class Tools:
        class vault:
            class store:
                get = staticmethod(lambda *_: b"%PDF-1.7")

    monkeypatch.setattr("web.api.interface.equipment", Tools)

    def keep(record: Record) -> str:
        SealedCopy.objects.create(
            record=record, version=1, bucket="b", key=str(record.pk), version_id="v", sha256="a" * 64, size=8,
            signature_level="B-B", signed_at=timezone.now(), locked_until=timezone.now(),
        )  # fmt: skip
        return f"/api/v1/records/{record.pk}/copies/1/content"

    return keep


def test_the_one_stop_system_finds_a_record_and_reuses_it(birth):
    client = called(*CLERK)
    answer = client.get("/api/v1/search", {"q": "Nguyen Phuong Vy"}).json()
    (found,) = answer["items"]
    assert found["id"] == str(birth.pk)
    answer = client.get(f"/api/v1/records/{found['id']}").json()
    field = answer["record"]["fields"]["nksHoTen"]
    assert (field["value"], field["status"], field["box"]) == ("NGUYỄN PHƯƠNG VY", "KEYED", [1, 2, 3, 4])
    seen = Event.objects.get(verb="record.viewed")
    assert (seen.actor, seen.purpose, seen.subject) == ("token:một cửa", "Cấp bản sao", f"record:{birth.pk}")


def test_a_search_leaves_the_same_event_as_at_the_desk_and_looks_where_the_desk_looks(birth):
    client = called(*CLERK)
    for asked in ({"q": "phuomg vy"}, {"parent": "nguyen a"}, {"q": "vy", "form": "KS"}):
        assert [i["id"] for i in client.get("/api/v1/search", asked).json()["items"]] == [str(birth.pk)]
    assert client.get("/api/v1/search", {"q": "vy", "parent": "tran b"}).json()["items"] == []
    assert client.get("/api/v1/search").json() == {"items": [], "more": False}
    events = Event.objects.filter(verb="records.searched").order_by("id")
    assert [e.data for e in events][:2] == [
        {"asked": ["text"], "found": 1},
        {"asked": ["parent"], "found": 1},
    ]
    assert {(e.actor, e.purpose, e.office) for e in events} == {("token:một cửa", "Cấp bản sao", "23942")}


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_what_the_desk_masks_is_left_out_unless_the_token_may_see_it(birth, key):
    write(birth, key, "điều kín")
    Finding.objects.create(
        record=birth, stage="check", code="X", severity="warns", fields=[key], message="kín lắm"
    )
    plain = called(*CLERK, name="a").get(f"/api/v1/records/{birth.pk}").json()
    full = called(*CLERK, Act.SENSITIVE, name="b").get(f"/api/v1/records/{birth.pk}").json()
    assert set(plain["record"]["fields"]) == {"nksHoTen", "chaHoTen"}
    assert set(full["record"]["fields"]) == {"nksHoTen", "chaHoTen", key}
    assert [f["code"] for f in full["record"]["findings"]] == ["X"]
    assert "kín" not in str(plain)


@pytest.mark.parametrize("form", sorted(WHOLE_FORMS))
def test_recognitions_and_adoptions_do_not_show_their_persons_without_the_scope(db, form):
    record = make_record(make_scan(state="READ"), form=form, state="TO_REVIEW")
    write(record, "ncHoTen", "LÊ BÌNH", kind="name")
    index(record, reading_of(record).fields)
    record.person = "LÊ BÌNH"
    record.save()
    Finding.objects.create(record=record, stage="books", code="X", severity="warns", message="LÊ BÌNH lặp")
    plain, full = called(*CLERK, name="a"), called(*CLERK, Act.SENSITIVE, name="b")
    for call in ("records", f"records/{record.pk}", "search?q=le+binh"):
        assert "LÊ BÌNH" not in str(plain.get(f"/api/v1/{call}").json())
        assert "LÊ BÌNH" in str(full.get(f"/api/v1/{call}").json()), call
    assert plain.get("/api/v1/search", {"q": "le binh"}).json()["items"] == []
    assert plain.get("/api/v1/records").json()["items"][0]["person"] == ""
    assert plain.get(f"/api/v1/records/{record.pk}").json()["record"]["findings"] == []


def test_a_copy_is_given_where_nothing_masked_stands_on_its_pages(birth, kept):
    call, client = kept(birth), called(*CLERK)
    answer = client.get(call)
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7")
    assert Event.objects.filter(verb="copy.downloaded").count() == 1


@pytest.mark.parametrize("where", ["own", "corrected since", "beside", "adoption beside"])
def test_a_copy_with_something_masked_on_its_pages_wants_the_scope(birth, kept, where):
    call = kept(birth)
    if where == "adoption beside":
        make_record(birth.scan, form="CN")
    elif where == "beside":
        write(make_record(birth.scan), "ghiChu", "điều kín")
    else:
        write(birth, "ghiChu", "điều kín")
    if where == "corrected since":
        write(birth, "ghiChu", "", supersedes=birth.values.get(key="ghiChu"))
    answer = called(*CLERK, name="a").get(call)
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")
    assert called(*CLERK, Act.SENSITIVE, name="b").get(call).content == b"%PDF-1.7"


def test_records_are_not_read_without_saying_why(birth):
    client = called(*CLERK)
    answer = client.get(f"/api/v1/records/{birth.pk}", headers={"X-Purpose": ""})
    assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID")
    assert answer["Content-Type"] == "application/problem+json"
    assert not Event.objects.filter(verb="record.viewed").exists()


@pytest.mark.parametrize("call", CALLS)
def test_no_call_is_answered_without_a_token_or_by_a_session(db, call, admin_client):
    for client in (Client(), admin_client, Client(headers={"Authorization": "Bearer sohoa_x_y"})):
        answer = client.get(f"/api/v1/{call.format(id=uuid.uuid4())}", headers={"X-Purpose": PURPOSE})
        assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID")


def test_every_operation_wants_a_token_of_one_act():
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    free = {p for p, ways in schema["paths"].items() for way in ways.values() if not way.get("security")}
    assert free == {"/api/v1/health"}


@pytest.mark.parametrize("call", CALLS)
def test_a_token_without_the_scope_is_refused(db, call):
    answer = called(Act.PROGRESS).get(f"/api/v1/{call.format(id=uuid.uuid4())}")
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")


@pytest.mark.parametrize("call", [c for c in CALLS if "{id}" in c])
def test_things_of_other_offices_do_not_exist(db, call):
    batch = make_batch(make_office("24000"))
    record = make_record(make_scan(batch, state="READ"))
    client = called(*CLERK)
    own = batch.pk if call.startswith("batches") else record.pk
    answer = client.get(f"/api/v1/{call.format(id=own)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_list_is_read_to_its_end_by_cursors(db):
    scan = make_scan(state="READ")
    made = {str(make_record(scan).pk) for _ in range(5)}
    make_record(make_scan(make_batch(make_office("24000")), state="READ"))
    client, seen, cursor = called(*CLERK), [], ""
    while True:
        page = client.get("/api/v1/records", {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == 5
    assert set(seen) == made


def test_the_log_shows_events_of_the_own_offices_only(birth):
    called(*CLERK, name="a").get(f"/api/v1/records/{birth.pk}")
    client = called(Act.AUDIT, name="b")
    items = client.get("/api/v1/events", {"verb": "record.viewed"}).json()["items"]
    assert [item["subject"] for item in items] == [f"record:{birth.pk}"]
    assert Event.objects.filter(verb="audit.read", actor="token:b").count() == 1


def test_who_calls_too_often_is_told_how_long_to_wait(db):
    client = called(*CLERK)
    ApiToken.objects.update(per_minute=0)
    answer = client.get("/api/v1/records")
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_CALLS")
    assert 0 < int(answer["Retry-After"]) <= 60


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_repeated_delivery_is_taken_in_once(equipment, broker, monkeypatch):
    monkeypatch.setattr("web.api.interface.equipment", lambda: equipment)
    make_office()
    client = called(*CLERK)

    def deliver(key: str, seed: int):
        file = SimpleUploadedFile("trang.jpg", picture(seed), "image/jpeg")
        form = {"office": "23942", "files": [file]}
        return client.post("/api/v1/batches", form, headers={"Idempotency-Key": key})

    first, again = deliver("lan-gui-1", 1), deliver("lan-gui-1", 1)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert deliver("lan-gui-1", 2).json()["code"] == "KEY_REUSED"
    status = client.get(f"/api/v1/batches/{first.json()['batch']}").json()
    assert (status["scans"], status["reading"], status["busy"]) == (1, 1, True)


schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))


@schema.exclude(path="/api/v1/batches", method="POST").parametrize()
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.django_db
def test_no_request_that_the_document_allows_breaks_the_server(case):
    token = ApiToken.objects.filter(name="fuzz").first()
    ApiToken.objects.filter(pk=token.pk).delete() if token else None
    scopes = {
        "events": Act.AUDIT,
        "batches": Act.RECEIVE,
        "webhooks": Act.SUBSCRIBE,
        "packages": Act.HAND_OVER,
    }
    act = next((act for part, act in scopes.items() if part in case.path), Act.SEARCH)
    acts = {act, Act.SENSITIVE} if act is Act.HAND_OVER else {act}
    _, text = token_for(*acts, name="fuzz")
    call = case.as_transport_kwargs(base_url="http://testserver")
    headers = {k: str(v) for k, v in dict(call["headers"] or {}).items() if re.fullmatch(r"[\w-]+", k)}
    headers["Authorization"] = f"Bearer {text}"
    from urllib.parse import quote

    path = quote(call["url"].removeprefix("http://testserver"), safe="/%")
    answer = Client(raise_request_exception=False).generic(
        case.method,
        path,
        json.dumps(call.get("json")),
        "application/json",
        query_params=call.get("params"),
        headers=headers,
    )
    assert answer.status_code < 500
