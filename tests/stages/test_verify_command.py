"""`sohoa verify` notices what anybody did to a stored copy, and says so by its exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from minio import Minio

from pipeline.embedded.store import no_deletes
from pipeline.exit_codes import ExitCode
from pipeline.models import SealedCopy
from pipeline.stages import seal, store
from storage import verapdf
from tests.stages.commands import run_here

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Proof:
    """What one run of the command said."""

    code: int
    told: dict[str, Any]

    @property
    def failures(self) -> set[str]:
        checks = [c for o in self.told["objects"] for c in o["checks"]]
        return {c["code"] for c in checks if c["outcome"] == "FAILED"}


@pytest.fixture
def verify(servers):
    def run(*arguments: object) -> Proof:
        trust = servers.endpoints.trust_roots
        return Proof(*run_here(servers, "verify", *arguments, "--trust", trust, "--json"))

    return run


@pytest.fixture
def copy(approved, equipment) -> SealedCopy:
    seal.run(str(approved.pk), equipment.for_sealing())
    store.run(str(approved.pk), equipment.for_storing())
    return SealedCopy.objects.get()


@pytest.fixture
def administrator(locked_store) -> Iterator[Minio]:
    """Somebody with the administrator's password, who has lifted the rule against deletes."""
    address = locked_store.admin
    client = Minio(
        endpoint=address.host, access_key=address.access_key, secret_key=address.secret_key, secure=False
    )
    client.delete_bucket_policy("sohoa-sealed")
    yield client
    client.set_bucket_policy("sohoa-sealed", json.dumps(no_deletes("sohoa-sealed")))


def test_an_untouched_copy_is_proved_in_the_store_and_as_a_file(copy, equipment, verify, tmp_path: Path):
    file = tmp_path / "copy.pdf"
    file.write_bytes(equipment.vault.store.get(copy.bucket, copy.key, copy.version_id))
    # without Java nothing is claimed about PDF/A, and nothing else fails
    best = "PASSED" if verapdf.available() is None else "INDETERMINATE"
    for what in (copy.key, file):
        proof = verify(what)
        assert (proof.code, proof.failures) == (ExitCode.OK, set()), proof.told
        assert proof.told["totals"] | {"objects": 1, best: 1} == proof.told["totals"]


@pytest.mark.parametrize("part", [0.3, 0.9])
def test_one_flipped_bit_in_a_copy_is_noticed(copy, equipment, verify, tmp_path: Path, part: float):
    data = bytearray(equipment.vault.store.get(copy.bucket, copy.key, copy.version_id))
    data[int(part * len(data))] ^= 1
    file = tmp_path / "changed.pdf"
    file.write_bytes(data)
    proof = verify(file)
    assert proof.code == ExitCode.INTEGRITY
    assert proof.failures


def test_a_cut_copy_is_noticed(copy, equipment, verify, tmp_path: Path):
    data = equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)
    file = tmp_path / "cut.pdf"
    file.write_bytes(data[: len(data) // 2])
    proof = verify(file)
    assert proof.code == ExitCode.INTEGRITY, proof.told


def test_a_deleted_copy_is_noticed_and_still_there(copy, equipment, verify, administrator):
    administrator.remove_object(copy.bucket, copy.key)
    proof = verify(copy.key)
    assert (proof.code, proof.failures) == (ExitCode.INTEGRITY, {"DELETE_MARKER_ON_TOP"})
    assert equipment.vault.store.digest(copy.bucket, copy.key, copy.version_id) == copy.sha256


def test_an_overwritten_copy_is_noticed_and_still_there(copy, equipment, verify, administrator):
    administrator.put_object(copy.bucket, copy.key, io.BytesIO(b"%PDF-1.7 forged"), 15)
    proof = verify(copy.key)
    assert (proof.code, proof.failures) == (ExitCode.INTEGRITY, {"UNKNOWN_NEWER_VERSION"})
    assert equipment.vault.store.digest(copy.bucket, copy.key, copy.version_id) == copy.sha256


def test_a_copy_that_the_index_knows_and_the_store_does_not_is_noticed(copy, verify):
    lost = SealedCopy.objects.get(pk=copy.pk)
    lost.pk, lost.version, lost.key = None, copy.version + 1, f"{copy.key}.gone"
    lost.save(force_insert=True)
    proof = verify(lost.key)
    assert (proof.code, proof.failures) == (ExitCode.INTEGRITY, {"MISSING_FROM_STORE"})


def test_a_version_that_is_not_the_first_of_its_key_is_noticed(copy, verify):
    SealedCopy.objects.filter(pk=copy.pk).update(version_id="0" * 32)
    proof = verify(copy.key)
    assert (proof.code, proof.failures) == (ExitCode.INTEGRITY, {"MISSING_FROM_STORE"})
