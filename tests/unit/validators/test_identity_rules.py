import pytest

from validators.canonical import ValueContext, canonical
from validators.case import Case, Certainty, FieldValue
from validators.rules import check_case
from validators.verdict import Outcome, Severity

GIA_LAI = "xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai"


def case(form: str, **values: str) -> Case:
    return Case(form, "2016+", {key: FieldValue(value, value) for key, value in values.items()})


def severities(checked: Case) -> dict[str, Severity]:
    return {f.code: f.severity for f in check_case(checked)}


@pytest.mark.parametrize(
    ("checked", "code", "severity"),
    [
        (
            case("KS", nksSoDinhDanh="064218287610", nksGioiTinh="2"),
            "ID_SEX_DIFFERS",
            Severity.BLOCKS_APPROVAL,
        ),
        (case("KS", nksSoDinhDanh="101218287610", nksGioiTinh="2"), "ID_SEX_DIFFERS", Severity.WARNS),
        (
            case("KS", nksSoDinhDanh="064218287610", nksNgaySinh="2017-08-14"),
            "ID_YEAR_DIFFERS",
            Severity.BLOCKS_APPROVAL,
        ),
        (
            case("KT", nycSoGiayToTuyThan="064210123456", ngayDangKy="2005-03-02"),
            "ID_YEAR_AFTER_EVENT",
            Severity.BLOCKS_APPROVAL,
        ),
        (
            case("GCN", chu1SoGiayTo="064386123456", ngayCap="2025-03-02"),
            "ID_YEAR_AFTER_EVENT",
            Severity.BLOCKS_APPROVAL,
        ),
        (
            case("KT", nycSoGiayToTuyThan="064086123456", ngayDangKy="2012-06-30"),
            "ID_BEFORE_ITS_TIME",
            Severity.WARNS,
        ),
        (
            case("KS", nksSoDinhDanh="064215123456", ngayDangKy="2015-12-31"),
            "ID_BEFORE_ITS_TIME",
            Severity.WARNS,
        ),
        (
            case("KS", nksSoDinhDanh="052218287610", noiDangKy=GIA_LAI, ngayDangKy="2018-09-01"),
            "ID_PLACE_DIFFERS",
            Severity.WARNS,
        ),
        (
            case(
                "KS",
                nksSoDinhDanh="075225287610",
                noiDangKy="xã Ia Hrú, tỉnh Gia Lai",
                ngayDangKy="2025-09-01",
            ),
            "ID_PLACE_DIFFERS",
            Severity.WARNS,
        ),
        (case("KS", nksSoDinhDanh="003218287610"), "ID_PREFIX_UNKNOWN", Severity.WARNS),
        (case("KS", nksSoDinhDanh="101218287610"), "ID_PREFIX_UNKNOWN", Severity.WARNS),
        (
            case("KH", chongLoaiGiayToTuyThan="4", chongSoGiayToTuyThan="230316231"),
            "ID_TYPE_DIFFERS",
            Severity.WARNS,
        ),
        (
            case("KH", chongLoaiGiayToTuyThan="1", chongSoGiayToTuyThan="B1234567"),
            "ID_TYPE_DIFFERS",
            Severity.WARNS,
        ),
        (
            case(
                "KH",
                chongLoaiGiayToTuyThan="2",
                chongSoGiayToTuyThan="064086123456",
                chongQuocTich="Việt Nam",
            ),
            "ID_TYPE_DIFFERS",
            Severity.WARNS,
        ),
        (
            case("KH", chongLoaiGiayToTuyThan="7", chongSoGiayToTuyThan="QĐ123456"),
            "ID_TYPE_DIFFERS",
            Severity.WARNS,
        ),
    ],
)
def test_numbers_that_contradict_the_record_are_told(checked, code, severity):
    assert severities(checked).get(code) is severity


@pytest.mark.parametrize(
    ("checked", "code"),
    [
        (case("KS", nksSoDinhDanh="064218287610", nksGioiTinh="1", nksNgaySinh="2018"), "ID_SEX_DIFFERS"),
        (case("KS", nksSoDinhDanh="064218287610", nksGioiTinh="3"), "ID_SEX_DIFFERS"),
        (case("KS", nksSoDinhDanh="003218287610", nksGioiTinh="2"), "ID_SEX_DIFFERS"),
        (case("KS", nksSoDinhDanh="064218287610", nksNgaySinh="2018-08-14"), "ID_YEAR_DIFFERS"),
        (case("KT", nycSoGiayToTuyThan="064086123456", ngayDangKy="2018-03-02"), "ID_YEAR_AFTER_EVENT"),
        (case("KT", nycSoGiayToTuyThan="064086123456", ngayDangKy="2012"), "ID_BEFORE_ITS_TIME"),
        (case("KS", nksSoDinhDanh="064216123456", ngayDangKy="2016-01-01"), "ID_BEFORE_ITS_TIME"),
        (
            case("KS", nksSoDinhDanh="064218287610", noiDangKy=GIA_LAI, ngayDangKy="2018-09-01"),
            "ID_PLACE_DIFFERS",
        ),
        (
            # the merged Gia Lai has the statistics code 52, but births in its west keep the prefix 064
            case(
                "KS",
                nksSoDinhDanh="064225287610",
                noiDangKy="xã Ia Hrú, tỉnh Gia Lai",
                ngayDangKy="2025-09-01",
            ),
            "ID_PLACE_DIFFERS",
        ),
        (
            case(
                "KS",
                nksSoDinhDanh="052225287610",
                noiDangKy="xã Ia Hrú, tỉnh Gia Lai",
                ngayDangKy="2025-09-01",
            ),
            "ID_PLACE_DIFFERS",
        ),
        (
            case("KS", nksSoDinhDanh="089225287610", noiDangKy="phường Rạch Giá, tỉnh An Giang"),
            "ID_PLACE_DIFFERS",
        ),
        (
            case("KS", nksSoDinhDanh="046225287610", noiDangKy="phường Thuận Hóa, thành phố Huế"),
            "ID_PLACE_DIFFERS",
        ),
        (case("KS", nksSoDinhDanh="052218287610", noiDangKy=GIA_LAI, loaiDangKy="2"), "ID_PLACE_DIFFERS"),
        (case("KS", nksSoDinhDanh="064218287610"), "ID_PREFIX_UNKNOWN"),
        (case("KH", chongLoaiGiayToTuyThan="1", chongSoGiayToTuyThan="064086123456"), "ID_TYPE_DIFFERS"),
        (case("KH", chongLoaiGiayToTuyThan="2", chongSoGiayToTuyThan="B1234567"), "ID_TYPE_DIFFERS"),
        (
            case("KH", chongLoaiGiayToTuyThan="2", chongSoGiayToTuyThan="123456789", chongQuocTich="Hoa Kỳ"),
            "ID_TYPE_DIFFERS",
        ),
        (case("KH", chongLoaiGiayToTuyThan="5", chongSoGiayToTuyThan="QĐ123456"), "ID_TYPE_DIFFERS"),
        (case("KH", chongLoaiGiayToTuyThan="8", chongSoGiayToTuyThan="B1234567"), "ID_TYPE_DIFFERS"),
        (case("KH", chongSoGiayToTuyThan="230316231"), "ID_LOOK_ALIKES"),
    ],
)
def test_numbers_that_agree_or_may_agree_are_left_alone(checked, code):
    assert code not in severities(checked)


def test_a_birth_year_counted_from_an_age_may_differ_by_one_from_the_number():
    def with_age(written: str, value: str) -> Case:
        number = FieldValue("064185123456", "064185123456")
        return Case("KS", "2016+", {"meSoGiayToTuyThan": number, "meNgaySinh": FieldValue(written, value)})

    assert "ID_YEAR_DIFFERS" not in severities(with_age("34 tuổi", "1984"))
    assert "ID_YEAR_DIFFERS" in severities(with_age("34 tuổi", "1983"))
    assert "ID_YEAR_DIFFERS" in severities(with_age("1984", "1984"))


def test_look_alike_letters_give_a_proposal_with_evidence_and_never_a_silent_fix():
    proposal = canonical("id_number", "O64O72I4386B", ValueContext("KS", "2016+"))
    assert (proposal.value, proposal.outcome) == ("064072143868", Outcome.INDETERMINATE)
    for certainty in (Certainty.DOUBTFUL, Certainty.MISSING):
        number = FieldValue("O64O72I4386B", proposal.value, certainty)
        found = {f.code: f for f in check_case(Case("KH", "2016+", {"chongSoGiayToTuyThan": number}))}
        assert found["ID_LOOK_ALIKES"].severity is Severity.WARNS
        assert found["ID_LOOK_ALIKES"].evidence == {"written": "O64O72I4386B", "proposed": "064072143868"}
        assert "O→0, O→0, I→1, B→8" in found["ID_LOOK_ALIKES"].message
