"""Questions to the population database about a record's persons, and what is made of the answers.

An answer never changes the record: it becomes a check of its own beside that of the local extract, an
event, and where it differs a finding that an officer settles (see `pipeline.mismatches`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from ocr.elements import RecordReading
from pipeline import outbox
from pipeline.claims import database_now, move
from pipeline.events import record_event
from pipeline.fingerprint import fingerprint
from pipeline.models import QueryState, Record, RegisterCall, RegisterCheck, RegisterQuery
from pipeline.population_settings import PopulationSettings
from pipeline.reading import as_case
from pipeline.stages.fields import reading_of
from validators.population import RegisterAnswer, RegisterRow, RegisterVerdict
from validators.population.persons import PERSONS
from validators.population.service import Question, question_of, verdict_of

SERVICE = "service:037"
BY_FILE = "file:037"
UNANSWERED = (QueryState.OPEN, QueryState.BY_FILE, QueryState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Asking:
    """How this installation asks.

    Attributes:
        state: OPEN where workers call the service, BY_FILE where files travel.
        purpose: as it stands in the log.
    """

    state: QueryState
    purpose: str


def asking_of(settings: PopulationSettings) -> Asking | None:
    """How to ask by these settings; None where nobody is asked."""
    if settings.endpoint:
        return Asking(QueryState.OPEN, settings.purpose)
    return Asking(QueryState.BY_FILE, settings.purpose) if settings.file_exchange else None


def questions_of(record: Record, reading: RecordReading) -> dict[str, tuple[str, Question]]:
    """What could be asked about the persons of a record as it stands: prefix and question by request id."""
    case = as_case(reading)
    found = {}
    for prefix in PERSONS.get(record.form, ()):
        question = question_of(case, prefix, "SH")
        if question is not None:
            found[request_id_of(record, prefix, question)] = (prefix, question)
    return found


def ask(record: Record, reading: RecordReading, asking: Asking, *, officer: str) -> list[RegisterQuery]:
    """Queue what is to be asked about the persons of a record, in the current transaction.

    A person whom the local extract has confirmed is not asked for, and the same question is never asked
    twice. Questions that the record no longer raises are withdrawn.

    Returns:
        The new questions.
    """
    extract = _latest(record.register_checks.filter(request_id=""))
    confirmed = {prefix for prefix, check in extract.items() if check.verdict == "MATCH"}
    wanted = questions_of(record, reading)
    known = {q.request_id: q for q in record.register_queries.all()}
    for query in known.values():
        _keep_or_withdraw(query, query.request_id in wanted, asking.state)
    fresh = [
        RegisterQuery(
            record=record,
            prefix=prefix,
            request_id=request_id,
            number=question.number,
            name=question.capitals,
            birth=question.birth,
            officer=officer,
            purpose=asking.purpose,
            state=asking.state,
            state_since=database_now(),
        )
        for request_id, (prefix, question) in wanted.items()
        if request_id not in known and prefix not in confirmed
    ]
    RegisterQuery.objects.bulk_create(fresh)
    if asking.state == QueryState.OPEN:
        for query in fresh:
            outbox.post("sohoa.confirm_person", query.pk)
    return fresh


def request_id_of(record: Record, prefix: str, question: Question) -> str:
    """The one request id of a question, wherever and whenever it is made."""
    asked = [str(record.pk), prefix, question.number, question.capitals, question.birth]
    return f"SH{fingerprint(asked)[:30].upper()}"


def _keep_or_withdraw(query: RegisterQuery, wanted: bool, state: QueryState) -> None:
    if wanted and query.state == QueryState.WITHDRAWN:
        answered = RegisterCheck.objects.filter(request_id=query.request_id).exclude(verdict="SOURCE_DOWN")
        query.state = QueryState.ANSWERED if answered.exists() else state
    elif not wanted and query.state != QueryState.WITHDRAWN:
        query.state = QueryState.WITHDRAWN
    else:
        return
    query.attempt += 1  # whoever still asks is late
    query.lease_owner, query.lease_until = "", None
    query.state_since = database_now()
    query.save()


def standing_checks(record: Record, reading: RecordReading | None = None) -> dict[str, RegisterCheck]:
    """What the registers say of each person now.

    The service's word goes before the extract's, as long as the record still raises the question.
    """
    asked = questions_of(record, reading or reading_of(record))
    checks = _latest(record.register_checks.filter(request_id=""))
    return checks | _latest(record.register_checks.filter(request_id__in=list(asked)))


def current_verdicts(record: Record, reading: RecordReading | None = None) -> dict[str, str]:
    """Verdicts that count for the decision, by person.

    SOURCE_DOWN stands for a question that is still open. What an officer has settled counts no more.
    """
    now = reading or reading_of(record)
    verdicts = {prefix: check.verdict for prefix, check in standing_checks(record, now).items()}
    waiting = record.register_queries.filter(state__in=UNANSWERED)
    for query in waiting.filter(request_id__in=list(questions_of(record, now))):
        verdicts[query.prefix] = "SOURCE_DOWN"
    findings = record.findings.filter(stage="register", withdrawn_at__isnull=True)
    settled: dict[str, bool] = {}
    for person, at in findings.values_list("evidence__person", "settled_at"):
        settled[person] = settled.get(person, True) and at is not None
    return {prefix: v for prefix, v in verdicts.items() if not settled.get(prefix)}


def keep_answer(
    query: RegisterQuery, rows: Sequence[RegisterRow], *, source: str, actor: str
) -> RegisterCheck:
    """Judge the persons of an answer and keep what comes of it, in the current transaction."""
    case = as_case(reading_of(query.record))
    found = verdict_of(case, query.prefix, rows)
    return _keep(query, source, found, officer=actor)


def keep_outage(query: RegisterQuery) -> None:
    """Keep that a question has no answer yet; once, however long it lasts."""
    last = RegisterCheck.objects.filter(request_id=query.request_id).order_by("-id").first()
    if last is None or last.verdict != "SOURCE_DOWN":
        _keep(query, SERVICE, RegisterVerdict(RegisterAnswer.SOURCE_DOWN), officer=query.officer)


def _keep(query: RegisterQuery, source: str, found: RegisterVerdict, *, officer: str) -> RegisterCheck:
    check = check_of(query.record, query.prefix, found, source=source, officer=officer, purpose=query.purpose)
    check.request_id = query.request_id
    check.save()
    return check


def check_of(
    record: Record, prefix: str, found: RegisterVerdict, *, source: str, officer: str, purpose: str
) -> RegisterCheck:
    """A verdict as a row; the caller saves it."""
    return RegisterCheck(
        record=record,
        prefix=prefix,
        verdict=str(found.verdict),
        fields=list(found.fields),
        candidates=[asdict(row) for row in found.candidates],
        explained=[[asdict(part) for part in parts] for parts in found.explained],
        score=float(found.score),
        source=source,
        officer=officer,
        purpose=purpose,
    )


def calls_today() -> int:
    """Calls of this installation since local midnight."""
    midnight = timezone.localtime(database_now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return RegisterCall.objects.filter(at__gte=midnight).count()


def tell_read(
    record: Record,
    *,
    actor: str,
    purpose: str,
    source: str,
    verdicts: Mapping[str, str],
    request_id: str = "",
    unread: Sequence[str] = (),
) -> None:
    """Leave the event that personal data was looked up; last in the transaction.

    Args:
        unread: names of elements of an answer that could not be understood and were not compared.
    """
    data: dict[str, object] = {"source": source, "verdicts": dict(verdicts)}
    data |= {"request": request_id} if request_id else {}
    data |= {"unread": list(unread)} if unread else {}
    record_event(
        "register.read",
        actor=actor,
        office=record.office.code,
        purpose=purpose,
        subject=f"record:{record.pk}",
        data=data,
    )


def reopen(*, office: str = "", actor: str) -> int:
    """Ask over the line what was given up or waits for a file, because a person wants it.

    Returns:
        How many questions.
    """
    with transaction.atomic():
        waiting = RegisterQuery.objects.filter(state__in=(QueryState.QUARANTINED, QueryState.BY_FILE))
        if office:
            waiting = waiting.filter(record__office__code=office)
        queries = list(waiting.select_for_update(of=("self",)))
        for query in queries:
            move(query, QueryState.OPEN)
            query.outages = 0
            query.save()
            outbox.post("sohoa.confirm_person", query.pk)
        if queries:
            record_event(
                "register.asked_again",
                actor=actor,
                office=office,
                data={"requests": [q.request_id for q in queries]},
            )
    return len(queries)


def _latest(checks: Iterable[RegisterCheck]) -> dict[str, RegisterCheck]:
    return {check.prefix: check for check in sorted(checks, key=lambda c: c.pk)}
