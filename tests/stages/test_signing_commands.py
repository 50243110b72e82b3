"""`sohoa sign` and `sohoa renew-timestamps` as officers type them: processes of their own on real servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pypdfium2
import pytest

from pipeline.exit_codes import ExitCode
from pipeline.models import Event, SealedCopy
from pipeline.renewals import RENEWED
from pipeline.stages import seal, store
from storage.signing.pades import sign_pades
from storage.verify_signature import signature_level
from storage.visible_block import VIETNAM_TIME
from tests.stages.commands import run_command

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

OUTSIDE = {"SOHOA_SIGNING__SOURCE": "external"}
WHY = {"reason": "Ký số", "location": "xã", "name": "Cán bộ"}
FAR = 365 * 40
"""Days; the certificate of the demonstration's timestamps ends before."""


@pytest.fixture
def token(equipment):
    """What the officer signs with, outside."""
    return equipment.for_sealing().signing.key


@pytest.fixture
def agency(servers, tmp_path: Path) -> dict[str, str]:
    """Settings under which the agency's seal follows."""
    password = tmp_path / "mat-khau"
    password.write_text(servers.endpoints.signing_password)
    password.chmod(0o600)
    return {
        "SOHOA_SIGNING__AGENCY_PKCS12": str(servers.endpoints.signing_pkcs12),
        "SOHOA_SIGNING__AGENCY_PASSWORD_FILE": str(password),
    }


def sealed(equipment) -> tuple[SealedCopy, bytes]:
    copy = SealedCopy.objects.get()
    return copy, equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)


def first_page(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return str(document[0].get_textpage().get_text_bounded())


def test_copies_go_out_come_back_signed_and_are_sealed_with_the_agencys_seal(
    servers, approved, equipment, token, agency, tmp_path: Path
):
    folder, settings = tmp_path / "ky", OUTSIDE | agency
    code, (out,) = run_command(servers, "sign", "prepare", folder, "--json", **settings)
    assert (code, out["record"]) == (ExitCode.OK, str(approved.pk))
    given = Path(out["file"]).read_bytes()

    returned = folder / f"{approved.pk}_da_ky.pdf"
    returned.write_bytes(given)
    code, (refused,) = run_command(servers, "sign", "complete", returned, "--json", **settings)
    assert (code, refused["code"]) == (ExitCode.REFUSED, "NOT_SIGNED")
    approved.refresh_from_db()
    assert (approved.state, SealedCopy.objects.count()) == ("APPROVED", 0)

    returned.write_bytes(sign_pades(given, token, tsa=None, **WHY))
    code, (taken,) = run_command(servers, "sign", "complete", returned, "--json", **settings)
    assert (code, taken["signer"]) == (ExitCode.OK, token.common_name)
    copy, pdf = sealed(equipment)
    assert (copy.signer, signature_level(pdf)) == (token.common_name, "B-LTA")
    assert pdf.startswith(returned.read_bytes())
    assert pdf.count(b"/ETSI.CAdES.detached") == 2
    moment = approved.approved_at.astimezone(VIETNAM_TIME)
    assert f"Cơ quan: {approved.office.name}" in first_page(pdf)
    assert f"Thời gian ký: {moment:%d-%m-%Y %H:%M:%S}" in first_page(pdf)

    code, (again,) = run_command(servers, "sign", "complete", returned, "--json", **settings)
    assert (code, "error" in again, SealedCopy.objects.count()) == (ExitCode.REFUSED, True, 1)


def test_a_digest_goes_out_and_its_bare_signature_comes_back(
    servers, approved, equipment, token, tmp_path: Path
):
    start = ("sign", "prepare", tmp_path, "--digest", "--record", approved.pk, "--json")
    code, (out,) = run_command(servers, *start, **OUTSIDE)
    told = (tmp_path / f"{approved.pk}.sha256").read_text("ascii").strip()
    assert (code, told) == (ExitCode.OK, out["digest"])
    content = asyncio.run(token.signer().async_sign(bytes.fromhex(told), "sha256", use_pades=True))
    returned = tmp_path / "chu-ky.p7s"
    returned.write_bytes(content.dump())
    about = ("--record", approved.pk, "--json")
    code, (taken,) = run_command(servers, "sign", "complete", returned, *about, **OUTSIDE)
    assert (code, taken["signer"]) == (ExitCode.OK, token.common_name)
    assert signature_level(sealed(equipment)[1]) == "B-LTA"


def test_timestamps_are_listed_and_only_renewed_when_told_to(servers, approved, equipment):
    seal.run(str(approved.pk), equipment.for_sealing())
    store.run(str(approved.pk), equipment.for_storing())
    before, old = sealed(equipment)
    start = ("renew-timestamps", "--json", "--within")
    code, told = run_command(servers, *start, FAR)
    assert (code, [c["key"] for c in told["copies"]], told["copies"][0]["renewed"]) == (0, [before.key], "")
    assert sealed(equipment)[0] == before

    code, told = run_command(servers, *start, FAR, "--run")
    after, new = sealed(equipment)
    assert (code, told["copies"][0]["renewed"], told["copies"][0]["error"]) == (0, after.key, "")
    assert new.startswith(old)
    assert len(new) > len(old)
    assert equipment.vault.find_sealed(before.key).version_id == before.version_id
    assert Event.objects.filter(verb=RENEWED, subject=f"record:{approved.pk}").count() == 1


def test_a_renewal_that_no_authority_answers_is_told_and_changes_nothing(servers, approved, equipment):
    seal.run(str(approved.pk), equipment.for_sealing())
    before, _ = sealed(equipment)
    silent = {"SOHOA_TSA_URL": "http://127.0.0.1:1/"}
    code, told = run_command(servers, "renew-timestamps", "--within", FAR, "--run", "--json", **silent)
    assert (code, told["copies"][0]["error"]) == (ExitCode.STORE, "TIMESTAMP_UNAVAILABLE")
    assert sealed(equipment)[0].key == before.key
