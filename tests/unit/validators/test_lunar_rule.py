import pytest

from validators.canonical import ValueContext, canonical
from validators.case import Case, Certainty, FieldValue
from validators.rules import check_case
from validators.verdict import Severity


def case(written: str) -> Case:
    value = canonical("date", written, ValueContext("KS", "1976-1998", 1990)).value
    birth = FieldValue(written, value, Certainty.DOUBTFUL)
    return Case("KS", "1976-1998", {"meNgaySinh": birth, "ngayDangKy": FieldValue("5/9/1990", "1990-09-05")})


@pytest.mark.parametrize(
    ("written", "solar"),
    [
        ("15/8 âm lịch năm 1968", "1968-10-06"),
        ("mồng một tháng giêng năm 1968 (âm lịch)", "1968-01-29 1968-01-30"),
        ("năm Giáp Tý", ""),
    ],
)
def test_a_lunar_date_is_shown_with_every_day_it_may_mean_and_blocks_nothing(written, solar):
    found = {f.code: f for f in check_case(case(written))}
    assert found["DATE_LUNAR"].severity is Severity.WARNS
    assert found["DATE_LUNAR"].evidence == {"written": written, "solar": solar}
    assert all(f.severity is Severity.WARNS for f in found.values() if "meNgaySinh" in f.fields)


@pytest.mark.parametrize("written", ["15/8/1968", "3/4/1984 (tức 3/3 năm Giáp Tý)", "22 tuổi", ""])
def test_solar_dates_are_not_told_to_be_lunar(written):
    assert "DATE_LUNAR" not in {f.code for f in check_case(case(written))}
