"""Whatever address somebody tries, in whatever role: things of another office are not there.

The addresses are taken from the desk and from the interface themselves, so a new one is tried as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from pipeline.events import record_event
from pipeline.machines import packages
from pipeline.machines.models import Webhook, WebhookDelivery
from pipeline.machines.webhooks import Topic, make_webhook
from pipeline.models import Event, FieldValue, Finding, Office, Record, SealedCopy
from pipeline.people.access import ALLOWED, Act
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from pipeline.people.tokens import FOR_MACHINES
from pipeline.searching import Question
from pipeline.stages import seal, store
from tests.stages.holdings import make_batch, make_office, make_record, make_scan
from tests.stages.test_api_tokens import token_for
from tests.stages.test_signing_in import named_patterns
from web.api.interface import api
from web.searching import PURPOSES

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
PERSON, BOOK = "NGUYỄN PHƯƠNG VY", "KS|01/2008|xa ia rong"
WORKING = FOR_MACHINES - {Act.AUDIT}
STATE_BOUND = {
    "receiving-piece", "receiving-finish", "settling-field", "settling-decide", "review-answer",
    "review-field-picture", "review-page-picture", "search-page-picture",
}  # fmt: skip
"""Also absent in the own office, unless an upload, a conflict or a picture is there."""


@dataclass
class Things:
    """One of everything that an office holds, under the names that addresses use."""

    office: Office
    values: dict[str, dict[str, object]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The address of a page of the desk for these things; a new kind of page has to be added here."""
        wanted = named_patterns()[name].pattern.converters
        kind = name if name in self.values else name.split("-")[0]
        return reverse(name, kwargs={n: self.values[kind][n] for n in wanted})


def things_of(office: Office, record: Record, tools) -> Things:
    """Sealed, stored and handed over; beside it a record under review, an account, a webhook."""
    Record.objects.filter(pk=record.pk).update(book_key=BOOK, entry="51/2008", person=PERSON)
    FieldValue.objects.create(
        record=record, key="ngayDangKy", written="2/10/2008", value="2008-10-02", status="KEYED", page=1,
        said_by="keyer", actor="lan", confidence=1,
    )  # fmt: skip
    webhook = make_webhook(
        "https://a.vn/", [Topic.RECORD_SEALED], office=office, allowed_hosts=["a.vn"], by="an"
    )
    seal.run(str(record.pk), tools.for_sealing())
    store.run(str(record.pk), tools.for_storing())
    wanted = packages.Wanted(book=BOOK, fonds="G09", paper_code="H20")
    order = packages.order_package("aip", wanted, office=office, actor="an", purpose="giao nộp")
    packages.run(str(order.pk), tools)
    made = Event.objects.get(verb="package.exported")
    (name,) = made.data["files"]
    open_record = make_record(record.scan, state="TO_REVIEW", person=PERSON, book_key=BOOK)
    value = FieldValue.objects.create(
        record=open_record, key="nksHoTen", kind="name", written=PERSON, value=PERSON, status="READ", page=1,
        box=[10, 20, 150, 40], said_by="tesseract", confidence=0.5,
    )  # fmt: skip
    finding = Finding.objects.create(
        record=open_record, stage="check", code="X", severity="warns", message=PERSON
    )
    clerk = make_account("nguoi-cua-a", full_name="", roles=[(Role.KEYER, office)], by="an")[0]
    batch, copy = record.scan.batch, SealedCopy.objects.get(record=record)
    sealed, under_review = {"pk": record.pk, "number": 1}, {"pk": open_record.pk, "number": 1}
    told = {"pk": webhook.pk, "delivery": WebhookDelivery.objects.get(event__verb="record.sealed").pk}
    return Things(
        office,
        {
            "receiving": {"pk": batch.pk, "upload": "a"},
            "review": under_review | {"key": "nksHoTen", "value": value.pk, "finding": finding.pk},
            "settling": {"value": value.pk},
            "sealed": sealed, "correction": sealed, "approval": sealed, "search": sealed,
            "copy": {"copy": copy.pk},
            "package": {"event": made.pk, "name": name},
            "people": {"pk": clerk.pk}, "people-office": {"code": office.code},
            "batches": {"pk": batch.pk}, "records": {"pk": record.pk, "version": copy.version},
            "packages": {"pk": order.pk, "name": name},
            "webhooks": told, "webhook": told,
        },
        {
            "record": str(record.pk), "record under review": str(open_record.pk), "batch": str(batch.pk),
            "person": PERSON, "account": "nguoi-cua-a", "office": office.name,
        },
    )  # fmt: skip


@dataclass
class Tree:
    """The office that holds things, the one above it, and two that must not reach them."""

    here: Things
    above: Office
    beside: Office
    below: Office

    @property
    def strangers(self) -> tuple[Office, Office]:
        return self.beside, self.below


@pytest.fixture
def tree(approved, equipment, monkeypatch, settings) -> Tree:
    settings.ALLOWED_HOSTS = ["testserver"]
    for place in (
        "receiving",
        "review",
        "searching",
        "sealed",
        "handover",
        "copy_links",
        "api.interface",
        "api.packages",
    ):
        monkeypatch.setattr(f"web.{place}.equipment", lambda: equipment)
    above = Office.objects.create(code="51", name="Tỉnh thử")
    office = make_office()
    Office.objects.filter(pk=office.pk).update(name="Xã Kín Đáo", parent=above)
    office.refresh_from_db()
    beside = Office.objects.create(code="24000", name="Xã bên cạnh", parent=above)
    below = Office.objects.create(code="23942-1", name="Thôn dưới", parent=office)
    return Tree(things_of(office, approved, equipment), above, beside, below)


def clients(office: Office) -> Iterator[tuple[Role, Client]]:
    """One client for each role in an office; the purpose of searching is chosen already."""
    for role in Role:
        account = make_account(f"{role}-{office.code}", full_name="", roles=[(role, office)], by="an")[0]
        client = Client()
        client.force_login(account)
        session = client.session
        session["search-purpose"] = PURPOSES[0]
        session.save()
        yield role, client


def object_pages() -> list[str]:
    patterns = named_patterns().items()
    return [n for n, p in patterns if p.pattern.converters and getattr(p.callback, "acts", None)]


def api_calls() -> Iterator[tuple[str, str]]:
    """Method and path of every call."""
    for path, ways in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        yield from ((way, path) for way in ways)


def api_client(office: Office, *acts: Act, name: str = "máy") -> Client:
    _, text = token_for(*acts, office=office, name=f"{name} {office.code}")
    headers = {"Authorization": f"Bearer {text}", "X-Purpose": "kiem tra", "Idempotency-Key": "khoa-1234"}
    return Client(headers=headers)


def test_no_page_of_the_desk_shows_or_changes_a_thing_of_another_office(tree):
    for office in tree.strangers:
        for role, client in clients(office):
            before = Event.objects.latest("id").pk
            for name in object_pages():
                address = tree.here.address(name)
                answers = {client.get(address).status_code, client.post(address).status_code}
                assert answers <= {403, 404, 405}, (role, office, name, answers)
                assert answers != {405}, name
            assert Event.objects.latest("id").pk == before, role


def test_the_same_pages_are_there_for_the_office_itself_and_the_one_above(tree):
    for office in (tree.here.office, tree.above):
        for role, client in clients(office):
            for name in set(object_pages()) - STATE_BOUND:
                if not named_patterns()[name].callback.acts & ALLOWED[role]:
                    continue
                with transaction.atomic():
                    answer = client.get(tree.here.address(name))
                    if answer.status_code == 405:
                        given = {"role": "keyer", "office": tree.here.office.pk}  # of a form that wants some
                        answer = client.post(tree.here.address(name), given)
                    transaction.set_rollback(True)
                assert answer.status_code not in (403, 404, 500), (role, office, name, answer.status_code)


def test_a_thing_of_another_office_is_not_reached_through_a_record_of_the_own(tree):
    own = make_record(make_scan(make_batch(tree.beside), state="READ"), state="TO_REVIEW")
    for role, client in clients(tree.beside):
        for name in ("review-settle", "review-answer", "review-field-picture"):
            address = tree.here.address(name).replace(tree.here.marks["record under review"], str(own.pk))
            answers = {client.get(address).status_code, client.post(address).status_code}
            assert answers <= {403, 404, 405}, (role, name)
    webhook = make_webhook(
        "https://a.vn/", [Topic.RECORD_SEALED], office=tree.beside, allowed_hosts=["a.vn"], by="an"
    )
    delivery = tree.here.values["webhooks"]["delivery"]
    client = api_client(tree.beside, *WORKING)
    assert client.post(f"/api/v1/webhooks/{webhook.pk}/deliveries/{delivery}/retry").status_code == 404


def test_no_form_takes_another_office_or_its_things(tree):
    office, marks = tree.here.office, tree.here.marks
    book = {"don_vi": office.code, "loai": "KS", "quyen": BOOK}
    forms = {
        Role.REGISTRAR: [
            ("approve", book | {"ho_so": f"{marks['record under review']}:9999"}),
            ("package-make", {"don_vi": office.code, "goi": "pl3"}),
            ("receiving", {"don_vi": office.code, "office": office.pk, "kind": "KS"}),
        ],
        Role.ADMINISTRATOR: [
            ("people-add", {"name": "x", "full_name": "X", "office": office.pk, "roles": ["keyer"]}),
            ("people-office-add", {"code": "9", "name": "X", "kind": "commune", "parent": office.pk}),
        ],
    }
    for role, client in clients(tree.beside):
        before = Event.objects.latest("id").pk
        for name, given in forms.get(role, []):
            answer = client.post(reverse(name), given)
            assert answer.status_code in (200, 404, 422), (name, answer.status_code)
        assert Event.objects.latest("id").pk == before, role
    assert Record.objects.get(pk=marks["record under review"]).state == "TO_REVIEW"


def seen_by(client: Client, office: Office) -> str:
    """Everything that the pages without a thing of their own say, asked for one office by name too."""
    told = []
    for name, pattern in named_patterns().items():
        if getattr(pattern.callback, "acts", None) and not pattern.pattern.converters:
            for query in ({}, {"don_vi": office.code, "loai": "KS", "quyen": BOOK}, {"dang": "csv"}):
                answer = client.get(reverse(name), query)
                told.append(answer.getvalue().decode(errors="replace"))
    for asked in Question.__slots__:
        told.append(client.post(reverse("search"), {asked: "nguyen phuong vy"}).content.decode())
    return "".join(told)


def test_no_list_search_or_export_names_a_thing_of_another_office(tree):
    marks = tree.here.marks
    for office in tree.strangers:
        # a form of an office names the one that it stands below
        hidden = {k: m for k, m in marks.items() if k != "office" or office == tree.beside}
        for role, client in clients(office):
            told = seen_by(client, tree.here.office)
            assert [k for k, m in hidden.items() if m in told] == [], (role, office)
    told = "".join(seen_by(client, tree.here.office) for _, client in clients(tree.here.office))
    assert [k for k, m in marks.items() if m not in told] == []


def test_no_call_of_the_interface_reaches_a_thing_of_another_office(tree):
    for office in tree.strangers:
        client = api_client(office, *WORKING)
        before = Event.objects.latest("id").pk
        for way, path in api_calls():
            if "{" in path:
                answer = client.generic(way.upper(), address_of(path, tree.here))
                assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), (office, way, path)
        file = SimpleUploadedFile("a.jpg", b"x")
        foreign = tree.here.office.code
        assert client.post("/api/v1/batches", {"office": foreign, "files": [file]}).status_code == 404
        for path, given in (
            ("packages", {"kind": "pl3"}),
            ("webhooks", {"url": "https://a.vn/", "topics": ["record.sealed"]}),
        ):
            body = json.dumps({"office": foreign} | given)
            answer = client.post(f"/api/v1/{path}", body, content_type="application/json")
            assert answer.status_code == 404, path
        assert Event.objects.latest("id").pk == before
        told = "".join(lists_of(client, api_client(office, Act.AUDIT, name="kiểm soát")))
        names = [m for k, m in tree.here.marks.items() if k != "account"]
        assert [m for m in names if m in told] == []
        assert str(Webhook.objects.get(office=tree.here.office).pk) not in told


def test_the_same_calls_answer_for_the_office_itself_and_the_one_above(tree):
    for office in (tree.here.office, tree.above):
        client = api_client(office, *WORKING)
        for way, path in api_calls():
            if "{" in path:
                with transaction.atomic():
                    answer = client.generic(way.upper(), address_of(path, tree.here))
                    transaction.set_rollback(True)
                # a message that still waits is not sent again
                assert answer.status_code in (200, 201, 204, 409), (office, way, path, answer.status_code)
        told = "".join(lists_of(client, api_client(office, Act.AUDIT, name="kiểm soát")))
        assert tree.here.marks["record"] in told
        assert PERSON in told


def address_of(path: str, things: Things) -> str:
    """A path of the interface, filled in for things of one office."""
    return path.format(**things.values[path.split("/")[3]])


def lists_of(client: Client, auditor: Client) -> Iterator[str]:
    record_event("audit.read", actor="an", office="24000")
    for path in ("records", "search?q=nguyen+phuong+vy", "packages", "webhooks"):
        yield str(client.get(f"/api/v1/{path}").json())
    for path in ("events", "events?verb=record.sealed"):
        yield str(auditor.get(f"/api/v1/{path}").json())
