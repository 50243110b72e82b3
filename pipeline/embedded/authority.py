"""The demo signing and timestamp authority: real protocols, no legal force."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from pipeline.embedded.places import LOOPBACK, Ports, Secrets, private_folder, write_private_bytes
from pipeline.embedded.service import Command
from pipeline.endpoints import Endpoints

TIMESTAMP_PATH = "/demo/tsa/tsa"
"""As in `storage.signing.demo_authority`, which the supervisor does not load for the sake of one word."""


class Authority:
    """Root, officer and timestamp keys of one data folder; timestamps, OCSP and CRL are served over HTTP."""

    name = "authority"
    port_names: tuple[str, ...] = ("authority",)
    stop_order = ((signal.SIGTERM, 5.0),)
    start_seconds = 60.0

    def __init__(self, data_dir: Path, ports: Ports, secrets: Secrets) -> None:
        self._folder = data_dir / "authority"
        self._ports = ports
        self._secrets = secrets

    def prepare(self) -> None:
        """Make the folder; the server makes its keys in it, once."""
        private_folder(self._folder)

    def command(self) -> Command:
        """Start the HTTP server in a process of its own."""
        return Command(
            argv=(
                *(sys.executable, "-m", "storage.signing.demo_authority"),
                *(str(self._folder), LOOPBACK, str(self._ports["authority"])),
            ),
            folder=self._folder,
            environment={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self._folder)},
            death_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        """Knock at the timestamp service; that it refuses a GET shows that it serves."""
        try:
            answer = httpx.get(self._tsa_url(), timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.status_code != httpx.codes.NOT_FOUND and (self._folder / "trust.pem").is_file()

    def furnish(self) -> None:
        """Put the officer's key and certificates into one PKCS#12 file, the form real keys come in."""
        path = self._folder / "officer.p12"
        key = serialization.load_pem_private_key(
            (self._folder / "keys" / "officer.key.pem").read_bytes(), password=None
        )
        officer, *chain = x509.load_pem_x509_certificates((self._folder / "officer.chain.pem").read_bytes())
        password = self._secrets["signing"].encode()
        # certificates name the port they are asked at; after a change of ports they are new
        if path.is_file() and pkcs12.load_pkcs12(path.read_bytes(), password).cert.certificate == officer:
            return
        packed = pkcs12.serialize_key_and_certificates(
            "Khóa minh họa, không có giá trị pháp lý".encode(),
            key,  # type: ignore[arg-type]
            officer,
            chain,
            serialization.BestAvailableEncryption(password),
        )
        write_private_bytes(path, packed)

    def endpoints(self) -> Endpoints:
        """Give timestamp service, signing key and trust root."""
        return Endpoints(
            tsa_url=self._tsa_url(),
            signing_pkcs12=self._folder / "officer.p12",
            signing_password=self._secrets["signing"],
            trust_roots=self._folder / "trust.pem",
        )

    def _tsa_url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports['authority']}{TIMESTAMP_PATH}"
