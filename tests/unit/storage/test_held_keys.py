"""Keys that do not lie in a file: on a token (SoftHSM2), or with a remote signing service."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from storage.checks import Outcome
from storage.errors import KeyUnavailable, SigningError
from storage.pdfa import SealPage, build_pdfa
from storage.signing.demo_authority import DemoAuthority
from storage.signing.pades import Level, sign_pades
from storage.signing.remote import RemoteKey, RemoteService
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.signing.token import TokenKey
from storage.verify_signature import load_trust, signature_checks
from storage.xmp import SealMetadata

WHY = {"reason": "Số hóa", "location": "xã", "name": "Cán bộ"}
PIN = "246813"
MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"))


@pytest.fixture
def pdf(jpeg: bytes, metadata: SealMetadata) -> bytes:
    return build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=None)


def faults(pdf: bytes, authority: DemoAuthority) -> list[str]:
    checks = signature_checks(pdf, load_trust(authority.trust))
    return [f"{c.subject}: {c.code}" for c in checks if c.outcome is not Outcome.PASSED]


@pytest.fixture(scope="module")
def token(authority: DemoAuthority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A SoftHSM2 token with the demo officer's key; its module."""
    module = next((m for m in MODULES if m.is_file()), None)
    if module is None:
        pytest.skip("SoftHSM2 is not installed")
    import pkcs11
    from pkcs11.util.rsa import decode_rsa_private_key
    from pkcs11.util.x509 import decode_x509_certificate

    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "van-thu", "--pin", PIN, "--so-pin", "1357"],
        check=True,
        capture_output=True,
    )
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = load_pem_private_key(authority.officer_key.read_bytes(), None)
    der = private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    certificate = authority.signing_key().certificate.dump()
    with pkcs11.lib(str(module)).get_token(token_label="van-thu").open(rw=True, user_pin=PIN) as session:
        session.create_object({**decode_rsa_private_key(der), **LABEL})
        session.create_object({**decode_x509_certificate(certificate), **LABEL})
    yield module
    del os.environ["SOFTHSM2_CONF"]


def label() -> dict[object, object]:
    from pkcs11 import Attribute

    return {Attribute.TOKEN: True, Attribute.LABEL: "can-bo", Attribute.ID: b"\x01"}


LABEL = label()


def test_a_key_on_a_token_seals_a_batch_with_one_unlock(
    pdf: bytes, token: Path, authority: DemoAuthority, tsa: TimestampAuthority
) -> None:
    key = TokenKey(token, "van-thu", "can-bo", PIN, authority.signing_key().chain)
    assert "Cán bộ" in key.common_name
    revocations = Revocations(load_trust(authority.trust))
    sealed = [
        sign_pades(pdf, key, tsa=tsa, level=Level.B_LTA, revocations=revocations, **WHY) for _ in range(3)
    ]
    key.close()
    assert [faults(s, authority) for s in sealed] == [[], [], []]


def test_a_token_that_is_not_there_can_be_put_in(token: Path) -> None:
    with pytest.raises(KeyUnavailable, match="TOKEN_MISSING"):
        TokenKey(token, "khac", "can-bo", PIN)
    with pytest.raises(SigningError, match="NO_CERTIFICATE"):
        TokenKey(token, "van-thu", "khac", PIN)


def test_a_wrong_pin_is_tried_once_and_never_locks_the_token(token: Path) -> None:
    with pytest.raises(SigningError, match="TOKEN_PIN_WRONG"):
        TokenKey(token, "van-thu", "can-bo", "0000")
    with pytest.raises(SigningError, match="TOKEN_PIN_LOW"):
        TokenKey(token, "van-thu", "can-bo", "0000")


class Service(ThreadingHTTPServer):
    """A signing service as the Cloud Signature Consortium describes it, with the demo officer's key."""

    def __init__(self, authority: DemoAuthority, *, pinned: bool, batch: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        key = authority.signing_key()
        self.certificates = [key.certificate.dump(), *(c.dump() for c in key.chain)]
        self.private = load_pem_private_key(authority.officer_key.read_bytes(), None)
        self.pinned, self.batch = pinned, batch
        self.granted: dict[str, list[str]] = {}
        self.asked: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        _, _, version, *rest = self.path.split("/")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked["/".join(rest)] += 1
        hashes_key = "hashes" if version == "v2" else "hash"
        if self.headers["Authorization"] != "Bearer the-bai":
            return self._answer(401, {"error": "invalid_token"})
        if rest == ["credentials", "info"]:
            encoded = [base64.b64encode(c).decode() for c in self.server.certificates]
            return self._answer(
                200,
                {
                    "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.11"], "len": 2048},
                    "cert": {"status": "valid", "certificates": encoded},
                    "SCAL": "2" if self.server.pinned else "1",
                    "multisign": self.server.batch,
                },
            )
        if rest == ["credentials", "authorize"]:
            if body.get("PIN") != PIN:
                return self._answer(400, {"error": "invalid_request", "error_description": "Invalid PIN"})
            if self.server.pinned and not body.get(hashes_key):
                return self._answer(400, {"error": "invalid_request"})
            sad = f"sad-{len(self.server.granted)}"
            self.server.granted[sad] = body.get(hashes_key) or ["*"] * body["numSignatures"]
            return self._answer(200, {"SAD": sad, "expiresIn": 300})
        allowed = self.server.granted.get(body["SAD"], [])
        signatures = []
        for digest in body[hashes_key]:
            if "*" not in allowed and digest not in allowed:
                return self._answer(400, {"error": "invalid_request", "error_description": "SAD used up"})
            allowed.remove(digest if digest in allowed else "*")
            raw = self.server.private.sign(
                base64.b64decode(digest), padding.PKCS1v15(), Prehashed(hashes.SHA256())
            )
            signatures.append(base64.b64encode(raw).decode())
        return self._answer(200, {"signatures": signatures})

    def _answer(self, status: int, content: dict[str, object]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def service(authority: DemoAuthority, request: pytest.FixtureRequest) -> Iterator[Service]:
    pinned, batch = getattr(request, "param", (False, 100))
    server = Service(authority, pinned=pinned, batch=batch)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("service", "authorisations"), [((False, 100), 1), ((False, 2), 2), ((True, 1), 3)], indirect=["service"]
)
def test_a_remote_key_seals_with_as_few_authorisations_as_its_service_allows(
    version: str,
    service: Service,
    authorisations: int,
    pdf: bytes,
    authority: DemoAuthority,
    tsa: TimestampAuthority,
) -> None:
    key = RemoteKey(RemoteService(service.url, "can-bo", "the-bai", PIN, version=version))
    sealed = [sign_pades(pdf, key, tsa=tsa, **WHY) for _ in range(3)]
    assert [faults(s, authority) for s in sealed] == [[], [], []]
    assert service.asked["credentials/authorize"] == authorisations
    assert service.asked["credentials/info"] == 1


def test_a_wrong_pin_is_not_sent_to_a_remote_service_again_and_again(pdf: bytes, service: Service) -> None:
    key = RemoteKey(RemoteService(service.url, "can-bo", "the-bai", "0000"))
    with pytest.raises(SigningError, match="SIGNING_SERVICE_REFUSED") as refusal:
        sign_pades(pdf, key, tsa=None, **WHY)
    assert not refusal.value.retryable


def test_a_remote_service_that_is_away_can_be_tried_again(pdf: bytes, service: Service) -> None:
    key = RemoteKey(RemoteService(service.url, "can-bo", "the-bai", PIN))
    away = RemoteService("http://127.0.0.1:9", "can-bo", "the-bai", PIN)
    with pytest.raises(KeyUnavailable):
        RemoteKey(away)
    service.shutdown()
    service.server_close()
    with pytest.raises(KeyUnavailable):
        sign_pades(pdf, key, tsa=None, **WHY)
