"""What of a record needs a right of its own: one list for the desk, for other systems and for data packages.

Adoption, descent outside marriage, sex and cause of death; notes, because clerks wrote adoptions and
recognitions there.
"""

from __future__ import annotations

WHOLE_FORMS = frozenset({"CMC", "CN"})
"""Recognitions and adoptions: that such a record exists is itself what is protected."""
FIELDS = frozenset({"nktNguyenNhanChet", "nksGioiTinh", "nktGioiTinh", "nxnGioiTinh", "ghiChu"})


def is_protected(form: str, key: str) -> bool:
    """Whether a field of a form needs the right."""
    return form in WHOLE_FORMS or key in FIELDS
