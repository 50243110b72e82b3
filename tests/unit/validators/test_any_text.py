"""Every parser against text nobody foresaw: random letters, and the words of registers in any order."""

import unicodedata
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validators import areas, blanks, code_lists, dates, identity, letters, lunar_dates, number_words
from validators.canonical import PARSERS, ValueContext, canonical
from validators.case import Case, Certainty, FieldValue
from validators.ethnic_groups import find_ethnic_group
from validators.land_purposes import parse_purpose
from validators.rules import check_case
from validators.verdict import Outcome

FEW, MANY = 200, 10_000
CONTEXT = ValueContext("KS", "2006-2015", 2008)
WORDS = """ngày tháng năm mồng mùng rằm giêng chạp không một mốt hai ba bốn tư lăm nhăm sáu bảy tám chín mười
mươi hăm trăm nghìn ngàn triệu tỷ linh lẻ phẩy phết rưỡi tuổi t sào khoảng tức nhằm nhuận âm lịch dương al
giáp tý ất tỵ mậu thân quý hợi m² m2 ha mét vuông số CMND CCCD cấp do nam nữ kinh gia-rai ONT CLN đất ở riêng
chung ☐ ☒ nt như trên đúng hạn chủ tịch KT. UBND xã huyện tỉnh 0 1 2 5 8 12 31 02 1984 2008 5005 1017 84
O l I B S Z / - . , : ; ( ) ? x XII IV … ² ½ ０ ٣ ․ Ð ɖ""".split()
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=10).map("".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=12).map(" ".join),
    st.text(alphabet="0123456789OlIBSZ/.,- tm²", max_size=24),
)


def canonical_value(kind: str) -> Callable[[str], None]:
    def parse(text: str) -> None:
        found = canonical(kind, text, CONTEXT)
        assert found.code
        assert found.outcome is not Outcome.FAILED or found.value == ""
        assert unicodedata.is_normalized("NFC", found.value)
        if found.outcome is Outcome.PASSED and found.value:
            if kind in ("date", "date_words"):
                assert dates.is_iso(found.value)
            if kind in ("area", "area_words"):
                assert Decimal(found.value) >= 0

    return parse


def written_letters(text: str) -> None:
    assert letters.seated(letters.tidy(text)) == letters.seated(text)
    assert letters.same_spelling(text, unicodedata.normalize("NFD", text))
    assert 0 <= letters.likeness(text, text[::-1]) <= 1


def written_date(text: str) -> None:
    for found in (dates.parse_digits(text, 2008), dates.parse_words(text, 2008)):
        assert found is None or dates.is_iso(found.iso)
        assert found is None or not lunar_dates.is_lunar(text)
    if dates.impossible(text) is not None:
        assert dates.parse_digits(text) is None


def written_lunar_date(text: str) -> None:
    found = lunar_dates.parse_lunar(f"{text} âm lịch", 2008)
    assert found is not None
    assert not found.solar or (found.day and found.month and found.years)


def written_number(text: str) -> None:
    syllables = number_words.snap(text)
    value = number_words.decimal_of(syllables.words) if syllables else None
    assert value is None or value >= 0


def written_area(text: str) -> None:
    for found in (areas.parse_area(text), areas.parse_area_words(text)):
        assert found is None or Decimal(found.plain) == found.square_metres
    assert all(area >= 0 for area in areas.stated_areas(text))


def written_identity_number(text: str) -> None:
    found = identity.parse_number(text)
    if found is not None:
        assert found.exact or found.digits.isdigit()
        assert identity.parse_number(found.digits) == identity.ParsedNumber(found.digits)
        identity.personal_number(found.digits)
        identity.kind_of(found.digits)


def written_choice(text: str) -> None:
    for labels in (
        code_lists.ID_TYPES,
        code_lists.NATIONALITIES,
        code_lists.DEATH_NOTICE,
        code_lists.RECOGNITION,
    ):
        for chosen in (code_lists.choose(text, labels), code_lists.choose_box(text, labels)):
            assert chosen is None or chosen.code in labels
    assert code_lists.sex(text) is None or code_lists.sex(text).code in code_lists.SEX


def written_blank(text: str) -> None:
    assert not (blanks.is_blank(text) and any(c.isalpha() and c not in "xX" for c in text))
    blanks.is_ditto(text)


def written_record(text: str) -> None:
    keys = (
        "nksSoDinhDanh",
        "nksNgaySinh",
        "nksNgaySinhBangChu",
        "meSoGiayToTuyThan",
        "meNgaySinh",
        "ngayDangKy",
    )
    kinds = ("id_number", "date", "date_words", "id_number", "date", "date")
    for certainty in (Certainty.SURE, Certainty.DOUBTFUL):
        fields = {
            key: FieldValue(text, canonical(kind, text, CONTEXT).value, certainty)
            for key, kind in zip(keys, kinds, strict=True)
        }
        assert all(found.message for found in check_case(Case("KS", "2016+", fields)))


CHECKS = {
    **{f"canonical {kind}": canonical_value(kind) for kind in sorted(PARSERS)},
    "letters": written_letters,
    "dates": written_date,
    "lunar dates": written_lunar_date,
    "number words": written_number,
    "areas": written_area,
    "identity numbers": written_identity_number,
    "code lists": written_choice,
    "ethnic groups": find_ethnic_group,
    "land purposes": parse_purpose,
    "blanks": written_blank,
    "rules of a record": written_record,
}


def hold(examples: int) -> None:
    """Hand every text to every parser; a failure names the parser."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS)
    def any_text(text: str) -> None:
        for name, check in CHECKS.items():
            try:
                check(text)
            except Exception as error:
                error.add_note(f"parser of {name}")
                raise

    any_text()


def test_no_text_breaks_a_parser():
    hold(FEW)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_texts_break_no_parser():
    hold(MANY)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["1", "năm", "năm ", "nxm ", "1/", "12/", "(", "a ", "xã A, ", "5 m² ; ", "Z"]
)
@pytest.mark.parametrize("times", [110, 20_000])
def test_a_text_without_end_keeps_no_parser_busy(piece, times):
    for kind in PARSERS:
        canonical(kind, piece * times, CONTEXT)
