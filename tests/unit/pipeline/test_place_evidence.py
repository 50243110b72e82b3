"""An issuing unit that exists just as it was read has a second source."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr.elements import FieldStatus, Ink, RecordReading
from pipeline.place_evidence import with_places
from pipeline.policies import decided
from tests.unit.pipeline.test_policies import FITTED, PRINTED

UNIT = replace(
    PRINTED,
    key="noiDangKy",
    kind="issuing_unit",
    written="TÌNH ĐỒNG NAI\nHUYỆN XUYÊN MỘC\nXÃ HÒA BÌNH",
    value="xã Hòa Bình, huyện Xuyên Mộc, tỉnh Đồng Nai",
    status=FieldStatus.LOW_CONFIDENCE,
    confidence=0.7,
)


def told(**change) -> str:
    record = RecordReading("KS", "1987", 1, (1,), (0, 0, 9, 9), {"noiDangKy": replace(UNIT, **change)})
    return decided(with_places(record), FITTED).fields["noiDangKy"].decision


def test_a_printed_unit_that_the_table_knows_needs_nobody():
    assert told() == "ACCEPTED_TWO_SOURCES"


@pytest.mark.parametrize(
    "change",
    [
        {"value": "xã Hóa Bình, huyện Xuyên Mộc, tỉnh Đồng Nai"},
        {"value": "xã Hòa Bình, huyện Chư Sê, tỉnh Đồng Nai"},
        {"value": "tỉnh Đồng Nai"},
        {"ink": Ink.HAND},
        {"confidence": 0.5},
        {"signals": {"plain": 0.9}},
        {"kind": "place"},
    ],
)
def test_anything_less_is_shown_to_a_person(change):
    assert told(**change).startswith("NEEDS_PERSON")
