"""Extraction measured on a few scans of the shared corpus."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ocr.delivery import DeliveredPage
from ocr.engines.tesseract import Tesseract
from ocr.extract import ReadRegion, extract_records
from ocr.forms import load_forms
from ocr.imaging import prepare_page
from ocr.scans import open_scan

CORPUS = Path(os.environ.get("SOHOA_CORPUS", Path(__file__).parents[4] / "shared" / "corpus" / "dev"))

BOXES_FOUND = {"gks": 0.9, "ks-sheet": 0.75}
"""Least share of filled fields whose box overlaps the truth by 0.3; measured values were 0.1 higher."""


def overlap(a: list[int], b: tuple[int, int, int, int] | None) -> float:
    if b is None:
        return 0.0
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (both - width * height)


@pytest.mark.corpus
@pytest.mark.parametrize("item", ["dev-029-gks", "dev-030-gks", "dev-011-ks-sheet", "dev-013-ks-sheet"])
def test_fields_are_found_where_they_stand(item: str):
    folder = CORPUS / "items" / item
    if not folder.is_dir():
        pytest.skip(f"the shared corpus is not at {CORPUS}")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["records"][0]
    engine, regions = Tesseract(), []
    with open_scan(next(folder.glob("scan.*"))) as scan:
        for page in scan.pages():
            assert isinstance(page, DeliveredPage)
            regions += [ReadRegion(r, engine.read_page(r)) for r in prepare_page(page).regions]
    (record,) = extract_records(regions, load_forms())
    assert (record.form, record.era) == (truth["form"], truth["era"])
    filled = {key: field for key, field in truth["fields"].items() if field["ink"] != "empty"}
    found = [
        key
        for key, f in filled.items()
        if key in record.fields and overlap(f["box"], record.fields[key].box) > 0.3
    ]
    assert len(found) / len(filled) >= BOXES_FOUND[item.split("-", 2)[2]]
