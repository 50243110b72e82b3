"""Truth of the synthetic corpus through every check; thresholds are what was measured, rounded down."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from pathlib import Path

import pytest
from corpus_truth_records import TruthRecord, kind_of

from validators.books import check_books, load_book_plans
from validators.canonical import canonical
from validators.case import Case, Certainty, FieldValue
from validators.letters import fold
from validators.population import PopulationRegister, check_population
from validators.rules import check_case
from validators.verdict import Outcome, Severity

pytestmark = pytest.mark.corpus

RULE_CODES = {
    "DATE_WORDS_DIFFER",
    "BIRTH_AFTER_REGISTRATION",
    "DEATH_AFTER_REGISTRATION",
    "PARENT_TOO_YOUNG",
    "UNDERAGE_MARRIAGE",
    "LATE_REGISTRATION",
    "ID_SEX_DIFFERS",
    "ID_YEAR_DIFFERS",
    "CMND_LENGTH",
    "YEAR_OF_NUMBER_DIFFERS",
    "NUMBER_GAP",
    "DUPLICATE_NUMBER",
    "AREA_WORDS_DIFFER",
    "AREA_PURPOSE_SUM_DIFFERS",
    "REQUIRED_EMPTY",
}


def comparable(value: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", value)).strip().casefold()


def is_rule(code: str) -> bool:
    return code.split(":")[0] in RULE_CODES


def test_written_text_of_the_corpus_becomes_its_canonical_value(truth_records):
    wrong = []
    total = 0
    for record in truth_records:
        for key, field in record.truth["fields"].items():
            if field["written"] == "nt":
                continue
            total += 1
            value = canonical(kind_of(key), field["written"], record.context).value
            if comparable(value) != comparable(field["value"]):
                wrong.append((record.item, key, field["written"], value))
    assert len(wrong) <= 0.005 * total, wrong


def test_the_findings_of_the_corpus_are_raised_and_none_blocks_without_cause(truth_records, corpus):
    cases = {f"{r.item}#{i}": r.case() for i, r in enumerate(truth_records)}
    plans = load_book_plans(json.loads((corpus / "books.json").read_text("utf-8")))
    by_book = check_books(cases, plans)
    missed, spurious = [], []
    for (case_id, case), record in zip(cases.items(), truth_records, strict=True):
        raised = {f.code: f.severity for f in (*check_case(case), *by_book.get(case_id, ()))}
        expected = {c for c in record.truth["findings"] if is_rule(c)}
        missed += [(case_id, c) for c in expected - set(raised)]
        spurious += [
            (case_id, c)
            for c, s in raised.items()
            if s is not Severity.WARNS and c not in expected and is_rule(c)
        ]
    assert missed == []
    assert spurious == []


def test_the_register_verdicts_of_the_corpus_are_reproduced(truth_records, corpus):
    register = PopulationRegister.from_csv(corpus / "register.csv")
    wrong, total = [], 0
    for record in truth_records:
        found = check_population(record.case(), register)
        for prefix, truth in record.truth["population"].items():
            total += 1
            given = found.get(prefix)
            shown = (
                ":".join([given.verdict, *(given.fields if given.verdict == "MISMATCH" else ())])
                if given
                else "NONE"
            )
            if shown != truth:
                wrong.append((record.item, prefix, truth, shown))
    assert len(wrong) <= 0.03 * total, wrong


def damaged(text: str, chance: random.Random, rate: float) -> str:
    """Text as a poor reading leaves it: tones lost, letters changed or dropped."""
    letters = []
    for letter in text:
        if letter.isspace() or chance.random() >= rate:
            letters.append(letter)
        elif letter.isdigit():
            letters.append(chance.choice("0123456789"))
        else:
            letters.append(chance.choice((fold(letter), chance.choice("aeinorty"), "")))
    return "".join(letters)


def reading(record: TruthRecord, chance: random.Random, rate: float) -> Case:
    fields = {}
    for key, field in record.truth["fields"].items():
        written = damaged(field["written"], chance, rate)
        found = canonical(kind_of(key), written, record.context)
        certainty = Certainty.SURE if written == field["written"] else Certainty.DOUBTFUL
        if not field["written"]:
            certainty = Certainty.EMPTY
        elif found.outcome is Outcome.FAILED:
            certainty = Certainty.MISSING
        fields[key] = FieldValue(written, found.value, certainty)
    return Case(record.truth["form"], record.truth["era"], fields)


@pytest.mark.parametrize("rate", [0.03, 0.1])
def test_poor_readings_marked_as_doubtful_never_block_a_case(truth_records, rate):
    chance = random.Random(20)
    spurious = []
    for record in truth_records:
        for finding in check_case(reading(record, chance, rate)):
            if finding.severity is not Severity.WARNS and is_rule(finding.code):
                spurious += (
                    [(record.item, finding.code)] if finding.code not in record.truth["findings"] else []
                )
    assert spurious == []


def test_damaged_words_are_never_passed_off_as_a_certain_other_date(truth_records):
    chance = random.Random(7)
    wrong = []
    for record in truth_records:
        for key, field in record.truth["fields"].items():
            if kind_of(key) not in ("date_words", "area_words"):
                continue
            for _ in range(20):
                written = damaged(field["written"], chance, 0.05)
                found = canonical(kind_of(key), written, record.context)
                if found.outcome is Outcome.PASSED and found.value != field["value"]:
                    wrong.append((written, found.value, field["value"]))
    assert len(wrong) <= 3, wrong  # a lost letter may make another good syllable


def test_most_persons_are_still_found_in_poor_readings(truth_records, corpus):
    register = PopulationRegister.from_csv(Path(corpus) / "register.csv")
    chance = random.Random(3)
    right = total = false_alarm = 0
    for record in truth_records:
        found = check_population(reading(record, chance, 0.04), register)
        for prefix, truth in record.truth["population"].items():
            verdict = found[prefix].verdict.value
            total += 1
            right += verdict == truth.split(":")[0]
            false_alarm += verdict == "MISMATCH" and truth == "MATCH"
    assert right / total >= 0.82
    assert false_alarm <= 0.02 * total
