"""Who signed at the foot of a page: the name under the signature, and the title printed above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from ocr.elements import Alternative, Box, FieldReading, FieldStatus, Ink, Line, Word, hull
from ocr.engines.base import Engine
from ocr.forms.schema import Part, Signature
from ocr.label_strips import read_strip
from ocr.labels import EXACT, LabelMatch, find_label, fold, squash, worth_searching
from ocr.leaf import Leaf
from ocr.rereading import print_in, read_value
from ocr.segment import into_lines, runs_of
from ocr.signed_name import grown, name_at, name_line, strokes_not_red
from ocr.value_reader import ValueReader
from ocr.values import reading_of, unread_field
from ocr.written_value import Value, covered

_TITLE = 0.75
_TITLE_GAP = 0.75
_TITLE_STEP = 1.3
"""Widest gap between the words of a title, and the step from one title line to the next, in heights."""
_PROXY = re.compile(r"kt|tl|tuq|k t|t l")
_DEPUTY = "PHÓ"
_INFERRED = 0.5
"""What a title told by the line above it may claim at most."""
_SURELY_READ = 0.8
_MOST_TITLES = 3
_FOOT = 0.45
"""Signers' titles stand below this share of the face."""
_FOOT_OF_FACE = 0.25
"""The same on a certificate, where a plan may stand below the signer."""
_APART = 2.5
"""Words so many heights apart stand under different signers."""
_RIGHT = 0.42
"""Titles on the right begin to be centred from this share of the face's width on."""
_LOW, _HIGH, _MARKS = 0.4, 1.3, 0.4
"""Letters of print are so high, marks above them so much higher, in heights of a printed word."""
_WORD_GAP, _WIDE_AS = 0.9, 4.0
"""Words of a title stand so near, and its line is so wide at least, in heights of a printed word."""
_MOST_ROWS = 14
_LEGIBLE = 0.5
_ALONE = 0.5
"""A title stands alone on its side of the line; a label that sounds like one has a value behind it."""

_EITHER = (
    "Người thực hiện",
    "Cán bộ tư pháp - hộ tịch",
    "Công chức tư pháp - hộ tịch",
    "TM. Ủy ban nhân dân",
    "Chủ tịch",
)
"""Titles that stand at the foot of nearly every page."""

Heads = list[tuple[Line, LabelMatch]]


def signature(leaf: Leaf, form: Signature, reader: ValueReader | None) -> dict[str, FieldReading]:
    """The signer's name, and the title printed above it."""
    parts = [p for p in (form.title, _name(form)) if p]
    run = _last_run(_heads(leaf, form), leaf)
    if not run and reader is not None and not leaf.born_digital:
        run = _last_run(_heads_by_ink(leaf, form, reader.printed), leaf)
    run = run or _mirrored(leaf, form)
    if not run:
        return {p.key: unread_field(p, leaf) for p in parts}
    fields: dict[str, FieldReading] = {}
    if form.title:
        titled = _title(run, form, form.title, leaf, reader)
        if titled.box is None and reader is not None:
            again = _heads_again(run, form, leaf, reader.printed)
            again = again or _heads_by_ink(leaf, form, reader.printed)
            if again:
                run = _last_run([*run, *again], leaf)
                titled = _title(run, form, form.title, leaf, reader)
        fields[form.title.key] = titled
    part = _name(form)
    place = name_line(leaf, hull([line.box for line, _ in run]), run[0][1].box)
    name = None if place is None else name_at(leaf, place, reader)
    # Nobody signs on the edge of the paper.
    if name is None or (name.box is not None and name.box[3] > leaf.frame[3] - 2 * leaf.height):
        fields[part.key] = unread_field(part, leaf)
    else:
        fields[part.key] = reading_of(name, part)
    return fields


def _heads(leaf: Leaf, form: Signature) -> Heads:
    """Lines at the foot of the face that name a signer's office."""
    left, top, right, bottom = leaf.frame
    foot = _FOOT if form.face == "page" else _FOOT_OF_FACE
    lines = [line for line in leaf.lines if line.box[1] > top + foot * (bottom - top)]
    if form.side == "right" and not any(line.box[1] > top + 0.7 * (bottom - top) for line in lines):
        lines = list(leaf.lines)
    wide = form.face not in ("page", "plan", "owner") or leaf.born_digital
    runs = lines if wide else [r for line in lines for r in runs_of(line, _APART * leaf.height)]
    titles = (*form.under, *form.titles)
    heads: Heads = []
    for run, worth in zip(runs, worth_searching([r.text for r in runs], titles), strict=True):
        place = ((run.box[0] + run.box[2]) / 2 - left) / (right - left)
        if not wide and not (place < 0.5 if form.side == "left" else place >= _RIGHT):
            continue
        found = _titled(run.words, [title for title, near in zip(titles, worth, strict=True) if near])
        sure = [w.text for w in run.words if w.confidence >= _LEGIBLE]
        if found and found.letters >= _ALONE * len(" ".join(sure)):
            heads.append((run, found))
    return heads


def _titled(words: Sequence[Word], titles: Sequence[str]) -> LabelMatch | None:
    """The title that words name; "Trương Văn" is no "Trưởng ban", whose first word bears other marks."""
    found = find_label(words, titles)
    if found is None or found.likeness < _TITLE:
        return None
    if found.likeness >= EXACT:
        return found
    first = words[found.start].text.lower()
    own = [title.lower().split()[0] for title in titles if fold(title.split()[0]) == fold(first)]
    return found if first in own or not own else None


def _mirrored(leaf: Leaf, form: Signature) -> Heads:
    """Where this signer's title stands if only the other's beside it was read."""
    left, _, right, _ = leaf.frame
    line = max(
        (line for line in leaf.lines if any(find_label(line.words, (t,)) for t in _EITHER)),
        key=lambda line: line.box[1],
        default=None,
    )
    if line is None or line.box[1] < leaf.frame[1] + _FOOT * (leaf.frame[3] - leaf.frame[1]):
        return []
    centre = round(left + (0.27 if form.side == "left" else 0.68) * (right - left))
    half = round(3 * leaf.height)
    box = (centre - half, line.box[1], centre + half, line.box[3])
    word = Word("?", box, 0.0)
    return [(Line((word,)), LabelMatch(0, 0, 0.0, 0.0, box, 1))]


def _heads_by_ink(leaf: Leaf, form: Signature, engine: Engine) -> Heads:
    """Titles at the foot that the page reading lost, as beside a seal: every line of print read alone."""
    left, top, right, bottom = leaf.frame
    height = leaf.height
    middle = round(left + (0.5 if form.side == "left" else _RIGHT) * (right - left))
    start, end = (left, middle) if form.side == "left" else (middle, right)
    foot = _FOOT if form.face == "page" else _FOOT_OF_FACE
    zone = (start, round(top + foot * (bottom - top)), end, bottom)
    _, boxes = strokes_not_red(leaf, zone)
    tall = boxes[:, 3] - boxes[:, 1]
    letters = boxes[(tall >= _LOW * height) & (tall <= _HIGH * height)]
    # The letters around a seal form no rows; those of print do, whatever touches them.
    signs = [Word("?", (x, y, right, bottom), 1.0) for x, y, right, bottom, _ in letters.tolist()]
    rows = [
        (run.box[0], run.box[1] - round(_MARKS * height), run.box[2], run.box[3])
        for line in into_lines(signs, height)
        for run in runs_of(line, _WORD_GAP * height)
        if run.box[2] - run.box[0] >= _WIDE_AS * height
    ]
    heads: Heads = []
    for row in sorted(rows, key=lambda b: b[1])[-_MOST_ROWS:]:
        line = Line(tuple(print_in(leaf, row, engine)))
        found = _titled(line.words, (*form.under, *form.titles))
        if found and found.letters >= _ALONE * len(line.text):
            heads.append((line, found))
    return heads


def _heads_again(run: Heads, form: Signature, leaf: Leaf, engine: Engine) -> Heads:
    """Title lines below the first that the page reading missed, as under the edge of a seal.

    Where even the first is only supposed, they are looked for above and on its line as well.
    """
    height = leaf.height
    box = run[0][1].box
    centre = (box[0] + box[2]) // 2
    side = max(round(7 * height), (box[2] - box[0]) // 2)
    supposed = len(run) == 1 and not run[0][1].likeness
    again: Heads = []
    for step in range(-1 if supposed else 1, _MOST_TITLES):
        base = box[3] + step * 1.45 * height
        words = read_strip(leaf, centre - side, centre + side, base, engine)
        found = _titled(words, form.titles)
        if found is not None:
            again.append((Line(tuple(words)), found))
        elif again or not supposed:
            break
    return again


def _title(
    run: Sequence[tuple[Line, LabelMatch]],
    form: Signature,
    part: Part,
    leaf: Leaf,
    reader: ValueReader | None,
) -> FieldReading:
    """The signer's own title: the lowest one that is not signed for ("KT. CHỦ TỊCH" names another)."""
    line = run[-1][0]
    match = _titled(line.words, form.titles)
    if match is None:
        return unread_field(part, leaf)
    before = line.words[: match.start]
    gap = match.box[0] - before[-1].box[2] if before else 2 * leaf.height
    chosen = line.words[match.start - (1 if gap < 0.8 * leaf.height else 0) : match.end]
    value = _title_at(leaf, hull([w.box for w in chosen]), chosen, part, reader)
    said = [squash(w.text) for w in value.words]
    if said and _PROXY.fullmatch(said[0]):
        chief = _signed_for(value.words)
        if squash(_DEPUTY) not in said:
            left, top, right, bottom = match.box
            step = round(_TITLE_STEP * leaf.height)
            value = _title_at(leaf, (left, top + step, right, bottom + step), (), part, reader)
    else:
        chief = _signed_for_above([head for head, _ in run[:-1]], leaf, part, reader)
    again = _titled(value.words, form.titles)
    if again is None:
        reading = unread_field(part, leaf)
    else:
        reading = reading_of(value, part, value.words[again.start : again.end])
    if not chief or squash(reading.written).startswith(squash(_DEPUTY)):
        return reading
    doubt = min(reading.confidence, _INFERRED)
    return replace(
        reading,
        written=f"{_DEPUTY} {chief}",
        value=f"{_DEPUTY} {chief}",
        confidence=doubt,
        status=FieldStatus.LOW_CONFIDENCE,
        alternatives=(Alternative(reading.written, doubt),) if reading.written else (),
    )


def _signed_for_above(heads: Sequence[Line], leaf: Leaf, part: Part, reader: ValueReader | None) -> str:
    """The same of the title lines above the lowest, those read again that were hardly read."""
    for head in reversed(heads):
        words: Sequence[Word] = head.words
        if words and min(w.confidence for w in words) < _SURELY_READ:
            words = _title_at(leaf, head.box, words, part, reader).words
        if chief := _signed_for(words):
            return chief
    return ""


def _signed_for(words: Sequence[Word]) -> str:
    """Whose place the signer takes, as "KT. CHỦ TỊCH" says; only a deputy signs so.

    Decree 30/2020/NĐ-CP, annex I: who signs in the head's stead puts "KT." before the head's title.
    """
    said = [squash(w.text) for w in words]
    if "kt" not in said:
        return ""
    # The signer's own title may stand on the same line, behind a dash.
    behind = takewhile(lambda n: said[n] != "pho", range(said.index("kt") + 1, len(said)))
    return " ".join(words[n].text for n in behind if said[n])


def _title_at(leaf: Leaf, box: Box, words: Sequence[Word], part: Part, reader: ValueReader | None) -> Value:
    """The title line that a box lies on, read again where the page reading left it in doubt."""
    place = _whole_words(leaf, box)
    value = Value(
        leaf=leaf,
        words=tuple(words),
        box=place,
        ink=Ink.PRINT,
        source=leaf.source.text.engine,
        covered=covered(leaf, [place], words),
        lines=(place,),
        reader=None if leaf.born_digital else reader,
    )
    return read_value(value, part.kind)


def _whole_words(leaf: Leaf, box: Box) -> Box:
    """A title with the words on either side that reading left out, told by its ink."""
    if leaf.born_digital:
        return box
    most = 7 * leaf.height
    zone = (max(0, round(box[0] - most)), max(0, box[1]), round(box[2] + most), box[3])
    strokes, _ = strokes_not_red(leaf, zone)
    left, right = grown(strokes, zone, box, gap=_TITLE_GAP * leaf.height, most=most)
    return left, box[1], right, box[3]


def _last_run(heads: Heads, leaf: Leaf) -> Heads:
    """Title lines that stand close under one another; the lowest such group counts."""
    run: Heads = []
    for head in sorted(heads, key=lambda h: h[1].box[1]):
        if run and head[1].box[1] - run[-1][1].box[3] > 2.2 * leaf.height:
            run = []
        run.append(head)
    return run


def _name(form: Signature) -> Part:
    return Part(form.key, form.kind)
