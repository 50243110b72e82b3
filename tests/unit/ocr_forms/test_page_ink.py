"""The writing of a whole page tells more than that of one value."""

from __future__ import annotations

import pytest

from ocr.elements import FieldReading, FieldStatus, Ink
from ocr.pen import as_written_with, page_ink


def value(confidence: float, ink: Ink = Ink.PRINT, written: str = "Nguyễn Văn An") -> FieldReading:
    return FieldReading(
        key="nksHoTen",
        kind="name",
        written=written,
        value=written,
        confidence=confidence,
        status=FieldStatus.READ,
        ink=ink,
        page=1,
        box=(0, 0, 200, 30),
        source="tesseract",
    )


def test_a_page_that_a_print_engine_doubts_was_written_by_hand() -> None:
    assert page_ink([value(c) for c in (0.95, 0.6, 0.5, 0.4, 0.7, 0.3)]) is Ink.HAND


def test_a_page_read_surely_throughout_came_from_a_machine() -> None:
    assert page_ink([value(c) for c in (0.95, 0.96, 0.9, 0.93, 0.97)]) is Ink.PRINT


def test_a_worn_typewriter_is_told_by_its_even_advance() -> None:
    assert page_ink([value(0.78, Ink.TYPE) for _ in range(6)]) is Ink.PRINT


def test_two_values_are_too_few_to_judge_a_page() -> None:
    assert page_ink([value(0.3), value(0.4)]) is None


def test_on_a_handwritten_page_a_neat_value_is_not_relied_on() -> None:
    doubted = as_written_with(Ink.HAND, {"nksHoTen": value(0.97)})["nksHoTen"]
    assert (doubted.ink, doubted.status) == (Ink.HAND, FieldStatus.LOW_CONFIDENCE)
    assert doubted.confidence == pytest.approx(0.485)


def test_on_a_printed_page_bent_letters_are_read_but_never_surely() -> None:
    kept = as_written_with(Ink.PRINT, {"nksHoTen": value(0.48, Ink.HAND)})["nksHoTen"]
    assert (kept.ink, kept.status) == (Ink.PRINT, FieldStatus.READ)
    assert kept.confidence <= 0.9
