"""PAdES signatures on sealed copies, from B-B to B-LTA."""

from __future__ import annotations

import asyncio
import enum
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from pkcs11.exceptions import PKCS11Error
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator

from storage.errors import KeyUnavailable, SigningError, StorageError, TimestampUnavailable
from storage.signing.keys import SealKey
from storage.signing.revocation import Revocations, certificate_error
from storage.signing.timestamps import TimestampAuthority

FIELD_NAME = "ChuKySo"
SEAL_FIELD_NAME = "ConDau"
CLOCK_TOLERANCE = timedelta(minutes=5)
DIGEST = "sha256"


class Level(enum.StrEnum):
    """How long a signature can be proved: now; in time; with what was known then; again and again."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


def sign_pades(
    pdf: bytes,
    key: SealKey,
    *,
    tsa: TimestampAuthority | None,
    reason: str,
    location: str,
    name: str,
    level: Level | None = None,
    revocations: Revocations | None = None,
    signing_time: datetime | None = None,
    field_name: str = FIELD_NAME,
) -> bytes:
    """Append a PAdES signature; the bytes of `pdf` stay as they are, and so does the page.

    What the page says of signatures is printed before anyone signs: `storage.visible_block`.

    Args:
        pdf: as `storage.pdfa.build_pdfa` gives it, or signed already by someone else.
        key: whose signature it is.
        tsa: needed above B-B, which proves no time.
        reason: shown by viewers, such as "Số hóa sổ hộ tịch".
        location: of the office.
        name: of the signer as viewers show it.
        level: by default B-T, or B-B without `tsa`.
        revocations: needed from B-LT on; the certificate is then refused here where it no longer counts.
        signing_time: aware; claimed time, by default now. The proof of time is the timestamp's.
        field_name: signature field; must not be signed yet.

    Raises:
        TimestampUnavailable: the authority did not answer.
        RevocationUnavailable: nobody said whether a certificate counts.
        KeyUnavailable: the token or the remote service did not answer.
        ClockOff: see `TimestampAuthority.require_clock`.
        SigningError: ``PDF_UNREADABLE``, ``SIGNING_REFUSED``, ``TIME_WITHOUT_ZONE``, ``LEVEL_NEEDS_SERVICE``
            and what `Revocations.require_valid` says about the certificate.
    """
    if signing_time is not None and signing_time.tzinfo is None:
        raise SigningError("TIME_WITHOUT_ZONE", "the signing time carries no time zone")
    level = level or (Level.B_T if tsa else Level.B_B)
    long_term = level in (Level.B_LT, Level.B_LTA)
    if (level is not Level.B_B and tsa is None) or (long_term and revocations is None):
        raise SigningError("LEVEL_NEEDS_SERVICE", f"{level} needs a timestamp and a revocation service")
    context = revocations.context(key.chain) if revocations and long_term else None
    metadata = PdfSignatureMetadata(
        field_name=field_name,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
        name=name,
        embed_validation_info=long_term,
        validation_context=context,
        use_pades_lta=level is Level.B_LTA,
    )
    signer = _PdfSignerAt(
        signing_time,
        metadata,
        signer=key.signer(),
        timestamper=tsa.timestamper if tsa and level is not Level.B_B else None,
        new_field_spec=SigFieldSpec(field_name, on_page=0),
    )
    output = io.BytesIO()
    with _told(revocations):
        if tsa and level is not Level.B_B:
            tsa.require_clock(CLOCK_TOLERANCE)
        signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output)
    return output.getvalue()


def extend_pades(pdf: bytes, *, level: Level, tsa: TimestampAuthority, revocations: Revocations) -> bytes:
    """Raise what someone else signed to `level`: validation data and an archive timestamp, appended.

    The time is then proved by the archive timestamp, because nothing may be added inside a signature
    that came from outside.

    Raises:
        as `sign_pades`.
    """
    if level is Level.B_B:
        return pdf
    output = io.BytesIO(pdf)
    with _told(revocations):
        tsa.require_clock(CLOCK_TOLERANCE)
        if level is not Level.B_T:
            asyncio.run(_add_validation_data(output, revocations))
        output.seek(0)
        PdfTimeStamper(tsa.timestamper).timestamp_pdf(
            IncrementalPdfFileWriter(output),
            DIGEST,
            validation_context=None if level is Level.B_T else revocations.context(),
            output=(done := io.BytesIO()),
        )
    return done.getvalue()


def renew_timestamp(pdf: bytes, *, tsa: TimestampAuthority, revocations: Revocations) -> bytes:
    """Append an archive timestamp over all earlier ones, with what proves the last of them.

    Raises:
        as `sign_pades`.
    """
    output = io.BytesIO()
    with _told(revocations):
        tsa.require_clock(CLOCK_TOLERANCE)
        PdfTimeStamper(tsa.timestamper).update_archival_timestamp_chain(
            PdfFileReader(io.BytesIO(pdf)), revocations.context(), in_place=False, output=output
        )
    return output.getvalue()


async def _add_validation_data(pdf: io.BytesIO, revocations: Revocations) -> None:
    signature = PdfFileReader(pdf).embedded_regular_signatures[-1]
    context = revocations.context(signature.other_embedded_certs)
    validator = CertificateValidator(
        signature.signer_cert, signature.other_embedded_certs, validation_context=context
    )
    path = await validator.async_validate_usage({"non_repudiation"})  # type: ignore[no-untyped-call]
    DocumentSecurityStore.add_dss(
        pdf, signature.pkcs7_content.hex().encode(), paths=[path], validation_context=context
    )


@contextmanager
def _told(revocations: Revocations | None) -> Iterator[None]:
    """Say in this package's errors what went wrong while signing."""
    try:
        yield
    except StorageError:
        raise
    except TimestampRequestError as error:
        raise TimestampUnavailable("TIMESTAMP_UNAVAILABLE", str(error)) from error
    except PKCS11Error as error:
        raise KeyUnavailable("TOKEN_UNAVAILABLE", f"{type(error).__name__} {error}") from error
    except Exception as error:
        if refusal := certificate_error(error):
            if refusal.retryable and revocations:
                revocations.forget()
            raise refusal from error
        if isinstance(error, PyHankoSigningError):
            raise SigningError("SIGNING_REFUSED", str(error)) from error
        if isinstance(error, PdfError):
            raise SigningError("PDF_UNREADABLE", f"the document cannot be signed: {error}") from error
        raise


class _PdfSignerAt(PdfSigner):
    """Signs with a claimed time that the caller fixed."""

    def __init__(self, moment: datetime | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._moment = moment

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        if self._moment is not None:
            session.system_time = self._moment
        return session
