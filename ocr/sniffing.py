"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

PDF = "application/pdf"
TIFF = "image/tiff"
JPEG = "image/jpeg"
PNG = "image/png"
HEIC = "image/heic"

HEAD_BYTES = 2048

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# PDF readers accept rubbish of up to 1 kB before the header; mail gateways add it.
_PDF_HEADER_WITHIN = 1024


def media_type(head: bytes) -> str | None:
    """Name the type of a file that starts with `head`, or ``None`` if it is none we read."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return TIFF
    if head[4:8] == b"ftyp" and _is_heif(head):
        return HEIC
    if b"%PDF-" in head[:_PDF_HEADER_WITHIN] and not head.startswith(b"PK\x03\x04"):
        return PDF
    return None


def _is_heif(head: bytes) -> bool:
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[i : i + 4] for i in range(16, length - 3, 4))]
    return any(brand in _HEIF_BRANDS for brand in brands)
