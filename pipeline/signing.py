"""What an installation signs with, and what is wrong with it before it fails."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.addresses import ServicesNotRunning
from pipeline.configuration import ConfigurationError
from pipeline.endpoints import Endpoints
from pipeline.signing_settings import SigningSettings
from storage.errors import SigningError, StorageError
from storage.signing.external import AllowedSigner
from storage.signing.keys import SealKey, SigningKey
from storage.signing.pades import SEAL_FIELD_NAME, Level, sign_pades
from storage.signing.remote import RemoteKey, RemoteService
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.signing.token import TokenKey
from storage.verify_signature import TrustRoots, load_trust
from validators.verdict import Finding as RaisedFinding
from validators.verdict import Severity

REASON = "Số hóa tài liệu"
SEAL_REASON = "Con dấu cơ quan"


@dataclass(frozen=True, slots=True)
class Signing:
    """Keys, services and rules of one installation.

    Attributes:
        level: of sealed copies.
        authority: for timestamps.
        revocations: for validation data.
        trust: roots that signatures are checked against.
        key: signs first; ``None`` where officers sign outside.
        agency: the agency's seal, put on after the first signature.
        allowed: who may sign outside; empty allows every trusted certificate.
        warn: how long before its end a certificate is a finding.
    """

    level: Level
    authority: TimestampAuthority
    revocations: Revocations
    trust: TrustRoots
    key: SealKey | None
    agency: SealKey | None = None
    allowed: tuple[AllowedSigner, ...] = ()
    warn: timedelta = field(default=timedelta(days=30))

    @property
    def signer(self) -> str:
        """Who signs first, as people read it; empty where officers sign outside."""
        return self.key.common_name if self.key else ""

    def sign(self, pdf: bytes, *, office: str, moment: datetime, reason: str = REASON) -> bytes:
        """The first signature, and the agency's seal where there is one.

        Raises:
            StorageError: see `sign_pades`.
        """
        if self.key is None:
            raise SigningError("NO_KEY", "officers sign outside; there is no key to sign with")
        # the seal that follows closes the copy; what proves the first signature has to lie before it
        level = Level.B_LT if self.agency and self.level is Level.B_LTA else self.level
        signed = self._put(pdf, self.key, level, reason, office, moment)
        return self.seal(signed, office=office, moment=moment)

    def seal(self, signed: bytes, *, office: str, moment: datetime) -> bytes:
        """The agency's seal on what is signed; as it is where there is none."""
        if self.agency is None:
            return signed
        return self._put(signed, self.agency, self.level, SEAL_REASON, office, moment, SEAL_FIELD_NAME)

    def warnings(self, now: datetime) -> Iterator[RaisedFinding]:
        """What will fail soon: a certificate that ends."""
        for key in filter(None, (self.key, self.agency)):
            end = key.certificate.not_valid_after
            if now <= end <= now + self.warn:
                yield RaisedFinding(
                    "CERTIFICATE_EXPIRES_SOON",
                    Severity.WARNS,
                    (),
                    f"Chứng thư số của {key.common_name} hết hạn ngày {end:%d/%m/%Y}; "
                    "hãy gia hạn trước ngày đó.",
                    evidence={"ends": end.isoformat(), "signer": key.common_name},
                )

    def _put(
        self,
        pdf: bytes,
        key: SealKey,
        level: Level,
        reason: str,
        office: str,
        moment: datetime,
        field_name: str = "ChuKySo",
    ) -> bytes:
        return sign_pades(
            pdf,
            key,
            tsa=self.authority,
            level=level,
            revocations=self.revocations,
            reason=reason,
            location=office,
            name=key.common_name,
            signing_time=moment,
            field_name=field_name,
        )


def open_signing(settings: SigningSettings, endpoints: Endpoints) -> Signing:
    """Unlock the keys, once for a process.

    Raises:
        ServicesNotRunning: no key, timestamp service or trust root is known.
        ConfigurationError: a secret file is open to others or missing.
        StorageError: a key does not open.
    """
    if endpoints.tsa_url is None or endpoints.trust_roots is None:
        raise ServicesNotRunning("Chưa có dịch vụ dấu thời gian hoặc chứng thư gốc. Hãy gõ: sohoa doctor")
    trust = load_trust(Path(endpoints.trust_roots))
    agency = None
    if settings.agency_pkcs12:
        password = _secret(settings.agency_password_file) if settings.agency_password_file else None
        agency = SigningKey.from_pkcs12(settings.agency_pkcs12, password.encode() if password else None)
    return Signing(
        level=Level(settings.level),
        authority=TimestampAuthority(endpoints.tsa_url),
        revocations=Revocations(trust),
        trust=trust,
        key=_key(settings, endpoints),
        agency=agency,
        allowed=tuple(AllowedSigner(**s.model_dump()) for s in settings.allowed_signers),
        warn=timedelta(days=settings.warn_days),
    )


def _key(settings: SigningSettings, endpoints: Endpoints) -> SealKey | None:
    chain = load_trust(settings.chain_file) if settings.chain_file else ()
    pin = _secret(settings.pin_file) if settings.pin_file else None
    match settings.source:
        case "external":
            return None
        case "pkcs11":
            assert settings.pkcs11_module is not None
            assert pin is not None
            return TokenKey(
                settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_key, pin, tuple(chain)
            )
        case "csc":
            assert settings.csc_url is not None
            assert settings.csc_token_file is not None
            token = _secret(settings.csc_token_file)
            return RemoteKey(
                RemoteService(settings.csc_url, settings.csc_credential, token, pin, settings.csc_version)
            )
    if endpoints.signing_pkcs12 is None:
        raise ServicesNotRunning("Chưa có khóa ký số. Hãy gõ: sohoa doctor")
    password = endpoints.signing_password.encode() if endpoints.signing_password else None
    return SigningKey.from_pkcs12(Path(endpoints.signing_pkcs12), password)


def _secret(path: Path) -> str:
    """Content of a file that nobody else may read."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigurationError(f"Tệp bí mật {path} phải chỉ mình tài khoản này đọc được (chmod 600).")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"Không đọc được tệp bí mật {path}: {error.strerror}.") from error


def outage(error: StorageError) -> RaisedFinding:
    """Why a seal waits, as a finding on its record; the sweeper tries again."""
    sentence = _WAITS.get(error.code, "Chưa ký số được hồ sơ này; hệ thống sẽ tự thử lại.")
    code = error.code if error.code.startswith(("SEAL_", "CERTIFICATE_")) else f"SEAL_{error.code}"
    return RaisedFinding(code, Severity.WARNS, (), sentence, evidence={"retried": str(error.retryable)})


_WAITS = {
    "TIMESTAMP_UNAVAILABLE": "Dịch vụ dấu thời gian không trả lời; hồ sơ chờ và sẽ tự ký lại.",
    "REVOCATION_UNAVAILABLE": "Không hỏi được tình trạng chứng thư số (OCSP/CRL); hồ sơ chờ và sẽ tự ký lại.",
    "TOKEN_UNAVAILABLE": "Thiết bị ký số không trả lời; hãy kiểm tra thiết bị, hồ sơ sẽ tự ký lại.",
    "TOKEN_MISSING": "Không thấy thiết bị ký số; hãy cắm thiết bị, hồ sơ sẽ tự ký lại.",
    "SIGNING_SERVICE_UNAVAILABLE": "Dịch vụ ký số từ xa không trả lời; hồ sơ chờ và sẽ tự ký lại.",
    "SEAL_CLOCK_OFF": "Đồng hồ máy này lệch với dịch vụ dấu thời gian; hãy chỉnh giờ, hồ sơ sẽ tự ký lại.",
    "CERTIFICATE_EXPIRED": "Chứng thư số đã hết hạn; hãy thay chứng thư rồi ký lại.",
    "CERTIFICATE_REVOKED": "Chứng thư số đã bị thu hồi; hãy thay chứng thư rồi ký lại.",
    "CERTIFICATE_UNKNOWN": "Chứng thư số không thuộc gốc tin cậy đã cấu hình; hãy kiểm tra trust_roots.",
    "AWAITING_SIGNATURE": "Hồ sơ chờ cán bộ ký bằng thiết bị của mình: sohoa sign prepare.",
}
