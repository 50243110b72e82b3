"""Names of what lies in a land package, and whether a scan is signed."""

from __future__ import annotations

SHEET_FILE = "PL3.xlsx"
CHECK_LIST = "danh-muc-kiem-tra.txt"
LIST_HEAD = "TINHHINHDANGKY.id|GIAYCHUNGNHAN.id_ver|LOAI|MA"
NO_SIGN, NO_LINK = "NOSIGN", "NOLINK"


def is_signed(pdf: bytes) -> bool:
    """Whether a PDF carries a digital signature, valid or not; as the land system tells it."""
    return b"/ByteRange" in pdf and b"/SubFilter" in pdf
