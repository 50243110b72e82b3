"""Carried files: listed, signed, brought over; every damage is told, nothing is lost on the way."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import PackageError
from storage.packages import carry
from storage.packages.carry import (
    MANIFEST_NAME,
    CarryManifest,
    carried_files,
    differences,
    fetch,
    measure,
    read_list,
    read_manifest,
    write_list,
)
from storage.packages.carry_signature import list_signer, sign_list
from storage.signing.demo_authority import create_authority
from storage.verify_signature import load_trust

NAMES = ("Quyển 01/trang 1.jpg", "Quyển 01/trang 2.jpg", "bìa.pdf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    for number, name in enumerate(NAMES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([number]) * 3000)
    return folder


@pytest.fixture
def manifest(folder: Path) -> CarryManifest:
    files = tuple(measure(path, name) for name, path in carried_files(folder))
    return CarryManifest(
        "9c13e70e-08b2-4c54-8baf-979b35d01b4d", "23942", "UBND xã Ia Rong", 1,
        datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "lan", files,
    )  # fmt: skip


def told(folder: Path, manifest: CarryManifest, target: Path) -> set[tuple[str, str]]:
    checks = differences(folder, manifest) or fetch(folder, manifest.files, target)
    return {(c.code, c.evidence["name"]) for c in checks}


def test_a_list_reads_back_equal_and_tells_the_local_time(manifest):
    data = manifest.to_json()
    assert read_manifest(data) == manifest
    assert json.loads(data)["packed_at"] == "2026-11-24T10:00:00+07:00"


def test_a_whole_folder_arrives_byte_for_byte(folder, manifest, tmp_path):
    assert [f.path for f in manifest.files] == sorted(NAMES)
    assert told(folder, manifest, tmp_path / "spool") == set()
    for name in NAMES:
        assert (tmp_path / "spool" / name).read_bytes() == (folder / name).read_bytes()


def flip(folder: Path) -> None:
    path = folder / NAMES[0]
    path.write_bytes(b"\xff" + path.read_bytes()[1:])


DAMAGES: list[tuple[Callable[[Path], object], str, str]] = [
    (flip, "FILE_DAMAGED", NAMES[0]),
    (lambda f: (f / NAMES[1]).write_bytes(b""), "FILE_DAMAGED", NAMES[1]),
    (lambda f: (f / NAMES[2]).unlink(), "FILE_MISSING", NAMES[2]),
    (lambda f: (f / NAMES[2]).rename(f / "bia.pdf"), "FILE_MISSING", NAMES[2]),
    (lambda f: (f / NAMES[2]).rename(f / "bia.pdf"), "FILE_NOT_LISTED", "bia.pdf"),
    (lambda f: (f / "thêm.jpg").write_bytes(b"x"), "FILE_NOT_LISTED", "thêm.jpg"),
    (lambda f: (f / "Quyển 01").rename(f / "Quyển 02"), "FILE_MISSING", NAMES[0]),
]


@pytest.mark.parametrize(("damage", "code", "name"), DAMAGES)
def test_what_is_damaged_missing_or_extra_is_told_by_name(folder, manifest, tmp_path, damage, code, name):
    damage(folder)
    assert (code, name) in told(folder, manifest, tmp_path / "spool")


def test_a_damaged_file_is_not_brought_and_the_others_are(folder, manifest, tmp_path):
    flip(folder)
    fetch(folder, manifest.files, tmp_path / "spool")
    brought = {p.name for p in (tmp_path / "spool").rglob("*") if p.is_file()}
    assert brought == {"trang 2.jpg", "bìa.pdf"}


def test_a_pulled_stick_is_told_and_the_next_call_goes_on(folder, manifest, tmp_path, monkeypatch):
    spool, opened, real = tmp_path / "spool", [], Path.open

    def pulled(path: Path, *args: object, **kwargs: object) -> object:
        if path.is_relative_to(folder):
            opened.append(path.name)
            if len(opened) == 2:
                raise OSError(errno.EIO, "pulled")
        return real(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", pulled)
        with pytest.raises(PackageError, match="STICK_GONE"):
            fetch(folder, manifest.files, spool)
    with monkeypatch.context() as patch:
        opened.clear()
        patch.setattr(Path, "open", lambda p, *a, **k: opened.append(p.name) or real(p, *a, **k))
        assert fetch(folder, manifest.files, spool) == ()
    assert all((spool / f.path).read_bytes() == (folder / f.path).read_bytes() for f in manifest.files)


def test_a_full_disk_is_told_as_such_and_leaves_no_half_file(folder, manifest, tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(carry.os, "fsync", full)
    with pytest.raises(PackageError, match="DISK_FULL"):
        fetch(folder, manifest.files, tmp_path / "spool")
    assert not any((tmp_path / "spool" / name).exists() for name in NAMES)


def test_what_systems_leave_on_sticks_is_neither_carried_nor_missed(folder, manifest, tmp_path):
    (folder / "System Volume Information").mkdir()
    (folder / "System Volume Information/x").write_bytes(b"x")
    (folder / "Quyển 01/Thumbs.db").write_bytes(b"x")
    (folder / "._bìa.pdf").write_bytes(b"x")
    assert differences(folder, manifest) == ()


def test_names_in_decomposed_letters_are_the_same_names(folder, manifest):
    (folder / NAMES[2]).rename(folder / "bi\u0300a.pdf")
    assert differences(folder, manifest) == ()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda f: (f / "nối.jpg").symlink_to("/etc/hosts"), "LINK_FOUND"),
        (lambda f: (f / "BÌA.PDF").write_bytes(b"x"), "NAMES_COLLIDE"),
        (lambda f: (f / "a:b.jpg").write_bytes(b"x"), "UNSAFE_NAME"),
    ],
)
def test_what_cannot_be_carried_to_every_machine_is_refused_when_packing(folder, spoil, code):
    spoil(folder)
    with pytest.raises(PackageError, match=code):
        list(carried_files(folder))


def spoiled(manifest: CarryManifest, **values: object) -> bytes:
    content = json.loads(manifest.to_json())
    return json.dumps(content | values).encode()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"format": "sohoa-carry/9"}, "MANIFEST_UNREADABLE"),
        ({"counter": 0}, "MANIFEST_UNREADABLE"),
        ({"files": []}, "MANIFEST_UNREADABLE"),
        ({"extra": 1}, "MANIFEST_UNREADABLE"),
        ({"identifier": "../../x"}, "MANIFEST_UNREADABLE"),
        ({"packed_at": "2026-11-24T10:00:00"}, "MANIFEST_UNREADABLE"),
        ({"files": [{"path": "a", "sha256": "00", "size": 1}]}, "MANIFEST_UNREADABLE"),
        ({"files": [{"path": "../a", "sha256": "0" * 64, "size": 1}]}, "UNSAFE_NAME"),
        ({"files": [{"path": "/etc/a", "sha256": "0" * 64, "size": 1}]}, "UNSAFE_NAME"),
        ({"files": [{"path": MANIFEST_NAME, "sha256": "0" * 64, "size": 1}]}, "UNSAFE_NAME"),
    ],
)
def test_a_list_that_means_harm_or_nothing_is_refused(manifest, values, code):
    with pytest.raises(PackageError, match=code):
        read_manifest(spoiled(manifest, **values))


def test_the_list_is_signed_by_the_office_and_by_nobody_else(manifest, authority, tmp_path):
    data = manifest.to_json()
    signature = sign_list(data, authority.signing_key(), at=manifest.packed_at)
    signer = list_signer(data, signature, load_trust(authority.trust))
    assert (signer.trusted, signer.signed_at) == (True, manifest.packed_at)
    assert signer.fingerprint == authority.signing_key().certificate.sha256.hex()
    other = create_authority(tmp_path / "another")
    assert not list_signer(data, signature, load_trust(other.trust)).trusted


def test_a_list_changed_after_signing_is_not_what_was_signed(manifest, authority):
    signature = sign_list(manifest.to_json(), authority.signing_key())
    with pytest.raises(PackageError, match="SIGNATURE_INVALID"):
        list_signer(replace(manifest, counter=2).to_json(), signature, load_trust(authority.trust))


@pytest.mark.parametrize("signature", [b"", b"not a signature", b"0\x03\x02\x01\x01"])
def test_what_is_no_signature_is_told(manifest, authority, signature):
    with pytest.raises(PackageError, match="SIGNATURE_UNREADABLE"):
        list_signer(manifest.to_json(), signature, load_trust(authority.trust))


def test_a_folder_without_list_or_signature_was_not_packed_to_the_end(folder):
    with pytest.raises(PackageError, match="MANIFEST_MISSING"):
        read_list(folder)
    write_list(folder, b"list", b"signature")
    assert read_list(folder) == (b"list", b"signature")
    (folder / f"{MANIFEST_NAME}.p7s").unlink()
    with pytest.raises(PackageError, match="SIGNATURE_MISSING"):
        read_list(folder)
