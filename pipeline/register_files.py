"""The file exchange with the population database, for offices without the line.

Open questions go out as CSV with their request ids; the answers come back under the same ids. An answer
file is checked as a whole: one broken row and nothing of it is loaded.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from django.db import transaction

from pipeline.claims import database_now
from pipeline.confirmations import BY_FILE, UNANSWERED, keep_answer, tell_read
from pipeline.events import record_event
from pipeline.mismatches import raise_mismatches
from pipeline.models import QueryState, Record, RegisterQuery
from pipeline.stages.check import settle_unless_decided
from validators.letters import tidy
from validators.population import RegisterRow

REQUEST, RESULT = "maYeuCau", "ketQua"
FOUND, NOT_FOUND = "CO", "KHONG"
ASKED = (REQUEST, "soDinhDanh", "soCMND", "hoTen", "ngaySinh")
ANSWERED = (REQUEST, RESULT, *(f.name for f in fields(RegisterRow)))
MAX_BYTES = 64 << 20
_PROBLEMS_SHOWN = 200
_FORMULA = ("=", "+", "-", "@", "\t")
_DATES = (
    re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d\d)(?:-(?P<d>\d\d))?)?", re.ASCII),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", re.ASCII),
    re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)", re.ASCII),
)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong with one row; row 1 is the header, 0 the file.

    Attributes:
        code: such as ``BAD_DATE``.
        message: Vietnamese.
    """

    row: int
    code: str
    message: str


class AnswerFileError(Exception):
    """An answer file was refused as a whole; nothing of it was loaded."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__(problems)
        self.problems = problems


def export_questions(*, office: str = "", actor: str) -> tuple[str, int]:
    """Unanswered questions as CSV text with a byte-order mark, and how many.

    Args:
        office: only of the office with this code.
        actor: account that takes the file away.
    """
    with transaction.atomic():
        queries = RegisterQuery.objects.filter(state__in=UNANSWERED).select_for_update(of=("self",))
        if office:
            queries = queries.filter(record__office__code=office)
        found = list(queries.order_by("id"))
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(ASKED)
        for query in found:
            numbers = (query.number, "") if len(query.number) == 12 else ("", query.number)
            lines.writerow([query.request_id, *numbers, _no_formula(query.name), query.birth])
        RegisterQuery.objects.filter(pk__in=[q.pk for q in found]).update(exported_at=database_now())
        if found:
            record_event(
                "register.questions_exported",
                actor=actor,
                office=office,
                purpose=found[0].purpose,
                data={"requests": [q.request_id for q in found]},
            )
    return "\ufeff" + text.getvalue(), len(found)


def import_answers(data: bytes, *, actor: str) -> dict[str, str]:
    """Load an answer file.

    Args:
        data: UTF-8 CSV with the columns `ANSWERED`; several rows under one id are several candidates.

    Returns:
        Verdict by request id.

    Raises:
        AnswerFileError: the file or any row of it is broken; nothing was loaded.
    """
    with transaction.atomic():
        answers, places = _checked(data)
        named = RegisterQuery.objects.filter(request_id__in=answers).values("record")
        # records before questions, as the stages hold them
        list(Record.objects.select_for_update(of=("self",)).filter(pk__in=named).order_by("pk").only("pk"))
        queries = {
            q.request_id: q
            for q in RegisterQuery.objects.select_for_update(of=("self",)).filter(request_id__in=answers)
        }
        problems = [
            FileProblem(places[r], *_unanswerable(queries.get(r)))
            for r in answers
            if _unanswerable(queries.get(r))
        ]
        if problems:
            raise AnswerFileError(sorted(problems, key=lambda p: p.row))
        return {r: _load(queries[r], rows, actor) for r, rows in answers.items()}


def _load(query: RegisterQuery, rows: list[RegisterRow], actor: str) -> str:
    query.state, query.state_since = QueryState.ANSWERED, database_now()
    query.attempt += 1  # whoever still asks over the line is late
    query.lease_owner, query.lease_until, query.not_before = "", None, None
    query.error_code = query.error_message = ""
    query.save()
    check = keep_answer(query, rows, source=BY_FILE, actor=actor)
    raise_mismatches(query.record)
    settle_unless_decided(query.record_id)
    tell_read(
        query.record,
        actor=actor,
        purpose=query.purpose,
        source=BY_FILE,
        verdicts={query.prefix: check.verdict},
        request_id=query.request_id,
    )
    return check.verdict


def _unanswerable(query: RegisterQuery | None) -> tuple[str, str] | None:
    if query is None:
        return "UNKNOWN_REQUEST", "Không có câu hỏi nào mang mã yêu cầu này."
    if query.state == QueryState.ANSWERED:
        return "ANSWERED_ALREADY", "Câu hỏi này đã có trả lời."
    if query.state == QueryState.WITHDRAWN:
        return "WITHDRAWN", "Hồ sơ đã sửa nên câu hỏi này không còn giá trị; hãy xuất lại tệp câu hỏi."
    return None


def _checked(data: bytes) -> tuple[dict[str, list[RegisterRow]], dict[str, int]]:
    """Candidates by request id, and the first row of each id."""
    found: dict[str, list[RegisterRow]] = defaultdict(list)
    places: dict[str, int] = {}
    said: dict[str, str] = {}
    problems: list[FileProblem] = []
    for number, line in _lines(data):
        request, result = line[REQUEST], line[RESULT].upper()
        told = _broken(line, result)
        if told is None and said.setdefault(request, result) != result:
            told = ("CONTRADICTS", "Cùng mã yêu cầu có cả CO và KHONG.")
        if told is None and result == NOT_FOUND and request in places:
            told = ("REPEATED", "Mã yêu cầu này đã có ở dòng trên.")
        if told:
            problems.append(FileProblem(number, *told))
            if len(problems) >= _PROBLEMS_SHOWN:
                break
            continue
        places.setdefault(request, number)
        candidates = found[request]
        if result == FOUND:
            row = {f.name: line[f.name] for f in fields(RegisterRow)}
            candidates.append(RegisterRow(**row | {"ngaySinh": _iso(line["ngaySinh"]) or ""}))
    if not problems and not found:
        problems = [FileProblem(0, "EMPTY", "Tệp không có dòng trả lời nào.")]
    if problems:
        raise AnswerFileError(problems)
    return dict(found), places


def _lines(data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Rows of the file with their numbers, every column a tidy text."""
    if len(data) > MAX_BYTES:
        raise AnswerFileError([FileProblem(0, "TOO_LARGE", "Tệp quá lớn; hãy chia nhỏ.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = FileProblem(0, "NOT_UTF8", "Tệp không phải UTF-8; hãy lưu lại dạng CSV UTF-8.")
        raise AnswerFileError([problem]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [tidy(name) for name in next(reader, [])]
        missing = [name for name in ANSWERED if name not in header]
        if missing or len(set(header)) != len(header):
            told = f"Thiếu hoặc lặp cột: {', '.join(missing) or 'tên cột lặp lại'}."
            raise AnswerFileError([FileProblem(1, "COLUMNS", told)])
        for number, cells in enumerate(reader, start=2):
            if not any(cells):
                continue
            if len(cells) != len(header):
                told = f"Dòng có {len(cells)} ô, cần {len(header)}."
                raise AnswerFileError([FileProblem(number, "CELLS", told)])
            yield number, dict(zip(header, map(tidy, cells), strict=True))
    except csv.Error as error:
        problem = FileProblem(reader.line_num, "NOT_CSV", "Dòng không đúng dạng CSV.")
        raise AnswerFileError([problem]) from error


def _broken(line: Mapping[str, str], result: str) -> tuple[str, str] | None:
    """Code and sentence of what is wrong with a row by itself."""
    if not line[REQUEST]:
        return "NO_REQUEST", "Thiếu mã yêu cầu."
    if result not in (FOUND, NOT_FOUND):
        return "BAD_RESULT", "Cột ketQua chỉ nhận CO hoặc KHONG."
    if result == NOT_FOUND:
        return None
    if not line["hoTen"]:
        return "NO_NAME", "Thiếu họ tên."
    if not re.fullmatch(r"(\d{12})?", line["soDinhDanh"], re.ASCII):
        return "BAD_NUMBER", "Số định danh phải có 12 chữ số."
    if not re.fullmatch(r"(\d{9}|\d{12})?", line["soCMND"], re.ASCII):
        return "BAD_NUMBER", "Số CMND phải có 9 hoặc 12 chữ số."
    if not line["soDinhDanh"] and not line["soCMND"]:
        return "BAD_NUMBER", "Thiếu số định danh hoặc số CMND."
    if line["gioiTinh"] not in ("", "1", "2"):
        return "BAD_SEX", "Giới tính chỉ nhận 1 (nam) hoặc 2 (nữ)."
    if _iso(line["ngaySinh"]) is None:
        return "BAD_DATE", "Ngày sinh không có thật hoặc sai dạng."
    return None


def _iso(text: str) -> str | None:
    """ISO date, possibly partial, of what the file says; "" of nothing, None of nonsense."""
    if not text:
        return ""
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match:
            year, month, day = match["y"], match["m"], match["d"]
            try:
                full = date(int(year), int(month or 1), int(day or 1)).isoformat()
            except ValueError:
                return None
            return full if day else full[:7] if month else year
    return None


def _no_formula(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
