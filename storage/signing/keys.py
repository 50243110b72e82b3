"""What signs: one form for every kind of key, and keys that an office keeps in a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate, load_pem_x509_certificates
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from storage.errors import SigningError

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class SealKey(Protocol):
    """A key that seals: in a file, on a token, or held by a remote service.

    Unlocked once when it is made; then it signs as often as it is asked.
    """

    @property
    def common_name(self) -> str:
        """Subject of the certificate, as people read it."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Certificates above it, in any order."""

    def signer(self) -> Signer:
        """A pyHanko signer that uses the key."""


def common_name(certificate: x509.Certificate) -> str:
    """Subject of a certificate, as people read it."""
    name: str = certificate.subject.native.get("common_name") or certificate.subject.human_friendly
    return name


class SigningKey:
    """A private key with its certificate and the certificates above it.

    The key object is parsed once: pyHanko's own signer parses it twice for every signature, which takes
    longer than everything else in it.

    Attributes:
        common_name: subject of the certificate.
        certificate: the signer's.
        chain: certificates above it, in any order.
    """

    def __init__(
        self,
        private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
        certificate: Certificate,
        chain: tuple[Certificate, ...] = (),
    ) -> None:
        if private_key.public_key() != certificate.public_key():
            raise SigningError(
                "KEY_CERTIFICATE_MISMATCH", "the certificate does not belong to the private key"
            )
        self.certificate = _asn1(certificate)
        self.chain = tuple(_asn1(c) for c in chain)
        self.common_name = common_name(self.certificate)
        self._private_key = private_key

    @classmethod
    def from_pkcs12(cls, path: Path, password: bytes | None) -> SigningKey:
        """Read a ``.p12`` or ``.pfx`` file.

        Raises:
            SigningError: ``KEY_UNREADABLE`` for a wrong password or file, ``KEY_TYPE``, ``NO_CERTIFICATE``.
        """
        try:
            key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), password)
        except (OSError, ValueError) as error:
            raise SigningError("KEY_UNREADABLE", f"{path}: cannot open the key store: {error}") from error
        if certificate is None:
            raise SigningError("NO_CERTIFICATE", f"{path}: the key store holds no certificate for its key")
        return cls(_supported(key, path), certificate, tuple(chain))

    @classmethod
    def from_pem(cls, key: Path, certificates: Path, password: bytes | None = None) -> SigningKey:
        """Read a PEM key and a PEM file with the signer's certificate first and its chain after it.

        Raises:
            SigningError: ``KEY_UNREADABLE``, ``KEY_TYPE``, ``NO_CERTIFICATE``.
        """
        try:
            private = serialization.load_pem_private_key(key.read_bytes(), password)
            chain = load_pem_x509_certificates(certificates.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise SigningError("KEY_UNREADABLE", f"{key}: cannot open the key: {error}") from error
        if not chain:
            raise SigningError("NO_CERTIFICATE", f"{certificates}: holds no certificate")
        return cls(_supported(private, key), chain[0], tuple(chain[1:]))

    def signer(self) -> Signer:
        """A pyHanko signer that uses the parsed key."""
        return _KeptKeySigner(self)

    def sign(self, data: bytes, digest: str) -> bytes:
        """Raw signature: RSA with PKCS#1 v1.5 padding, or ECDSA."""
        algorithm = _HASHES[digest]
        if isinstance(self._private_key, rsa.RSAPrivateKey):
            return self._private_key.sign(data, padding.PKCS1v15(), algorithm)
        return self._private_key.sign(data, ec.ECDSA(algorithm))

    def signature_size(self) -> int:
        """Upper bound of a raw signature in bytes."""
        octets = (self._private_key.key_size + 7) // 8
        return octets if isinstance(self._private_key, rsa.RSAPrivateKey) else 2 * octets + 9


class _KeptKeySigner(Signer):
    def __init__(self, key: SigningKey) -> None:
        registry = SimpleCertificateStore.from_certs(list(key.chain))  # type: ignore[no-untyped-call]
        super().__init__(signing_cert=key.certificate, cert_registry=registry, embed_roots=False)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(self._key.signature_size())
        return await asyncio.to_thread(self._key.sign, data, digest_algorithm)


def _asn1(certificate: Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _supported(key: object, path: Path) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SigningError("KEY_TYPE", f"{path}: only RSA and elliptic-curve keys can sign documents")
    return key
