"""From the regions of one file to its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ocr.blocks import is_speck
from ocr.certificates import assigned, certificate_faces, opens
from ocr.classify import FormMatch, best_face, classify_leaf
from ocr.elements import Barcode, Box, FieldReading, FieldStatus, Ink, RecordReading, hull
from ocr.errors import EngineError
from ocr.face import Fields, read_face
from ocr.forms.schema import Column, Form, FormLibrary, Layout, Part
from ocr.headings import with_headings
from ocr.layout_table import Grid, below_column_numbers, find_grid, match_columns
from ocr.leaf import Leaf, ReadRegion, cell_lines, whole_leaf, without_leaders, written_lines_of
from ocr.pen import page_ink, written_with
from ocr.person_codes import told_by_code
from ocr.unknown import why_unknown
from ocr.value_parts import split_value
from ocr.value_reader import ValueReader
from ocr.values import empty_field, reading_of, unread_field
from ocr.written_value import Value, value_in

_ENOUGH_LABELS = 0.85
"""Share of label letters above which a second reading of the page is not worth its second."""

MOST_FACES = 8
"""A certificate of two sheets with two changes pages has no more; further faces belong to another one."""

__all__ = ["Found", "ReadRegion", "RecordExtractor", "extract_records", "in_page_order"]


@dataclass(frozen=True, slots=True)
class Found:
    """What one more region brought to light.

    Attributes:
        records: finished by this region; those of a certificate may begin on earlier pages.
        cover: the region is the cover of a book.
        unknown: why the region is none of the forms: NO_PRINT, OTHER_LANGUAGE or NO_KNOWN_FORM.
    """

    records: tuple[RecordReading, ...] = ()
    cover: bool = False
    unknown: str = ""


class RecordExtractor:
    """Finds the records of one file while its pages come in, keeping as few of them as possible.

    Sheets and tables are read at once. Faces of a land certificate are kept, pictures included, until
    another certificate begins or `MOST_FACES` are together.

    Args:
        forms: what forms look like.
        reader: reads values again from their own crops where the page reading is unsure.
    """

    def __init__(self, forms: FormLibrary, *, reader: ValueReader | None = None) -> None:
        self._forms = forms
        self._reader = reader
        self._faces: list[tuple[Leaf, FormMatch]] = []
        self._codes: list[Barcode] = []

    def feed(self, region: ReadRegion, codes: Sequence[Barcode] = ()) -> Found:
        """Take in the next region in reading order.

        Args:
            region: upright region with its words.
            codes: bar codes of its page; may be given with each region of the page.
        """
        whole, match = self._well_read(region)
        faces = certificate_faces(whole, match, self._forms)
        records: list[RecordReading] = []
        if faces:
            begins = any(opens(leaf, m, m.form) and self._has_front(m.form) for leaf, m in faces)
            if begins or len(self._faces) + len(faces) > MOST_FACES:
                records += self._close_certificate()
            self._faces += faces
        elif match is not None and not match.cover:
            if match.form.layout is Layout.TABLE:
                records += _table_records(whole, match.form, self._forms, self._reader)
            else:
                records.append(_sheet(whole, match.form, self._forms, self._reader, codes))
        self._codes += [code for code in codes if code not in self._codes]
        cover = not faces and match is not None and match.cover
        unknown = "" if faces or match is not None else why_unknown(whole)
        return Found(tuple(records), cover, unknown)

    def close(self) -> tuple[RecordReading, ...]:
        """End the paper that is open; what follows belongs to another one."""
        return tuple(self._close_certificate())

    def finish(self) -> tuple[RecordReading, ...]:
        """What was still open when the last page had come in."""
        return tuple(self._close_certificate())

    def _has_front(self, form: Form) -> bool:
        """Whether the open certificate already has its titled face; sheets may lie inside out."""
        return any(opens(leaf, match, form) for leaf, match in self._faces)

    def _close_certificate(self) -> list[RecordReading]:
        records = _certificate(self._faces, self._forms, self._codes, self._reader)
        self._faces, self._codes = [], []
        return records

    def _well_read(self, region: ReadRegion) -> tuple[Leaf, FormMatch | None]:
        """The region and its form, read again without leaders where too few labels were recognised."""
        leaf = whole_leaf(region, self._forms.furniture)
        if self._reader is None or leaf.born_digital:
            return leaf, classify_leaf(leaf, self._forms)
        columns = (c for form in self._forms.forms if form.table for c in form.table.columns)
        headed = with_headings(leaf, columns, self._reader.printed)
        if headed is not region:
            region, leaf = headed, whole_leaf(headed, self._forms.furniture, leaf.ink)
        match = classify_leaf(leaf, self._forms)
        if match is None or match.cover or match.form.layout is not Layout.SHEET:
            return leaf, match
        if best_face(leaf, match.form)[1].share >= _ENOUGH_LABELS:
            return leaf, match
        try:
            again = without_leaders(region, self._reader.printed, leaf.ink)
        except EngineError:
            return leaf, match
        if again is region:
            return leaf, match
        leaf = whole_leaf(again, self._forms.furniture, leaf.ink)
        return leaf, classify_leaf(leaf, self._forms)


def extract_records(
    regions: Iterable[ReadRegion],
    forms: FormLibrary,
    *,
    codes: Sequence[Barcode] = (),
    reader: ValueReader | None = None,
) -> tuple[RecordReading, ...]:
    """Find every record on the regions of one file.

    Args:
        regions: all upright regions of the file, in reading order.
        forms: what forms look like.
        codes: bar codes found on the file's pages.
        reader: reads values again from their own crops where the page reading is unsure.

    Returns:
        Records in page order. A certificate over several pages is one record, a sheet one, a table as
        many as it has filled rows. Covers and pages of no known form give none. Each record carries all
        fields of its form: what was not found is UNREADABLE without a box.
    """
    extractor = RecordExtractor(forms, reader=reader)
    records: list[RecordReading] = []
    for region in regions:
        of_page = [code for code in codes if code.page == region.region.page]
        records += extractor.feed(region, of_page).records
    return in_page_order((*records, *extractor.finish()))


def in_page_order(records: Iterable[RecordReading]) -> tuple[RecordReading, ...]:
    """Records as an officer leafs through them: by page, then from top to bottom."""
    return tuple(sorted(records, key=lambda r: (r.page, r.box[1] if r.form != "GCN" else 0, r.box[0])))


def _sheet(
    leaf: Leaf, form: Form, forms: FormLibrary, reader: ValueReader | None, codes: Sequence[Barcode]
) -> RecordReading:
    fields = read_face(leaf, form, "page", forms, reader)
    if form.person_code is not None:
        fields = told_by_code(fields, codes, form.person_code)
    return RecordReading(
        form=form.form,
        era=form.era,
        page=leaf.page,
        pages=(leaf.page,),
        box=leaf.transform.box(leaf.frame),
        fields=_complete(fields, form.required, leaf),
    )


def _complete(fields: Fields, required: Iterable[Part], leaf: Leaf) -> Fields:
    """Every field of the form present, in the order of the form."""
    ordered = {part.key: fields.get(part.key) or unread_field(part, leaf) for part in required}
    return ordered | {key: reading for key, reading in fields.items() if key not in ordered}


def _certificate(
    faces: Sequence[tuple[Leaf, FormMatch]],
    forms: FormLibrary,
    codes: Sequence[Barcode],
    reader: ValueReader | None,
) -> list[RecordReading]:
    if not faces:
        return []
    votes: dict[tuple[str, str], float] = {}
    for leaf, match in faces:
        for form in forms.forms:
            if form.layout is Layout.CERTIFICATE:
                same = 20.0 if form == match.form else 0.0
                key = (form.form, form.era)
                votes[key] = votes.get(key, 0.0) + same + best_face(leaf, form)[1].weight
    chosen = max(votes, key=lambda k: votes[k])
    form = next(f for f in forms.forms if (f.form, f.era) == chosen)
    taken = assigned([leaf for leaf, _ in faces], form)
    fields: Fields = {}
    for face in form.faces:
        if face in taken:
            read = read_face(taken[face], form, face, forms, reader)
            fields |= {
                k: v for k, v in read.items() if k not in fields or fields[k].status is FieldStatus.UNREADABLE
            }
    if form.table is not None and form.table.face in taken:
        fields |= _parcels(taken[form.table.face], form, forms, reader)
    first = min(taken.values(), key=lambda leaf: (leaf.page, leaf.frame[0]))
    seen = set(taken)
    required = [p for p in form.required if _face_of(form, p) in seen or p.key in fields]
    fields = _complete(fields, required, first)
    if form.code is not None:
        fitting = [c for c in codes if c.format in form.code.formats]
        if fitting:
            code = fitting[0]
            fields[form.code.key] = _from_code(Part(form.code.key, form.code.kind), code)
    pages = tuple(sorted({leaf.page for leaf, _ in faces}))
    boxes = [leaf.transform.box(leaf.frame) for leaf, _ in faces if leaf.page == pages[0]]
    return [RecordReading(form.form, form.era, pages[0], pages, hull(boxes), fields)]


def _face_of(form: Form, part: Part) -> str:
    for row in form.rows:
        if any(p.key == part.key for slot in (*row.slots, *row.cells) for p in slot.fields):
            return row.face
    for pattern in form.patterns:
        if any(p.key == part.key for p in pattern.fields.values()):
            return pattern.face
    return next((s.face for s in form.signatures if s.key == part.key), "page")


def _from_code(part: Part, code: Barcode) -> FieldReading:
    return FieldReading(
        key=part.key,
        kind=part.kind,
        written=code.text,
        value=code.text,
        confidence=1.0,
        status=FieldStatus.READ,
        ink=Ink.PRINT,
        page=code.page,
        box=code.box,
        source="QR" if "QR" in code.format else "barcode",
    )


def _cell_fields(value: Value, column: Column, forms: FormLibrary) -> Fields:
    if column.split:
        return split_value(
            value, column.parts, forms.splits[column.split], forms.places.get(column.split, {})
        )
    part = Part(column.key, column.kind)
    if column.kind == "text" and is_speck(value):
        return {column.key: empty_field(part, value.leaf)}
    return {column.key: reading_of(value, part)}


def _filled(leaf: Leaf, grid: Grid, row: int, columns: Sequence[Column | None]) -> bool:
    """Whether a row holds writing in at least two wanted columns."""
    cells = [grid.cell(row, c) for c, column in enumerate(columns) if column and (column.key or column.parts)]
    if leaf.born_digital:
        return sum(leaf.ink.tight(cell) is not None for cell in cells) >= 2
    return sum(bool(written_lines_of(leaf, _padded(cell), [])) for cell in cells) >= 2


def _table_records(
    leaf: Leaf, form: Form, forms: FormLibrary, reader: ValueReader | None
) -> list[RecordReading]:
    assert form.table is not None
    head = read_face(leaf, form, "page", forms, reader)
    if reader is not None and form.letterhead and form.letterhead.key in head:
        reader = reader.about(head[form.letterhead.key].written)
    grid = find_grid(leaf)
    if grid is None:
        return []
    columns = match_columns(leaf, grid, form.table.columns)
    grid, start = below_column_numbers(leaf, grid)
    rows: list[tuple[Box, list[tuple[Column, Value]]]] = []
    for row in range(start, len(grid.rows) - 1):
        if not _filled(leaf, grid, row, columns):
            continue
        cells = [
            (column, value_in(leaf, cell_lines(leaf, _padded(grid.cell(row, number))), [], reader))
            for number, column in enumerate(columns)
            if column is not None and (column.key or column.parts)
        ]
        rows.append(((grid.columns[0], grid.rows[row], grid.columns[-1], grid.rows[row + 1]), cells))
    ink = None if leaf.born_digital else page_ink(value for _, cells in rows for _, value in cells)
    records = []
    for box, cells in rows:
        fields = dict(head)
        for column, value in cells:
            fields |= _cell_fields(written_with(ink, value), column, forms)
        for column in form.table.columns:
            for part in ([Part(column.key, column.kind)] if column.key else []) + list(column.parts.values()):
                fields.setdefault(part.key, unread_field(part, leaf))
        records.append(
            RecordReading(form.form, form.era, leaf.page, (leaf.page,), leaf.transform.box(box), fields)
        )
    return records


def _padded(cell: Box) -> Box:
    return cell[0] + 2, cell[1] + 2, cell[2] - 2, cell[3] - 2


def _parcels(leaf: Leaf, form: Form, forms: FormLibrary, reader: ValueReader | None) -> Fields:
    """Parcels of an old certificate: the first row plainly named, further ones numbered."""
    assert form.table is not None
    parts = [Part(c.key, c.kind) for c in form.table.columns if c.key and not c.many]
    grid = find_grid(leaf)
    if grid is None:
        return {p.key: unread_field(p, leaf) for p in parts}
    columns = match_columns(leaf, grid, form.table.columns)
    rows = [r for r in range(1, len(grid.rows) - 1) if _filled(leaf, grid, r, columns)]
    fields: Fields = {}
    for number, row in enumerate(rows, start=1):
        for c, column in enumerate(columns):
            if column is None or not column.key or (column.many and len(rows) < 2):
                continue
            value = value_in(leaf, cell_lines(leaf, _padded(grid.cell(row, c))), [], reader)
            for key, reading in _cell_fields(value, column, forms).items():
                name = f"{key}_{number}" if number > 1 or column.many else key
                fields[name] = replace(reading, key=name)
    return fields or {p.key: empty_field(p, leaf) for p in parts}
