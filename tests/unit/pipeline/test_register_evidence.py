"""A register row confirms what it was not found by, and nothing it contradicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr.elements import FieldReading, FieldStatus, Ink, RecordReading
from pipeline.calibration import Calibration
from pipeline.policies import decided
from pipeline.register_evidence import with_register
from validators.population import PopulationRegister, RegisterAnswer, RegisterVerdict

HEAD = "soDinhDanh,soCMND,hoTen,ngaySinh,gioiTinh,danToc,queQuan,noiThuongTru,hoTenCha,hoTenMe\n"
ROW = "066194000123,,Nguyễn Phương Vy,1994-10-02,2,Kinh,,,Nguyễn Văn Hòa,Trần Thị Mai\n"
FITTED = Calibration(curves={}, accept_from={"machine": 0.99, "hand": 0.99})


@pytest.fixture
def verdict(tmp_path):
    path = tmp_path / "register.csv"
    path.write_text(HEAD + ROW, encoding="utf-8")
    register = PopulationRegister.from_csv(path)
    from validators.case import Case, Certainty, FieldValue
    from validators.population import check_population

    case = Case(
        "KS",
        "2016-2024",
        {
            "nksHoTen": FieldValue("Nguyễn Phương Vy", "Nguyễn Phương Vy", Certainty.SURE),
            "nksNgaySinh": FieldValue("02/10/1994", "1994-10-02", Certainty.SURE),
        },
    )
    found = check_population(case, register)["nks"]
    assert found.verdict == RegisterAnswer.MATCH
    return found


def reading(key: str, kind: str, value: str, **more) -> FieldReading:
    given = {"status": FieldStatus.READ, "ink": Ink.HAND, "confidence": 0.8} | more
    return FieldReading(key, kind, value, value, page=1, box=(0, 0, 9, 9), source="net", **given)


def record(*fields: FieldReading) -> RecordReading:
    return RecordReading("KS", "2016-2024", 1, (1,), (0, 0, 9, 9), {f.key: f for f in fields})


NAME = reading("nksHoTen", "name", "NGUYỄN PHƯƠNG VY")
BIRTH = reading("nksNgaySinh", "date", "1994-10-02")
FATHER = reading("chaHoTen", "name", "Nguyễn Văn Hoà")


def accepted(*fields: FieldReading, verdict: RegisterVerdict, policies=None) -> dict[str, str]:
    told = decided(with_register(record(*fields), {"nks": verdict}), FITTED, policies)
    return {key: f.decision for key, f in told.fields.items() if f.accepted}


def test_name_and_full_birth_date_confirm_each_other_and_the_parents(verdict):
    sex = reading("nksGioiTinh", "sex", "2")
    found = accepted(NAME, BIRTH, FATHER, sex, verdict=verdict)
    assert found == dict.fromkeys(("nksHoTen", "nksNgaySinh", "chaHoTen", "nksGioiTinh"), "ACCEPTED_REGISTER")


def test_a_year_alone_confirms_no_name(verdict):
    assert accepted(NAME, replace(BIRTH, value="1994"), verdict=verdict) == {}


def test_what_the_register_spells_otherwise_is_not_confirmed(verdict):
    assert accepted(replace(NAME, value="Nguyễn Phượng Vy"), BIRTH, verdict=verdict) == {}
    assert "chaHoTen" not in accepted(NAME, BIRTH, replace(FATHER, value="Nguyễn Văn Hóa"), verdict=verdict)


@pytest.mark.parametrize("answer", ["MISMATCH", "AMBIGUOUS", "NOT_FOUND", "SOURCE_DOWN"])
def test_only_a_match_confirms(verdict, answer):
    assert accepted(NAME, BIRTH, verdict=replace(verdict, verdict=RegisterAnswer(answer))) == {}


def test_a_doubtful_reading_stays_with_a_person_though_the_register_agrees(verdict):
    doubtful = replace(NAME, status=FieldStatus.LOW_CONFIDENCE)
    assert "nksHoTen" not in accepted(doubtful, BIRTH, verdict=verdict)


def test_an_office_may_still_ask_for_a_person(verdict):
    assert "nksHoTen" not in accepted(NAME, BIRTH, verdict=verdict, policies={"nksHoTen": "person"})
