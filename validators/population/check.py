"""Checks the persons of a case against an extract of the register.

* MATCH: exactly one row fits by name and birth (as precise as on paper) or by number, and nothing else
  differs.
* AMBIGUOUS: several rows fit and the paper has no number; also a name without birth and number.
* MISMATCH: one near row differs in the named columns. Parents' names are compared for the child only.
* NOT_FOUND: no such row.

A place never decides between namesakes, since people move; it does make a row near. What a doubtful
reading differs by is no MISMATCH: it either still points at one row, or at none. Exceptions, which poor
reading hardly makes: one whole word of a name is another word, or the sex is the other one. A parent whose
name was read poorly is looked up by the name that the child's own row gives, where the two are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from validators.case import Case, Certainty
from validators.letters import fold, likeness
from validators.population.agreement import (
    HARDLY_READ,
    SURELY_READ,
    Agreement,
    NameDifference,
    NameReading,
    Person,
    another_word,
    compare,
    difference,
)
from validators.population.persons import PERSONS, person_of, renamed
from validators.population.register import PopulationRegister
from validators.population.row import RegisterRow
from validators.population.verdict import RegisterAnswer, RegisterVerdict

NEAR_NAME = 0.70  # one word of three differs: "Mỹ Liễu" and "Xuân Liễu"
NOISY_NAME = 0.60  # what reading may leave of a name when birth and place point at the row
NOISY_NAME_YEAR_ONLY = 0.78
LEGIBLE_NAME = 0.85  # a doubtful name that is still the same one
WELL_READ = 0.9  # confidence
CLEAR_MARGIN = 0.08  # between the best row and the next, in score
WHOLE_DATE_DIGITS = 6
TELLING_DIGITS = 3
SHOWN = 5


def _differences(person: Person, found: Agreement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that differ for sure, and columns that differ on a doubtful reading."""
    sure: list[str] = []
    doubtful: list[str] = []

    def name(column: str, reading: NameReading, alike: float | None, legible: float = 1.0) -> None:
        if alike is None and reading.certainty is Certainty.MISSING and getattr(found.row, column):
            doubtful.append(column)
        if alike is None or alike == 1.0:
            return
        other = difference(reading, getattr(found.row, column)) is NameDifference.OTHER
        # a letter of a parent's name is misread far more often than the row is another child's
        slip = alike >= legible and not another_word(reading, getattr(found.row, column))
        other = other and not (slip and reading.confidence < WELL_READ)
        (sure if other else doubtful).append(column)

    def value(column: str, differs: bool, state: Certainty) -> None:
        if differs:
            (doubtful if state is Certainty.DOUBTFUL else sure).append(column)

    name("hoTen", person.name, found.name if person.query.name else None)
    value("ngaySinh", found.birth is False, person.birth)
    value("soDinhDanh" if person.query.personal_number else "soCMND", found.number is False, person.number)
    # a sex that was read at all is one of two words that do not resemble each other
    value("gioiTinh", found.sex is False, Certainty.SURE)
    name("hoTenCha", person.father, found.father, LEGIBLE_NAME)
    name("hoTenMe", person.mother, found.mother, LEGIBLE_NAME)
    return tuple(sure), tuple(doubtful)


def _verdict(
    answer: RegisterAnswer, shown: Sequence[Agreement], fields: tuple[str, ...] = ()
) -> RegisterVerdict:
    top = shown[:SHOWN]
    return RegisterVerdict(
        answer,
        fields,
        tuple(a.row for a in top),
        round(top[0].score, 3) if top else 0.0,
        tuple(a.parts for a in top),
    )


def _settled(
    person: Person, found: Agreement, others: Sequence[Agreement], unread: tuple[str, ...] = ()
) -> RegisterVerdict:
    """Verdict for the one row that fits; `unread` are columns the paper has and nobody could read."""
    sure, doubtful = _differences(person, found)
    shown = [found, *(o for o in others if o is not found)]
    if sure:
        return _verdict(RegisterAnswer.MISMATCH, shown, sure)
    return _verdict(RegisterAnswer.MATCH, shown[:1], (*doubtful, *unread))


def _fits(ranked: Sequence[Agreement]) -> list[Agreement]:
    """Rows with the same name and birth, less those that contradict sex or parents when others do not."""
    fitting = [a for a in ranked if a.name == 1.0 and a.birth]
    same_sex = [a for a in fitting if a.sex is not False]
    fitting = same_sex or fitting
    parents_known = any(a.father is not None or a.mother is not None for a in fitting)
    own_child = [a for a in fitting if 1.0 in (a.father, a.mother)]
    if parents_known and own_child:
        return own_child
    return fitting


def _kin(found: Agreement) -> bool:
    """Both parents, or the only one named, agree."""
    named = [p for p in (found.father, found.mother) if p is not None]
    return bool(named) and all(p >= NEAR_NAME for p in named)


def _both_parents(found: Agreement) -> bool:
    return found.father is not None and found.mother is not None and _kin(found)


def _noisy(person: Person, found: Agreement) -> bool:
    """Whether the row fits once doubtful readings are allowed to be a little wrong."""
    if found.sex is False and person.sex is Certainty.SURE:
        return False
    if found.number:
        return True
    if found.difference is NameDifference.OTHER and person.name.certainty is Certainty.SURE:
        return False
    if found.number is False and not (person.number is Certainty.DOUBTFUL and found.number_near):
        return False
    full = len(person.query.birth) == 10
    if found.birth and full and _both_parents(found) and found.difference is not NameDifference.OTHER:
        return True
    if not found.birth:
        misread = found.birth is False and person.birth is Certainty.DOUBTFUL and found.birth_near
        return misread and found.name >= NEAR_NAME and (found.commune is True or _kin(found))
    if full or _kin(found):
        return found.name >= NOISY_NAME
    return found.name >= NOISY_NAME_YEAR_ONLY and found.commune is not False


def _same_given(person: Person, found: Agreement) -> bool:
    return fold(person.query.name).split()[-1:] == fold(found.row.hoTen).split()[-1:]


def _near(person: Person, found: Agreement) -> bool:
    """Whether the row is the same person with one column different."""
    if found.number:
        return True
    full = len(person.query.birth) == 10
    same_name = found.name == 1.0 or (
        found.difference is NameDifference.MISREAD and found.name >= LEGIBLE_NAME
    )
    if found.number_near and same_name:
        return found.birth is not False or found.birth_near
    if found.number is False and not found.number_near:
        return False
    if found.birth_near:
        if same_name:
            return _kin(found) or (found.commune is True and found.father is None and found.mother is None)
        # brothers and sisters share parents and family name, not the given name
        return full and found.name >= NEAR_NAME and _both_parents(found) and _same_given(person, found)
    if found.birth and found.name >= NEAR_NAME:
        if full:
            strangers = [p for p in (found.father, found.mother) if p is not None and p < NEAR_NAME]
            return _kin(found) or (found.commune is True and len(strangers) < 2)
        return found.commune is True and found.hamlet is not False
    return False


def _clear(ranked: Sequence[Agreement]) -> bool:
    return len(ranked) == 1 or ranked[0].score - ranked[1].score >= CLEAR_MARGIN


def _without_birth(person: Person, ranked: Sequence[Agreement]) -> RegisterVerdict:
    """Neither birth date nor number could be read, or neither is written."""
    named = [
        a
        for a in ranked
        if a.name == 1.0 or (a.difference is NameDifference.MISREAD and a.name >= LEGIBLE_NAME)
    ]
    unread = ("ngaySinh",) if person.birth is Certainty.MISSING else ()
    named = [a for a in named if a.birth_hint is not False] or named
    family = [a for a in named if _kin(a)]
    if len(family) == 1:
        if family[0].birth_hint is False and len(person.birth_digits) > TELLING_DIGITS:
            return _verdict(RegisterAnswer.MISMATCH, named, ("ngaySinh",))
        return _settled(person, family[0], ranked, unread)
    alike = [a for a in named if a.sex is not False and a.birth_hint is not False]
    if person.of_household and len(alike) == 1 and alike[0].commune is not False:
        return _settled(person, alike[0], ranked, ("ngaySinh",))
    if Certainty.MISSING not in (person.birth, person.number):
        return _verdict(RegisterAnswer.AMBIGUOUS if named else RegisterAnswer.NOT_FOUND, named)
    hinted = [a for a in alike if a.birth_hint]
    at_home = [a for a in hinted if a.commune is not False]
    if len(at_home) == 1:
        return _settled(person, at_home[0], ranked, ("ngaySinh",))
    if at_home:
        return _verdict(RegisterAnswer.AMBIGUOUS, at_home)
    if len(person.birth_digits) >= WHOLE_DATE_DIGITS:
        near = [a for a in ranked if a.birth_hint and a.commune and a.name >= NEAR_NAME]
        if len(near) == 1:
            return _settled(person, near[0], ranked, ("ngaySinh",))
    if len(named) == len(alike) == 1 and named[0].commune and named[0].name == 1.0:
        return _settled(person, named[0], ranked, ("ngaySinh",))
    if person.name.certainty is Certainty.SURE and (not named or len(person.birth_digits) >= TELLING_DIGITS):
        return _verdict(RegisterAnswer.NOT_FOUND, ())
    return _verdict(RegisterAnswer.NOT_CHECKED, named)


def _alone(person: Person, found: RegisterVerdict, register: PopulationRegister) -> RegisterVerdict:
    """The verdict, unless it is a match and others of that name were born in the same year or on that day."""
    if found.verdict is not RegisterAnswer.MATCH:
        return found
    row = found.candidates[0]
    born = row.ngaySinh if len(person.birth_digits) >= WHOLE_DATE_DIGITS else row.ngaySinh[:4]
    named = renamed(person, row.hoTen)
    fitting = _fits(rank(replace(named, query=replace(named.query, birth=born)), register))
    return _verdict(RegisterAnswer.AMBIGUOUS, fitting) if len(fitting) > 1 else found


def _nameless(person: Person, ranked: Sequence[Agreement]) -> RegisterVerdict:
    """The name could not be read: only a whole birth date with both parents stands for a name."""
    whole = len(person.query.birth) == 10 and person.birth is Certainty.SURE
    children = [a for a in ranked if whole and a.birth and a.sex is not False and _both_parents(a)]
    if len(children) == 1:
        return _settled(person, children[0], ranked)
    return RegisterVerdict(RegisterAnswer.NOT_CHECKED)


def rank(person: Person, register: PopulationRegister) -> list[Agreement]:
    """Rows that may be the person, the best first."""
    return sorted((compare(person, row) for row in register.search(person.query)), key=lambda a: -a.score)


def judge(person: Person, register: PopulationRegister) -> RegisterVerdict:
    """Verdict for one person."""
    ranked = rank(person, register)
    if not person.query.name:
        return _nameless(person, ranked)
    by_number = [a for a in ranked if a.number]
    if len(by_number) == 1:
        return _settled(person, by_number[0], ranked)
    fitting = _fits(ranked)
    numbered = bool(person.query.personal_number or person.query.cmnd)
    if not person.query.birth and not numbered:
        return _alone(person, _without_birth(person, ranked), register)
    if numbered and len(fitting) > 1:
        near = [a for a in fitting if a.number_near] or [a for a in fitting if a.number is None]
        fitting = near if len(near) == 1 else fitting
    if len(fitting) > 1:
        return _verdict(RegisterAnswer.AMBIGUOUS, fitting)
    if len(fitting) == 1:
        only = fitting[0]
        stranger = only.number is False and not only.number_near and only.commune is not True
        if not stranger:
            return _settled(person, only, ranked)
    noisy = [a for a in ranked if _noisy(person, a)]
    if noisy:
        if not _clear(noisy):
            return _verdict(RegisterAnswer.AMBIGUOUS, noisy)
        return _settled(person, noisy[0], ranked)
    near = [a for a in ranked if _near(person, a)]
    if not near:
        return _verdict(RegisterAnswer.NOT_FOUND, ())
    sure, _ = _differences(person, near[0])
    if not sure:
        return _verdict(RegisterAnswer.AMBIGUOUS, near)
    return _verdict(RegisterAnswer.MISMATCH if _clear(near) else RegisterAnswer.AMBIGUOUS, near, sure)


def _parent_in(child: RegisterRow | None, prefix: str) -> str:
    """The parent's name in the child's row."""
    return {"me": child.hoTenMe, "cha": child.hoTenCha}.get(prefix, "") if child else ""


def _household_name(reading: NameReading, name: str) -> str:
    """The parent's name in the child's row, where the reading is a poor one of it; else ""."""
    if not name or not reading.text or reading.confidence >= SURELY_READ:
        return ""
    alike = likeness(reading.text, name)
    misread = difference(reading, name) is NameDifference.MISREAD
    near = alike >= LEGIBLE_NAME and reading.confidence < WELL_READ and not another_word(reading, name)
    return name if near or (misread and (alike >= NEAR_NAME or reading.confidence < HARDLY_READ)) else ""


def check_population(case: Case, register: PopulationRegister) -> dict[str, RegisterVerdict]:
    """Verdicts by official prefix for the persons the form names.

    A person whose name cell is empty or absent is left out; one whose name could not be read is NOT_CHECKED,
    unless birth date and parents tell whose row it is.
    """
    verdicts: dict[str, RegisterVerdict] = {}
    child: RegisterRow | None = None
    for prefix in PERSONS.get(case.form, ()):
        field = case.fields.get(f"{prefix}HoTen")
        if (
            field is None
            or field.certainty is Certainty.EMPTY
            or not (field.value or field.certainty is Certainty.MISSING)
        ):
            continue
        person = person_of(case, prefix, register.vocabulary)
        found = judge(person, register)
        exact = found.verdict is RegisterAnswer.MATCH and not found.fields
        if not exact and (name := _household_name(person.name, _parent_in(child, prefix))):
            found = judge(renamed(person, name), register)
            if found.verdict is RegisterAnswer.MATCH:
                found = replace(found, fields=("hoTen", *found.fields))
        if found.verdict is RegisterAnswer.NOT_FOUND and (parent := _parent_in(child, prefix)):
            # same birth, and the child's own row names this parent: the paper has another name
            of_row = judge(renamed(person, parent), register)
            if person.query.birth and of_row.verdict is RegisterAnswer.MATCH and not of_row.fields:
                found = replace(of_row, verdict=RegisterAnswer.MISMATCH, fields=("hoTen",))
        if prefix == "nks" and found.verdict in (RegisterAnswer.MATCH, RegisterAnswer.MISMATCH):
            child = found.candidates[0]
        verdicts[prefix] = found
    return verdicts
