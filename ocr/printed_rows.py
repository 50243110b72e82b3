"""Lines of a form as this printing has them: parted, joined, with hints behind labels and labels of its own.

A form file tells in which order fields stand. Printings of the same form part and join lines ("Giới tính"
beside the name or below it), explain labels ("Họ, chữ đệm, tên (viết chữ in hoa)", "Quan hệ với người được
khai sinh") and ask for more than is wanted ("Nghề nghiệp"). Where print was well read, it tells.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import replace

from ocr.elements import Word, hull
from ocr.forms.schema import Row, Slot
from ocr.labels import EXACT, LabelMatch, find_label
from ocr.layout import PlacedRow
from ocr.leaf import Leaf

_SHORT = 3
"""A label of so few letters is found in any value; it only counts where it begins a line."""
_HINT_WORDS = 9
_REST_WORDS = 6
_LABEL_WORDS = 5
_HINT_READ, _WELL_READ = 0.6, 0.8
"""Words of print are read so surely; handwriting hardly ever is."""
_APART = 1.0
"""Words of one label stand closer than so many heights of print; a label stands farther behind a value."""
_NUMBER = re.compile(r"(?:\d{1,2}|[a-zđ])[.)/]|[-–+]")
_INDENT = 3.0
"""Labels begin within so many heights of print of the left border."""


def printed_rows(leaf: Leaf, rows: Sequence[PlacedRow], others: Sequence[str]) -> list[PlacedRow]:
    """The rows of a sheet as they are printed on this page.

    Args:
        leaf: the face.
        rows: as placed by the order that the form file tells.
        others: labels that some printings have beside the official ones.
    """
    rows = _regrouped(leaf, rows)
    rows = [_with_whole_labels(leaf, placed) for placed in rows]
    return _with_other_labels(leaf, rows, others)


def _regrouped(leaf: Leaf, rows: Sequence[PlacedRow]) -> list[PlacedRow]:
    """The rows with slots whose label stands on a neighbouring line moved there."""
    found = list(rows)
    i = 0
    while i < len(found):
        parted = _parted(leaf, found, i) if _has_labels(found[i]) else [found[i]]
        found[i : i + 1] = parted
        i += len(parted)
    return found


def _parted(leaf: Leaf, rows: list[PlacedRow], i: int) -> list[PlacedRow]:
    """Row `i` without the slots whose labels stand on lines beside it, and rows for those lines.

    A slot whose label stands behind those of another row joins that row in `rows`.
    """
    placed = rows[i]
    alone: dict[int, list[tuple[Slot, LabelMatch]]] = {}
    before = True
    for slot, match in zip(placed.row.slots, placed.by_slot, strict=True):
        if match is not None:
            before = False
            continue
        if not any(slot.label) or (before and _begins_late(leaf, rows, placed)):
            continue
        for line, n in _lines_beside(rows, i):
            moved = _label_on(leaf, line, slot, rows[n] if n is not None else None)
            if moved is None:
                continue
            placed = _without(placed, slot)
            if n is None:
                alone.setdefault(line, []).append((slot, moved))
            else:
                rows[n] = _joined(rows[n], slot, moved, placed.row.lines)
            break
    parted = [_row_on(placed, line, found) for line, found in alone.items()]
    if placed.row.slots:
        parted.append(placed)
    return sorted(parted, key=lambda row: row.base)


def _lines_beside(rows: Sequence[PlacedRow], i: int) -> list[tuple[int, int | None]]:
    """Lines from the row above to the row below, each with the row that stands there; not the row's own."""
    own = rows[i].line
    above = next((row.line for row in reversed(rows[:i]) if row.line is not None), own)
    below = next((row.line for row in rows[i + 1 :] if row.line is not None), own)
    if above is None or below is None:
        return []
    taken = {row.line: n for n, row in enumerate(rows) if row.line is not None}
    beside = [(line, taken.get(line)) for line in range(above, below + 1) if line != own]
    return [(line, n) for line, n in beside if n is None or (_has_labels(rows[n]) and any(rows[n].matches))]


def _row_on(placed: PlacedRow, line: int, found: Sequence[tuple[Slot, LabelMatch]]) -> PlacedRow:
    ordered = sorted(found, key=lambda item: item[1].start)
    matches = tuple(match for _, match in ordered)
    row = replace(placed.row, slots=tuple(slot for slot, _ in ordered))
    base = float(max(match.box[3] for match in matches))
    return PlacedRow(row, line, matches, base, sum(match.weight for match in matches))


def _begins_late(leaf: Leaf, rows: Sequence[PlacedRow], placed: PlacedRow) -> bool:
    """Whether the first label read on a line stands so far to the right that another precedes it."""
    own = min((m.box[0] for m in placed.matches if m), default=leaf.frame[0])
    return own > _left_border(leaf, rows) + _INDENT * leaf.height


def _left_border(leaf: Leaf, rows: Sequence[PlacedRow]) -> float:
    """Where the first labels of lines usually begin."""
    lefts = [row.matches[0].box[0] for row in rows if _has_labels(row) and row.matches and row.matches[0]]
    return statistics.median(lefts) if lefts else leaf.frame[0]


def _label_on(leaf: Leaf, line: int, slot: Slot, there: PlacedRow | None) -> LabelMatch | None:
    """The label of a slot on a line: at its beginning, or behind the labels of the row that stands there."""
    starts = there is None
    begin = max((m.end for m in there.matches if m), default=0) if there is not None else 0
    match = leaf.labels.find(line, slot.label, start=begin, starts_line=starts)
    if match is None or match.likeness < EXACT:
        return None
    words = leaf.lines[line].words
    if starts:
        return match if all(_NUMBER.fullmatch(w.text) for w in words[: match.start]) else None
    gap = match.box[0] - words[match.start - 1].box[2] if match.start else 0
    return match if match.letters > _SHORT and gap >= _APART * leaf.height else None


def _without(placed: PlacedRow, slot: Slot) -> PlacedRow:
    kept = [(s, m) for s, m in zip(placed.row.slots, placed.by_slot, strict=True) if s is not slot]
    row = replace(placed.row, slots=tuple(s for s, _ in kept))
    return replace(placed, row=row, matches=tuple(m for _, m in kept))


def _joined(placed: PlacedRow, slot: Slot, match: LabelMatch, lines: int) -> PlacedRow:
    """The row with one more slot, behind its last label."""
    row = replace(
        placed.row, slots=(*placed.row.slots, slot), lines=max(placed.row.lines, lines), optional=False
    )
    return replace(placed, row=row, matches=(*placed.by_slot, match), weight=placed.weight + match.weight)


def _with_whole_labels(leaf: Leaf, placed: PlacedRow) -> PlacedRow:
    """The row with labels that reach as far as their print goes on."""
    if placed.line is None or not _has_labels(placed):
        return placed
    words = leaf.lines[placed.line].words
    starts = sorted(m.start for m in placed.matches if m)
    whole = []
    for slot, match in zip(placed.row.slots, placed.matches, strict=True):
        if match is not None:
            stop = next((start for start in starts if start >= match.end), len(words))
            match = _whole(match, words[:stop], leaf.height, to_colon=not slot.split)
        whole.append(match)
    return replace(placed, matches=tuple(whole))


def _whole(match: LabelMatch, words: Sequence[Word], height: float, *, to_colon: bool = True) -> LabelMatch:
    """The label with its number and as far as its print goes on.

    Args:
        to_colon: print up to a colon belongs to it; not where "CMND số:" is a part of the value.
    """
    start, end = match.start, match.end
    if start and _NUMBER.fullmatch(words[start - 1].text):
        start -= 1
    while (
        further := _behind_hint(words, end) or (_behind_colon(words, end, height) if to_colon else None)
    ) is not None:
        end = further
    if (start, end) == (match.start, match.end):
        return match
    grown = words[start:end]
    letters = sum(len(w.text) + 1 for w in grown) - 1
    return replace(match, start=start, end=end, box=hull([w.box for w in grown]), letters=letters)


def _behind_hint(words: Sequence[Word], end: int) -> int | None:
    """Behind the words in brackets that follow a label."""
    if end >= len(words) or not words[end].text.startswith("("):
        return None
    for n in range(end, min(len(words), end + _HINT_WORDS)):
        if any(map(str.isdigit, words[n].text)) or words[n].confidence < _HINT_READ:
            return None  # a pen wrote it
        if words[n].text.rstrip(".:,…").endswith(")"):
            return n + 1
    return None


def _behind_colon(words: Sequence[Word], end: int, height: float) -> int | None:
    """Behind the colon to which the print of a label goes on, if it had none yet."""
    if words[end - 1].text.endswith(":"):
        return None
    for n in range(end, min(len(words), end + _REST_WORDS)):
        word = words[n]
        if word.text == ":":
            return n + 1
        if not _is_print(word) or word.box[0] - words[n - 1].box[2] > _APART * height:
            return None
        if word.text.endswith(":"):
            return n + 1
    return None


def _is_print(word: Word) -> bool:
    letters = word.text.strip("()[]:;,./-")
    return len(letters) > 1 and letters.isalpha() and word.confidence >= _WELL_READ


def _with_other_labels(leaf: Leaf, rows: Sequence[PlacedRow], others: Sequence[str]) -> list[PlacedRow]:
    """The rows with labels between and in them that the form file does not know."""
    seen = [placed for placed in rows if placed.line is not None]
    if not seen:
        return list(rows)
    result = [_with_labels_within(leaf, placed, others) for placed in rows]
    taken = {placed.line for placed in seen}
    border = _left_border(leaf, rows) + _INDENT * leaf.height
    first, last = min(p.base for p in seen), max(p.base for p in seen)
    for n, line in enumerate(leaf.lines):
        if n in taken or not first < line.box[3] < last:
            continue
        match = _unknown_label(line.words, 0, others, leaf.height)
        if match is None or match.box[0] > border:
            continue
        row = PlacedRow(Row(slots=(Slot(()),), optional=True), n, (match,), float(match.box[3]), 0.0)
        at = next((k for k, placed in enumerate(result) if placed.base > row.base), len(result))
        result.insert(at, row)
    return result


def _with_labels_within(leaf: Leaf, placed: PlacedRow, others: Sequence[str]) -> PlacedRow:
    """The row with a slot for every label behind its last one that no slot of the form has."""
    if placed.line is None or not _has_labels(placed) or any(slot.split for slot in placed.row.slots):
        return placed
    words = leaf.lines[placed.line].words
    at = max((m.end for m in placed.matches if m), default=len(words)) + 1
    while at < len(words):
        if words[at].box[0] - words[at - 1].box[2] >= _APART * leaf.height:
            match = _unknown_label(words, at, others, leaf.height)
            if match is not None:
                return _joined(placed, Slot(()), match, placed.row.lines)
        at += 1
    return placed


def _unknown_label(
    words: Sequence[Word], start: int, others: Sequence[str], height: float
) -> LabelMatch | None:
    """A label that begins at a word: one of those known by name, or well-read print up to a colon."""
    named = find_label(words, others, start=start, stop=min(len(words), start + _LABEL_WORDS))
    if named is not None and named.start == start and named.likeness >= EXACT:
        return _whole(named, words, height)
    for n in range(start, min(len(words), start + _LABEL_WORDS)):
        word = words[n]
        if not _is_print(word) or (n > start and word.box[0] - words[n - 1].box[2] > _APART * height):
            return None
        if word.text.endswith(":"):
            said = words[start : n + 1]
            if n == start or not said[0].text[0].isupper():
                return None
            letters = sum(len(w.text) + 1 for w in said) - 1
            return LabelMatch(start, n + 1, 1.0, 0.0, hull([w.box for w in said]), letters)
    return None


def _has_labels(placed: PlacedRow) -> bool:
    row = placed.row
    return bool(row.slots) and not (row.cells or row.choice or row.columns or row.heading)
