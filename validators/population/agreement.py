"""Field-by-field agreement between a person on a page and a row of the register."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein, LCSseq

from validators.case import Certainty
from validators.letters import fold, likeness, tidy
from validators.population.row import Query, RegisterRow, commune_of, hamlet_of

_TITLE = re.compile(r"^(?:hộ\s+)?(?:ông|bà|anh|chị)\s*[:.]?\s+(?=\S+\s+\S)", re.IGNORECASE)
_HIGHLAND_LETTERS = frozenset("ŭŏĭĕčƀñ")
UNLIKE_WORD = 0.45
UNLIKE_KNOWN_WORD = 0.6
"""Likeness of words; poor reading leaves more of a word than this, above all where it gives another name."""
UNLIKE_NAME = 0.6
"""Likeness of whole names; poor reading leaves more than this."""
UNLIKE_HARDLY_READ_NAME = 0.5
"""The same where a name was hardly read: of the twenty-one such names of the development corpus three keep
less than 0.6 and none less than 0.58, while of the register's other names one in twelve is as like."""
SURELY_READ = 0.95
"""Confidence from which on another reading of the same ink counts for nothing."""
HARDLY_READ = 0.3
"""Confidence below which whole words may be made up."""
LIKE_HAMLET = 0.8
MIN_HINT_DIGITS = 2


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name on paper and how well it was read.

    Attributes:
        text: without "ông", "bà"; "" where nothing was read.
        others: further readings of the same ink.
        strange: words, in small letters, that no name of the register has.
    """

    text: str = ""
    certainty: Certainty = Certainty.EMPTY
    confidence: float = 1.0
    others: tuple[str, ...] = ()
    strange: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """A query with the certainty of what it rests on.

    Attributes:
        birth_digits: digits seen where the birth date could not be read as a date.
        of_household: the name is spelled as in the register row of the person's child.
    """

    query: Query
    name: NameReading
    birth: Certainty
    sex: Certainty
    number: Certainty
    father: NameReading
    mother: NameReading
    birth_digits: str = ""
    of_household: bool = False


class NameDifference(enum.StrEnum):
    """How a name on paper and one in the register stand to each other."""

    NONE = "none"
    MISREAD = "misread"  # what was read may be a poor reading of the register's name
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """What one field adds to a score.

    Attributes:
        column: of the register.
        paper, register: values compared, dates ISO.
        likeness: 0-1.
        points: added to the score, negative where the field speaks against the row.
        best: what the field would add if it agreed.
    """

    column: str
    paper: str
    register: str
    likeness: float
    points: float
    best: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one row compares; None where one side says nothing.

    Attributes:
        name: likeness 0-1 of names, 1.0 only when they are spelled the same.
        difference: of the names.
        birth: agrees as far as the paper is precise.
        birth_near: differs, but by one slip of the pen or a few years.
        birth_hint: the digits that could be read may stand in the row's birth date.
        number: the identity number on paper is the row's.
        number_near: differs by at most two digits.
        commune, hamlet: places agree.
        father, mother: likeness of the parents' names.
        parts: what every field adds to the score.
        score: share of the points that full agreement would give, 0-1; not a probability.
    """

    row: RegisterRow
    name: float
    difference: NameDifference
    birth: bool | None
    birth_near: bool
    birth_hint: bool | None
    number: bool | None
    number_near: bool
    sex: bool | None
    commune: bool | None
    hamlet: bool | None
    father: float | None
    mother: float | None
    parts: tuple[FieldAgreement, ...]
    score: float


@lru_cache(maxsize=1 << 16)
def bare_name(name: str) -> str:
    """Name without "ông", "bà", "hộ ông" before it."""
    return _TITLE.sub("", tidy(name))


@lru_cache(maxsize=1 << 16)
def spelling(name: str) -> str:
    """Key equal for spellings that differ in case, hyphens or the seat of the tone mark (hoà, hòa)."""
    decomposed = unicodedata.normalize("NFD", bare_name(name).casefold().replace("’", "'").replace("-", " "))
    keys = []
    for word in decomposed.split():
        marks = sorted(filter(unicodedata.combining, word))
        keys.append(
            "".join(c for c in word if not unicodedata.combining(c)) + "".join(marks) if marks else word
        )
    return " ".join(keys)


@lru_cache(maxsize=1 << 16)
def _has_highland_letters(name: str) -> bool:
    return not _HIGHLAND_LETTERS.isdisjoint(name.casefold())


def same_spelling(left: str, right: str) -> bool:
    """Whether two names are spelled the same.

    Letters of highland languages (ŭ, ŏ, ƀ …) are on no Vietnamese keyboard and in no legacy encoding: a word
    that has one compares without marks.
    """
    if spelling(left) == spelling(right):
        return True
    if not (_has_highland_letters(left) or _has_highland_letters(right)):
        return False
    mine, theirs = bare_name(left).casefold().split(), bare_name(right).casefold().split()
    return len(mine) == len(theirs) and all(
        spelling(a) == spelling(b) or (fold(a) == fold(b) and not _HIGHLAND_LETTERS.isdisjoint(a + b))
        for a, b in zip(mine, theirs, strict=True)
    )


def name_likeness(left: str, right: str) -> float:
    """1.0 for the same spelling, else the likeness of letters and marks, just below 1 at most."""
    if same_spelling(left, right):
        return 1.0
    return min(0.99, likeness(bare_name(left), bare_name(right)))


def _unlike_words(left: str, right: str) -> list[tuple[str, str]]:
    """Words that are spelled otherwise, in small letters.

    A word that one name has more is left out, the one without which most is alike; none are told where
    names differ by more words.
    """
    mine, theirs = bare_name(left).casefold().split(), bare_name(right).casefold().split()
    if len(mine) == len(theirs) + 1:
        mine = _shortened(mine, theirs)
    elif len(theirs) == len(mine) + 1:
        theirs = _shortened(theirs, mine)
    elif len(mine) != len(theirs):
        return []
    return [(a, b) for a, b in zip(mine, theirs, strict=True) if spelling(a) != spelling(b)]


def _shortened(longer: list[str], shorter: list[str]) -> list[str]:
    """The longer name less the word without which it is most like the shorter one."""
    fewer = (longer[:at] + longer[at + 1 :] for at in range(len(longer)))
    return max(fewer, key=lambda words: sum(map(likeness, words, shorter)))


def another_word(reading: NameReading, name: str) -> bool:
    """Whether a word of the reading is one that poor reading does not make of the register's word.

    "Mỹ" and "Xuân" are another word each; "Nguyyễn", which nobody is called, is a poor "Nguyễn".
    """
    poor = reading.confidence < HARDLY_READ
    others = [
        a
        for a, b in _unlike_words(reading.text, name)
        # so little of the word was read that it tells nothing
        if not (poor and 2 * len(a) <= len(b))
        and likeness(a, b) < (UNLIKE_WORD if a in reading.strange else UNLIKE_KNOWN_WORD)
    ]
    # a reading that is poor all over makes up words; one that has all others right does not
    return len(others) == 1 if poor else bool(others)


def difference(reading: NameReading, name: str) -> NameDifference:
    """Whether a reading tells of another name or is a poor reading of this one."""
    if same_spelling(reading.text, name):
        return NameDifference.NONE
    if reading.confidence < SURELY_READ and _explained(reading, name):
        return NameDifference.MISREAD
    poor = reading.certainty in (Certainty.DOUBTFUL, Certainty.MISSING)
    unlike = UNLIKE_HARDLY_READ_NAME if reading.confidence < HARDLY_READ else UNLIKE_NAME
    if poor and likeness(reading.text, name) >= unlike and not another_word(reading, name):
        return NameDifference.MISREAD
    return NameDifference.OTHER


def _explained(reading: NameReading, name: str) -> bool:
    """Whether the ways in which readers fail lead from the name to the reading."""
    if any(same_spelling(other, name) for other in reading.others):
        return True
    mine, theirs = spelling(reading.text).split(), spelling(name).split()
    # a word left out or one more; clerks write names in full
    longer, shorter = (mine, theirs) if len(mine) > len(theirs) else (theirs, mine)
    if len(longer) != len(shorter) and LCSseq.similarity(longer, shorter) == len(shorter):
        return True
    if 2 * sum(map(len, mine)) < sum(map(len, theirs)):
        return True
    read, whole = " ".join(mine), " ".join(theirs)
    if whole.startswith(read) or whole.endswith(read):  # cut off at an edge of the cell
        return True
    unlike = _unlike_words(reading.text, name)
    strange = bool(unlike) and all(word in reading.strange for word, _ in unlike)
    return strange and likeness(reading.text, name) >= UNLIKE_NAME and not another_word(reading, name)


def _birth_near(paper: str, row: str) -> bool:
    """One slip: a digit, two swapped, day and month exchanged, or some years off."""
    if not paper or not row:
        return False
    cut = row[: len(paper)]
    if DamerauLevenshtein.distance(paper, cut) <= 1 or abs(int(paper[:4]) - int(row[:4])) <= 5:
        return True
    return len(paper) == 10 and len(row) == 10 and paper[4:] == row[4:]


def birth_hint(digits: str, birth: str) -> bool | None:
    """Whether digits, some of them lost or one misread, may be a birth date as clerks write it."""
    if len(digits) < MIN_HINT_DIGITS or not birth:
        return None
    year, *rest = birth.split("-")
    forms = {year}
    if len(rest) == 2:
        month, day = rest
        forms |= {day + month + year, f"{int(day)}{int(month)}{year}", month + year}
    for form in forms:
        if len(digits) <= len(form) and LCSseq.similarity(digits, form) == len(digits):
            return True
        if len(digits) == len(form) > MIN_HINT_DIGITS and LCSseq.similarity(digits, form) >= len(form) - 1:
            return True
    return False


def _commune_agrees(query: Query, row: RegisterRow) -> bool | None:
    commune = commune_of(row.noiThuongTru)
    if not query.communes or not commune:
        return None
    return any(c == commune or likeness(c, commune) >= 0.85 for c in query.communes)


def _hamlet_agrees(query: Query, row: RegisterRow) -> bool | None:
    """Hamlets with the same numbers and nearly the same letters; a lost comma leaves the commune behind."""
    home = hamlet_of(row.noiThuongTru)
    if not query.hamlet or not home:
        return None
    mine = query.hamlet
    for commune in query.communes:
        mine = mine.removesuffix(f" {commune}")
    numbers = [re.findall(r"[1-9]\d*", text) for text in (mine, home)]
    return mine == home or (numbers[0] == numbers[1] and likeness(mine, home) >= LIKE_HAMLET)


def compare(person: Person, row: RegisterRow) -> Agreement:
    """Compare all fields; the score adds log-like weights that were set by hand and not learned."""
    query = person.query
    parts: list[FieldAgreement] = []

    def add(column: str, paper: str, like: float, points: float, best: float) -> None:
        parts.append(FieldAgreement(column, paper, getattr(row, column), like, points, best))

    name = 0.0
    if query.name:
        name = name_likeness(query.name, row.hoTen)
        add("hoTen", query.name, name, 8 * max(-1.0, 2 * name - 1) + (name == 1.0), 9)
    birth = row.ngaySinh.startswith(query.birth) if query.birth and row.ngaySinh else None
    near = birth is False and _birth_near(query.birth, row.ngaySinh)
    if birth is not None:
        weight = 6.0 if len(query.birth) == 10 else 3.0
        points = weight if birth else (0.5 if near else -4.0)
        add("ngaySinh", query.birth, 1.0 if birth else 0.5 * near, points, weight)
    number: bool | None = None
    number_near = False
    for column, mine, theirs in (
        ("soDinhDanh", query.personal_number, row.soDinhDanh),
        ("soCMND", query.cmnd, row.soCMND),
    ):
        if mine and theirs:
            number = mine == theirs
            number_near = not number and DamerauLevenshtein.distance(mine, theirs) <= 2
            like = 1.0 if number else 0.5 * number_near
            add(column, mine, like, 9 if number else (3 if number_near else -5), 9)
    sex = query.sex == row.gioiTinh if query.sex and row.gioiTinh else None
    if sex is not None:
        add("gioiTinh", query.sex, float(sex), 0.5 if sex else -3, 0.5)
    commune = _commune_agrees(query, row)
    hamlet = _hamlet_agrees(query, row)
    if commune is not None or hamlet is not None:
        points = (0.0 if commune is None else 2.0 if commune else -1.0) + (
            1.5 if hamlet and commune is not False else 0.0
        )
        best = (2.0 if commune is not None else 0.0) + (1.5 if hamlet is not None else 0.0)
        add(
            "noiThuongTru",
            ", ".join(filter(None, (query.hamlet, *query.communes))),
            max(0.0, points / best),
            points,
            best,
        )
    kin: dict[str, float | None] = {}
    for column, mine, theirs in (
        ("hoTenCha", query.father, row.hoTenCha),
        ("hoTenMe", query.mother, row.hoTenMe),
    ):
        kinship = name_likeness(mine, theirs) if mine and theirs else None
        kin[column] = kinship
        if kinship is not None:
            add(column, mine, kinship, 4 * max(-0.5, 2 * kinship - 1), 4)
    best = sum(p.best for p in parts)
    return Agreement(
        row=row,
        name=name,
        difference=difference(person.name, row.hoTen),
        birth=birth,
        birth_near=near,
        birth_hint=birth_hint(person.birth_digits, row.ngaySinh),
        number=number,
        number_near=number_near,
        sex=sex,
        commune=commune,
        hamlet=hamlet,
        father=kin["hoTenCha"],
        mother=kin["hoTenMe"],
        parts=tuple(parts),
        score=max(0.0, sum(p.points for p in parts) / best) if best else 0.0,
    )
