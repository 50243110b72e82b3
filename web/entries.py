"""The fields of a record as the officer who reviews it may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from pipeline.contract import decision_json
from pipeline.double_keying import Turn, turn, unseen_in
from pipeline.models import FieldValue, Finding, Record
from pipeline.stages.fields import field_of
from validators.rules.labels import label
from web.register_answers import Answer, answer_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One field as the reviewer sees it.

    Attributes:
        turn: what double keying asks of the reviewer.
    """

    key: str
    label: str
    value: FieldValue
    turn: Turn
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    decision: dict[str, Any] | None

    @property
    def hidden(self) -> bool:
        """What was read or keyed is not told."""
        return self.turn in (Turn.BLIND, Turn.APART)

    @property
    def written(self) -> str:
        """The words that are shown."""
        return "" if self.hidden else self.value.written

    @property
    def raised(self) -> tuple[Finding, ...]:
        """All open findings of the field, the register's among them."""
        return (*self.findings, *(a.finding for a in self.answers))

    @property
    def ids(self) -> str:
        """Which findings these are, for the browser to see whether others stand there now."""
        return ",".join(str(f.pk) for f in self.raised)

    @property
    def settled(self) -> bool:
        """The reviewer need not look."""
        if self.turn is not Turn.OPEN:
            return self.turn is not Turn.BLIND
        return self.value.accepted and not any(f.severity != "warns" for f in self.raised)


def entries_of(row: Record, actor: str) -> list[Entry]:
    """Fields in the order of the work: doubtful ones, those with findings, then the rest as on paper."""
    values = row.current_fields()
    turns = {key: turn(value, actor) for key, value in values.items()}
    findings: dict[str, list[Finding]] = {}
    for found in tellable_findings(row, actor):
        if found.fields:
            findings.setdefault(found.fields[0], []).append(found)
    entries = []
    for key, value in values.items():
        raised = findings.get(key, [])
        answers = tuple(a for f in raised if (a := answer_of(f)))
        others = tuple(f for f in raised if answer_of(f) is None)
        told = decision_json(field_of(value))
        entries.append(Entry(key, label(key), value, turns[key], others, answers, told))

    def place(entry: Entry) -> tuple[int, int, int, int]:
        box = entry.value.box or [0, 1_000_000, 0, 0]
        urgency = 0 if not entry.value.accepted else 1 if entry.raised else 2
        return urgency, entry.value.page, box[1], box[0]

    return sorted(entries, key=place)


def tellable_findings(row: Record, actor: str) -> list[Finding]:
    """Open findings that say nothing of a field which the account must not see."""
    hidden = unseen_in(row, actor)
    raised = row.findings.filter(settled_at__isnull=True, withdrawn_at__isnull=True)
    return [f for f in raised if hidden.isdisjoint(f.fields)]


def word_json(value: FieldValue, actor: str) -> dict[str, Any]:
    """What stands in a field now, for the page that sent a word about it."""
    asked = turn(value, actor)
    keyed = value.actor == actor and asked is not Turn.OPEN
    told = asked is Turn.OPEN or keyed
    return {
        "id": value.pk,
        "turn": str(asked),
        "written": value.written if told else "",
        "value": value.value if told else "",
        "status": value.status if asked is Turn.OPEN else "",
        "accepted": value.accepted or asked in (Turn.KEYED, Turn.APART),
        "by": value.actor if asked is Turn.OPEN else "đã nhập" if keyed else "nhập độc lập",
    }


def findings_json(row: Record, actor: str) -> dict[str, dict[str, str]]:
    """What is open now at each field that has something open, ready for the page."""
    return {
        entry.key: {
            "ids": entry.ids,
            "html": render_to_string("review/findings.html", {"entry": entry, "record": row}),
        }
        for entry in entries_of(row, actor)
        if entry.raised
    }
