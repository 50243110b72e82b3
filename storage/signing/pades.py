"""PAdES signatures on sealed copies."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from storage.errors import SigningError, TimestampUnavailable
from storage.signing.keys import SigningKey
from storage.signing.timestamps import TimestampAuthority

FIELD_NAME = "ChuKySo"


def sign_pades(
    pdf: bytes,
    key: SigningKey,
    *,
    tsa: TimestampAuthority | None,
    reason: str,
    location: str,
    name: str,
    signing_time: datetime | None = None,
    field_name: str = FIELD_NAME,
) -> bytes:
    """Append an invisible PAdES signature; the bytes of `pdf` stay as they are.

    Args:
        pdf: as `storage.pdfa.build_pdfa` gives it, or signed already by someone else.
        key: whose signature it is.
        tsa: gives level B-T; ``None`` gives B-B, which proves no time and has to be asked for on purpose.
        reason: shown by viewers, such as "Số hóa sổ hộ tịch".
        location: of the office.
        name: of the signer as viewers show it.
        signing_time: aware; claimed time, by default now. The proof of time is the timestamp's.
        field_name: signature field; must not be signed yet.

    Raises:
        TimestampUnavailable: the authority did not answer.
        SigningError: ``PDF_UNREADABLE``, ``SIGNING_REFUSED``, ``TIME_WITHOUT_ZONE``.
    """
    if signing_time is not None and signing_time.tzinfo is None:
        raise SigningError("TIME_WITHOUT_ZONE", "the signing time carries no time zone")
    metadata = PdfSignatureMetadata(
        field_name=field_name,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
        name=name,
    )
    signer = _PdfSignerAt(
        signing_time,
        metadata,
        signer=key.signer(),
        timestamper=tsa.timestamper if tsa else None,
        new_field_spec=SigFieldSpec(field_name, on_page=0),
    )
    output = io.BytesIO()
    try:
        signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output)
    except TimestampRequestError as error:
        raise TimestampUnavailable("TIMESTAMP_UNAVAILABLE", str(error)) from error
    except PyHankoSigningError as error:
        raise SigningError("SIGNING_REFUSED", str(error)) from error
    except PdfError as error:
        raise SigningError("PDF_UNREADABLE", f"the document cannot be signed: {error}") from error
    return output.getvalue()


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
