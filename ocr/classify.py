"""Which form a page is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from ocr.forms.schema import Column, Form, FormLibrary, Layout
from ocr.labels import contains, squash
from ocr.layout import Placement, place_rows
from ocr.layout_table import find_grid, match_columns
from ocr.leaf import Leaf
from ocr.row_order import best_placed

_YEAR = re.compile(r"(?<!\d)(19[4-9]\d|20[0-4]\d)(?!\d)")
_SURE_TITLE = 0.8
_ALL_LETTERS = 1000
_TELLING_LETTERS = 80
"""All labels of a face that has hardly any say less than some of a full one."""
_FEWEST_COLUMNS = 4
_FEW_LETTERS = 25
_FEW_LABELS = 0.2
"""A face without a title needs at least so many letters of known labels, and such a share of its own."""
_COMMON_STARTS = ("so dang ky khai ", "so dang ky viec ", "so dang ky ", "so ", "giay chung nhan ", "giay ")
"""Accent-free words with which many titles begin, longest first."""
_MOST_LABELS, _MOST_COLUMNS = 0.6, 0.4
_LEAST_SCORE = 1.7
"""Pages of other papers reach 0.8, the worst pages of registers 2.2."""
_LEAST_OF_TABLE = 1.3
_TELLING_SIGNS = 0.5
"""A form that has no labels is told from others of its title by at least half its turns of phrase."""


@dataclass(frozen=True, slots=True)
class FormMatch:
    """The form that a page was taken for.

    Attributes:
        form: the form; for a cover, the first form of that book.
        score: larger is surer; comparable between pages.
        titled: whether the title itself stands on the page.
        cover: the page is the cover of a book and carries no record.
    """

    form: Form
    score: float
    titled: bool
    cover: bool = False


def classify_leaf(leaf: Leaf, forms: FormLibrary) -> FormMatch | None:
    """Tell the form of one face."""
    text = "\n".join(line.text for line in leaf.lines)
    scored: list[tuple[float, float, Placement, Form]] = []
    runs = _title_runs(leaf)
    titles = {named: _title_likeness(runs, named) for named in {form.titles for form in forms.forms}}
    best_title = max(titles.values(), default=0.0)
    for form in forms.forms:
        title = titles[form.titles]
        if best_title >= _SURE_TITLE and title < best_title - 0.06:
            continue
        placement = best_face(leaf, form)[1]
        share = placement.share * min(1.0, placement.weight / _TELLING_LETTERS)
        score = 2.0 * (title if title >= 0.7 else 0.0) + 2.0 * share + min(placement.weight, 200) / 200
        # Of two eras that both fit, the one that explains more of the page.
        score += placement.weight / _ALL_LETTERS
        signs = sum(contains(text, s, least=0.86) for s in form.signs) / max(1, len(form.signs))
        if form.layout is Layout.PROSE and signs < _TELLING_SIGNS:
            continue
        score += 0.5 * signs
        score -= 0.6 * any(contains(text, s, least=0.88) for s in form.against)
        score += 0.5 * _year_share(leaf, form)
        scored.append((score, title, placement, form))
    if not scored:
        return None
    score, title, placement, form = max(scored, key=lambda s: s[0])
    titled = title >= _SURE_TITLE
    if titled and form.layout in (Layout.SHEET, Layout.TABLE) and is_cover(leaf, forms, placement.weight):
        return FormMatch(form, score, titled, cover=True)
    if not titled and (placement.weight < _FEW_LETTERS or placement.share < _FEW_LABELS):
        return None
    if form.layout in (Layout.SHEET, Layout.TABLE):
        # Registers share most of their labels; without its title only a well-read page is told.
        ruled = form.layout is Layout.TABLE
        least = _MOST_COLUMNS if ruled else _MOST_LABELS
        nameless = not titled and (placement.share < least or placement.weight < 2 * _FEW_LETTERS)
        if nameless or score < (_LEAST_OF_TABLE if ruled else _LEAST_SCORE):
            return None
    return FormMatch(form, score, titled)


def is_cover(leaf: Leaf, forms: FormLibrary, weight: float) -> bool:
    """Whether a titled page is a book cover: hardly a line, the title low, the day of opening."""
    text = "\n".join(line.text for line in leaf.lines)
    words = sum(1 for line in leaf.lines for w in line.words if w.confidence > 0.4 and len(w.text) > 1)
    opened = any(contains(text, phrase, least=0.9) for phrase in forms.covers)
    return (opened and words < 60) or (words < 25 and weight < 60)


def _title_runs(leaf: Leaf) -> list[str]:
    """What stands in the upper two thirds of the face in one, two and three lines."""
    lines = [line for line in leaf.lines if line.box[1] < 0.7 * leaf.frame[3]]
    texts = [squash(" ".join(w.text for w in line.words)) for line in lines]
    runs = [*texts, *(f"{a} {b}" for a, b in pairwise(texts))]
    return runs + [f"{a} {b} {c}" for a, b, c in zip(texts, texts[1:], texts[2:], strict=False)]


def _title_likeness(runs: Sequence[str], titles: Sequence[str]) -> float:
    """0 to 1: how surely one of the titles stands in one of the runs of lines."""
    best = 0.0
    for title in titles:
        wanted = squash(title)
        for run in runs:
            if len(run) < 0.6 * len(wanted):
                continue
            # A piece of a title is no title: only what is longer may hold it somewhere inside.
            alike = fuzz.partial_ratio if len(run) >= len(wanted) else fuzz.ratio
            likeness = alike(wanted, run, score_cutoff=100 * best) / 100
            if likeness <= best:
                continue
            likeness = min(likeness, _own_words(wanted, run))
            spare = max(0, len(run) - len(wanted)) / len(wanted)
            best = max(best, likeness - 0.12 * min(spare, 1.5))
    return best


def _own_words(wanted: str, run: str) -> float:
    """How like a title a run may be at most, by the words that other titles do not share with it."""
    for start in _COMMON_STARTS:
        if wanted.startswith(start) and (at := run.find(start)) >= 0:
            own = wanted[len(start) :]
            there = run[at + len(start) : at + len(wanted) + 3]
            return 0.3 + 0.7 * fuzz.partial_ratio(own, there) / 100 if len(there) >= len(own) - 2 else 0.3
    return 1.0


def placements(leaf: Leaf, form: Form) -> list[tuple[str, Placement]]:
    """Each face of a form, laid over the leaf."""
    placed = [
        (face, best_placed(form.rows_of(face), lambda rows: place_rows(rows, leaf.labels, None)))
        for face in form.faces
    ]
    if form.table is not None:
        seen = _columns_seen(leaf, form.table.columns)
        share = len(seen) / len(form.table.columns)
        face, placement = placed[0] if form.table.face == "page" else placed[-1]
        more = Placement(placement.rows, placement.weight + sum(map(len, seen)), share)
        placed[0 if form.table.face == "page" else -1] = (face, more)
    return placed


def best_face(leaf: Leaf, form: Form) -> tuple[str, Placement]:
    """The face of a form that fits the leaf best."""
    return max(placements(leaf, form), key=lambda p: p[1].weight)


def _columns_seen(leaf: Leaf, columns: Sequence[Column]) -> list[str]:
    """Headers of a form's table that stand over the columns of the page, else anywhere on it."""
    grid = find_grid(leaf)
    if grid is not None and len(grid.columns) > _FEWEST_COLUMNS:
        return [c.label[0] for c in match_columns(leaf, grid, columns, sure=True) if c is not None]
    return [
        column.label[0]
        for column in columns
        if any(contains(line.text, column.label[0], least=0.85) for line in leaf.lines if len(line.text) > 3)
    ]


def _year_share(leaf: Leaf, form: Form) -> float:
    """Share of the years in the head of the page (book, day of registration) in which the form was used."""
    if form.layout is Layout.CERTIFICATE:
        return 0.0
    _, top, _, bottom = leaf.frame
    # Of a page cut in half the head is more than a third.
    limit = top + max(0.32 * (bottom - top), 16 * leaf.height)
    years = [int(y) for line in leaf.lines if line.box[1] < limit for y in _YEAR.findall(line.text)]
    if not years:
        return 0.0
    return sum(form.years[0] <= y <= form.years[1] for y in years) / len(years)
