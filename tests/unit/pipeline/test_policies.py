"""What the machine may accept alone; a wrong value nobody looked at is the worst that can happen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ocr.elements import Alternative, FieldReading, FieldStatus, Ink, RecordReading
from ocr.forms import load_forms
from pipeline.calibration import Calibration
from pipeline.configuration import ConfigurationError
from pipeline.field_decisions import DecisionCode, evidence_of
from pipeline.policies import (
    accepts,
    decide_field,
    decided,
    double_keying_policies,
    field_policies,
    keyed_twice,
)

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


CERTIFICATE = replace(RECORD, form="GCN")


@pytest.mark.parametrize(
    ("written", "accepted"),
    [("Lê Thị Hoa", True), ("H'Djuê Niê", True), ("Nguyễn", False), ("(chữ in hoa) Lê Thị Hoa", False)],
)
def test_a_printed_name_of_one_word_or_with_brackets_lost_or_caught_something(written: str, accepted: bool):
    name = replace(PRINTED, kind="name", written=written, value=written)
    assert accepts(name, CERTIFICATE) is accepted


@pytest.mark.parametrize("signal", ["ends", "listed"])
def test_what_ends_with_no_unit_or_is_no_relation_is_shown_to_a_person(signal: str):
    assert accepts(replace(PRINTED, signals={signal: 1.0}), RECORD)
    assert not accepts(replace(PRINTED, signals={signal: 0.0}), RECORD)


@pytest.mark.parametrize("kind", ["name", "place", "text"])
def test_words_with_a_neighbour_that_may_belong_to_them_are_shown_to_a_person(kind: str):
    told = replace(PRINTED, kind=kind, written="Lê Thị", value="Lê Thị")
    whole = {"whole": 1.0, "printed": 1.0, "claim": 0.99}
    assert accepts(replace(told, signals=whole), CERTIFICATE)
    assert not accepts(replace(told, signals={**whole, "whole": 0.0}), CERTIFICATE)


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


POLICIES = ("auto", "confirm", "person")


@pytest.mark.parametrize("policy", POLICIES)
def test_a_handwritten_name_on_reading_alone_is_never_accepted_whatever_the_office_asks(policy):
    told = replace(PRINTED, kind="name", ink=Ink.HAND, confidence=1.0, signals={"second": 1.0, "agree": 1.0})
    decision = decide_field(told, "KS", FITTED, policy)
    assert decision.code == "NEEDS_PERSON_HANDWRITTEN_NAME"


def test_an_office_can_ask_for_two_sources_or_for_a_person():
    assert [decide_field(PRINTED, "GKS", FITTED, p).accepted for p in POLICIES] == [True, False, False]
    twice = replace(PRINTED, signals={"second": 1.0, "plain": 1.0})
    assert [decide_field(twice, "GKS", FITTED, p).code for p in POLICIES] == [
        "ACCEPTED_TWO_SOURCES",
        "ACCEPTED_TWO_SOURCES",
        "NEEDS_PERSON_POLICY",
    ]


def test_a_persons_word_stands_under_every_policy():
    keyed = replace(PRINTED, status=FieldStatus.KEYED)
    assert decide_field(keyed, "KS", FITTED, "person").accepted


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": FieldStatus.CONFLICT}, "NEEDS_PERSON_CONFLICT"),
        ({"alternatives": (Alternative("xã Ia Tơ", 0.9),)}, "NEEDS_PERSON_CONFLICT"),
        ({"status": FieldStatus.LOW_CONFIDENCE}, "NEEDS_PERSON_LOW_CONFIDENCE"),
        ({"confidence": 0.5}, "NEEDS_PERSON_LOW_CONFIDENCE"),
        ({"status": FieldStatus.UNREADABLE}, "NEEDS_PERSON_UNREADABLE"),
        ({"value": ""}, "NEEDS_PERSON_UNREADABLE"),
        ({"status": FieldStatus.EMPTY, "written": "-", "confidence": 0.2}, "NEEDS_PERSON_EMPTY"),
        ({"ink": Ink.HAND}, "NEEDS_PERSON_HANDWRITING"),
        ({"kind": "id_number", "signals": {"plain": 0.4}}, "NEEDS_PERSON_ONE_SOURCE"),
        ({"source": "text-layer-legacy"}, "NEEDS_PERSON_OLD_FONT"),
        ({"source": "QR"}, "ACCEPTED_EXACT_SOURCE"),
        ({"status": FieldStatus.EMPTY}, "ACCEPTED_EMPTY"),
        ({}, "ACCEPTED_CALIBRATED"),
    ],
)
def test_every_decision_says_why(change, code):
    decision = decide_field(replace(PRINTED, **change), "GKS", FITTED)
    assert decision.code == code
    assert decision.code.sentence.endswith(".")


def test_a_policy_for_a_field_counts_before_one_for_its_kind():
    record = replace(RECORD, form="GKS", fields={"nksNoiSinh": PRINTED})
    asked = {"place": "person", "nksNoiSinh": "auto"}
    assert decided(record, FITTED, asked).fields["nksNoiSinh"].accepted
    assert not decided(record, FITTED, {"place": "person"}).fields["nksNoiSinh"].accepted


def test_a_policy_for_a_field_that_no_form_has_is_refused():
    forms = load_forms()
    asked = {"nksHoTen": "person", "id_number": "confirm", "soPhatHanh": "auto"}
    assert field_policies(asked, forms) == asked
    with pytest.raises(ConfigurationError, match="nksHoten"):
        field_policies({"nksHoten": "person"}, forms)


@pytest.mark.parametrize(
    ("asked", "surely", "doubtfully"),
    [
        ({}, True, False),
        ({"*": "all"}, None, None),
        ({"*": "doubtful"}, True, None),
        ({"*": "all", "place": "none"}, True, False),
        ({"place": "none", "nksNoiSinh": "all"}, None, None),
        ({"nksNoiSinh": "all", "GKS.nksNoiSinh": "doubtful"}, True, None),
        ({"KS.nksNoiSinh": "all"}, True, False),
    ],
)
def test_the_narrowest_name_says_whether_a_field_is_keyed_twice(asked, surely, doubtfully):
    """None: it waits for its keys; else whether its own decision accepts it."""

    def outcome(confidence: float) -> bool | None:
        record = replace(RECORD, form="GKS", fields={"nksNoiSinh": replace(PRINTED, confidence=confidence)})
        found = keyed_twice(decided(record, FITTED), asked).fields["nksNoiSinh"]
        return None if found.decision == "NEEDS_PERSON_TWO_KEYS" else found.accepted

    assert (outcome(0.999), outcome(0.5)) == (surely, doubtfully)


def test_what_a_person_said_is_not_keyed_again():
    said = replace(PRINTED, status=FieldStatus.KEYED, accepted=True)
    record = replace(RECORD, fields={"nksNoiSinh": said})
    assert keyed_twice(record, {"*": "all"}) == record


def test_double_keying_of_a_field_that_no_form_has_is_refused():
    forms = load_forms()
    asked = {"*": "doubtful", "name": "all", "soPhatHanh": "none", "KS.nksHoTen": "all"}
    assert double_keying_policies(asked, forms) == asked
    for strange in ("nksHoten", "KS.soPhatHanh", "XX.nksHoTen"):
        with pytest.raises(ConfigurationError, match=strange):
            double_keying_policies({strange: "all"}, forms)


def test_evidence_names_what_speaks_for_a_value():
    told = replace(PRINTED, signals={"second": 1.0, "printed": 0.5, "twin": 0.9, "register": 1.0})
    assert evidence_of(told) == (
        "tesseract",
        "trường khác trong hồ sơ ghi giống",
        "máy đọc thứ hai đọc giống",
        "cơ sở dữ liệu dân cư",
    )


def test_a_typed_name_that_one_print_engine_read_twice_in_a_record_is_accepted():
    name = replace(PRINTED, key="chaHoTen", kind="name", written="Lê Văn Hải", value="Lê Văn Hải")
    assert not accepts(replace(name, signals={"claim": 0.97}), RECORD, FITTED)
    assert accepts(replace(name, signals={"claim": 0.97, "twin": 1.0}), RECORD, FITTED)
    assert not accepts(replace(name, signals={"claim": 0.7, "twin": 1.0}), RECORD, FITTED)
    assert not accepts(replace(name, signals={"claim": 0.97, "twin": 1.0, "printed": 0.9}), RECORD, FITTED)


def test_what_a_print_engine_reads_alike_counts_as_machine_written_but_never_a_name():
    place = replace(PRINTED, ink=Ink.HAND, signals={"printed": 1.0, "claim": 0.95})
    assert accepts(place, RECORD, FITTED)
    assert not accepts(replace(place, signals={"printed": 1.0, "claim": 0.6}), RECORD, FITTED)
    assert not accepts(replace(place, signals={"twin": 1.0, "claim": 0.95}), RECORD, FITTED)
    assert not accepts(replace(place, kind="name"), RECORD, FITTED)


@pytest.mark.parametrize(
    ("mark", "sure"), [("-/-", True), ("– –", True), ("-", False), ("/", False), ("....", False), ("", False)]
)
def test_a_cell_struck_out_in_print_is_empty_and_a_lone_stroke_may_be_a_digit(mark, sure):
    struck = replace(PRINTED, status=FieldStatus.EMPTY, written=mark, value="", confidence=0.9)
    certificate = replace(RECORD, form="GCN")
    assert accepts(struck, certificate, FITTED) is sure
    assert not accepts(struck, RECORD, FITTED)
    assert not accepts(replace(struck, ink=Ink.HAND), certificate, FITTED)


def test_digits_of_a_font_from_before_unicode_are_certain():
    old = replace(PRINTED, source="text-layer-legacy")
    assert accepts(replace(old, kind="id_number", written="241640365", value="241640365"), RECORD, FITTED)
    assert not accepts(replace(old, kind="name", written="Y Dha Ayun", value="Y Dha Ayun"), RECORD, FITTED)


def test_every_reason_is_documented_for_officers():
    page = (Path(__file__).parents[3] / "docs" / "may-tu-nhan.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.M)
    assert rows == [(str(code), code.sentence) for code in DecisionCode]


def test_a_title_that_may_have_lost_its_first_word_under_the_seal_is_shown_to_a_person():
    title = replace(PRINTED, key="chucVuNguoiKy", kind="title", written="CHỦ TỊCH", value="Chủ tịch")
    assert accepts(title, RECORD, FITTED)
    assert not accepts(replace(title, signals={"plain": 0.8}), RECORD, FITTED)
    assert accepts(replace(title, value="Phó Chủ tịch", signals={"plain": 0.8}), RECORD, FITTED)


@pytest.mark.parametrize("doubt", ["placed", "whole"])
@pytest.mark.parametrize(("kind", "written"), [("entry_number", "1/2016"), ("sex", "Nam")])
def test_a_short_value_without_its_label_or_with_letters_beside_it_needs_another_field_to_say_the_same(
    doubt, kind, written
):
    told = replace(HAND, kind=kind, written=written, value=written, confidence=0.9994)
    told = replace(told, signals={"second": 1.0, "plain": 1.0, "placed": 1.0, "whole": 1.0})
    assert accepts(told, RECORD, FITTED)
    unsure = replace(told, signals={**told.signals, doubt: 0.0})
    assert decide_field(unsure, "KS", FITTED).code == "NEEDS_PERSON_ONE_SOURCE"
    assert accepts(replace(unsure, signals={**unsure.signals, "agree": 1.0}), RECORD, FITTED)
    assert accepts(replace(unsure, signals={**unsure.signals, "register": 1.0}), RECORD, FITTED)


def test_the_page_reading_that_saw_the_same_word_whole_tells_that_no_end_is_missing():
    cut = {"second": 1.0, "plain": 1.0, "printed": 1.0, "claim": 0.95, "whole": 0.0}
    told = replace(PRINTED, kind="entry_number", written="31/2016", value="31/2016", signals=cut)
    assert accepts(told, RECORD, FITTED)
    assert not accepts(replace(told, signals={**cut, "placed": 0.0}), RECORD, FITTED)


def test_a_long_text_whose_label_was_not_seen_may_be_of_another_line_unless_another_field_says_the_same():
    lost = replace(PRINTED, signals={"placed": 0.0})
    assert decide_field(lost, "KS", FITTED).code == "NEEDS_PERSON_ONE_SOURCE"
    assert accepts(replace(lost, signals={"placed": 0.0, "twin": 1.0, "claim": 0.95}), RECORD, FITTED)


def test_a_month_without_its_day_in_handwriting_waits_for_the_date_in_words():
    cut = replace(HAND, kind="date", written="07-2009", value="2009-07", confidence=0.9994)
    cut = replace(cut, signals={"second": 1.0, "plain": 1.0})
    assert decide_field(cut, "KS", FITTED).code == "NEEDS_PERSON_ONE_SOURCE"
    assert accepts(replace(cut, signals={**cut.signals, "agree": 1.0}), RECORD, FITTED)
    assert accepts(replace(cut, written="22-07-2009", value="2009-07-22"), RECORD, FITTED)


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("tổ 1, phường Hội Phú, thị xã Pleiku, tỉnh Gia Lai", True),
        ("tổ 1, phường Hội Phú, thị xã Pleiku, tỉnh", False),
        ("Quao, tỉnh Kiên Giang", False),
    ],
)
def test_an_address_that_lost_an_end_is_shown_even_if_another_field_lost_the_same(address, accepted):
    place = replace(PRINTED, kind="place", written=address, value=address)
    place = replace(place, signals={"twin": 1.0, "claim": 0.95})
    assert accepts(place, RECORD, FITTED) is accepted


@pytest.mark.parametrize(("share", "accepted"), [(0.2, False), (0.02, True)])
def test_a_name_that_may_as_well_bear_other_marks_is_shown(share, accepted):
    other = (Alternative("Rơ Châm Pyưn", share),)
    name = replace(PRINTED, kind="text", written="Rơ Châm Pyựn", value="Rơ Châm Pyựn", alternatives=other)
    assert accepts(name, RECORD, FITTED) is accepted


def test_an_office_is_accepted_only_if_its_commune_district_and_province_stand_in_the_tables():
    office = replace(
        PRINTED, kind="issuing_unit", written="huyện Chư\nxã Ia Boòng", value="xã Ia Boòng, huyện Chư"
    )
    assert decide_field(office, "KS", FITTED).code == "NEEDS_PERSON_ONE_SOURCE"
    assert accepts(replace(office, signals={"units": 1.0}), RECORD, FITTED)


def test_a_word_that_is_none_of_its_list_is_shown_to_a_person():
    relation = replace(HAND, kind="relation", written="Me", value="Me", confidence=0.9994)
    told = {"second": 1.0, "plain": 1.0, "placed": 1.0, "whole": 1.0}
    assert not accepts(replace(relation, signals={**told, "listed": 0.0}), RECORD, FITTED)
    assert accepts(
        replace(relation, written="Mẹ", value="Mẹ", signals={**told, "listed": 1.0}), RECORD, FITTED
    )
