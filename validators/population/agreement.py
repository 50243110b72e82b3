"""Field-by-field agreement between a person on a page and a row of the register."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from validators.case import Certainty
from validators.letters import fold, likeness, tidy
from validators.population.row import Query, RegisterRow, commune_of, hamlet_of

_TITLE = re.compile(r"^(?:hộ\s+)?(?:ông|bà|anh|chị)\s*[:.]?\s+(?=\S+\s+\S)", re.IGNORECASE)


UNLIKE_WORD = 0.45  # poor reading leaves more of a word than this


@dataclass(frozen=True, slots=True)
class Person:
    """A query with the certainty of what it rests on."""

    query: Query
    name: Certainty
    birth: Certainty
    sex: Certainty
    number: Certainty
    parents: Certainty


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one row compares; None where one side says nothing.

    Attributes:
        name: likeness 0-1 of names, 1.0 only when they are spelled the same.
        birth: agrees as far as the paper is precise.
        birth_near: differs, but by one slip of the pen or a few years.
        number: the identity number on paper is the row's.
        number_near: differs by at most two digits.
        commune, hamlet: places agree.
        father, mother: likeness of the parents' names.
        score: additive weights, 0-1.
    """

    row: RegisterRow
    name: float
    birth: bool | None
    birth_near: bool
    number: bool | None
    number_near: bool
    sex: bool | None
    commune: bool | None
    hamlet: bool | None
    father: float | None
    mother: float | None
    score: float


def bare_name(name: str) -> str:
    """Name without "ông", "bà", "hộ ông" before it."""
    return _TITLE.sub("", tidy(name))


@lru_cache(maxsize=1 << 16)
def spelling(name: str) -> str:
    """Key equal for spellings that differ in case, hyphens or the seat of the tone mark (hoà, hòa)."""
    words = re.split(r"[\s\-]+", bare_name(name).casefold().replace("’", "'"))
    keys = []
    for word in words:
        decomposed = unicodedata.normalize("NFD", word)
        keys.append(
            "".join(c for c in decomposed if not unicodedata.combining(c))
            + "".join(sorted(c for c in decomposed if unicodedata.combining(c)))
        )
    return " ".join(keys)


def name_likeness(left: str, right: str) -> float:
    """1.0 for the same spelling, else the likeness of letters and marks, just below 1 at most."""
    if spelling(left) == spelling(right):
        return 1.0
    return min(0.99, likeness(bare_name(left), bare_name(right)))


def another_word(left: str, right: str) -> bool:
    """Whether names agree but for one word that poor reading cannot explain ("Mỹ Liễu", "Xuân Liễu")."""
    mine, theirs = bare_name(left).split(), bare_name(right).split()
    if len(mine) != len(theirs) or len(mine) < 2:
        return False
    unlike = [(a, b) for a, b in zip(mine, theirs, strict=True) if spelling(a) != spelling(b)]
    return len(unlike) == 1 and likeness(*unlike[0]) < UNLIKE_WORD


def _birth_near(paper: str, row: str) -> bool:
    """One slip: a digit, two swapped, day and month exchanged, or some years off."""
    if not paper or not row:
        return False
    cut = row[: len(paper)]
    if DamerauLevenshtein.distance(paper, cut) <= 1 or abs(int(paper[:4]) - int(row[:4])) <= 5:
        return True
    return len(paper) == 10 and len(row) == 10 and paper[4:] == row[4:]


def _commune_agrees(query: Query, row: RegisterRow) -> bool | None:
    commune = commune_of(row.noiThuongTru)
    if not query.communes or not commune:
        return None
    return any(c == commune or likeness(c, commune) >= 0.85 for c in query.communes)


def compare(person: Person, row: RegisterRow) -> Agreement:
    """Compare all fields; the score adds log-like weights that were set by hand and not learned."""
    query = person.query
    name = name_likeness(query.name, row.hoTen) if query.name else 0.0
    birth = row.ngaySinh.startswith(query.birth) if query.birth and row.ngaySinh else None
    number: bool | None = None
    near = False
    for mine, theirs in ((query.personal_number, row.soDinhDanh), (query.cmnd, row.soCMND)):
        if mine and theirs:
            number = mine == theirs
            near = not number and DamerauLevenshtein.distance(mine, theirs) <= 2
    sex = query.sex == row.gioiTinh if query.sex and row.gioiTinh else None
    commune = _commune_agrees(query, row)
    theirs = hamlet_of(row.noiThuongTru)
    hamlet = query.hamlet == theirs if query.hamlet and theirs else None
    father = name_likeness(query.father, row.hoTenCha) if query.father and row.hoTenCha else None
    mother = name_likeness(query.mother, row.hoTenMe) if query.mother and row.hoTenMe else None
    birth_near = birth is False and _birth_near(query.birth, row.ngaySinh)
    points, best = 0.0, 0.0
    if query.name:
        points += 8 * max(-1.0, 2 * name - 1) + (1 if name == 1.0 else 0)
        best += 9
    if birth is not None:
        weight = 6.0 if len(query.birth) == 10 else 3.0
        points += weight if birth else (0.5 if birth_near else -4.0)
        best += weight
    if number is not None:
        points += 9 if number else (3 if near else -5)
        best += 9
    if sex is not None:
        points += 0.5 if sex else -3
        best += 0.5
    if commune is not None:
        points += 2 if commune else -1
        best += 2
    if hamlet is not None:
        points += 1.5 if hamlet and commune is not False else 0
        best += 1.5
    for parent in (father, mother):
        if parent is not None:
            points += 4 * max(-0.5, 2 * parent - 1)
            best += 4
    return Agreement(
        row,
        name,
        birth,
        birth_near,
        number,
        near,
        sex,
        commune,
        hamlet,
        father,
        mother,
        max(0.0, points / best) if best else 0.0,
    )


def fold_commune(text: str) -> str:
    """Commune of an address that may be written "thôn 4 - Ea KPam" without level words."""
    named = commune_of(text)
    if named or not text:
        return named
    parts = [p for p in re.split(r"\s+[-–]\s+|,", text) if p.strip()]
    return fold(parts[-1]) if len(parts) > 1 else ""
