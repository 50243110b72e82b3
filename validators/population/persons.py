"""What a record says of a person, as a question to the register."""

from __future__ import annotations

import re
from dataclasses import replace

from validators.case import Case, Certainty, FieldValue
from validators.dates import is_iso
from validators.letters import fold, fold_words
from validators.places.names import COMMUNE, units_of
from validators.population.agreement import NameReading, Person, bare_name
from validators.population.row import Query, Vocabulary, commune_of, hamlet_of
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
_READ = (Certainty.SURE, Certainty.DOUBTFUL)
_YEAR_DIGITS = 4


def _state(case: Case, *keys: str) -> Certainty:
    """Weakest certainty of the fields that stand on the form."""
    order = (Certainty.MISSING, Certainty.DOUBTFUL, Certainty.SURE)
    states = {case.fields[k].certainty for k in keys if k in case.fields}
    return next((s for s in order if s in states), Certainty.EMPTY)


def _read(case: Case, key: str) -> str:
    found = case.fields.get(key)
    return found.value if found and found.certainty in _READ else ""


def name_reading(found: FieldValue | None, known: Vocabulary) -> NameReading:
    """A name field; words that are no proper name still point at a row."""
    if found is None or found.certainty is Certainty.EMPTY:
        return NameReading()
    text = found.value or (found.written if len(found.written.split()) > 1 else "")
    name = bare_name(text)
    return NameReading(
        name,
        found.certainty,
        0.0 if found.certainty is Certainty.MISSING else found.confidence,  # what is no name was misread
        tuple(bare_name(a) for a in found.alternatives),
        frozenset(name.casefold().split()) - known.name_words if known.name_words else frozenset(),
    )


def _birth(case: Case, key: str) -> tuple[str, Certainty, str]:
    """Birth date to search by, its certainty, and the digits seen where it is no date or a doubtful one."""
    found = case.fields.get(key)
    value, state = _read(case, key), _state(case, key)
    if found is None or state is Certainty.EMPTY:
        return "", state, ""
    if state is Certainty.DOUBTFUL and not found.written:
        return "", state, ""  # most likely nothing stands there
    digits = "".join(re.findall(r"\d", found.written))
    if is_iso(value) and (state is Certainty.SURE or len(digits) >= _YEAR_DIGITS):
        return value, state, ""
    if year := _YEAR.search(found.written):
        return year.group(0), Certainty.DOUBTFUL, digits
    return "", Certainty.MISSING, digits


def _commune(address: str, known: frozenset[str]) -> str:
    """Commune of an address that may be written "thôn 4 - Ea KPam" or have lost its commas.

    Args:
        known: folded communes of the register.
    """
    named = commune_of(address)
    if named or not address:
        return named
    parts = [p for p in re.split(r"\s+[-–]\s+|,", address) if p.strip()]
    if len(parts) > 1 and fold(parts[-1]) in known:
        return fold(parts[-1])
    words = fold_words(address)
    runs = (" ".join(words[end - n : end]) for end in range(len(words), 0, -1) for n in (4, 3, 2) if n <= end)
    return next((run for run in runs if run in known), fold(parts[-1]) if len(parts) > 1 else "")


def person_of(case: Case, prefix: str, known: Vocabulary | None = None) -> Person:
    """What the case says of a person, with the places where that person may be registered.

    Args:
        known: words of the register, by which addresses without level words and misread names show.
    """
    known = known or Vocabulary()
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
    places = [_commune(_read(case, k), known.communes) for k in addresses]
    for key in ("noiDangKy", "noiCap"):
        unit = next((u for u in units_of(_read(case, key)) if u.level == COMMUNE), None)
        places.append(fold(unit.name) if unit else "")
    name = name_reading(case.fields.get(f"{prefix}HoTen"), known)
    father, mother = (
        name_reading(case.fields.get(key) if prefix == "nks" else None, known)
        for key in ("chaHoTen", "meHoTen")
    )
    birth, birth_state, digits = _birth(case, f"{prefix}NgaySinh")
    return Person(
        Query(
            name=name.text,
            birth=birth,
            sex=_read(case, sex_key) or _SEX_OF_ROLE.get(prefix, ""),
            personal_number=personal,
            cmnd=cmnd,
            father=father.text if father.certainty in _READ else "",
            mother=mother.text if mother.certainty in _READ else "",
            communes=tuple(dict.fromkeys(p for p in places if p)),
            hamlet=hamlet_of(own) if own else "",
            other_names=name.others[:3] if name.certainty is not Certainty.SURE else (),
        ),
        name=name,
        birth=birth_state,
        sex=_state(case, sex_key),
        number=_state(case, *(k for k, _ in numbers)),
        father=father,
        mother=mother,
        birth_digits=digits,
    )


def renamed(person: Person, name: str) -> Person:
    """The same person, the name spelled as the register spells it in the row of the person's child."""
    return replace(
        person,
        query=replace(person.query, name=name, other_names=(person.query.name,)),
        name=NameReading(name, Certainty.SURE),
        of_household=True,
    )
