"""Stage confirm: one question to the population database, asked until it is answered or given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from pipeline.claims import (
    Claim,
    LateWriter,
    claim,
    database_now,
    exhausted,
    finishing,
    heartbeat,
    hold,
    move,
    postpone,
)
from pipeline.confirmations import SERVICE, keep_answer, keep_outage, tell_read
from pipeline.mismatches import raise_mismatches
from pipeline.models import QueryState, Record, RegisterCall, RegisterQuery
from pipeline.places import office_gazetteer
from pipeline.stages.attempts import new_owner
from pipeline.stages.check import settle_unless_decided
from validators.errors import PopulationServiceError
from validators.population.service import Caller, CallRecord, ConfirmService, Question, row_of

_log = structlog.get_logger(__name__)
_FIRST_WAIT = 60.0
_LONGEST_WAIT = 3600.0
_UNCONFIGURED_WAIT = 900.0
_SENTENCE = "Chưa hỏi được cơ sở dữ liệu dân cư; hệ thống sẽ hỏi lại."
_GIVEN_UP = "Đã thôi hỏi cơ sở dữ liệu dân cư sau nhiều lần thử; cán bộ có thể cho hỏi lại."


@dataclass(frozen=True, slots=True)
class ConfirmTools:
    """What the stage needs from outside.

    Attributes:
        service: None where the settings no longer name one.
        give_up_after: failed rounds after which a question waits for a person.
    """

    service: ConfirmService | None
    caller: Caller
    lease_seconds: float
    give_up_after: int


def run(query_id: str, tools: ConfirmTools) -> bool:
    """Ask one question, if it waits for that; false where there was nothing to do."""
    held = claim(RegisterQuery, [QueryState.OPEN], new_owner(), tools.lease_seconds, pk=query_id)
    if held is None:
        return False
    try:
        if tools.service is None:
            postpone(held, _UNCONFIGURED_WAIT, "SERVICE_NOT_SET", _SENTENCE)
        else:
            _ask(held, tools.service, tools)
    except LateWriter as late:
        _log.warning("late writer refused", reason=str(late))
    return True


def _ask(held: Claim[RegisterQuery], service: ConfirmService, tools: ConfirmTools) -> None:
    query = held.row
    question = Question(query.request_id, query.number, query.name, query.birth)
    try:
        with heartbeat(held):
            people = service.confirm(question, tools.caller, lambda call: _note(query, call))
    except PopulationServiceError as error:
        _log.warning("population service", code=error.code, request=query.request_id)
        _no_answer(held, error, tools.give_up_after)
        return
    with _record_first(query), finishing(held) as row:
        move(row, QueryState.ANSWERED)
        row.outages = 0
        row.save()
        places = office_gazetteer()
        check = keep_answer(row, [row_of(c, places) for c in people], source=SERVICE, actor=row.officer)
        raise_mismatches(row.record)
        settle_unless_decided(row.record_id)
        tell_read(
            row.record,
            actor=row.officer,
            purpose=row.purpose,
            source=SERVICE,
            verdicts={row.prefix: check.verdict},
            request_id=row.request_id,
            unread=[name for citizen in people for name in citizen.unread],
        )


def _no_answer(held: Claim[RegisterQuery], error: PopulationServiceError, give_up_after: int) -> None:
    with _record_first(held.row), finishing(held) as row:
        row.tries = 0
        if error.code == "QUOTA_EXCEEDED":
            wait = _until_tomorrow(timezone.localtime(database_now()))
        elif error.code == "CIRCUIT_OPEN":  # nothing was sent
            wait = timedelta(seconds=_FIRST_WAIT)
        else:
            row.outages += 1
            wait = timedelta(seconds=min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (row.outages - 1)))
        if row.outages >= give_up_after:
            move(row, QueryState.QUARANTINED)
            row.error_message = _GIVEN_UP
        else:
            row.not_before = database_now() + wait
            row.error_message = _SENTENCE
        row.error_code = error.code
        row.save()
        _tell_no_answer(row)


def give_up_lost(query: RegisterQuery) -> bool:
    """Give up a question whose last try was cut short by a kill; false where another process was faster."""
    with _record_first(query):
        lost = RegisterQuery.objects.filter(exhausted(QueryState.OPEN, database_now()), pk=query.pk)
        row = lost.select_for_update(of=("self",)).first()
        if row is None:
            return False
        row.error_code, row.error_message = "WORKER_LOST", _GIVEN_UP
        hold(row)
        row.save()
        _tell_no_answer(row)
    return True


def _tell_no_answer(query: RegisterQuery) -> None:
    keep_outage(query)
    raise_mismatches(query.record)
    settle_unless_decided(query.record_id)


@contextmanager
def _record_first(query: RegisterQuery) -> Iterator[None]:
    """A transaction that holds the record before its question, as the stage check does."""
    with transaction.atomic():
        Record.objects.select_for_update(of=("self",)).get(pk=query.record_id)
        yield


def _until_tomorrow(now: datetime) -> timedelta:
    """Time to the first minutes of the next day, when a daily quota begins anew."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time(0, 5), tzinfo=now.tzinfo)
    return midnight - now


def _note(query: RegisterQuery, call: CallRecord) -> None:
    """Keep one call at once, whatever becomes of the attempt."""
    with transaction.atomic():
        RegisterCall.objects.create(
            query=query,
            attempt=call.attempt,
            officer=call.officer,
            unit=call.unit,
            procedure=call.procedure,
            purpose=call.purpose,
            outcome=call.outcome,
            milliseconds=call.milliseconds,
        )
