"""What an answer of service 037 says of a person on a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from validators.case import Case, Certainty
from validators.places import Gazetteer
from validators.places.units import TWO_TIERS_SINCE
from validators.population.check import judge
from validators.population.persons import person_of
from validators.population.register import PopulationRegister
from validators.population.row import RegisterRow, commune_of
from validators.population.service.messages import Address, Citizen, Question
from validators.population.verdict import RegisterVerdict


def question_of(case: Case, prefix: str, request_id: str) -> Question | None:
    """What to ask about a person; None where the paper does not surely say number, name and birth.

    The service confirms all three together or nothing, so a doubtful reading would make a false
    "not found" and spend a call of the quota. It is asked once a person has confirmed the reading.
    """
    person = person_of(case, prefix)
    query = person.query
    number = query.personal_number or query.cmnd
    spelled = [case.fields.get(f"{prefix}{key}") for key in ("HoTen", "NgaySinh")]
    if person.number is not Certainty.SURE or any(
        f is None or f.certainty is not Certainty.SURE for f in spelled
    ):
        return None
    if not number or not query.birth or not query.name:
        return None
    return Question(request_id, number, query.name, query.birth)


def verdict_of(case: Case, prefix: str, rows: Sequence[RegisterRow]) -> RegisterVerdict:
    """Verdict by the rules of the local extract, on the persons of an answer, see `row_of`."""
    return judge(person_of(case, prefix), PopulationRegister(rows))


def row_of(citizen: Citizen, places: Gazetteer | None = None) -> RegisterRow:
    """A citizen in the columns of the local extract: what is compared, and no more than that is kept.

    Args:
        places: names the units behind codes; without it, and where it lacks one, the code stays.
    """
    return RegisterRow(
        soDinhDanh=citizen.personal_number,
        soCMND=citizen.cmnd,
        hoTen=citizen.name,
        ngaySinh=citizen.birth,
        gioiTinh=citizen.sex if citizen.sex in ("1", "2") else "",
        danToc=citizen.ethnic,
        queQuan=_place(citizen.origin, places),
        noiThuongTru=_place(citizen.residence, places),
        hoTenCha=citizen.father.name,
        hoTenMe=citizen.mother.name,
    )


def _place(address: Address, places: Gazetteer | None) -> str:
    """The free text if it names a commune; else what it says, followed by the units of the codes."""
    if address.detail and commune_of(address.detail):
        return address.detail
    codes = filter(None, (address.commune, address.district, address.province))
    units = (_unit(code, places, in_district=bool(address.district)) for code in codes)
    return ", ".join(filter(None, (address.detail, *units)))


def _unit(code: str, places: Gazetteer | None, *, in_district: bool) -> str:
    """Name of a unit of today, or of the last day of districts; the code where neither is known."""
    before = f"{code}-{TWO_TIERS_SINCE - timedelta(days=1):%Y%m%d}"
    for unit_id in (before, code) if in_district else (code, before):
        if places is not None and unit_id in places:
            return str(places[unit_id])
    return code
