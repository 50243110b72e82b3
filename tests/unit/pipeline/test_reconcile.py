"""What a record says twice helps to read it once; what it says differently stays different."""

from __future__ import annotations

from dataclasses import replace

from ocr.elements import Alternative, FieldReading, FieldStatus, Ink
from pipeline.reconcile import reconciled

WORDS = {"hai": "2", "ba": "3"}


def reading(key: str, kind: str, written: str, share: float, *others: tuple[str, float]) -> FieldReading:
    return FieldReading(
        key=key,
        kind=kind,
        written=written,
        value=WORDS.get(written, written),
        confidence=share,
        status=FieldStatus.READ,
        ink=Ink.HAND,
        page=1,
        box=(0, 0, 10, 10),
        source="net",
        alternatives=tuple(Alternative(text, p) for text, p in others),
    )


def canonical(field: FieldReading) -> FieldReading:
    return replace(field, value=WORDS.get(field.written, field.written), status=FieldStatus.READ)


def date(digits: FieldReading, words: FieldReading) -> dict[str, FieldReading]:
    return reconciled({"nksNgaySinh": digits, "nksNgaySinhBangChu": words}, canonical)


def test_digits_in_doubt_follow_the_words():
    got = date(
        reading("nksNgaySinh", "date", "3", 0.5, ("2", 0.4)),
        reading("nksNgaySinhBangChu", "date_words", "hai", 0.99),
    )
    assert (got["nksNgaySinh"].value, got["nksNgaySinh"].written) == ("2", "2")
    assert got["nksNgaySinh"].signals["agree"] > 0.5
    assert Alternative("3", 0.5) in got["nksNgaySinh"].alternatives


def test_two_sure_readings_that_differ_are_left_for_the_rules_to_find():
    got = date(
        reading("nksNgaySinh", "date", "3", 0.99, ("2", 0.005)),
        reading("nksNgaySinhBangChu", "date_words", "hai", 0.99),
    )
    assert got["nksNgaySinh"].value == "3"
    assert got["nksNgaySinh"].signals["agree"] == 0.0


def test_agreement_is_told():
    got = date(
        reading("nksNgaySinh", "date", "2", 0.9), reading("nksNgaySinhBangChu", "date_words", "hai", 0.9)
    )
    assert got["nksNgaySinhBangChu"].signals["agree"] == 1.0


def test_a_declarants_name_in_doubt_follows_the_fathers():
    fields = {
        "chaHoTen": reading("chaHoTen", "name", "Trần Văn Nam", 0.97),
        "nycHoTen": reading("nycHoTen", "name", "Trần Văn Năm", 0.6, ("Trần Văn Nam", 0.3)),
    }
    got = reconciled(fields, canonical)
    assert got["nycHoTen"].written == "Trần Văn Nam"
    assert got["nycHoTen"].signals["twin"] == 0.97


def test_no_reading_wins_that_no_reader_held_possible():
    fields = {
        "chaHoTen": reading("chaHoTen", "name", "Trần Văn Nam", 0.97),
        "nycHoTen": reading("nycHoTen", "name", "Trần Văn Năm", 0.6, ("Trần Vân Năm", 0.3)),
    }
    assert reconciled(fields, canonical)["nycHoTen"].written == "Trần Văn Năm"


def test_a_sure_name_is_not_changed_by_a_neighbour():
    fields = {
        "meHoTen": reading("meHoTen", "name", "Lê Thị Hoa", 0.99),
        "nycHoTen": reading("nycHoTen", "name", "Lê Thị Hòa", 0.95, ("Lê Thị Hoa", 0.05)),
    }
    assert reconciled(fields, canonical)["nycHoTen"].written == "Lê Thị Hòa"
