import hashlib
import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone

from pipeline.models import Batch, Delivery, Event, OutboxMessage, Scan, StageRun
from pipeline.receive import ReceiveLimits, receive
from tests.stages.holdings import make_office, picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def take(equipment, broker):
    def take(*paths: Path, office: str = "23942", limits: ReceiveLimits | None = None):
        return receive(paths, make_office(office), actor="lan", vault=equipment.vault, limits=limits)

    return take


def test_a_receipt_means_stored_locked_and_committed(take, equipment, tmp_path: Path):
    (tmp_path / "trang 1.jpg").write_bytes(picture(1))
    (receipt,) = take(tmp_path).receipts
    assert (receipt.code, receipt.message) == ("", "Đã nhận.")
    scan = Scan.objects.get(pk=receipt.scan)
    assert scan.state == "RECEIVED"
    assert scan.sha256 == receipt.sha256 == hashlib.sha256(picture(1)).hexdigest()
    assert equipment.vault.store.get(scan.bucket, scan.key, scan.version_id) == picture(1)
    assert equipment.vault.store.state(scan.bucket, scan.key, scan.version_id).lock_mode == "COMPLIANCE"
    assert StageRun.objects.get(subject=f"scan:{scan.pk}").stage == "receive"
    assert Event.objects.get(subject=f"scan:{scan.pk}").verb == "scan.received"
    assert OutboxMessage.objects.filter(task="sohoa.read_scan", arguments=[str(scan.pk)]).exists()
    assert Batch.objects.get().state == "RECEIVED"


def test_bad_input_gets_a_code_and_a_sentence_is_kept_and_stops_nobody(take, equipment, tmp_path: Path):
    bad = {
        "a-cut.jpg": picture(1)[:900],
        "b-empty.pdf": b"",
        "c-program.exe": b"MZ" + bytes(500),
        "d-torn.pdf": b"%PDF-1.7\n" + bytes(100),
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "e-good.jpg").write_bytes(picture(2))
    receipts = {Path(r.path).name: r for r in take(tmp_path).receipts}
    assert receipts["e-good.jpg"].code == ""
    assert receipts["b-empty.pdf"].code == "EMPTY_FILE"
    assert receipts["c-program.exe"].code == "WRONG_TYPE"
    for name, data in bad.items():
        assert receipts[name].code
        assert receipts[name].message.endswith(".")
        if data:
            scan = Scan.objects.get(pk=receipts[name].scan)
            assert scan.state == "QUARANTINED"
            assert equipment.vault.store.get(scan.bucket, scan.key, scan.version_id) == data
    assert Delivery.objects.count() == len(bad) + 1


def test_a_file_handed_in_again_is_linked_to_the_first_and_not_processed_twice(
    take, equipment, tmp_path: Path
):
    (tmp_path / "a.jpg").write_bytes(picture(3))
    (tmp_path / "b.jpg").write_bytes(picture(3))
    first, second = take(tmp_path).receipts
    (third,) = take(tmp_path / "a.jpg").receipts
    assert (first.code, second.code, third.code) == ("", "DUPLICATE", "DUPLICATE")
    assert first.scan == second.scan == third.scan
    assert Scan.objects.count() == 1
    assert OutboxMessage.objects.filter(task="sohoa.read_scan").count() == 1
    scan = Scan.objects.get()
    assert len(equipment.vault.store.versions_of(scan.bucket, scan.key)) == 1


def test_another_office_learns_nothing_of_the_first_ones_file(take, equipment, tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(picture(4))
    (first,) = take(tmp_path).receipts
    (second,) = take(tmp_path, office="23945").receipts
    assert second.code == ""
    assert second.scan != first.scan
    scan = Scan.objects.get(pk=second.scan)
    assert len(equipment.vault.store.versions_of(scan.bucket, scan.key)) == 1


def test_a_killed_receiver_left_an_object_and_the_same_file_goes_on(take, equipment, tmp_path: Path):
    data = picture(5)
    left = equipment.vault.keep_original(data, hashlib.sha256(data).hexdigest(), "image/jpeg")
    assert not Scan.objects.exists()
    (tmp_path / "a.jpg").write_bytes(data)
    (receipt,) = take(tmp_path).receipts
    assert receipt.code == ""
    assert Scan.objects.get().version_id == left.version_id


def test_a_file_is_not_acknowledged_when_the_store_does_not_take_it(
    take, equipment, monkeypatch, tmp_path: Path
):
    from storage.errors import StoreUnavailable

    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("STORE_UNAVAILABLE", "down")

    monkeypatch.setattr(type(equipment.vault.store), "put_once", refuse)
    (tmp_path / "a.jpg").write_bytes(picture(6))
    with pytest.raises(StoreUnavailable):
        take(tmp_path)
    assert not Scan.objects.exists()
    assert not Delivery.objects.exists()


def test_a_signed_pdf_is_kept_as_it_is_and_said_to_be_signed(take, equipment, servers, tmp_path: Path):
    plain = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(plain)
    signing = equipment.for_sealing().signing
    signed = signing.sign(plain.getvalue(), office="UBND xã", moment=timezone.now())
    (tmp_path / "signed.pdf").write_bytes(signed)
    (receipt,) = take(tmp_path).receipts
    scan = Scan.objects.get(pk=receipt.scan)
    assert (receipt.code, scan.state, scan.signed) == ("ALREADY_SIGNED", "RECEIVED", True)
    assert equipment.vault.store.get(scan.bucket, scan.key, scan.version_id) == signed


def test_a_zip_is_taken_apart_and_kept_itself_when_not_all_of_it_could_be_taken(take, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "quyển 1.zip", "w") as archive:
        archive.writestr("Trang đầu.jpg", picture(7))
        archive.writestr("../../ngoài.jpg", picture(8))
        archive.writestr("ghi chú.txt", "x")
    received = take(tmp_path)
    codes = {r.path.split("quyển 1.zip")[1]: r.code for r in received.receipts}
    assert codes == {"/Trang đầu.jpg": "", "/../../ngoài.jpg": "UNSAFE_NAME", "": "ARCHIVE_INCOMPLETE"}
    assert received.passed_over == 1
    assert Scan.objects.get(media_type="application/zip").state == "QUARANTINED"


def test_side_files_of_a_folder_are_passed_over_but_answered_when_named(take, tmp_path: Path):
    (tmp_path / "truth.json").write_text("{}")
    (tmp_path / "a.jpg").write_bytes(picture(9))
    received = take(tmp_path)
    assert ([r.code for r in received.receipts], received.passed_over) == ([""], 1)
    assert [r.code for r in take(tmp_path / "truth.json").receipts] == ["WRONG_TYPE"]


def test_a_link_is_never_followed(take, tmp_path: Path):
    (tmp_path / "link.jpg").symlink_to("/etc/passwd")
    assert [r.code for r in take(tmp_path).receipts] == ["LINK"]
    assert [r.code for r in take(tmp_path / "nothing.jpg").receipts] == ["MISSING"]


def test_the_sweeper_closes_a_batch_whose_receiver_died(take, servers):
    from django.utils import timezone

    from pipeline.sweeper import close_abandoned
    from tests.stages.holdings import make_batch

    batch = make_batch(state="RECEIVING", lease_owner="gone", lease_until=timezone.now())
    assert close_abandoned() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == ("RECEIVED", "RECEIVING_INTERRUPTED")
