"""The shape of a form file.

A form file tells what one register sheet, table or certificate of one period looks like: its title, its
printed lines from top to bottom with the official field that each label introduces, tables, signatures,
and lines to be told by their wording. No form has code of its own.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = frozenset(
    "name date date_words sex ethnicity nationality place issuing_unit agency id_number id_type entry_number "
    "book_number page_number registration_type recognition_type death_notice_type title time relation text "
    "number area area_words land_purpose land_form serial registry_number barcode".split()
)
"""What sort of value a field may be; each has a parser in the validators."""


class FormError(ValueError):
    """A form file that does not follow the schema; names the file and the offending key."""


class Layout(enum.StrEnum):
    """How records stand on paper."""

    SHEET = "sheet"
    TABLE = "table"
    CERTIFICATE = "certificate"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Part:
    """One official field that is cut out of a longer value."""

    key: str
    kind: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A label and the value that follows it on the line.

    Attributes:
        label: variants of the printed label; empty for a bare table cell.
        key: official field; empty where the value is not wanted (occupation).
        split: name of a value pattern in the vocabulary whose groups feed `parts`.
        parts: group name to field, used with `split`.
        label_part: field whose text is the label itself ("CMND số:").
        copy_to: the same value also counts for this field …
        copy_when: … where that other field has been found.
        optional: the field exists only where its label is seen.
    """

    label: tuple[str, ...]
    key: str = ""
    kind: str = "text"
    split: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    label_part: Part | None = None
    copy_to: str = ""
    copy_when: str = ""
    optional: bool = False

    @property
    def fields(self) -> tuple[Part, ...]:
        """Fields that this slot can deliver."""
        own = (Part(self.key, self.kind, self.optional),) if self.key else ()
        label = (self.label_part,) if self.label_part else ()
        return own + label + tuple(self.parts.values())


@dataclass(frozen=True, slots=True)
class Choice:
    """Tick boxes on one line; the field is the ticked option."""

    key: str
    kind: str
    options: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line of a face.

    Attributes:
        heading: variants of a line that carries no value but fixes the place (section title).
        columns: printed headers of a two-way table that starts here; cells of the following
            `cells` rows stand under them, in this order of keys.
        cells: the values of one row of that table, in the order of `columns`.
        lines: how many written lines the value may fill.
        optional: the line is missing on some printings.
    """

    face: str = "page"
    slots: tuple[Slot, ...] = ()
    heading: tuple[str, ...] = ()
    choice: Choice | None = None
    columns: tuple[tuple[str, ...], ...] = ()
    cells: tuple[Slot, ...] = ()
    lines: int = 1
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table with a record or a parcel in each row.

    Attributes:
        many: the field exists only where the table has more than one filled row.
    """

    label: tuple[str, ...]
    key: str = ""
    kind: str = "text"
    split: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    many: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table.

    Attributes:
        per_row: ``record`` (each row is one case) or ``parcel`` (rows after the first get ``_2`` …).
    """

    columns: tuple[Column, ...]
    per_row: str
    face: str = "page"


@dataclass(frozen=True, slots=True)
class Signature:
    """A name under a signer's title at the foot of a page.

    Attributes:
        under: variants of the title line(s) above the name, any of them.
        title: field for the lowest title line ("PHÓ CHỦ TỊCH"), if wanted.
    """

    key: str
    kind: str
    under: tuple[str, ...]
    side: str
    face: str = "page"
    title: Part | None = None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A block without a label of its own: letterhead, margin notes, notes under a heading."""

    key: str
    kind: str
    face: str = "page"
    label: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A field told by its wording.

    Attributes:
        regex: searched in the accent-free lower-case text; named groups are field keys.
        scope: ``line`` or ``text`` (lines joined by blanks).
        area: part of the face in which a line may stand: left, top, right, bottom as shares.
        last: take the last match instead of the first.
        blurred: how the same wording may look where it was read badly, with the same groups; asked where
            `regex` is found nowhere, and believed if what is read again from the paper fits the kinds.
    """

    regex: re.Pattern[str]
    fields: Mapping[str, Part]
    scope: str = "line"
    face: str = "page"
    area: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    last: bool = False
    blurred: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A field read from a bar code."""

    key: str
    kind: str
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonCode:
    """A code that repeats fields of the person it belongs to, such as the QR of an identity card.

    Attributes:
        regex: of the code's whole text; its groups feed `fields`.
        name: the group that must agree with what is read on paper before the code is believed.
    """

    formats: tuple[str, ...]
    regex: re.Pattern[str]
    fields: Mapping[str, Part]
    name: str = "name"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one period.

    Attributes:
        titles: variants of the printed title.
        signs: wordings that speak for this form against others with the same title.
        against: wordings that rule it out.
        years: first and last year of registration for which it was in use.
    """

    form: str
    era: str
    years: tuple[int, int]
    layout: Layout
    titles: tuple[str, ...]
    signs: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    table: Table | None = None
    signatures: tuple[Signature, ...] = ()
    letterhead: Block | None = None
    margin: Block | None = None
    patterns: tuple[Pattern, ...] = ()
    code: Code | None = None
    person_code: PersonCode | None = None

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces, in the order in which the file lists them."""
        return tuple(dict.fromkeys(row.face for row in self.rows)) or ("page",)

    def rows_of(self, face: str) -> tuple[Row, ...]:
        """Printed lines of one face, from top to bottom."""
        return tuple(row for row in self.rows if row.face == face)

    @property
    def required(self) -> tuple[Part, ...]:
        """Fields that the layout always carries."""
        parts: list[Part] = []
        for row in self.rows:
            if row.choice:
                parts.append(Part(row.choice.key, row.choice.kind))
            if not row.optional:
                for slot in (*row.slots, *row.cells):
                    parts.extend(slot.fields)
        for block in (self.letterhead, self.margin):
            if block:
                parts.append(Part(block.key, block.kind))
        for signature in self.signatures:
            parts.append(Part(signature.key, signature.kind))
            if signature.title:
                parts.append(signature.title)
        for pattern in self.patterns:
            parts.extend(pattern.fields.values())
        return tuple(dict.fromkeys(part for part in parts if not part.optional))


@dataclass(frozen=True, slots=True)
class FormLibrary:
    """All forms together with the shared patterns that cut long values.

    Attributes:
        splits: name to pattern over accent-free lower-case text; several are tried in turn.
        places: split name to group to the share of the value's width where that part usually lies.
        covers: phrases that tell a book cover.
        furniture: printed wordings that are never values (motto, disclaimers).
        labels: names of the vocabulary with their wordings.
    """

    forms: tuple[Form, ...]
    splits: Mapping[str, tuple[re.Pattern[str], ...]]
    places: Mapping[str, Mapping[str, tuple[float, float]]]
    covers: tuple[str, ...]
    furniture: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
