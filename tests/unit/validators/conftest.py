"""The shared corpus, when it stands beside the project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus_truth_records import TruthRecord


def _corpus() -> Path:
    beside = Path(__file__).parents[3] / ".." / "shared" / "corpus" / "dev"
    return Path(os.environ.get("SOHOA_CORPUS", beside))


@pytest.fixture(scope="session")
def corpus() -> Path:
    folder = _corpus()
    if not (folder / "manifest.json").is_file():
        pytest.skip("no corpus: set SOHOA_CORPUS")
    return folder


@pytest.fixture(scope="session")
def truth_records(corpus: Path) -> list[TruthRecord]:
    def read() -> Iterator[TruthRecord]:
        for item in json.loads((corpus / "manifest.json").read_text("utf-8"))["items"]:
            truth = json.loads((corpus / "items" / item["id"] / "truth.json").read_text("utf-8"))
            for record in truth["records"]:
                yield TruthRecord(item["id"], record)

    return list(read())
