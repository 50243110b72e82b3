"""Sheets of every form are drawn in other layouts, read, and scored against their truth."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    folder = tmp_path_factory.mktemp("layouts")
    command = [sys.executable, "scripts/evaluate_layouts.py", "--each", "1", "--seed", "test"]
    done = subprocess.run(
        [*command, "--jobs", "2", "--keep", str(folder), "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return folder, json.loads(done.stdout)


def test_every_sheet_is_found_and_most_of_it_read(run: tuple[Path, dict[str, object]]):
    folder, score = run
    items = json.loads((folder / "manifest.json").read_text("utf-8"))["items"]
    forms = {(item["form"], item["era"]) for item in items}
    assert len(forms) == len(items) > 15
    records = {"expected": len(items), "found": len(items), "wrong_form": 0, "missed": 0, "spurious": 0}
    assert score["records"] == records
    fields = score["fields"]
    assert fields["n"] > 20 * len(items)
    assert fields["exact"] > 0.9
    assert score["auto_accept"]["precision"] > 0.98


def test_the_truth_tells_where_everything_stands(run: tuple[Path, dict[str, object]]):
    folder, _ = run
    for path in folder.glob("items/*/truth.json"):
        truth = json.loads(path.read_text("utf-8"))
        (page,), (record,) = truth["pagesInfo"], truth["records"]
        assert record["fields"]
        for field in record["fields"].values():
            left, top, right, bottom = field["box"]
            assert 0 <= left <= right
            assert 0 <= top <= bottom <= page["height"]
            assert bool(field["written"]) == (field["ink"] != "empty")
