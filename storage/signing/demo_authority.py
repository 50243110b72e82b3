"""A demonstration authority: signs documents and times that look real and bind nobody.

Run ``python -m storage.signing.demo_authority FOLDER HOST PORT`` to serve its timestamps.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import load_der_x509_certificate
from werkzeug.serving import WSGIRequestHandler, make_server

from storage.signing.keys import SigningKey

WsgiApplication: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

TIMESTAMP_PATH = "/demo/tsa/tsa"
_KEYS = ("root", "tsa", "officer")


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """Files of the authority.

    Attributes:
        folder: holds everything below; readable by its owner alone.
        trust: PEM file with the root certificate.
        officer_key: PEM key of the officer, unencrypted.
        officer_certificates: PEM certificate of the officer, then the root.
    """

    folder: Path
    trust: Path
    officer_key: Path
    officer_certificates: Path

    def signing_key(self) -> SigningKey:
        """The officer's key."""
        return SigningKey.from_pem(self.officer_key, self.officer_certificates)


def create_authority(folder: Path) -> DemoAuthority:
    """Generate keys and certificates into `folder`, once; later calls find them there.

    A start that was interrupted is completed by the next: certificates follow from the keys alone.
    """
    keys = folder / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for name in _KEYS:
        path = keys / f"{name}.key.pem"
        if not path.exists():
            _write_private(path, _new_key())
    authority = DemoAuthority(
        folder, folder / "trust.pem", keys / "officer.key.pem", folder / "officer.chain.pem"
    )
    if not (authority.trust.exists() and authority.officer_certificates.exists()):
        architecture = _config(folder).get_pki_arch(ArchLabel("demo"))
        root, officer = (
            _pem(architecture.get_cert(CertLabel(label)).dump()) for label in ("root", "officer")
        )
        _write_private(authority.officer_certificates, officer + root)
        _write_private(authority.trust, root)
    return authority


def timestamp_application(folder: Path) -> WsgiApplication:
    """WSGI application that answers timestamp requests at `TIMESTAMP_PATH`."""
    create_authority(folder)
    application: WsgiApplication = Animator(
        AnimatorArchStore(_config(folder).pki_archs), with_web_ui=False, allow_time_override=False
    )
    return application


def serve_authority(folder: Path, host: str, port: int) -> None:
    """Serve timestamps until the process is told to stop."""
    application = timestamp_application(folder)
    make_server(host, port, application, threaded=True, request_handler=_QuietHandler).serve_forever()


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line for every signature would bury everything else."""


def _config(folder: Path) -> CertomancerConfig:
    text = resources.files("storage.signing").joinpath("demo_authority.yml").read_text(encoding="utf-8")
    return CertomancerConfig.from_yaml(text, key_search_dir=str(folder))


def _new_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(der: bytes) -> bytes:
    return load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)


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
