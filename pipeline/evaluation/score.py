"""The figures of `sohoa evaluate`: records, fields, acceptance, register, findings, quality gate, codes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import Levenshtein

from pipeline.evaluation.comparing import equal, pair_records, plain

SCORED_RULES = frozenset(
    {
        "DATE_WORDS_DIFFER", "BIRTH_AFTER_REGISTRATION", "DEATH_AFTER_REGISTRATION", "PARENT_TOO_YOUNG",
        "UNDERAGE_MARRIAGE", "LATE_REGISTRATION", "ID_SEX_DIFFERS", "ID_YEAR_DIFFERS", "CMND_LENGTH",
        "YEAR_OF_NUMBER_DIFFERS", "NUMBER_GAP", "DUPLICATE_NUMBER", "AREA_WORDS_DIFFER",
        "AREA_PURPOSE_SUM_DIFFERS", "REQUIRED_EMPTY",
    }
)  # fmt: skip
"""Rules that truth lists; its other codes describe the page."""

_NO_READING: Mapping[str, Any] = {"pages": [], "records": [], "codes": []}


def _share(part: float, whole: float, none: float | None = None) -> float | None:
    return round(part / whole, 4) if whole else none


@dataclass
class FieldTally:
    """Exact share and character error rate of a group of fields."""

    n: int = 0
    exact: int = 0
    edits: int = 0
    characters: int = 0

    def add(self, ok: bool, edits: int, characters: int) -> None:
        """Count one field."""
        self.n += 1
        self.exact += ok
        self.edits += edits
        self.characters += characters

    def json(self) -> dict[str, Any]:
        """As printed."""
        return {"n": self.n, "exact": _share(self.exact, self.n), "cer": _share(self.edits, self.characters)}


@dataclass
class AcceptTally:
    """Fields that no person would look at, and how many of them are right."""

    n: int = 0
    right: int = 0
    of: int = 0

    def json(self) -> dict[str, Any]:
        """As printed."""
        return {"n": self.n, "share": _share(self.n, self.of, 0.0), "precision": _share(self.right, self.n)}


def _tallies() -> defaultdict[str, FieldTally]:
    return defaultdict(FieldTally)


@dataclass
class CorpusScore:
    """Counts over all items of a corpus."""

    items: int = 0
    records: Counter[str] = field(default_factory=Counter)
    fields: FieldTally = field(default_factory=FieldTally)
    by_ink: defaultdict[str, FieldTally] = field(default_factory=_tallies)
    by_form: defaultdict[str, FieldTally] = field(default_factory=_tallies)
    by_quality: defaultdict[str, FieldTally] = field(default_factory=_tallies)
    accepted: AcceptTally = field(default_factory=AcceptTally)
    accepted_by_ink: defaultdict[str, AcceptTally] = field(default_factory=lambda: defaultdict(AcceptTally))
    population: Counter[str] = field(default_factory=Counter)
    confusion: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    gate: Counter[str] = field(default_factory=Counter)
    barcodes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    claims: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of every field that was read, and whether it was right."""

    def add_item(self, name: str, truth: Mapping[str, Any], got: Mapping[str, Any] | None) -> None:
        """Count one corpus item; without a reading everything in it is missed."""
        got = got or _NO_READING
        self.items += 1
        self._add_gate(truth["pagesInfo"], {p["page"]: p.get("state", "ok") for p in got.get("pages", [])})
        unreadable = {p["page"] for p in truth["pagesInfo"] if p["state"] == "unreadable"}
        want = [r for r in truth["records"] if r["page"] not in unreadable]
        have = [r for r in got.get("records", []) if r.get("page") not in unreadable]
        pairs = pair_records(want, have)
        self.records.update(
            expected=len(want),
            found=len(pairs),
            missed=len(want) - len(pairs),
            spurious=len(have) - len(pairs),
        )
        read_codes = {plain(c.get("text")) for c in got.get("codes", [])}
        for code in truth["codes"]:
            if code["readable"]:
                self.barcodes.update(expected=1, read=int(plain(code["text"]) in read_codes))
        for i, record in enumerate(want):
            reading = have[pairs[i]] if i in pairs else None
            if reading is not None:
                self.records["wrong_form"] += reading.get("form") != record["form"]
            self._add_fields(name, record, reading, str(truth["quality"]))
            self._add_population(name, record["population"], (reading or {}).get("population") or {})
            self._add_findings(record["findings"], (reading or {}).get("findings", []))

    def _add_gate(self, pages: Iterable[Mapping[str, Any]], states: Mapping[int, str]) -> None:
        for page in pages:
            state = states.get(page["page"], "missing")
            if page["state"] in ("blank", "unreadable"):
                accepted = {page["state"]} | ({"rescan"} if page["state"] == "unreadable" else set())
                self.gate.update(expected=1, flagged=int(state in accepted))
            elif page["state"] == "ok" and state in ("blank", "unreadable", "rescan"):
                self.gate["spurious"] += 1

    def _add_fields(
        self, name: str, record: Mapping[str, Any], reading: Mapping[str, Any] | None, quality: str
    ) -> None:
        for key, truth in record["fields"].items():
            got = reading["fields"].get(key) if reading else None
            ok = reading is not None and equal(truth, got)
            written, edits, characters = plain(truth["written"]), 0, 0
            if truth["ink"] != "empty":
                characters = len(written)
                distance = Levenshtein.distance(written, plain((got or {}).get("written")))
                edits = min(distance, max(1, characters))
            for tally in (
                self.fields, self.by_ink[truth["ink"]], self.by_form[record["form"]], self.by_quality[quality]
            ):  # fmt: skip
                tally.add(ok, edits, characters)
            if got and got.get("status") in ("READ", "LOW_CONFIDENCE"):
                self.claims.append((got["confidence"], ok))
            accepted = bool(got and got.get("accepted"))
            for accept in (self.accepted, self.accepted_by_ink[truth["ink"]]):
                accept.of += 1
                accept.n += accepted
                accept.right += accepted and ok
            if not ok:
                mark = " accepted" if accepted else ""
                given = (got or {}).get("written")
                self.wrong.append(
                    f"{name} {record['form']} {key} {truth['ink']} {truth['written']!r} -> {given!r}{mark}"
                )

    def _add_population(
        self, name: str, truth: Mapping[str, str], got: Mapping[str, Mapping[str, Any]]
    ) -> None:
        for person, verdict in truth.items():
            wanted, given = verdict.split(":")[0], (got.get(person) or {}).get("verdict", "NONE")
            self.population.update(n=1, correct=int(given == wanted))
            if given != wanted:
                self.confusion[f"{wanted}->{given}"] += 1
                self.wrong.append(f"{name} {person} register {wanted} -> {given}")

    def _add_findings(self, truth: Iterable[str], got: Iterable[Mapping[str, Any]]) -> None:
        expected = {c for c in truth if c.split(":")[0] in SCORED_RULES}
        raised = {(f["code"], f.get("severity")) for f in got}
        allowed = expected | {c.split(":")[0] for c in expected}
        codes = {code for code, _ in raised}
        self.findings["expected"] += len(expected)
        self.findings["raised"] += sum(bool({c, c.split(":")[0]} & codes) for c in expected)
        self.findings["spurious"] += sum(
            code.split(":")[0] in SCORED_RULES and severity != "warns" and code not in allowed
            for code, severity in raised
        )

    def json(self) -> dict[str, Any]:
        """As `sohoa evaluate --json` prints it, without the seconds."""

        def groups(tallies: Mapping[str, FieldTally] | Mapping[str, AcceptTally]) -> dict[str, Any]:
            return {name: tally.json() for name, tally in sorted(tallies.items())}

        def counts(counter: Counter[str], *names: str) -> dict[str, int]:
            return {name: counter[name] for name in names}

        return {
            "items": self.items,
            "records": counts(self.records, "expected", "found", "wrong_form", "missed", "spurious"),
            "fields": {
                **self.fields.json(),
                "by_ink": groups(self.by_ink),
                "by_form": groups(self.by_form),
                "by_quality": groups(self.by_quality),
            },
            "auto_accept": {**self.accepted.json(), "by_ink": groups(self.accepted_by_ink)},
            "population": {
                **counts(self.population, "n", "correct"),
                "confusion": dict(self.confusion.most_common()),
            },
            "findings": counts(self.findings, "expected", "raised", "spurious"),
            "quality_gate": counts(self.gate, "expected", "flagged", "spurious"),
            "barcodes": counts(self.barcodes, "expected", "read"),
        }


def score_corpus(
    items: Iterable[tuple[str, Mapping[str, Any]]], readings: Mapping[str, Mapping[str, Any]]
) -> CorpusScore:
    """Score readings against truth.

    Args:
        items: id and parsed ``truth.json`` of every item.
        readings: by item id, in the shape that `sohoa read --json` prints.
    """
    total = CorpusScore()
    for name, truth in items:
        total.add_item(name, truth, readings.get(name))
    return total
