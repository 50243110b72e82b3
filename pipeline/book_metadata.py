"""The book chosen for a delivery, as the store tells it beside each original."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pipeline.models import Book, Office


def told_book(book: Book | None) -> dict[str, str]:
    """What an original tells in the store of the book that was chosen for it; see `book_told`."""
    if book is None:
        return {}
    named = (book.kind, book.year, book.volume, book.issuing_unit[:80])
    return {"book": json.dumps(named, ensure_ascii=False)}


def book_told(office: Office, told: Mapping[str, str]) -> Book | None:
    """The book that the metadata of an original name, made where it is not there any more.

    None for another office than the one that delivered the original first, which chose for itself.
    """
    if "book" not in told or told.get("office") != office.code:
        return None
    kind, year, volume, unit = json.loads(told["book"])
    values = {"kind": kind, "year": year, "volume": volume}
    book = Book.objects.filter(office=office, issuing_unit__startswith=unit, **values).first()
    return book or Book.objects.create(office=office, issuing_unit=unit, **values)
