"""Offices without the line ask by file; an answer file is loaded whole or not at all."""

from __future__ import annotations

import csv
import io

import pytest

from pipeline.confirmations import Asking, current_verdicts
from pipeline.models import Event, RegisterCheck, RegisterQuery
from pipeline.register_files import ANSWERED, AnswerFileError, export_questions, import_answers
from tests.stages.test_confirm import checked  # noqa: F401 - a fixture
from tests.unit.population_service.people import VY

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

BY_FILE = Asking("BY_FILE", "Số hóa: xác nhận nhân thân")


def answer(request: str, result: str = "CO", **changes: str) -> list[str]:
    row = {name: getattr(VY, name, "") for name in ANSWERED}
    row |= {"maYeuCau": request, "ketQua": result} | changes
    return [row[name] for name in ANSWERED]


def written(*rows: list[str], header: tuple[str, ...] = ANSWERED) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


def problems(data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(AnswerFileError) as refused:
        import_answers(data, actor="lan")
    assert all(p.message.endswith(".") for p in refused.value.problems)
    return [(p.row, p.code) for p in refused.value.problems]


@pytest.fixture
def query(checked) -> RegisterQuery:  # noqa: F811
    checked(BY_FILE)
    return RegisterQuery.objects.get()


def test_questions_go_out_with_their_request_ids_and_leave_an_event(query):
    text, number = export_questions(office="23942", actor="lan")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert number == 1
    assert rows == [
        {
            "maYeuCau": query.request_id,
            "soDinhDanh": VY.soDinhDanh,
            "soCMND": "",
            "hoTen": "NGUYỄN PHƯƠNG VY",
            "ngaySinh": "2008-05-20",
        }
    ]
    query.refresh_from_db()
    assert query.exported_at is not None
    assert Event.objects.get(verb="register.questions_exported").data == {"requests": [query.request_id]}
    assert export_questions(office="khac", actor="lan")[1] == 0


def test_a_name_that_a_spreadsheet_would_run_goes_out_as_text(query):
    RegisterQuery.objects.update(name="=CMD()")
    assert "'=CMD()" in export_questions(actor="lan")[0]


@pytest.mark.parametrize("birth", ["2008-05-20", "20/05/2008", "20080520"])
def test_an_answer_is_judged_and_kept_like_that_of_the_service(query, birth: str):
    verdicts = import_answers(written(answer(query.request_id, ngaySinh=birth)), actor="lan")
    assert verdicts == {query.request_id: "MATCH"}
    found = RegisterCheck.objects.get()
    assert (found.source, found.officer, found.request_id) == ("file:037", "lan", query.request_id)
    assert current_verdicts(query.record) == {"nks": "MATCH"}
    assert Event.objects.get(verb="register.read").data["source"] == "file:037"
    assert export_questions(actor="lan")[1] == 0


def test_nobody_found_and_several_found_have_their_verdicts(query):
    assert import_answers(written(answer(query.request_id, "KHONG")), actor="lan") == {
        query.request_id: "NOT_FOUND"
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ketQua": "x"}, "BAD_RESULT"),
        ({"maYeuCau": ""}, "NO_REQUEST"),
        ({"hoTen": ""}, "NO_NAME"),
        ({"soDinhDanh": "123"}, "BAD_NUMBER"),
        ({"soCMND": "12345678O"}, "BAD_NUMBER"),
        ({"soDinhDanh": "", "soCMND": ""}, "BAD_NUMBER"),
        ({"gioiTinh": "nam"}, "BAD_SEX"),
        ({"ngaySinh": "31/02/2008"}, "BAD_DATE"),
        ({"ngaySinh": "hai nghìn"}, "BAD_DATE"),
        ({"maYeuCau": "SH0"}, "UNKNOWN_REQUEST"),
    ],
)
def test_one_broken_row_is_told_by_row_and_code_and_nothing_is_loaded(query, changes, code: str):
    good = answer(query.request_id)
    assert problems(written(good, good, answer(query.request_id, **changes))) == [(4, code)]
    assert not RegisterCheck.objects.exists()
    query.refresh_from_db()
    assert query.state == "BY_FILE"


def test_contradicting_and_repeated_answers_are_refused(query):
    yes, no = answer(query.request_id), answer(query.request_id, "KHONG")
    assert problems(written(yes, no)) == [(3, "CONTRADICTS")]
    assert problems(written(no, no)) == [(3, "REPEATED")]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", (1, "COLUMNS")),
        (b"maYeuCau,ketQua\r\n", (1, "COLUMNS")),
        (written(), (0, "EMPTY")),
        (written(["SH1", "CO"]), (2, "CELLS")),
        (written().decode("utf-8-sig").encode("utf-16"), (0, "NOT_UTF8")),
        (written() + b'"abc', (2, "NOT_CSV")),
    ],
)
def test_a_file_of_another_shape_is_refused_as_a_whole(db, data: bytes, told: tuple[int, str]):
    assert problems(data) == [told]


def test_an_answer_cannot_be_loaded_twice(query):
    import_answers(written(answer(query.request_id)), actor="lan")
    assert problems(written(answer(query.request_id))) == [(2, "ANSWERED_ALREADY")]
