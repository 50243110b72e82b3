"""Moving a batch on a stick: packed, proved, received once, refused whole where anything is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.events import verify_chain
from pipeline.handover.carry import Gate, pack, receive_carried, sentence, told_of
from pipeline.models import Batch, Delivery, Event, Office, Scan
from storage.errors import PackageError
from storage.packages.carry import MANIFEST_NAME, SIGNATURE_NAME
from storage.signing.demo_authority import create_authority
from storage.verify_signature import load_trust
from tests.stages.commands import run_here
from tests.stages.holdings import make_office, picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def commune(tmp_path_factory):
    """The authority of the sending office; another one than the receiver's."""
    return create_authority(tmp_path_factory.mktemp("commune"))


@pytest.fixture
def fingerprint(commune) -> str:
    return commune.signing_key().certificate.sha256.hex()


@pytest.fixture
def gate(commune, fingerprint) -> Gate:
    return Gate(load_trust(commune.trust), fingerprint)


@pytest.fixture
def folder(tmp_path: Path, request) -> Path:
    folder = tmp_path / "lo"
    (folder / "quyen 1").mkdir(parents=True)
    seed = abs(hash(request.node.name)) % 2**31
    for number in (1, 2, 3):
        (folder / f"quyen 1/trang {number}.jpg").write_bytes(picture(seed + number))
    (folder / "ghi chú.txt").write_text("quét ngày 24", "utf-8")
    return folder


@pytest.fixture
def packed(folder, commune):
    return pack_again(folder, commune)


def pack_again(folder: Path, commune, **more):
    office = make_office("23950")
    given = {"office": office, "actor": "lan", "key": commune.signing_key()} | more
    return pack(folder, trust=load_trust(commune.trust), **given)


def bring(folder: Path, equipment, gate: Gate):
    spool = equipment.settings.data_dir / "carry"
    return receive_carried(folder, gate=gate, spool=spool, actor="minh", vault=equipment.vault)


def refused(folder: Path, equipment, gate: Gate) -> str:
    before = Scan.objects.count(), Batch.objects.count()
    with pytest.raises(PackageError) as caught:
        bring(folder, equipment, gate)
    assert (Scan.objects.count(), Batch.objects.count()) == before
    assert not Event.objects.filter(verb="carry.received").exists()
    assert all(text != sentence("") for _, text, _ in told_of(caught.value))
    return caught.value.code


def test_a_carried_batch_is_received_under_the_senders_office_and_names(
    packed, folder, equipment, gate, broker
):
    arrived = bring(folder, equipment, gate)
    assert (arrived.codes, arrived.passed_over, arrived.repeated) == ({"": 3}, 1, False)
    names = set(Scan.objects.filter(batch=arrived.batch).values_list("name", "office__code"))
    assert names == {(f"quyen 1/trang {n}.jpg", "23950") for n in (1, 2, 3)}
    event = Event.objects.get(verb="carry.received")
    assert (event.data["counter"], event.office, event.actor) == (1, "23950", "minh")
    assert event.purpose
    assert verify_chain().sound
    assert list((equipment.settings.data_dir / "carry").glob(f"{packed.manifest.identifier}/*")) == []


def test_the_same_list_brought_twice_is_told_and_doubles_nothing(packed, folder, equipment, gate, broker):
    bring(folder, equipment, gate)
    before = Scan.objects.count(), Batch.objects.count(), Delivery.objects.count(), Event.objects.count()
    assert bring(folder, equipment, gate).repeated
    after = Scan.objects.count(), Batch.objects.count(), Delivery.objects.count(), Event.objects.count()
    assert after == before


def test_packing_again_without_a_change_keeps_list_and_number(packed, folder, commune):
    again = pack_again(folder, commune)
    assert (again.fresh, again.manifest) == (False, packed.manifest)
    assert Event.objects.filter(verb="carry.packed").count() == 1
    (folder / "quyen 1/trang 4.jpg").write_bytes(b"x")
    with pytest.raises(PackageError, match="PACKED_BEFORE"):
        pack_again(folder, commune)


def test_copying_to_the_stick_leaves_the_source_as_it_was(folder, commune, tmp_path, equipment, gate, broker):
    stick = tmp_path / "usb/lo 1"
    packed = pack_again(folder, commune, to=stick)
    assert packed.folder == stick
    assert not (folder / MANIFEST_NAME).exists()
    assert bring(stick, equipment, gate).codes == {"": 3}


def test_lists_of_an_office_are_counted_and_an_older_one_waits_for_a_word(
    packed, folder, commune, tmp_path, equipment, gate, broker
):
    later = tmp_path / "lo 2"
    later.mkdir()
    (later / "a.jpg").write_bytes(picture(7))
    assert pack_again(later, commune).manifest.counter == 2
    bring(later, equipment, gate)
    with pytest.raises(PackageError, match="OLDER_COUNTER"):
        bring(folder, equipment, gate)
    assert not Office.objects.get(code="23950").scans.filter(name__startswith="quyen").exists()
    arrived = bring(folder, equipment, Gate(gate.trust, gate.signer, accept_older=True))
    assert (arrived.older, arrived.codes) == (True, {"": 3})


def flip(folder: Path) -> None:
    path = folder / "quyen 1/trang 2.jpg"
    path.write_bytes(b"\x00" + path.read_bytes()[1:])


def edit_list(folder: Path) -> None:
    content = json.loads((folder / MANIFEST_NAME).read_bytes())
    content["counter"] = 9
    (folder / MANIFEST_NAME).write_text(json.dumps(content), "utf-8")


DAMAGES = {
    "damaged": (flip, "FILE_DAMAGED"),
    "cut short": (lambda f: (f / "quyen 1/trang 2.jpg").write_bytes(b"x"), "FILE_DAMAGED"),
    "missing": (lambda f: (f / "quyen 1/trang 3.jpg").unlink(), "FILE_MISSING"),
    "renamed": (lambda f: (f / "quyen 1").rename(f / "quyen 2"), "FILE_MISSING"),
    "extra": (lambda f: (f / "them.jpg").write_bytes(b"x"), "FILE_NOT_LISTED"),
    "link": (lambda f: (f / "noi.jpg").symlink_to("/etc/hosts"), "LINK_FOUND"),
    "list edited": (edit_list, "SIGNATURE_INVALID"),
    "list gone": (lambda f: (f / MANIFEST_NAME).unlink(), "MANIFEST_MISSING"),
    "signature gone": (lambda f: (f / SIGNATURE_NAME).unlink(), "SIGNATURE_MISSING"),
    "signature damaged": (lambda f: (f / SIGNATURE_NAME).write_bytes(b"x"), "SIGNATURE_UNREADABLE"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_nothing_is_received_where_anything_is_wrong(packed, folder, equipment, gate, kind):
    damage, code = DAMAGES[kind]
    damage(folder)
    assert refused(folder, equipment, gate) == code


def test_a_foreign_an_unknown_and_another_signer_are_told_apart(packed, folder, equipment, gate, tmp_path):
    assert refused(folder, equipment, Gate(gate.trust)) == "SIGNER_UNKNOWN"
    assert refused(folder, equipment, Gate(gate.trust, "00" * 32)) == "SIGNER_DIFFERS"
    other = create_authority(tmp_path / "other")
    assert refused(folder, equipment, Gate(load_trust(other.trust), gate.signer)) == "SIGNER_NOT_TRUSTED"


def test_an_office_once_known_is_known_by_its_certificate(
    packed, folder, commune, tmp_path, equipment, gate, broker
):
    bring(folder, equipment, gate)
    second, third = tmp_path / "lo 2", tmp_path / "lo 3"
    for number, place in enumerate((second, third)):
        place.mkdir()
        (place / "a.jpg").write_bytes(picture(number))
    pack_again(second, commune)
    assert bring(second, equipment, Gate(gate.trust)).codes == {"": 1}
    stranger = create_authority(tmp_path / "stranger")
    pack_again(third, stranger)
    both = (*gate.trust, *load_trust(stranger.trust))
    with pytest.raises(PackageError, match="SIGNER_DIFFERS"):
        bring(third, equipment, Gate(both))


def test_a_pulled_stick_receives_nothing_and_the_next_try_goes_on(
    packed, folder, equipment, gate, broker, monkeypatch
):
    real, seen = Path.open, []

    def pulled(path: Path, *args, **kwargs):
        if path.is_relative_to(folder / "quyen 1"):
            seen.append(path.name)
            if len(seen) == 3:
                raise OSError(5, "pulled")
        return real(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", pulled)
        assert refused(folder, equipment, gate) == "STICK_GONE"
    (folder / "quyen 1/trang 1.jpg").touch()
    with monkeypatch.context() as patch:
        read_again: list[str] = []
        patch.setattr(
            Path,
            "open",
            lambda p, *a, **k: (p.is_relative_to(folder) and read_again.append(p.name)) or real(p, *a, **k),
        )
        assert bring(folder, equipment, gate).codes == {"": 3}
    assert "trang 1.jpg" not in read_again


def test_a_kill_between_files_loses_nothing_and_doubles_nothing(
    packed, folder, equipment, gate, broker, monkeypatch
):
    from pipeline.receive import Reception

    real, taken = Reception.take, []

    def killed(self, path, name=""):
        taken.append(name)
        if len(taken) == 2:
            raise KeyboardInterrupt
        return real(self, path, name)

    with monkeypatch.context() as patch:
        patch.setattr(Reception, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            bring(folder, equipment, gate)
    arrived = bring(folder, equipment, gate)
    assert arrived.codes == {"DUPLICATE": 1, "": 2}
    assert Scan.objects.filter(office__code="23950").count() == 3


def test_an_empty_folder_is_nothing_to_carry(tmp_path, commune):
    (tmp_path / "rỗng").mkdir()
    with pytest.raises(PackageError, match="NOTHING_TO_PACK"):
        pack_again(tmp_path / "rỗng", commune)


def test_the_commands_pack_and_receive_and_end_with_their_codes(servers, folder, equipment, broker):
    code, told = run_here(servers, "carry", "pack", str(folder), "--office", "23951", "--json")
    assert code == 0, told
    assert (told["counter"], told["files"]) == (1, 4)
    code, answer = run_here(servers, "carry", "receive", str(folder), "--json")
    assert (code, answer["outcome"]) == (10, "SIGNER_UNKNOWN")
    known = ("--signer", told["signer"]["fingerprint"])
    code, answer = run_here(servers, "carry", "receive", str(folder), *known, "--json")
    assert (code, answer["outcome"], answer["codes"]) == (0, "RECEIVED", {"": 3})
    code, answer = run_here(servers, "carry", "receive", str(folder), "--json")
    assert (code, answer["outcome"]) == (0, "ALREADY_RECEIVED")


def test_without_a_key_of_its_own_an_office_signs_no_list(folder, commune):
    with pytest.raises(PackageError, match="NO_KEY"):
        pack_again(folder, commune, key=None)
