import pytest

from validators.books import BookPlan, check_books, load_book_plans
from validators.case import Case, Certainty, FieldValue
from validators.errors import BookPlanError
from validators.rules import check_case
from validators.verdict import Severity

OFFICE = "xã Ia Rong, huyện Chư Sê, tỉnh Gia Lai"
DOUBT = Certainty.DOUBTFUL


def case(
    so: str, office: str = OFFICE, certainty: Certainty = Certainty.SURE, office_sure: bool = True
) -> Case:
    seat = Certainty.SURE if office_sure else Certainty.DOUBTFUL
    return Case(
        "KS",
        "1976-1998",
        {
            "so": FieldValue(so, so, certainty),
            "quyenSo": FieldValue("01/1993", "01/1993"),
            "noiDangKy": FieldValue(office, office, seat),
        },
    )


def plan(*expected: int) -> BookPlan:
    return BookPlan("B1", OFFICE, "KS", 1993, "01", expected)


def raised(cases: list[Case], *plans: BookPlan) -> list[tuple[str, str, Severity]]:
    found = check_books({str(i): c for i, c in enumerate(cases)}, plans)
    return [(case_id, f.code, f.severity) for case_id, findings in sorted(found.items()) for f in findings]


def test_a_gap_stands_on_the_next_higher_number():
    cases = [case("43"), case("45"), case("41"), case("42")]
    assert raised(cases) == [("1", "NUMBER_GAP", Severity.WARNS)]
    assert raised(cases, plan(41, 42, 43, 44, 45)) == [("1", "NUMBER_GAP", Severity.BLOCKS_IMPORT)]


def test_numbers_missing_at_the_end_of_a_planned_book_stand_on_the_last_case():
    assert raised([case("1"), case("2")], plan(1, 2, 3, 4)) == [("1", "NUMBER_GAP", Severity.BLOCKS_IMPORT)]


def test_the_later_of_two_equal_numbers_is_the_duplicate():
    assert raised([case("9"), case("9"), case("10")]) == [("1", "DUPLICATE_NUMBER", Severity.BLOCKS_IMPORT)]


def test_a_number_with_a_suffix_is_another_number():
    assert raised([case("51"), case("51a"), case("52")]) == []


def test_equal_numbers_of_two_old_communes_do_not_clash():
    assert raised([case("9"), case("9", "xã Ia Hla, huyện Chư Sê, tỉnh Gia Lai")]) == []


def test_a_badly_read_letterhead_joins_the_book_it_resembles():
    cases = [case("9"), case("9", "xã Ia Ronq, huyên Chư Sê, tỉnh Gia Lai", office_sure=False)]
    assert [code for _, code, _ in raised(cases)] == ["DUPLICATE_NUMBER"]


def test_doubtful_numbers_only_warn():
    cases = [case("9"), case("9", certainty=Certainty.DOUBTFUL), case("12")]
    assert {severity for _, _, severity in raised(cases, plan(9, 10, 11, 12))} == {Severity.WARNS}


def test_a_part_of_a_book_is_not_taken_for_a_book_with_holes():
    assert raised([case("3"), case("140")]) == []


def test_plans_of_another_shape_are_refused():
    with pytest.raises(BookPlanError, match="books"):
        load_book_plans({})
    book = {"id": "B1", "office": OFFICE, "kind": "KS", "year": 1993, "volume": "01", "expected": [1]}
    assert load_book_plans({"books": [book]}) == (plan(1),)


@pytest.mark.parametrize(
    "wrong",
    [{"expected": ["a"]}, {"expected": [None]}, {"year": "1993?"}, {"count": "x"}, {"closed_on": "31/02"}],
)
def test_plans_with_no_number_or_no_date_are_refused_as_such(wrong):
    with pytest.raises(BookPlanError):
        load_book_plans({"books": [{"expected": [1], **wrong}]})


def test_a_book_without_a_year_is_told_and_its_cases_are_not_mixed_with_others():
    fields = {key: FieldValue(v, v) for key, v in (("so", "9"), ("quyenSo", "01"), ("noiDangKy", OFFICE))}
    nameless = Case("KS", "1976-1998", fields)
    assert raised([nameless, nameless, case("9")]) == []
    assert "BOOK_NUMBER_FORM" in {f.code for f in check_case(nameless)}


def test_a_doubtful_letterhead_lets_book_rules_only_warn():
    cases = [case("9"), case("9", "xã Ia Ronq, huyên Chư Sê, tỉnh Gia Lai", office_sure=False)]
    assert raised(cases) == [("1", "DUPLICATE_NUMBER", Severity.WARNS)]


def test_a_book_that_begins_again_every_year_repeats_no_number():
    def dated(so: str, day: str) -> Case:
        fields = dict(case(so).fields) | {"ngayDangKy": FieldValue(day, day)}
        return Case("KS", "1976-1998", fields)

    assert raised([dated("1", "1993-12-30"), dated("1", "1994-01-02")]) == []
    assert raised([dated("1", "1993-12-30"), dated("1", "1993-12-31")]) == [
        ("1", "DUPLICATE_NUMBER", Severity.BLOCKS_IMPORT)
    ]


def test_a_case_with_an_unread_book_number_joins_the_planned_book_that_expects_it_and_only_warns():
    def unread(so: str) -> Case:
        return Case("KS", "1976-1998", dict(case(so).fields) | {"quyenSo": FieldValue("T219", "T219", DOUBT)})

    plans = (plan(41, 42, 43), BookPlan("B2", OFFICE, "KS", 1997, "01", (88, 89, 90)))
    assert raised([unread("41"), unread("43"), unread("88"), unread("89"), unread("90")], *plans) == [
        ("1", "NUMBER_GAP", Severity.WARNS)
    ]
    both = BookPlan("B3", OFFICE, "KS", 1998, "01", (41, 42, 43))
    assert raised([unread("41"), unread("43")], plan(41, 42, 43), both) == []
