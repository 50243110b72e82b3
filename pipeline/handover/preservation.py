"""What happened to records, as PREMIS tells it: runs of stages, and acts of people."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.models import Event, Record, StageRun
from storage.packages.archive_model import Agent, PreservationEvent

_STAGES = {
    "receive": "transfer",
    "prepare": "imaging",
    "read": "metadata extraction",
    "check": "validation",
    "confirm": "validation",
    "books": "validation",
    "seal": "digital signature generation",
    "store": "fixity check",
}
"""By the Library of Congress's event types; taking in what was digitised is ``transfer`` by annex I."""
_ACTS = {
    "scan.received": "transfer",
    "record.approved": "validation",
    "record.sealed": "digital signature generation",
    "record.stored": "replication",
    "record.delivered": "dissemination",
}
_OTHER = "metadata modification"
_READINGS = ("viewed", "listed", "searched", "read", "exported")
"""Last words of verbs that changed nothing; who looked at a record is not the archive's business."""
_MACHINE = "sohoa"


def chain_of(
    records: Sequence[Record],
) -> tuple[tuple[PreservationEvent, ...], tuple[Agent, ...]]:
    """Every run and act about these records and the files they came in, in order of time."""
    subjects: dict[str, list[str]] = {}
    for record in records:
        told = f"{record.pk}:v{record.version}"
        subjects.setdefault(f"record:{record.pk}", []).append(told)
        subjects.setdefault(f"scan:{record.scan_id}", []).append(told)
    events: list[PreservationEvent] = []
    agents: dict[str, Agent] = {}
    for run in StageRun.objects.filter(subject__in=list(subjects)):
        agent = Agent(f"stage-{run.stage}-{run.version}", "software", f"Sohoa {run.stage}", run.version)
        agents[agent.identifier] = agent
        tools = " ".join(f"{name}={number}" for name, number in sorted(run.tools.items()))
        hashes = f"input {run.input_sha256}; output {run.output_sha256 or '-'}"
        events.append(
            PreservationEvent(
                f"run-{run.pk}",
                _STAGES.get(run.stage, _OTHER),
                run.at,
                f"{run.stage} {run.version}; {hashes}; {tools}",
                run.outcome,
                run.error_code,
                agent.identifier,
                "executing program",
                tuple(subjects[run.subject]),
            )
        )
    for act in Event.objects.filter(subject__in=list(subjects)):
        if act.verb.rpartition(".")[2] in _READINGS:
            continue
        machine = act.actor == _MACHINE
        agent = Agent(f"account-{act.actor}", "software" if machine else "person", act.actor)
        agents[agent.identifier] = agent
        events.append(
            PreservationEvent(
                f"event-{act.pk}",
                _ACTS.get(act.verb, _OTHER),
                act.at,
                f"{act.verb}; hash {act.hash}",
                "OK",
                "",
                agent.identifier,
                "executing program" if machine else "authorizer",
                tuple(subjects[act.subject]),
            )
        )
    return tuple(sorted(events, key=lambda e: (e.at, e.identifier))), tuple(agents.values())
