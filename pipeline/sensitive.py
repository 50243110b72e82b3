"""What of a record is masked for accounts without `Act.SENSITIVE`, on the screen and in pictures.

Adoption, descent outside marriage, sex and cause of death; notes, because clerks wrote adoptions and
recognitions there.
"""

from __future__ import annotations

from pipeline.models import FieldValue, Record

WHOLE_FORMS = frozenset({"CMC", "CN"})
"""Recognitions and adoptions: that such a record exists is itself what is protected."""
FIELDS = frozenset({"nktNguyenNhanChet", "nksGioiTinh", "nktGioiTinh", "nxnGioiTinh", "ghiChu"})
MASK = "••••••"

Box = tuple[int, int, int, int]


def masked(form: str, key: str) -> bool:
    """Whether a field is masked."""
    return form in WHOLE_FORMS or key in FIELDS


def says_something_masked(record: Record) -> bool:
    """Whether a whole copy of the record would show what is masked."""
    if record.form in WHOLE_FORMS:
        return True
    return any(masked(record.form, key) and value.written for key, value in record.current_fields().items())


def boxes_to_hide(record: Record, number: int) -> list[Box] | None:
    """Parts of a page of the record's scan that have to be painted over; None where the page cannot be shown.

    The neighbours on the page are looked at as well: an open book shows several records.

    Args:
        number: delivered page, from 1.
    """
    beside = Record.objects.filter(scan=record.scan_id)
    if any(row.form in WHOLE_FORMS and number in row.pages for row in beside):
        return None
    said = FieldValue.objects.filter(record__scan=record.scan_id, page=number, key__in=FIELDS)
    boxes: list[Box] = []
    for value in said.exclude(written=""):
        if not value.box:
            return None
        left, top, right, bottom = value.box
        boxes.append((left, top, right, bottom))
    return boxes
