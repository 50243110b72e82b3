"""The books of offices as lists show them: how many of their records stand where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from pipeline.handover.archive import TITLES
from pipeline.handover.ministry import place, unit_of
from pipeline.models import Record, RecordState

FINISHED = (RecordState.STORED, RecordState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One book of one office, or the records of one form whose book is not told.

    Attributes:
        book: `Record.book_key`; "" where records do not tell their book.
        unit: that issued it, as one of its records writes it.
        name: ``LOẠI.năm.quyển`` as the ministry's pack names it; "" where records do not tell it.
        counts: records by state, superseded ones left out.
    """

    office: str
    office_name: str
    form: str
    book: str
    unit: str
    name: str
    counts: Counter[str]

    @property
    def title(self) -> str:
        """Kind of the book, its number and the unit that kept it then."""
        _, _, rest = self.book.partition("|")
        number = rest.partition("|")[0]
        named = f"quyển {number}" if number else "chưa rõ quyển" if self.form != "GCN" else ""
        return " – ".join(p for p in (TITLES.get(self.form, self.form), named, self.unit) if p)

    @property
    def total(self) -> int:
        """All its records."""
        return self.counts.total()

    @property
    def finished(self) -> int:
        """How many are sealed and locked."""
        return self.of(FINISHED)

    def of(self, states: Collection[str]) -> int:
        """How many stand in one of these states."""
        return sum(self.counts[state] for state in states)


def shelves(records: QuerySet[Record]) -> list[Shelf]:
    """Books of these records, by office, form and book."""
    standing = records.exclude(state=RecordState.SUPERSEDED).order_by("office__code", "form", "book_key")
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for row in standing.values("office__code", "form", "book_key", "state").annotate(count=Count("pk")):
        counts[row["office__code"], row["form"], row["book_key"]][row["state"]] += row["count"]
    examples = standing.distinct("office__code", "form", "book_key").select_related("office", "book")
    return [
        _shelf(example, counts[example.office.code, example.form, example.book_key]) for example in examples
    ]


def _shelf(example: Record, counts: Counter[str]) -> Shelf:
    placed = place(example)
    return Shelf(
        example.office.code,
        example.office.name,
        example.form,
        example.book_key,
        unit_of(example) if placed else "",
        f"{example.form}.{placed[1]}.{placed[0]}" if placed else "",
        counts,
    )
