"""What the machine may accept alone; a wrong value nobody looked at is the worst that can happen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr.elements import Alternative, FieldReading, FieldStatus, Ink, RecordReading
from pipeline.calibration import Calibration
from pipeline.policies import accepts

RECORD = RecordReading("KS", "2016-2024", 1, (1,), (0, 0, 100, 100))
PRINTED = FieldReading(
    key="nksNoiSinh",
    kind="place",
    written="xã Ia Tô",
    value="xã Ia Tô",
    confidence=0.999,
    status=FieldStatus.READ,
    ink=Ink.PRINT,
    page=1,
    box=(0, 0, 10, 10),
    source="tesseract",
)


def test_clear_print_needs_nobody():
    assert accepts(PRINTED, RECORD)


@pytest.mark.parametrize("kind", ["name", "date", "place", "id_number"])
def test_handwriting_is_never_accepted_on_reading_alone(kind: str):
    assert not accepts(replace(PRINTED, kind=kind, ink=Ink.HAND, confidence=1.0), RECORD)


@pytest.mark.parametrize("status", [FieldStatus.LOW_CONFIDENCE, FieldStatus.UNREADABLE, FieldStatus.CONFLICT])
def test_a_doubtful_reading_is_shown_to_a_person_however_confident_the_engine_is(status: FieldStatus):
    assert not accepts(replace(PRINTED, status=status, confidence=1.0), RECORD)


def test_print_below_the_threshold_is_shown_to_a_person():
    assert not accepts(replace(PRINTED, confidence=0.5), RECORD)


def test_a_value_that_could_not_be_made_canonical_is_shown_to_a_person():
    assert not accepts(replace(PRINTED, value=""), RECORD)


def test_a_strong_rival_reading_makes_a_person_look():
    rival = (Alternative("xã Ia Tơ", 0.9),)
    assert not accepts(replace(PRINTED, alternatives=rival), RECORD)


@pytest.mark.parametrize("status", [FieldStatus.KEYED, FieldStatus.CONFIRMED])
def test_a_persons_word_stands(status: FieldStatus):
    assert accepts(replace(PRINTED, status=status, ink=Ink.HAND, confidence=0.1, source="keyer"), RECORD)


def test_a_code_with_check_sum_stands_whatever_the_ink():
    assert accepts(replace(PRINTED, source="QR", confidence=0.1), RECORD)


HAND = replace(
    PRINTED,
    key="nksNgaySinh",
    kind="date",
    written="02/10/1994",
    value="1994-10-02",
    ink=Ink.HAND,
    source="net",
)
FITTED = Calibration(curves={}, accept_from={"machine": 0.9, "hand": 0.95})


def test_handwriting_with_a_grammar_is_accepted_once_a_second_source_says_the_same():
    told = replace(HAND, signals={"second": 1.0})
    assert accepts(told, RECORD, FITTED)
    assert not accepts(HAND, RECORD, FITTED)
    assert not accepts(replace(told, confidence=0.9), RECORD, FITTED)


def test_a_reader_blind_to_accents_confirms_no_accent_that_only_a_grammar_chose():
    sex = replace(HAND, kind="sex", written="Nữ", value="2", signals={"second": 1.0, "plain": 0.5})
    assert not accepts(sex, RECORD, FITTED)
    assert accepts(replace(sex, signals={"second": 1.0, "plain": 1.0}), RECORD, FITTED)


@pytest.mark.parametrize("kind", ["name", "place", "text"])
def test_handwriting_without_a_grammar_is_never_accepted(kind: str):
    told = replace(HAND, kind=kind, confidence=1.0, signals={"second": 1.0, "agree": 1.0, "twin": 1.0})
    assert not accepts(told, RECORD, FITTED)


def test_a_typed_name_in_a_register_needs_two_readers_that_agree_letter_by_letter():
    name = replace(
        PRINTED, key="nguoiThucHien", kind="name", written="Huỳnh Hoàng Trí", value="Huỳnh Hoàng Trí"
    )
    assert not accepts(name, RECORD, FITTED)
    assert accepts(replace(name, signals={"printed": 1.0, "claim": 0.97}), RECORD, FITTED)
    assert not accepts(replace(name, signals={"printed": 1.0, "claim": 0.5}), RECORD, FITTED)
    assert accepts(name, replace(RECORD, form="GKS"), FITTED)
