"""Stages check and decide: rules and the population register judge a record, then it goes its way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ocr.elements import RecordReading
from pipeline.claims import claim, database_now, finishing, move
from pipeline.confirmations import Asking, ask, check_of, current_verdicts, tell_read
from pipeline.decide import Decision, decide, open_findings
from pipeline.fingerprint import fingerprint
from pipeline.mismatches import raise_mismatches
from pipeline.models import FieldValue, Record, RecordState, RegisterCheck
from pipeline.policies import DoubleKeyingPolicies, FieldPolicies, keyed_twice
from pipeline.reading import RecordJudgement, confirmed_by_register, judge
from pipeline.registers import Registers
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.completeness import call_for_books
from pipeline.stages.fields import raise_findings, reading_of, write_readings
from pipeline.stages.runs import OK, SKIPPED, StageInput, done_before, note

VERSION = "3"


@dataclass(frozen=True, slots=True)
class CheckTools:
    """What the stage needs from outside."""

    registers: Registers
    lease_seconds: float
    policies: FieldPolicies = field(default_factory=dict)
    asking: Asking | None = None
    double_keying: DoubleKeyingPolicies = field(default_factory=dict)


def run(record_id: str, tools: CheckTools) -> bool:
    """Check and decide one record, if it waits for that; false where there was nothing to do."""
    held = claim(
        Record, [RecordState.READ, RecordState.CHECKED], new_owner(), tools.lease_seconds, pk=record_id
    )
    if held is None:
        return False
    record = held.row
    values = record.current_fields()
    batch = record.scan.batch
    inputs = {"values": values_sha256(values), "register": batch.register_sha256}
    if tools.asking:
        inputs["asking"] = str(tools.asking.state)
    given = StageInput("check", VERSION, inputs)
    with attempt(held, given):
        start = time.monotonic()
        reading = reading_of(record, values)
        if done_before(record, given):
            with finishing(held) as row:
                note(row, given, SKIPPED, attempt=held.attempt, worker=held.owner)
                settle(row, values)
                call_for_books(batch.pk)
            return True
        register = tools.registers.register(batch.register_sha256)
        judgement = judge({"it": reading}, register=register)["it"]
        confirmed = confirmed_by_register(reading, judgement, tools.policies)
        with finishing(held) as row:
            wanted = keyed_twice(confirmed, tools.double_keying)
            verdicts = keep_judgement(row, judgement, wanted, tools.asking, actor=batch.actor)
            note(
                row,
                given,
                OK,
                output=[[f.code for f in judgement.findings], verdicts],
                seconds=time.monotonic() - start,
                attempt=held.attempt,
                worker=held.owner,
            )
            settle(row)
            tell_extract_read(row, verdicts, actor=batch.actor)
            call_for_books(batch.pk)
    return True


def keep_judgement(
    record: Record,
    judgement: RecordJudgement,
    confirmed: RecordReading,
    asking: Asking | None,
    *,
    actor: str,
) -> dict[str, str]:
    """Keep what the rules and the extract say of a record; ask the service about whom that leaves open.

    Args:
        confirmed: the reading, decided again with what the extract says and what is to be keyed twice.
        actor: account that looked in the extract.

    Returns:
        Verdict of the extract by person.
    """
    batch = record.scan.batch
    raise_findings("check", judgement.findings, now=database_now(), record=record)
    RegisterCheck.objects.bulk_create(
        check_of(record, prefix, found, source=_extract(record), officer=actor, purpose=_PURPOSE)
        for prefix, found in judgement.population.items()
    )
    write_readings(record, confirmed.fields)
    if asking:
        ask(record, reading_of(record), asking, officer=batch.actor)
    raise_mismatches(record)
    return {prefix: str(v.verdict) for prefix, v in judgement.population.items()}


def tell_extract_read(record: Record, verdicts: dict[str, str], *, actor: str) -> None:
    """Leave the event that persons were looked up in the extract, if any were; last in the transaction."""
    if verdicts:
        tell_read(record, actor=actor, purpose=_PURPOSE, source=_extract(record), verdicts=verdicts)


def _extract(record: Record) -> str:
    return f"extract:{record.scan.batch.register_sha256[:16]}"


def values_sha256(values: dict[str, FieldValue]) -> str:
    """Hash of what is known of a record; rises from any change to any field."""
    return fingerprint({k: [v.written, v.value, v.status, v.accepted] for k, v in values.items()})


def settle(record: Record, values: dict[str, FieldValue] | None = None) -> Decision:
    """Decide by what stands in the database now and give the record its state; the caller saves it.

    A record that a person has decided about stays where it is.
    """
    values = record.current_fields() if values is None else values
    reading = reading_of(record, values)
    decision = decide(
        reading.fields,
        open_findings(record).values_list("severity", flat=True),
        current_verdicts(record, reading).values(),
        unread_pages=record.scan.pages.filter(number__in=record.pages, state="unreadable").exists(),
    )
    undecided = (RecordState.READ, RecordState.CHECKED, RecordState.ACCEPTED, RecordState.TO_REVIEW)
    if record.state in undecided and record.state != decision.state:
        given = StageInput("decide", VERSION, {"values": values_sha256(values)})
        note(record, given, OK, output=str(decision.state), detail={"reasons": list(decision.reasons)})
        move(record, decision.state)
    record.error_code = decision.reasons[0] if decision.reasons else ""
    record.error_message = _SENTENCES[record.error_code] if record.error_code else ""
    return decision


def settle_unless_decided(record_id: object) -> None:
    """Decide anew about a record that waits for nobody's stage and that no person has decided about."""
    record = Record.objects.select_for_update(of=("self",)).get(pk=record_id)
    if record.state in (RecordState.ACCEPTED, RecordState.TO_REVIEW):
        settle(record)
        record.save()


_PURPOSE = "Số hóa: đối chiếu tự động"
_SENTENCES = {
    "UNREAD_PAGE": "Có trang không đọc được; hãy quét lại trang đó.",
    "BLOCKING_FINDING": "Có lỗi cần cán bộ xử lý trước khi duyệt.",
    "REGISTER_DIFFERS": "Khác với cơ sở dữ liệu dân cư; hãy đối chiếu.",
    "REGISTER_WAITS": "Chưa có trả lời của cơ sở dữ liệu dân cư; hệ thống sẽ hỏi lại.",
    "UNSURE_FIELD": "Có trường đọc chưa chắc; hãy xem lại.",
}
