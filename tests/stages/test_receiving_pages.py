"""Officers send files from the desk and follow what becomes of them."""

from __future__ import annotations

import hashlib
import json

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from pipeline.deliveries import close_delivery, open_delivery
from pipeline.models import Batch, BatchState, Book, Event, Scan
from pipeline.people.accounts import make_account
from pipeline.people.models import Role
from storage.errors import StoreUnavailable
from tests.stages.holdings import make_office, picture
from web import receiving

AREA = "/tiep-nhan/"


@pytest.fixture
def desk(equipment, broker, settings, monkeypatch) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr(receiving, "equipment", lambda: equipment)
    account, _ = make_account("lan", full_name="Lan", roles=[(Role.SCANNER, make_office())], by="sohoa")
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def batch(desk) -> Batch:
    return open_delivery(make_office(), actor="lan", name="")


def send(desk: Client, batch: Batch, name: str, data: bytes, upto: int | None = None) -> tuple[str, dict]:
    """Address of the upload and the last answer, after all bytes up to `upto`."""
    begin = f"{AREA}{batch.pk}/tep/"
    told = desk.post(
        begin, json.dumps({"name": name, "size": len(data), "modified": 1}), content_type="application/json"
    ).json()
    url = f"{begin}{told['id']}/"
    part = data[told["offset"] : upto]
    answer = desk.post(
        url,
        part,
        content_type="application/offset+octet-stream",
        headers={
            "Upload-Offset": str(told["offset"]),
            "Upload-Checksum": f"sha256 {hashlib.sha256(part).hexdigest()}",
        },
    )
    return url, answer.json()


def test_a_new_book_with_its_numbers_is_made_and_the_delivery_named_after_it(desk):
    given = {
        "office": make_office().pk,
        "kind": "KS",
        "volume": "01",
        "year": "1994",
        "first": "3",
        "last": "6",
    }
    answer = desk.post(AREA, given)
    batch, book = Batch.objects.get(), Book.objects.get()
    assert answer.url == f"{AREA}{batch.pk}/"
    assert (book.expected, batch.name, batch.book) == ([3, 4, 5, 6], "KS 01/1994", book)
    assert Event.objects.filter(verb="book.made", actor="lan").exists()
    desk.post(AREA, given)
    assert Book.objects.count() == 1


def test_numbers_in_the_wrong_order_and_offices_of_others_are_refused(desk):
    given = {"office": make_office().pk, "kind": "KS", "first": "6", "last": "3"}
    assert "Số cuối phải lớn hơn" in desk.post(AREA, given).content.decode()
    forged = {"office": make_office("99999").pk, "kind": "KS"}
    assert desk.post(AREA, forged).status_code == 200
    assert not Batch.objects.exists()


def test_a_file_sent_from_the_desk_is_received_and_shown_with_its_answer(desk, batch):
    url, told = send(desk, batch, "trang <script>.jpg", picture(11))
    assert told["finish"] is False
    answer = desk.post(f"{url}xong/").json()
    assert answer["receipts"][0]["code"] == ""
    assert Scan.objects.get().batch == batch
    page = desk.get(f"{AREA}{batch.pk}/").content.decode()
    assert "trang &lt;script&gt;.jpg" in page
    assert "<script>.jpg" not in page
    desk.post(f"{AREA}{batch.pk}/xong/")
    assert Batch.objects.get().state == BatchState.RECEIVED


def test_a_page_loaded_again_lists_what_waits_and_the_same_file_goes_on(desk, batch):
    data = picture(12)
    send(desk, batch, "trang 1.jpg", data, upto=500)
    assert "trang 1.jpg – đã gửi" in desk.get(f"{AREA}{batch.pk}/").content.decode()
    url, told = send(desk, batch, "trang 1.jpg", data)
    assert told["offset"] == len(data)
    assert desk.post(f"{url}xong/").json()["receipts"][0]["code"] == ""


def test_a_damaged_piece_is_refused_in_vietnamese_with_the_place_to_go_on(desk, batch):
    url, _ = send(desk, batch, "a.jpg", picture(13), upto=500)
    wrong = {"Upload-Offset": "500", "Upload-Checksum": "sha256 00"}
    answer = desk.post(url, b"abc", content_type="application/octet-stream", headers=wrong)
    assert (answer.status_code, answer.json()["offset"]) == (422, 500)
    assert "hỏng trên đường truyền" in answer.json()["message"]
    early = desk.post(f"{url}xong/")
    assert (early.status_code, early.json()["code"]) == (409, "INCOMPLETE")


def test_a_store_that_is_down_is_told_and_the_file_is_taken_in_later(desk, batch, equipment, monkeypatch):
    url, _ = send(desk, batch, "a.jpg", picture(14))

    def down(*_: object, **__: object) -> None:
        raise StoreUnavailable("STORE_UNAVAILABLE", "no answer")

    with monkeypatch.context() as patch:
        patch.setattr(type(equipment.vault), "keep_original", down)
        answer = desk.post(f"{url}xong/")
    assert answer.status_code == 503
    assert "Phần đã gửi được giữ lại" in answer.json()["message"]
    assert desk.post(f"{url}xong/").json()["receipts"][0]["code"] == ""


def test_another_offices_delivery_does_not_exist(desk):
    other = open_delivery(make_office("99999"), actor="minh", name="")
    one = f"{AREA}{other.pk}/"
    for url in (one, f"{one}tien-do/", f"{one}dong/"):
        assert desk.get(url).status_code == 404
    for url in (f"{one}tep/", f"{one}tep/x/", f"{one}tep/x/xong/", f"{one}xong/"):
        assert desk.post(url, "{}", content_type="application/json").status_code == 404
    assert str(other.pk) not in desk.get(AREA).content.decode()


def events_of(batch: Batch) -> list[str]:
    async def gather() -> list[str]:
        return [event async for event in receiving._events(batch)]

    return async_to_sync(gather)()


def test_the_stream_tells_counts_and_ends_when_no_machine_works_any_more(desk, batch, monkeypatch):
    url, _ = send(desk, batch, "a.jpg", picture(15))
    desk.post(f"{url}xong/")
    close_delivery(batch.pk)
    monkeypatch.setattr(receiving, "PERIOD_SECONDS", 0.01)
    monkeypatch.setattr(receiving, "STREAM_SECONDS", 0.03)
    # as Django's own test client does: the connection carries the test's transaction
    monkeypatch.setattr(receiving, "close_old_connections", lambda: None)
    told = events_of(batch)
    assert json.loads(told[0].split("data: ")[1])["reading"] == 1
    assert told[1:] == [": \n\n", ": \n\n", "event: renew\ndata: {}\n\n"]
    Scan.objects.update(state="READ")
    Batch.objects.update(state="CHECKED")
    assert events_of(batch)[-1] == "event: end\ndata: {}\n\n"


def test_the_stream_is_not_compressed_and_the_page_asks_no_camera_right(desk, batch):
    answer = desk.get(f"{AREA}{batch.pk}/dong/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Content-Encoding"] == "identity"
    page = desk.get(f"{AREA}{batch.pk}/")
    assert 'capture="environment"' in page.content.decode()
    assert "camera=()" in page.headers["Permissions-Policy"]
