"""What of a record is masked for accounts without `Act.SENSITIVE`, by the list in `storage.protected`."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.models import FieldValue, Finding, Record
from pipeline.people.access import Account, Act, offices_for
from storage.protected import FIELDS, WHOLE_FORMS, is_protected

MASK = "••••••"

Box = tuple[int, int, int, int]


def sees_all(account: Account, record: Record) -> bool:
    """Whether nothing of the record is masked for an account, by its rights in the record's own office."""
    return offices_for(account, Act.SENSITIVE).filter(pk=record.office_id).exists()


def shows_person(account: Account, record: Record) -> bool:
    """Whether an account sees whom the record is about, in its head and in lists."""
    return record.form not in WHOLE_FORMS or sees_all(account, record)


def hidden_fields(account: Account, record: Record) -> frozenset[str]:
    """Fields of the record, of now or before, that are masked for an account."""
    if sees_all(account, record):
        return frozenset()
    keys = record.values.values_list("key", flat=True).distinct().order_by("key")
    return frozenset(key for key in keys if is_protected(record.form, key))


def tellable(account: Account, record: Record, findings: Iterable[Finding]) -> list[Finding]:
    """Findings whose message says nothing that is masked for an account."""
    if not shows_person(account, record):
        return []
    hidden = hidden_fields(account, record)
    return [f for f in findings if hidden.isdisjoint(f.fields)]


def shows_copies(account: Account, record: Record) -> bool:
    """Whether an account may have whole copies: nothing masked was ever said of what their pages show."""
    if sees_all(account, record):
        return True
    said = record.values.exclude(written="").values_list("key", flat=True)
    if any(is_protected(record.form, key) for key in said):
        return False
    return all(boxes_to_hide(record, number) == [] for number in record.pages)


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
