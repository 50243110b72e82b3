"""Links the persons of an office whom the registers have not confirmed to an extract, all in one run.

What is found is a proposal to an officer: a warning on the record with the line of the extract and the bits
that speak for it. The register's own values are shown to who runs it and stored nowhere.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from pipeline.claims import database_now
from pipeline.confirmations import standing_checks, tell_read
from pipeline.mismatches import LINKAGE
from pipeline.models import Office, Record, RecordState
from pipeline.reading import as_case
from pipeline.stages.fields import raise_findings, reading_of
from validators.population import ExtractReport, Query, RegisterRow
from validators.population.batch import FieldWeight, LinkedPair, link
from validators.population.extract import rows_of_csv
from validators.population.persons import PERSONS, person_of
from validators.verdict import Finding as RaisedFinding
from validators.verdict import Severity

PURPOSE = "Số hóa: liên kết hàng loạt với trích lục dân cư"
SHOWN = 5
"""Rows for one person; behind the fifth an officer finds no one."""
_UNDECIDED = (RecordState.ACCEPTED, RecordState.TO_REVIEW)
_CERTAIN = ("REGISTER_LINKED", "Trích lục dân cư có một người rất giống người này; hãy đối chiếu.")
_UNCERTAIN = ("REGISTER_LINK_UNSURE", "Trích lục dân cư có người có thể là người này; hãy đối chiếu.")
CODES = (_CERTAIN[0], _UNCERTAIN[0])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be the person.

    Attributes:
        line: of the extract file.
        bits: match weight; `fields` tell what it is made of.
        row: the register's words; for the screen only.
    """

    line: int
    probability: float
    bits: float
    row: RegisterRow
    fields: tuple[FieldWeight, ...]


@dataclass(frozen=True, slots=True)
class LinkedPerson:
    """A person of a record with the rows found, best first; one row where the match is certain."""

    record: str
    form: str
    entry: str
    person: str
    name: str
    birth: str
    certain: bool
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class OfficeLinkage:
    """What a run found.

    Attributes:
        asked: persons compared.
        unlinked: those of them without any row.
        extract: what the file held.
    """

    asked: int
    linked: tuple[LinkedPerson, ...]
    unlinked: int
    extract: ExtractReport


def link_office(office: Office, register: Path, *, actor: str) -> OfficeLinkage:
    """Link, raise the findings of the stage, take back those that no longer hold, and leave the events.

    Args:
        office: whose records; those that wait for no stage and that no person has decided about.
        register: extract as ``--register`` takes it.
        actor: account on whose behalf persons are looked up.

    Raises:
        LinkageUnavailableError: the optional packages are missing.
        RegisterExtractError: the extract is refused; nothing was raised.
    """
    records = Record.objects.filter(office=office, state__in=_UNDECIDED).select_related("scan", "office")
    open_persons = {record.pk: _open_persons(record) for record in records.order_by("pk").iterator()}
    queries = {
        f"{pk}:{prefix}": query for pk, persons in open_persons.items() for prefix, query in persons.items()
    }
    report, lines = ExtractReport(), list[int]()

    def rows() -> Iterator[RegisterRow]:
        for line, row in rows_of_csv(register, report):
            lines.append(line)
            yield row

    found = link(queries, rows())
    pairs: defaultdict[str, list[LinkedPair]] = defaultdict(list)
    for pair in (*found.certain, *found.uncertain):
        if len(pairs[pair.person]) < SHOWN:
            pairs[pair.person].append(pair)
    wanted = {lines[pair.row] for some in pairs.values() for pair in some}
    named = {line: row for line, row in rows_of_csv(register, ExtractReport()) if line in wanted}
    certain = {pair.person for pair in found.certain}
    people = {
        key: tuple(
            Candidate(lines[p.row], p.probability, p.bits, named[lines[p.row]], p.fields) for p in some
        )
        for key, some in pairs.items()
    }
    source = f"extract:{_sha256(register)[:16]}"
    linked: list[LinkedPerson] = []
    for pk, persons in open_persons.items():
        here = {prefix: people.get(f"{pk}:{prefix}", ()) for prefix in persons}
        sure = {prefix for prefix in persons if f"{pk}:{prefix}" in certain}
        record = _keep(pk, persons, here, sure, source=source, actor=actor)
        if record is not None:
            linked += _told(record, persons, here, sure)
    return OfficeLinkage(len(queries), tuple(linked), len(found.unlinked), report)


def _told(
    record: Record, persons: Mapping[str, Query], found: Mapping[str, tuple[Candidate, ...]], sure: set[str]
) -> Iterator[LinkedPerson]:
    for prefix, candidates in found.items():
        if candidates:
            query = persons[prefix]
            case = (str(record.pk), record.form, record.entry)
            yield LinkedPerson(*case, prefix, query.name, query.birth, prefix in sure, candidates)


def _open_persons(record: Record) -> dict[str, Query]:
    """Questions about the persons whom no register has confirmed, by prefix."""
    reading = reading_of(record)
    case = as_case(reading)
    checks = standing_checks(record, reading)
    asked = {
        prefix: person_of(case, prefix).query
        for prefix in PERSONS.get(record.form, ())
        if prefix not in checks or checks[prefix].verdict != "MATCH"
    }
    return {prefix: query for prefix, query in asked.items() if query.name}


def _keep(
    pk: object,
    persons: Mapping[str, Query],
    found: Mapping[str, tuple[Candidate, ...]],
    sure: set[str],
    *,
    source: str,
    actor: str,
) -> Record | None:
    """Raise what was found about one record; None where a person has decided about it or changed it since."""
    with transaction.atomic():
        record = Record.objects.select_for_update(of=("self",)).select_related("scan", "office").get(pk=pk)
        if record.state not in _UNDECIDED or _open_persons(record) != persons:
            return None
        raised = [
            _finding(prefix, candidates, certain=prefix in sure, source=source)
            for prefix, candidates in found.items()
            if candidates
        ]
        raise_findings(LINKAGE, raised, now=database_now(), record=record)
        if persons:
            told = {p: "CERTAIN" if p in sure else "UNCERTAIN" if found[p] else "UNLINKED" for p in persons}
            tell_read(record, actor=actor, purpose=PURPOSE, source=source, verdicts=told)
    return record


def _finding(prefix: str, candidates: tuple[Candidate, ...], *, certain: bool, source: str) -> RaisedFinding:
    """A warning without the register's values: evidence goes into sealed copies."""
    code, message = _CERTAIN if certain else _UNCERTAIN
    evidence = {
        "person": prefix,
        "source": source,
        "line": ", ".join(str(c.line) for c in candidates),
        "bits": ", ".join(f"{c.bits:.1f}" for c in candidates),
    }
    return RaisedFinding(code, Severity.WARNS, (f"{prefix}HoTen",), message, evidence)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
