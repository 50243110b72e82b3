"""Sheets put between the papers of one file, so that bulk scanning keeps dossiers apart.

A separator sheet carries one code (QR, DataMatrix or Code 128) that reads ``SOHOA-SEP``, or
``SOHOA-SEP:`` and anything the scanning office wants to keep there, such as the number of the dossier.
Its page gives no record, counts as a cover, and closes the certificate that was open before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ocr.elements import Barcode

SEPARATOR: Final = "SOHOA-SEP"


def separator_among(codes: Sequence[Barcode]) -> str | None:
    """What the separator code of a page tells after its colon; ``None`` on every other page."""
    for code in codes:
        head, _, rest = code.text.strip().partition(":")
        if head.upper() == SEPARATOR:
            return rest.strip()
    return None
