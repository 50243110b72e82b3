"""On the shared corpus pages come out the right way up; only open books are split, only wavy paper bent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ocr.engines import Tesseract
from ocr.imaging import prepare_page
from ocr.scans import DeliveredPage, open_scan

CORPUS = Path(os.environ.get("SOHOA_CORPUS", Path(__file__).parents[4] / "shared" / "corpus" / "dev"))


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set SOHOA_CORPUS")
def test_turn_spread_and_state_of_every_page_are_told_as_the_truth_has_them() -> None:
    wrong = []
    probe = Tesseract().letters_surely_read
    for truth_path in sorted(CORPUS.glob("items/*/truth.json")):
        truth = json.loads(truth_path.read_text(encoding="utf-8"))
        with open_scan(truth_path.parent / truth["scan"]) as scan:
            for page, info in zip(scan.pages(), truth["pagesInfo"], strict=True):
                assert isinstance(page, DeliveredPage)
                assert (page.width, page.height, page.dpi) == (info["width"], info["height"], info["dpi"])
                prepared = prepare_page(page, probe=probe)
                report = prepared.report
                # telling a cover takes its words
                state = "ok" if info["state"] == "cover" else info["state"]
                told, true = (
                    (report.rotation, report.spread, report.state.value),
                    (info["rotation"], info["spread"], state),
                )
                if told != true:
                    wrong.append(f"{truth['id']} page {page.number}: {told} instead of {true}")
                if any(r.transform.bend for r in prepared.regions) and "wavy" not in info["defects"]:
                    wrong.append(f"{truth['id']} page {page.number}: bent, though it is straight")
    assert not wrong
