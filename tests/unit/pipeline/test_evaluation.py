"""`sohoa evaluate` counts exactly as the corpus's own scorer does."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.read import batch_json, read_batch
from pipeline.evaluation import score_corpus
from pipeline.evaluation.comparing import equal, pair_records
from tests.corpus import CORPUS, SCORER, needs_corpus, needs_scorer

ITEMS = ["dev-029-gks", "dev-011-ks-sheet"]
pytestmark = [pytest.mark.corpus, needs_corpus]


def truth_of(item: str) -> dict[str, Any]:
    return json.loads((CORPUS / "items" / item / "truth.json").read_text("utf-8"))


def scored_here(items: list[str], readings: dict[str, Any]) -> dict[str, Any]:
    return score_corpus([(item, truth_of(item)) for item in items], readings).json()


def scored_by_the_corpus(items: list[str], readings: dict[str, Any], folder: Path) -> dict[str, Any]:
    manifest = [
        entry
        for entry in json.loads((CORPUS / "manifest.json").read_text("utf-8"))["items"]
        if entry["id"] in items
    ]
    (folder / "manifest.json").write_text(json.dumps({"items": manifest}))
    (folder / "items").symlink_to(CORPUS / "items")
    (folder / "read.json").write_text(json.dumps(list(readings.values()), ensure_ascii=False))
    done = subprocess.run(
        [sys.executable, str(SCORER), str(folder), str(folder / "read.json")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)


def damaged(truth: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A reading as a mediocre reader would give it, with errors of every kind that the figures count."""
    records = [damaged_record(r, chance) for r in truth["records"] if chance.random() > 0.1]
    if truth["records"] and chance.random() < 0.2:
        records.append(damaged_record(chance.choice(truth["records"]), chance) | {"box": [0, 0, 9, 9]})
    pages = [
        {"page": p["page"], "state": "blank" if chance.random() < 0.1 else p["state"]}
        for p in truth["pagesInfo"]
    ]
    codes = [{"text": c["text"]} for c in truth["codes"] if chance.random() > 0.2]
    return {"file": truth["scan"], "pages": pages, "codes": codes, "records": records}


def damaged_record(record: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    fields = {}
    for key, field in record["fields"].items():
        value, written = field["value"], field["written"]
        if chance.random() < 0.3:
            value, written = value[:-1], written[1:] + "x"
        if chance.random() < 0.9:
            fields[key] = {"written": written, "value": value.upper(), "accepted": chance.random() < 0.4}
    findings = [
        {"code": c, "severity": "warns"} for c in (*record["findings"], "NUMBER_GAP") if chance.random() < 0.7
    ]
    findings += [{"code": "CMND_LENGTH", "severity": "blocks_approval"}] * (chance.random() < 0.2)
    verdicts = {
        person: {"verdict": verdict.split(":")[0] if chance.random() < 0.7 else "AMBIGUOUS"}
        for person, verdict in record["population"].items()
        if chance.random() < 0.9
    }
    return {
        "form": record["form"] if chance.random() < 0.9 else "HN",
        "page": record["page"],
        "pages": [record["page"]],
        "box": [v + chance.randint(-40, 40) for v in record["box"]],
        "fields": fields,
        "findings": findings,
        "population": verdicts,
    }


@needs_scorer
@pytest.mark.parametrize("seed", range(4))
def test_every_figure_equals_that_of_the_outside_scorer_whatever_was_misread(seed: int, tmp_path: Path):
    chance = random.Random(seed)
    items = [entry["id"] for entry in json.loads((CORPUS / "manifest.json").read_text("utf-8"))["items"]]
    readings = {
        item: damaged(truth_of(item), chance) | {"file": f"items/{item}/scan.x"}
        for item in items
        if chance.random() < 0.9
    }
    ours = scored_here(items, readings)
    assert ours == scored_by_the_corpus(items, readings, tmp_path)
    assert 0 < ours["fields"]["exact"] < 1
    assert ours["findings"]["spurious"] > 0
    assert ours["records"]["missed"] > 0


@needs_scorer
def test_a_real_reading_scores_the_same_in_both(tmp_path: Path):
    paths = [next((CORPUS / "items" / item).glob("scan.*")) for item in ITEMS]
    readings, judged = read_batch(
        paths, jobs=2, register=CORPUS / "register.csv", books=CORPUS / "books.json"
    )
    given = dict(zip(ITEMS, batch_json(readings, judged), strict=True))
    ours = scored_here(ITEMS, given)
    assert ours == scored_by_the_corpus(ITEMS, given, tmp_path)
    assert ours["items"] == len(ITEMS)
    assert ours["fields"]["n"] > 20


def test_nothing_read_is_counted_as_wrong_not_left_out():
    got = scored_here(ITEMS, {})
    assert got["records"]["missed"] == got["records"]["expected"] == 2
    assert got["fields"]["cer"] == 1.0
    assert got["auto_accept"] == {
        "n": 0,
        "share": 0.0,
        "precision": None,
        "by_ink": {ink: {"n": 0, "share": 0.0, "precision": None} for ink in got["auto_accept"]["by_ink"]},
    }


def test_a_perfect_reading_scores_one():
    truth = truth_of(ITEMS[0])
    got = scored_here(ITEMS[:1], {ITEMS[0]: truth | {"pages": truth["pagesInfo"], "records": [
        r | {"findings": [], "population": {}, "pages": [r["page"]]} for r in truth["records"]
    ]}})  # fmt: skip
    assert (got["fields"]["exact"], got["fields"]["cer"]) == (1.0, 0.0)
    assert got["records"]["found"] == got["records"]["expected"]


def test_case_tone_placement_and_one_year_of_age_are_no_errors():
    assert equal({"value": "Hoà Bình", "written": "Hoà Bình"}, {"value": "HÒA BÌNH"})
    assert equal({"value": "1980", "written": "24 tuổi"}, {"value": "1981-05"})
    assert not equal({"value": "1980", "written": "1980"}, {"value": "1981"})
    assert equal({"value": "", "written": "-/-"}, None)


def test_two_records_on_one_page_are_paired_by_place_and_content():
    def record(top: int, name: str) -> dict[str, Any]:
        fields = {"nksHoTen": {"written": name, "value": name}}
        return {"page": 1, "form": "KS", "box": [0, top, 100, top + 90], "fields": fields}

    true = [record(0, "AN"), record(100, "BÌNH")]
    assert pair_records(true, [record(100, "BÌNH"), record(0, "ẤN")]) == {0: 1, 1: 0}
    assert pair_records(true, [record(500, "CƯỜNG") | {"page": 2}]) == {}
