"""A demonstration authority: signs documents and times that look real and bind nobody.

Run ``python -m storage.signing.demo_authority FOLDER HOST PORT`` to serve timestamps, OCSP and CRL.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from asn1crypto import algos, keys
from certomancer import crypto_utils
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_der_x509_certificate
from werkzeug.serving import WSGIRequestHandler, make_server

from storage.signing.keys import SigningKey

WsgiApplication: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

TIMESTAMP_PATH = "/demo/tsa/tsa"
_KEYS = ("root", "tsa", "ocsp", "officer")
PEOPLE = ("officer", "agency", "former", "retired")
"""Who signs: two in good standing, one whose certificate is revoked, one whose certificate expired."""


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """Files of the authority.

    Attributes:
        folder: holds everything below; readable by its owner alone.
        trust: PEM file with the root certificate.
        officer_key: PEM key of the officer, unencrypted; the others of `PEOPLE` use it too.
        officer_certificates: PEM certificate of the officer, then the root.
        url: under which certificates say that it is served.
    """

    folder: Path
    trust: Path
    officer_key: Path
    officer_certificates: Path
    url: str

    @property
    def tsa_url(self) -> str:
        """Where timestamps are asked for."""
        return f"{self.url}{TIMESTAMP_PATH}"

    def signing_key(self, person: str = "officer") -> SigningKey:
        """The key with the certificate of one of `PEOPLE`."""
        return SigningKey.from_pem(self.officer_key, self.folder / f"{person}.chain.pem")


def create_authority(folder: Path, url: str = "http://127.0.0.1") -> DemoAuthority:
    """Generate keys and certificates into `folder`, once; later calls find them there.

    A start that was interrupted is completed by the next: certificates follow from the keys and `url`.

    Args:
        folder: where the files go.
        url: under which the authority is served; certificates name it for OCSP and CRL.
    """
    keys = folder / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for name in _KEYS:
        path = keys / f"{name}.key.pem"
        if not path.exists():
            _write_private(path, _new_key())
    architecture = _config(folder, url).get_pki_arch(ArchLabel("demo"))
    root = _pem(architecture.get_cert(CertLabel("root")).dump())
    for person in PEOPLE:
        certificate = _pem(architecture.get_cert(CertLabel(person)).dump())
        _keep(folder / f"{person}.chain.pem", certificate + root)
    _keep(folder / "trust.pem", root)
    return DemoAuthority(
        folder, folder / "trust.pem", keys / "officer.key.pem", folder / "officer.chain.pem", url
    )


def authority_application(folder: Path, url: str) -> WsgiApplication:
    """WSGI application that answers at `TIMESTAMP_PATH` and where the certificates say for OCSP and CRL."""
    crypto_utils.CRYPTO_BACKEND = _KeptKeys()
    create_authority(folder, url)
    application: WsgiApplication = Animator(
        AnimatorArchStore(_config(folder, url).pki_archs), with_web_ui=False, allow_time_override=False
    )
    return application


def serve_authority(folder: Path, host: str, port: int) -> None:
    """Serve until the process is told to stop."""
    application = authority_application(folder, f"http://{host}:{port}")
    make_server(host, port, application, threaded=True, request_handler=_QuietHandler).serve_forever()


@contextmanager
def serving(folder: Path) -> Iterator[DemoAuthority]:
    """Serve on a free port of this machine while the block runs."""
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=_QuietHandler)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = authority_application(folder, url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield create_authority(folder, url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _not_yet(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("503 Service Unavailable", [])
    return ()


class _KeptKeys(crypto_utils.PycaCryptographyBackend):
    """Parses a key once; parsing proves that it is sound, which takes ten times as long as a signature."""

    def generic_sign(
        self, private_key: keys.PrivateKeyInfo, tbs_bytes: bytes, sd_algo: algos.SignedDigestAlgorithm
    ) -> bytes:
        key = _parsed(private_key.dump())
        if sd_algo.signature_algo != "rsassa_pkcs1v15" or not isinstance(key, rsa.RSAPrivateKey):
            return super().generic_sign(private_key, tbs_bytes, sd_algo)
        return key.sign(tbs_bytes, padding.PKCS1v15(), getattr(hashes, sd_algo.hash_algo.upper())())


@lru_cache(maxsize=16)
def _parsed(der: bytes) -> object:
    return serialization.load_der_private_key(der, password=None)


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line for every signature would bury everything else."""


def _config(folder: Path, url: str) -> CertomancerConfig:
    text = resources.files("storage.signing").joinpath("demo_authority.yml").read_text(encoding="utf-8")
    text = text.replace('"http://127.0.0.1"', f'"{url}"')
    return CertomancerConfig.from_yaml(text, key_search_dir=str(folder))


def _new_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(der: bytes) -> bytes:
    return load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)


def _keep(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        _write_private(path, data)


def _write_private(path: Path, data: bytes) -> None:
    """Write whole or not at all, readable by the owner alone."""
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


if __name__ == "__main__":
    serve_authority(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
