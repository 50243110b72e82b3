"""Checks the persons of a case against an extract of the register.

* MATCH: exactly one row fits by name and birth (as precise as on paper) or by number, and nothing else
  differs.
* AMBIGUOUS: several rows fit and the paper has no number; also a name without birth and number.
* MISMATCH: one near row differs in the named columns. Parents' names are compared for the child only.
* NOT_FOUND: no such row.

A place never decides between namesakes, since people move; it does make a row near. What a doubtful
reading differs by is no MISMATCH: it either still points at one row, or at none. Two exceptions, which
poor reading hardly makes: one whole word of a name is another word, or the sex is the other one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from validators.case import Case, Certainty
from validators.dates import is_iso
from validators.letters import fold
from validators.places.names import COMMUNE, units_of
from validators.population.agreement import Agreement, Person, another_word, bare_name, compare, fold_commune
from validators.population.register import PopulationRegister
from validators.population.row import Query, hamlet_of
from validators.population.verdict import RegisterAnswer, RegisterVerdict
from validators.rules.identity_rules import number_keys

PERSONS = {
    "KS": ("nks", "me", "cha"),
    "GKS": ("nks", "me", "cha"),
    "KH": ("chong", "vo"),
    "KT": ("nkt",),
    "CMC": ("cm", "nc"),
    "HN": ("nxn",),
    "GCN": ("chu1", "chu2"),
}
_SEX_OF_ROLE = {"me": "2", "cha": "1", "chong": "1", "vo": "2"}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
NEAR_NAME = 0.70  # one word of three differs: "Mỹ Liễu" and "Xuân Liễu"
NOISY_NAME = 0.60  # what reading may leave of a name when birth and place point at the row
NOISY_NAME_YEAR_ONLY = 0.78
LEGIBLE_NAME = 0.85  # a doubtful name that is still the same one
CLEAR_MARGIN = 0.08  # between the best row and the next, in score
SHOWN = 5


def _state(case: Case, *keys: str) -> Certainty:
    """Weakest certainty of the fields that stand on the form."""
    order = (Certainty.MISSING, Certainty.DOUBTFUL, Certainty.SURE)
    states = {case.fields[k].certainty for k in keys if k in case.fields}
    return next((s for s in order if s in states), Certainty.EMPTY)


def _read(case: Case, key: str) -> str:
    found = case.fields.get(key)
    return found.value if found and found.certainty in (Certainty.SURE, Certainty.DOUBTFUL) else ""


def _birth(case: Case, key: str) -> tuple[str, Certainty]:
    """Birth date to search by; of a date that could not be read, the year if it stands out."""
    value, state = _read(case, key), _state(case, key)
    if is_iso(value):
        return value, state
    year = _YEAR.search(case.fields[key].written) if key in case.fields else None
    return (year.group(0), Certainty.DOUBTFUL) if year else ("", state)


def person_of(case: Case, prefix: str) -> Person:
    """What the case says of a person, with the places where that person may be registered."""
    numbers = [(k, _read(case, k)) for k in number_keys(case, prefix)]
    personal = next((n for _, n in numbers if len(n) == 12 and n.isdigit()), "")
    cmnd = next((n for _, n in numbers if len(n) == 9 and n.isdigit()), "")
    sex_key = f"{prefix}GioiTinh"
    addresses = [f"{prefix}NoiCuTru", f"{prefix}DiaChi"]
    if prefix in ("nks", "cha", "me"):
        addresses += ["meNoiCuTru", "chaNoiCuTru"]
    if prefix == "chu2":
        addresses.append("chu1DiaChi")
    own = next((_read(case, k) for k in addresses if _read(case, k)), "")
    places = [fold_commune(_read(case, k)) for k in addresses]
    for key in ("noiDangKy", "noiCap"):
        unit = next((u for u in units_of(_read(case, key)) if u.level == COMMUNE), None)
        places.append(fold(unit.name) if unit else "")
    child = prefix == "nks"
    birth, birth_state = _birth(case, f"{prefix}NgaySinh")
    return Person(
        Query(
            name=bare_name(_read(case, f"{prefix}HoTen")),
            birth=birth,
            sex=_read(case, sex_key) or _SEX_OF_ROLE.get(prefix, ""),
            personal_number=personal,
            cmnd=cmnd,
            father=_read(case, "chaHoTen") if child else "",
            mother=_read(case, "meHoTen") if child else "",
            communes=tuple(dict.fromkeys(p for p in places if p)),
            hamlet=hamlet_of(own) if own else "",
        ),
        name=_state(case, f"{prefix}HoTen"),
        birth=birth_state,
        sex=_state(case, sex_key),
        number=_state(case, *(k for k, _ in numbers)),
        parents=_state(case, "chaHoTen", "meHoTen"),
    )


def _differences(person: Person, found: Agreement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that differ for sure, and columns that differ on a doubtful reading."""
    name_state = person.name
    if name_state is Certainty.DOUBTFUL and another_word(person.query.name, found.row.hoTen):
        name_state = Certainty.SURE
    # a sex that was read at all is one of two words that do not resemble each other
    sex_state = Certainty.SURE if person.sex is Certainty.DOUBTFUL else person.sex
    number_column = "soDinhDanh" if person.query.personal_number else "soCMND"
    compared = (
        ("hoTen", bool(person.query.name) and found.name < 1.0, name_state),
        ("ngaySinh", found.birth is False, person.birth),
        (number_column, found.number is False, person.number),
        ("gioiTinh", found.sex is False, sex_state),
        ("hoTenCha", found.father is not None and found.father < 1.0, person.parents),
        ("hoTenMe", found.mother is not None and found.mother < 1.0, person.parents),
    )
    sure = tuple(c for c, differs, state in compared if differs and state is not Certainty.DOUBTFUL)
    doubtful = tuple(c for c, differs, state in compared if differs and state is Certainty.DOUBTFUL)
    return sure, doubtful


def _verdict(
    answer: RegisterAnswer, shown: Sequence[Agreement], fields: tuple[str, ...] = ()
) -> RegisterVerdict:
    return RegisterVerdict(
        answer, fields, tuple(a.row for a in shown[:SHOWN]), round(shown[0].score, 3) if shown else 0.0
    )


def _settled(person: Person, found: Agreement, others: Sequence[Agreement]) -> RegisterVerdict:
    """Verdict for the one row that fits."""
    sure, doubtful = _differences(person, found)
    shown = [found, *(o for o in others if o is not found)]
    if sure:
        return _verdict(RegisterAnswer.MISMATCH, shown, sure)
    return _verdict(RegisterAnswer.MATCH, shown[:1], doubtful)


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


def _noisy(person: Person, found: Agreement) -> bool:
    """Whether the row fits once doubtful readings are allowed to be a little wrong."""
    if found.sex is False and person.sex is Certainty.SURE:
        return False
    doubtful_name = person.name is Certainty.DOUBTFUL
    if found.number:
        return True
    if found.name < 1.0 and not doubtful_name:
        return False
    if found.birth is False and not (person.birth is Certainty.DOUBTFUL and found.birth_near):
        return False
    if found.number is False and not (person.number is Certainty.DOUBTFUL and found.number_near):
        return False
    if found.birth is None or found.birth is False:
        return found.name >= NEAR_NAME and (found.commune is True or _kin(found)) and found.birth is False
    full = len(person.query.birth) == 10
    if full or _kin(found):
        return found.name >= NOISY_NAME
    return found.name >= NOISY_NAME_YEAR_ONLY and found.commune is not False


def _near(person: Person, found: Agreement) -> bool:
    """Whether the row is the same person with one column different."""
    if found.number:
        return True
    full = len(person.query.birth) == 10
    same_name = found.name == 1.0 or (person.name is Certainty.DOUBTFUL and found.name >= LEGIBLE_NAME)
    if found.number_near and same_name:
        return found.birth is not False or found.birth_near
    if found.number is False and not found.number_near:
        return False
    if same_name and found.birth_near:
        return _kin(found) or (found.commune is True and found.father is None and found.mother is None)
    if found.birth and found.name >= NEAR_NAME:
        if full:
            return found.commune is True or _kin(found)
        return found.commune is True and found.hamlet is not False
    return False


def _clear(ranked: Sequence[Agreement]) -> bool:
    return len(ranked) == 1 or ranked[0].score - ranked[1].score >= CLEAR_MARGIN


def _unread(person: Person, named: Sequence[Agreement]) -> RegisterVerdict:
    """A birth date is written but illegible: only a name unique in the register and the commune will do."""
    if len(named) == 1 and named[0].commune and named[0].sex is not False and named[0].name == 1.0:
        return _verdict(RegisterAnswer.MATCH, named, ("ngaySinh",))
    return _verdict(RegisterAnswer.NOT_CHECKED, named)


def judge(person: Person, register: PopulationRegister) -> RegisterVerdict:
    """Verdict for one person."""
    if person.name is Certainty.MISSING or not person.query.name:
        return RegisterVerdict(RegisterAnswer.NOT_CHECKED)
    ranked = sorted((compare(person, row) for row in register.search(person.query)), key=lambda a: -a.score)
    by_number = [a for a in ranked if a.number]
    if len(by_number) == 1:
        return _settled(person, by_number[0], ranked)
    fitting = _fits(ranked)
    numbered = bool(person.query.personal_number or person.query.cmnd)
    if not person.query.birth and not numbered:
        unread = person.birth is Certainty.MISSING or person.number is Certainty.MISSING
        named = [a for a in ranked if a.name == 1.0 or (person.name is Certainty.DOUBTFUL and a.name >= 0.9)]
        family = [a for a in named if _kin(a)]
        if len(family) == 1:
            return _settled(person, family[0], ranked)
        if unread:
            return _unread(person, named)
        return _verdict(RegisterAnswer.AMBIGUOUS if named else RegisterAnswer.NOT_FOUND, named)
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


def check_population(case: Case, register: PopulationRegister) -> dict[str, RegisterVerdict]:
    """Verdicts by official prefix for the persons the form names.

    A person whose name cell is empty or absent is left out; one whose name could not be read is NOT_CHECKED.
    """
    verdicts: dict[str, RegisterVerdict] = {}
    for prefix in PERSONS.get(case.form, ()):
        name = case.fields.get(f"{prefix}HoTen")
        if (
            name is None
            or name.certainty is Certainty.EMPTY
            or not (name.value or name.certainty is Certainty.MISSING)
        ):
            continue
        verdicts[prefix] = judge(person_of(case, prefix), register)
    return verdicts
