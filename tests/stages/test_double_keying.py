"""Two people key a field without seeing each other; a third decides where they differ."""

from __future__ import annotations

import pytest

from pipeline.approving import Seen, approve_batch
from pipeline.corrections import corrected_readings
from pipeline.decide import ApprovalBlocked, approve
from pipeline.double_keying import DIFFER, WANTED, Turn, conflicts, differing, turn, with_work_for
from pipeline.models import Event, FieldValue, Record
from pipeline.registers import Registers
from pipeline.reviewing import NotSayable, Word, adjudicate, finish, say, take_back
from pipeline.stages import check
from pipeline.stages.check import CheckTools
from tests.stages.holdings import make_batch, make_record, make_scan

KEY = "nxnHoTen"


def waiting(written: str) -> Record:
    """A record with one field to be keyed twice, as the machine read it."""
    made = make_record(make_scan(make_batch(), state="READ"), state="TO_REVIEW", form="HN")
    FieldValue.objects.create(
        record=made, key=KEY, kind="name", written=written, value=written, confidence=0.5, ink="hand",
        status="LOW_CONFIDENCE" if written else "UNREADABLE", page=1, box=[1, 2, 30, 12], said_by="line-net",
        decision=WANTED, signals={"claim": 0.5},
    )  # fmt: skip
    return made


@pytest.fixture
def record(db) -> Record:
    return waiting("Rơ Châm Phyới")


@pytest.fixture
def unread(db) -> Record:
    return waiting("")


def now(record: Record) -> FieldValue:
    return record.current_fields()[KEY]


def keyed(record: Record, actor: str, written: str, word: Word = Word.VALUE) -> FieldValue:
    return say(record.pk, KEY, word, written=written, seen=now(record).pk, actor=actor).value


def decided(record: Record, actor: str, written: str) -> FieldValue:
    return adjudicate(record.pk, KEY, Word.VALUE, written=written, seen=now(record).pk, actor=actor)


def told(value: FieldValue) -> tuple[str, str, bool]:
    return value.status, value.decision, value.accepted


def test_the_machine_is_the_first_key_and_one_keyer_who_says_the_same_is_enough(record):
    value = keyed(record, "lan", "rơ châm  phyới")
    assert told(value) == ("KEYED", "ACCEPTED_TWO_KEYS", True)
    assert [v.actor for v in record.values.order_by("id")] == ["", "lan", "lan"]


def test_where_the_machine_read_nothing_two_keyers_are_needed_and_one_of_them_twice_is_not_two(unread):
    assert told(keyed(unread, "lan", "Rơ Châm Phyai")) == ("KEYED", WANTED, False)
    assert told(keyed(unread, "lan", "Rơ Châm Phyơi")) == ("KEYED", WANTED, False)
    assert (turn(now(unread), "lan"), turn(now(unread), "minh")) == (Turn.KEYED, Turn.BLIND)
    assert told(keyed(unread, "minh", "Rơ Châm Phyơi")) == ("KEYED", "ACCEPTED_TWO_KEYS", True)


def test_an_empty_box_and_an_unreadable_one_are_different_keys(unread):
    keyed(unread, "lan", "", Word.EMPTY)
    assert keyed(unread, "minh", "", Word.UNREADABLE).decision == DIFFER
    assert [k.status for k in differing(now(unread))] == ["UNREADABLE", "EMPTY"]


def test_the_second_keyer_need_not_have_seen_the_first_ones_word(unread):
    before = now(unread)
    keyed(unread, "lan", "Rơ Châm Phyơi")
    said = say(unread.pk, KEY, Word.VALUE, written="Rơ Châm Phyơi", seen=before.pk, actor="minh")
    assert said.value.accepted


@pytest.mark.parametrize("word", [Word.CONFIRM, Word.WRONG])
def test_what_the_machine_read_can_be_neither_confirmed_nor_refused(record, word):
    with pytest.raises(NotSayable):
        keyed(record, "lan", "", word)
    assert now(record).actor == ""


def test_keys_that_differ_wait_for_a_third_person_and_take_no_more(record):
    value = keyed(record, "lan", "Rơ Châm Phyơi")
    assert told(value) == ("CONFLICT", DIFFER, False)
    assert turn(value, "lan") is turn(value, "minh") is Turn.APART
    for actor in ("lan", "minh"):
        with pytest.raises(NotSayable):
            keyed(record, actor, "Rơ Châm Phyới")
    with pytest.raises(NotSayable):
        take_back(record.pk, KEY, seen=value.pk, actor="lan")


def test_the_same_key_sent_again_over_a_bad_line_is_kept_once(record):
    before = now(record)
    for _ in range(2):
        say(record.pk, KEY, Word.VALUE, written="Rơ Châm Phyơi", seen=before.pk, actor="lan")
    assert record.values.count() == 3


def test_a_key_that_no_other_was_compared_with_can_be_taken_back(unread):
    keyed(unread, "lan", "Rơ Châm Phyai")
    take_back(unread.pk, KEY, seen=now(unread).pk, actor="lan")
    assert turn(now(unread), "lan") is Turn.BLIND
    keyed(unread, "minh", "Rơ Châm Phyơi")
    assert told(now(unread)) == ("KEYED", WANTED, False)


def test_a_third_person_decides_and_neither_keyer_may(unread):
    keyed(unread, "lan", "Rơ Châm Phyai")
    keyed(unread, "minh", "Rơ Châm Phyơi")
    for keyer in ("lan", "minh"):
        assert not conflicts(Record.objects.all(), keyer).exists()
        with pytest.raises(NotSayable):
            decided(unread, keyer, "Rơ Châm Phyơi")
    assert [k.written for k in differing(now(unread))] == ["Rơ Châm Phyơi", "Rơ Châm Phyai"]
    assert conflicts(Record.objects.all(), "hoa").get() == now(unread)
    value = decided(unread, "hoa", "Rơ Châm Phyơi")
    assert told(value) == ("KEYED", "ACCEPTED_ADJUDICATED", True)
    assert (value.said_by, value.actor) == ("adjudicator", "hoa")
    assert Event.objects.get(verb="field.settled").actor == "hoa"
    assert "Rơ Châm" not in str(list(Event.objects.values_list("data", "purpose")))


def test_who_decided_may_go_back_on_it_and_nobody_else(record):
    keyed(record, "lan", "Rơ Châm Phyơi")
    decided(record, "hoa", "Rơ Châm Phyới")
    with pytest.raises(NotSayable):
        decided(record, "minh", "Rơ Châm Phyai")
    assert decided(record, "hoa", "Rơ Châm Phyơi").value == "Rơ Châm Phyơi"
    assert {k.written for k in differing(now(record))} == {"Rơ Châm Phyới", "Rơ Châm Phyơi"}


def test_a_settled_field_is_not_overwritten_by_one_person_alone(record):
    keyed(record, "lan", "Rơ Châm Phyới")
    settled = now(record)
    assert keyed(record, "minh", "", Word.CONFIRM) == settled
    assert told(keyed(record, "minh", "Rơ Châm Phyơi")) == ("CONFLICT", DIFFER, False)
    assert {k.actor for k in differing(now(record))} == {"lan", "minh"}
    assert conflicts(Record.objects.all(), "hoa").exists()


def test_a_record_is_not_approved_while_keys_differ_whatever_is_overridden(record):
    keyed(record, "lan", "Rơ Châm Phyơi")
    with pytest.raises(ApprovalBlocked):
        approve(record, actor="hoa", override=True)
    Record.objects.filter(pk=record.pk).update(state="REVIEWED")
    (refused,) = approve_batch([Seen(record.pk, now(record).pk)], actor="hoa").refused
    assert "chờ người thứ ba quyết định" in refused.message


def test_a_record_is_not_approved_while_a_key_is_missing(unread):
    with pytest.raises(ApprovalBlocked):
        approve(unread, actor="hoa")


def test_a_keyer_is_led_past_records_that_wait_for_others_only(record, unread):
    def offered(actor: str) -> set[Record]:
        return set(with_work_for(actor, Record.objects.all()))

    keyed(record, "lan", "Rơ Châm Phyơi")
    keyed(unread, "lan", "Rơ Châm Phyơi")
    assert (offered("lan"), offered("minh")) == (set(), {unread})
    keyed(unread, "minh", "Rơ Châm Phyơi")
    assert offered("lan") == {unread}  # nothing is open in it: it can be finished


def test_the_policy_selects_fields_when_the_record_is_looked_at_and_leaves_what_was_keyed(record, unread):
    FieldValue.objects.create(
        record=record, key="ngayDangKy", kind="date", written="02/10/2008", value="2008-10-02", status="READ",
        confidence=1.0, ink="print", page=1, said_by="tesseract", accepted=True,
        decision="ACCEPTED_CALIBRATED",
    )  # fmt: skip
    keyed(record, "lan", "Rơ Châm Phyới")

    def look(asked) -> dict[str, str]:
        finish(record.pk, CheckTools(Registers(None), 10, double_keying=asked), actor="lan")  # type: ignore[arg-type]
        return {key: v.decision for key, v in record.current_fields().items()}

    assert look({"*": "doubtful"})["ngayDangKy"] == "ACCEPTED_CALIBRATED"
    Record.objects.filter(pk=record.pk).update(state="TO_REVIEW")
    assert look({"HN.ngayDangKy": "all", "*": "all"}) == {KEY: "ACCEPTED_TWO_KEYS", "ngayDangKy": WANTED}


def test_a_field_that_the_machine_would_have_accepted_waits_for_its_keys_once_the_record_is_checked(db):
    record = make_record(make_scan(make_batch(), state="READ"), form="HN")
    FieldValue.objects.create(
        record=record, key="so", kind="entry_number", written="12/2008", value="12/2008", status="READ",
        confidence=1.0, ink="print", page=1, said_by="tesseract", accepted=True,
        decision="ACCEPTED_CALIBRATED",
    )  # fmt: skip
    tools = CheckTools(Registers(None), 10, double_keying={"entry_number": "all"})  # type: ignore[arg-type]
    assert check.run(str(record.pk), tools)
    record.refresh_from_db()
    assert record.state == "TO_REVIEW"
    assert told(record.current_fields()["so"]) == ("READ", WANTED, False)


def test_corrections_teach_what_the_third_person_decided_not_what_a_keyer_said(record):
    keyed(record, "lan", "Rơ Châm Phyơi")
    assert list(corrected_readings()) == []
    decided(record, "hoa", "Rơ Châm Phyới")
    assert [agreed for *_, agreed in corrected_readings()] == [True]
