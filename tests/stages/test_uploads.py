"""Files come in over a line that breaks, and nothing is lost, doubled or believed too early."""

from __future__ import annotations

import hashlib
import os
import time
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.archives import ArchiveLimits
from pipeline.deliveries import DeliveryBusy, close_delivery, delivery_progress, keep_open, open_delivery
from pipeline.models import Batch, Delivery, Scan
from pipeline.receive import ReceiveLimits, Reception
from pipeline.sweeper import close_abandoned
from pipeline.uploads import UploadRefused, Uploads, forget_abandoned, uploads_of
from storage.errors import StoreUnavailable
from tests.stages.holdings import make_office, picture


@pytest.fixture
def batch(db, broker) -> Batch:
    return open_delivery(make_office(), actor="lan", name="KS 01/1994")


@pytest.fixture
def uploads(batch, tmp_path: Path) -> Uploads:
    return uploads_of(tmp_path, batch.pk)


@pytest.fixture
def reception(batch, equipment) -> Reception:
    return Reception(batch, batch.office, "lan", equipment.vault, ReceiveLimits())


def sha256(data: bytes) -> str:
    return f"sha256 {hashlib.sha256(data).hexdigest()}"


def send(uploads: Uploads, name: str, data: bytes, piece: int = 1000) -> str:
    upload = uploads.create(name, len(data), 1)
    for at in range(upload.offset, len(data), piece):
        part = data[at : at + piece]
        uploads.append(upload.id, at, part, sha256(part))
    return upload.id


def refusal(act, *arguments) -> UploadRefused:
    with pytest.raises(UploadRefused) as refused:
        act(*arguments)
    return refused.value


def test_a_file_sent_in_pieces_is_acknowledged_when_it_is_stored(uploads, reception):
    data = picture(1)
    pk = send(uploads, "Sổ 1994/trang 1.jpg", data)
    assert not Scan.objects.exists()
    done = uploads.finish(pk, reception, hashlib.sha256(data).hexdigest())
    assert [(r.code, r.path) for r in done.receipts] == [("", "Sổ 1994/trang 1.jpg")]
    assert Scan.objects.get().sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_cut_at_99_percent_goes_on_where_it_stopped(uploads, reception):
    data = picture(2)
    cut = len(data) - len(data) // 100
    first = uploads.create("a.jpg", len(data), 7)
    uploads.append(first.id, 0, data[:cut], sha256(data[:cut]))
    assert [u.offset for u in uploads.unfinished()] == [cut]
    early = refusal(uploads.finish, first.id, reception)
    assert (early.code, early.offset) == ("INCOMPLETE", cut)
    again = uploads.create("a.jpg", len(data), 7)
    assert (again.id, again.offset) == (first.id, cut)
    uploads.append(again.id, cut, data[cut:], f"crc32 {zlib.crc32(data[cut:]):08x}")
    assert uploads.finish(again.id, reception).receipts[0].code == ""
    assert uploads.unfinished() == []


def test_a_changed_file_of_the_same_name_begins_anew(uploads):
    old = uploads.create("a.jpg", 100, 1)
    uploads.append(old.id, 0, b"x" * 50, sha256(b"x" * 50))
    assert uploads.create("a.jpg", 100, 2).offset == 0


def test_an_answer_lost_on_the_way_back_is_given_again_and_takes_nothing_in_twice(uploads, reception):
    pk = send(uploads, "a.jpg", picture(3))
    first = uploads.finish(pk, reception)
    assert uploads.finish(pk, reception) == first
    assert Delivery.objects.count() == 1


def test_a_piece_damaged_on_the_way_or_out_of_place_is_not_written(uploads):
    upload = uploads.create("a.jpg", 100, 1)
    assert refusal(uploads.append, upload.id, 0, b"abc", sha256(b"abd")).code == "DAMAGED"
    assert refusal(uploads.append, upload.id, 0, b"abc", "none").code == "DAMAGED"
    uploads.append(upload.id, 0, b"abc", sha256(b"abc"))
    again = refusal(uploads.append, upload.id, 0, b"abc", sha256(b"abc"))
    assert (again.code, again.offset) == ("OFFSET", 3)
    assert refusal(uploads.append, upload.id, 3, b"x" * 98, sha256(b"x" * 98)).code == "OFFSET"


def test_a_whole_file_that_differs_from_the_sent_one_is_sent_again(uploads, reception):
    pk = send(uploads, "a.jpg", picture(4))
    assert refusal(uploads.finish, pk, reception, "0" * 64).code == "DIFFERS"
    assert (uploads.find(pk).offset, Scan.objects.count()) == (0, 0)


def test_a_store_that_is_down_acknowledges_nothing_and_what_was_sent_waits(uploads, reception, monkeypatch):
    pk = send(uploads, "a.jpg", picture(5))

    def down(*_: object, **__: object) -> None:
        raise StoreUnavailable("STORE_UNAVAILABLE", "no answer")

    with monkeypatch.context() as patch:
        patch.setattr(type(reception.vault), "keep_original", down)
        with pytest.raises(StoreUnavailable):
            uploads.finish(pk, reception)
    assert not Delivery.objects.exists()
    assert uploads.finish(pk, reception).receipts[0].code == ""


def test_a_zip_answers_for_every_file_in_it(uploads, reception, tmp_path):
    path = tmp_path / "sổ.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jpg", picture(6))
        archive.writestr("2.txt.exe", b"MZ" + b"\0" * 100)
    done = uploads.finish(send(uploads, "sổ.zip", path.read_bytes(), 5000), reception)
    assert [(r.path, bool(r.code)) for r in done.receipts] == [
        ("sổ.zip/1.jpg", False),
        ("sổ.zip/2.txt.exe", True),
    ]


def test_what_is_too_large_is_told_after_its_first_piece(uploads, reception):
    limits = ReceiveLimits(replace(reception.limits.scan, bytes=1000), ArchiveLimits(total_bytes=10_000))
    small_door = Reception(reception.batch, reception.office, "lan", reception.vault, limits)
    upload = uploads.create("a.tif", 5000, 1)
    assert not uploads.is_refusable(upload.id, limits)
    uploads.append(upload.id, 0, b"II*\0" + b"x" * 96, sha256(b"II*\0" + b"x" * 96))
    assert uploads.is_refusable(upload.id, limits)
    assert uploads.finish(upload.id, small_door).receipts[0].code == "TOO_LARGE"
    archive = uploads.create("a.zip", 5000, 1)
    uploads.append(archive.id, 0, b"PK\3\4" + b"x" * 96, sha256(b"PK\3\4" + b"x" * 96))
    assert not uploads.is_refusable(archive.id, limits)
    assert uploads.is_refusable(uploads.create("b.zip", 20_000, 1).id, limits)


def test_no_name_reaches_beyond_the_folder_and_side_files_of_folders_are_passed_over(uploads, tmp_path):
    uploads.create("../../../etc/passwd\0\n", 5, 1)
    assert {p.parent for p in tmp_path.rglob("*") if p.is_file()} == {uploads.folder}
    assert uploads.unfinished()[0].name == "../../../etc/passwd"
    assert refusal(uploads.create, "sổ/Thumbs.db", 5, 1).code == "COMPANION"
    assert refusal(uploads.find, "../x").code == "UNKNOWN"


def test_one_upload_has_one_writer_at_a_time(uploads):
    upload = uploads.create("a.jpg", 100, 1)
    with uploads._held(upload.id):
        assert refusal(uploads.append, upload.id, 0, b"a", sha256(b"a")).code == "BUSY"


def test_only_uploads_that_nobody_went_on_with_are_forgotten(uploads, tmp_path):
    old, new = uploads.create("old.jpg", 9, 1), uploads.create("new.jpg", 9, 1)
    week_ago = time.time() - 8 * 24 * 3600
    for path in uploads.folder.glob("*"):
        os.utime(path, (week_ago, week_ago))
    uploads.append(new.id, 0, b"a", sha256(b"a"))
    assert forget_abandoned(tmp_path) == 2
    assert refusal(uploads.find, old.id).code == "UNKNOWN"
    assert [u.id for u in uploads.unfinished()] == [new.id]
    assert forget_abandoned(tmp_path, older_than=-1) == 2
    assert not uploads.folder.exists()


def test_a_delivery_closes_when_all_is_sent_and_opens_again_for_more(batch):
    close_delivery(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.lease_owner) == ("RECEIVED", "")
    assert keep_open(batch.pk).state == "RECEIVING"


def test_a_delivery_is_left_alone_while_its_books_are_checked(batch):
    close_delivery(batch.pk)
    until = Batch.objects.get(pk=batch.pk).state_since.replace(year=2100)
    Batch.objects.filter(pk=batch.pk).update(lease_owner="worker", lease_until=until)
    with pytest.raises(DeliveryBusy):
        keep_open(batch.pk)


def test_a_delivery_whose_sender_went_away_is_closed_and_opens_again_with_the_line(batch):
    Batch.objects.filter(pk=batch.pk).update(lease_until=batch.state_since.replace(year=2000))
    assert close_abandoned() == 1
    row = keep_open(batch.pk)
    assert (row.state, row.error_code) == ("RECEIVING", "")


def test_progress_counts_files_and_what_is_still_to_be_read(uploads, reception, batch):
    uploads.finish(send(uploads, "a.jpg", picture(8)), reception)
    uploads.finish(send(uploads, "b.jpg", b"nothing known"), reception)
    close_delivery(batch.pk)
    told = delivery_progress(batch)
    assert (told.files, told.held, told.scans, told.reading, told.busy) == (2, 1, 2, 1, True)
