import pytest
from django.db import DatabaseError, connection, transaction

from pipeline.events import GENESIS, chain_head, record_event, verify_chain
from pipeline.models import Event, FieldValue, StageRun
from pipeline.stages.runs import OK, StageInput, note
from tests.stages.holdings import make_record, make_scan

pytestmark = [pytest.mark.servers, pytest.mark.django_db]


def three_events() -> list[Event]:
    return [
        record_event("record.viewed", actor="lan", office="23942", purpose="trích lục", data={"field": name})
        for name in ("nksHoTen", "meHoTen", "nksNgaySinh")
    ]


def without_triggers(statement: str, *values: object) -> None:
    """What somebody with the rights of the tables' owner can do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pipeline_event DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE pipeline_event ENABLE TRIGGER USER")


def test_every_event_carries_the_hash_of_the_one_before():
    first, second, third = three_events()
    assert (first.previous, second.previous, third.previous) == (GENESIS, first.hash, second.hash)
    report = verify_chain()
    assert report.sound
    assert (report.length, report.head) == (3, third.hash)


def test_a_changed_event_is_found_where_it_stands():
    _, second, _ = three_events()
    without_triggers("UPDATE pipeline_event SET actor = 'ai đó' WHERE id = %s", second.pk)
    broken = verify_chain().broken
    assert broken is not None
    assert (broken.event, broken.reason) == (second.pk, "CHANGED")


def test_a_changed_event_with_a_fresh_hash_breaks_the_link_after_it():
    from pipeline.events import event_hash

    _, second, third = three_events()
    second.actor = "ai đó"
    without_triggers(
        "UPDATE pipeline_event SET actor = %s, hash = %s WHERE id = %s",
        second.actor,
        event_hash(second),
        second.pk,
    )
    broken = verify_chain().broken
    assert broken is not None
    assert (broken.event, broken.reason) == (third.pk, "UNLINKED")


def test_a_removed_event_is_missed_by_the_one_after_it():
    _, second, third = three_events()
    without_triggers("DELETE FROM pipeline_event WHERE id = %s", second.pk)
    broken = verify_chain().broken
    assert broken is not None
    assert (broken.event, broken.reason) == (third.pk, "UNLINKED")


def test_cut_off_newest_events_are_missed_against_a_noted_head():
    *_, third = three_events()
    noted = chain_head()
    without_triggers("DELETE FROM pipeline_event WHERE id = %s", third.pk)
    assert verify_chain().sound
    assert not verify_chain(expected_head=noted).sound


@pytest.mark.parametrize("table", ["event", "stagerun", "fieldvalue"])
@pytest.mark.parametrize("act", ["UPDATE pipeline_{} SET id = id", "DELETE FROM pipeline_{}"])
def test_the_database_refuses_to_change_history(table: str, act: str):
    record_event("record.viewed", actor="lan")
    record = make_record(make_scan())
    note(record, StageInput("check", "1", {}), OK)
    FieldValue.objects.create(record=record, key="so", status="READ", page=1, said_by="engine")
    assert StageRun.objects.exists()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(table))


def test_two_first_words_on_one_field_are_refused():
    record = make_record(make_scan())
    first = FieldValue.objects.create(record=record, key="so", status="READ", page=1, said_by="engine")
    later = FieldValue.objects.create(
        record=record, key="so", value="51", status="KEYED", page=1, said_by="keyer", supersedes=first
    )
    assert record.current_fields() == {"so": later}
    with pytest.raises(DatabaseError), transaction.atomic():
        FieldValue.objects.create(record=record, key="so", status="READ", page=1, said_by="engine")
    with pytest.raises(DatabaseError), transaction.atomic():
        FieldValue.objects.create(
            record=record, key="so", status="READ", page=1, said_by="engine", supersedes=first
        )


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_make_one_unforked_chain(servers):
    program = """
import sys
from pipeline.events import record_event
for n in range(20):
    record_event("record.viewed", actor=sys.argv[1], data={"n": n})
"""
    writers = [servers.python(program, f"cán bộ {n}") for n in range(3)]
    errors = [w.communicate()[1] for w in writers if w.wait() != 0]
    assert not errors
    report = verify_chain()
    assert report.sound
    assert report.length == 60
