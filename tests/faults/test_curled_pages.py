"""A page that curls into its gutter is read as well as one that lies flat."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr.delivery import DeliveredPage, Raster
from ocr.imaging import prepare
from ocr.scans import open_scan
from pipeline.reading import canonical_records, read_scan
from tests.unit.ocr_imaging import curls

SAMPLE = Path(__file__).parents[2] / "samples" / "items" / "sample-004-ks-sheet"
# Rise of the lines at the gutter and reach of the curl at 200 dpi: 11 mm over 56 mm.
AMPLITUDE, REACH = 90.0, 440.0
# Two fields of 34: resampling decides single letters either way.
ALLOWED = 2
# Without flattening twelve fields were lost where two are lost flat.
LOST_IF_LEFT_CURLED = 6

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    (record,) = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["records"]
    return {key: field["value"] for key, field in record["fields"].items()}


@pytest.fixture(scope="module")
def flat() -> DeliveredPage:
    with open_scan(next(SAMPLE.glob("scan.*"))) as scan:
        page = scan.page(1)
    assert isinstance(page, DeliveredPage)
    return page


@pytest.fixture(scope="module")
def curled(flat: DeliveredPage) -> Raster:
    return curls.curled(flat.image, curls.gutter(flat.width, flat.height, AMPLITUDE, REACH))


def fields_right(image: Raster, dpi: float | None, truth: dict[str, str]) -> int:
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[:, :, ::-1])).save(stream, "PNG", dpi=(dpi, dpi))
    records = canonical_records(read_scan(stream.getvalue(), name="page.png").records)
    if len(records) != 1:
        return 0
    told = records[0].fields
    return sum(key in told and told[key].value == value for key, value in truth.items())


def test_as_many_fields_are_read_right_on_a_curled_page_as_on_the_flat_one(
    flat: DeliveredPage, curled: Raster, truth: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_flat = fields_right(flat.image, flat.dpi, truth)
    read_flattened = fields_right(curled, flat.dpi, truth)
    monkeypatch.setattr(prepare, "flattening", lambda *_: None)
    read_curled = fields_right(curled, flat.dpi, truth)
    assert read_flattened >= read_flat - ALLOWED
    assert read_curled <= read_flat - LOST_IF_LEFT_CURLED
