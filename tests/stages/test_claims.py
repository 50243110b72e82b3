# ruff: noqa: PT012 - the block that must fail is a whole transaction
import json
import time

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from pipeline.claims import (
    MAX_TRIES,
    LateWriter,
    WrongState,
    claim,
    fail,
    finishing,
    heartbeat,
    move,
    postpone,
)
from pipeline.models import OutboxMessage, Record, Scan
from pipeline.sweeper import Duty, hold_exhausted
from tests.stages.holdings import make_batch, make_record, make_scan

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
READING = Duty(Scan, "RECEIVED", "sohoa.read_scan")


def due(row):
    """Pretend that the pause after a failure is over."""
    type(row).objects.filter(pk=row.pk).update(not_before=None)


def lease_over(row):
    type(row).objects.filter(pk=row.pk).update(lease_until=timezone.now())


def test_processes_that_claim_at_once_never_share_a_row(servers):
    batch = make_batch()
    for _ in range(40):
        make_scan(batch)
    program = """
import json, sys
from pipeline.claims import claim
from pipeline.models import Scan
mine = []
while (held := claim(Scan, ["RECEIVED"], sys.argv[1], 60)) is not None:
    mine.append(str(held.row.pk))
print(json.dumps(mine))
"""
    workers = [servers.python(program, f"w{n}") for n in range(4)]
    claimed = []
    for worker in workers:
        out, err = worker.communicate()
        assert worker.returncode == 0, err
        claimed.extend(json.loads(out))
    assert len(claimed) == len(set(claimed)) == 40


def test_a_held_row_is_passed_over_until_its_lease_ends():
    scan = make_scan()
    first = claim(Scan, ["RECEIVED"], "w1", 60, pk=scan.pk)
    assert first is not None
    assert first.attempt == 1
    assert claim(Scan, ["RECEIVED"], "w2", 60, pk=scan.pk) is None
    lease_over(scan)
    second = claim(Scan, ["RECEIVED"], "w2", 60, pk=scan.pk)
    assert second is not None
    assert second.attempt == 2


def test_a_late_writer_leaves_nothing_behind():
    scan = make_scan()
    late = claim(Scan, ["RECEIVED"], "w1", 60, pk=scan.pk)
    lease_over(scan)
    now = claim(Scan, ["RECEIVED"], "w2", 60, pk=scan.pk)
    with pytest.raises(LateWriter), finishing(late) as row:
        OutboxMessage.objects.create(task="never")
        move(row, "READ")
    assert not OutboxMessage.objects.exists()
    with finishing(now) as row:
        move(row, "READ")
    scan.refresh_from_db()
    assert (scan.state, scan.attempt, scan.lease_owner, scan.tries) == ("READ", 2, "", 0)
    with pytest.raises(LateWriter):
        fail(late, "X", "x")


def test_an_error_inside_the_last_transaction_takes_everything_back():
    scan = make_scan()
    held = claim(Scan, ["RECEIVED"], "w1", 60, pk=scan.pk)
    with pytest.raises(RuntimeError), finishing(held) as row:
        make_record(row)
        move(row, "READ")
        raise RuntimeError
    scan.refresh_from_db()
    assert scan.state == "RECEIVED"
    assert not Record.objects.exists()


def test_the_heartbeat_keeps_a_short_lease_alive():
    scan = make_scan()
    held = claim(Scan, ["RECEIVED"], "w1", 0.6, pk=scan.pk)
    with heartbeat(held):
        time.sleep(1.5)
        assert claim(Scan, ["RECEIVED"], "w2", 60, pk=scan.pk) is None
        with finishing(held) as row:
            move(row, "READ")
    assert Scan.objects.get().state == "READ"


def test_a_poison_file_is_held_with_its_code_and_not_tried_for_ever():
    scan = make_scan()
    for number in range(MAX_TRIES):
        held = claim(Scan, ["RECEIVED"], f"w{number}", 60, pk=scan.pk)
        assert held is not None, number
        fail(held, "READ_FAILED", "Không đọc được.")
        due(scan)
    assert claim(Scan, ["RECEIVED", "QUARANTINED"], "w9", 60, pk=scan.pk) is not None  # asked for by name
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == ("QUARANTINED", "READ_FAILED")
    assert scan.error_message


def test_a_file_that_kills_its_worker_is_held_once_the_last_lease_has_ended():
    scan = make_scan()
    for number in range(MAX_TRIES):
        assert claim(Scan, ["RECEIVED"], f"w{number}", 60, pk=scan.pk) is not None
        assert hold_exhausted(READING) == 0
        lease_over(scan)
    assert claim(Scan, ["RECEIVED"], "w9", 60, pk=scan.pk) is None
    assert hold_exhausted(READING) == 1
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == ("QUARANTINED", "WORKER_LOST")


def test_a_failed_attempt_rests_before_the_next_one():
    scan = make_scan()
    fail(claim(Scan, ["RECEIVED"], "w1", 60, pk=scan.pk), "READ_FAILED", "Không đọc được.")
    assert claim(Scan, ["RECEIVED"], "w2", 60, pk=scan.pk) is None
    due(scan)
    assert claim(Scan, ["RECEIVED"], "w2", 60, pk=scan.pk) is not None


def test_an_outage_never_uses_up_tries():
    scan = make_scan()
    for _ in range(3 * MAX_TRIES):
        postpone(claim(Scan, ["RECEIVED"], "w1", 60, pk=scan.pk), 0, "TIMESTAMP_UNAVAILABLE", "Chờ.")
        due(scan)
    scan.refresh_from_db()
    assert (scan.state, scan.tries) == ("RECEIVED", 0)


def test_an_approval_stands_though_sealing_failed_for_good():
    record = make_record(state="APPROVED", approved_by="lan", approved_at=timezone.now())
    for _ in range(MAX_TRIES):
        fail(claim(Record, ["APPROVED"], "w", 60, pk=record.pk), "SEAL_FAILED", "Chưa ký được.")
        due(record)
    record.refresh_from_db()
    assert (record.state, record.error_code) == ("APPROVED", "SEAL_FAILED")
    assert claim(Record, ["APPROVED"], "w", 60, pk=record.pk) is None


def test_a_record_cannot_skip_its_approval():
    record = make_record(state="TO_REVIEW")
    with pytest.raises(WrongState):
        move(record, "STORED")
    with pytest.raises(DatabaseError), transaction.atomic():
        Record.objects.filter(pk=record.pk).update(state="APPROVED")
    with pytest.raises(DatabaseError), transaction.atomic():
        Record.objects.filter(pk=record.pk).update(state="ANYTHING")
