"""Signatures with a PKCS#11 token after one unlock, on SoftHSM2."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pkcs11 import Attribute
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate

sys.path.insert(0, str(Path(__file__).parents[1]))

from storage.signing.demo_authority import DemoAuthority
from storage.signing.pades import Level, sign_pades
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.signing.token import TokenKey
from storage.verify_signature import load_trust, signature_checks

MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"))
TOKEN, KEY, PIN, LATER_PIN = "van-thu", "can-bo", "246813", "975310"
WHY = {"reason": "Số hóa", "location": "xã", "name": "Cán bộ"}


def measure_token(authority: DemoAuthority, pdf: bytes, count: int) -> dict[str, object]:
    """Milliseconds a signature, the same document `count` times at B-B and a tenth of that at B-LTA.

    The PIN is changed behind the back of the open session: had a signature to unlock again, it would fail.
    """
    module = _soft_token(authority)
    key = TokenKey(module, TOKEN, KEY, PIN, authority.signing_key().chain)
    child = get_context("spawn").Process(target=_change_pin, args=(module,))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit("the PIN could not be changed")
    trust = load_trust(authority.trust)
    services = {"tsa": TimestampAuthority(authority.tsa_url), "revocations": Revocations(trust)}
    figures: dict[str, object] = {"unlocks": 1, "signatures": 0}
    for level, number in ((Level.B_B, count), (Level.B_LTA, max(1, count // 10))):
        start = time.perf_counter()
        for _ in range(number):
            signed = sign_pades(pdf, key, level=level, **services, **WHY)
        figures[f"ms_a_signature_{level}"] = round((time.perf_counter() - start) * 1000 / number, 1)
        figures["signatures"] += number
        if any(c.outcome == "FAILED" for c in signature_checks(signed, trust)):
            raise SystemExit(f"the last signature at {level} does not hold")
    key.close()
    return figures


def _soft_token(authority: DemoAuthority) -> Path:
    """A fresh token with the demo officer's key; its module."""
    module = next((m for m in MODULES if m.is_file()), None)
    if module is None:
        raise SystemExit("SoftHSM2 is not installed; type: apt-get install softhsm2")
    (authority.folder / "tokens").mkdir()
    settings = authority.folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {authority.folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    command = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "1357"]
    subprocess.run(command, check=True, capture_output=True)
    private = load_pem_private_key(authority.officer_key.read_bytes(), None)
    der = private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    label = {Attribute.TOKEN: True, Attribute.LABEL: KEY, Attribute.ID: b"\x01"}
    with pkcs11.lib(str(module)).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        session.create_object({**decode_rsa_private_key(der), **label})
        session.create_object(
            {**decode_x509_certificate(authority.signing_key().certificate.dump()), **label}
        )
    return module


def _change_pin(module: Path) -> None:
    with pkcs11.lib(str(module)).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        session.set_pin(PIN, LATER_PIN)
