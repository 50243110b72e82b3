"""The writing of a whole page tells more than that of one value."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from ocr.elements import Ink, Word
from ocr.leaf import Leaf
from ocr.pen import page_ink, written_with
from ocr.written_value import Value


def value(claim: float, ink: Ink = Ink.PRINT, text: str = "Nguyễn Văn An") -> Value:
    leaf = cast(Leaf, SimpleNamespace())
    words = tuple(Word(word, (0, 0, 60, 30), claim) for word in text.split())
    return Value(leaf, words, (0, 0, 200, 30), ink, "tesseract")


def inks(*values: Value) -> Any:
    return page_ink(values)


def test_a_page_that_a_print_engine_doubts_was_written_by_hand() -> None:
    assert inks(*(value(c) for c in (0.95, 0.6, 0.5, 0.4, 0.7, 0.3))) is Ink.HAND


def test_a_page_read_surely_throughout_came_from_a_machine() -> None:
    assert inks(*(value(c) for c in (0.95, 0.96, 0.9, 0.93, 0.97))) is Ink.PRINT


def test_a_worn_typewriter_is_told_by_its_even_advance() -> None:
    assert inks(*(value(0.78, Ink.TYPE) for _ in range(6))) is Ink.PRINT


def test_two_values_are_too_few_to_judge_a_page() -> None:
    assert inks(value(0.3), value(0.4)) is None


def test_on_a_handwritten_page_a_neat_value_counts_as_handwriting() -> None:
    assert written_with(Ink.HAND, value(0.97)).ink is Ink.HAND


def test_on_a_printed_page_a_bent_but_surely_read_value_counts_as_print() -> None:
    assert written_with(Ink.PRINT, value(0.9, Ink.HAND)).ink is Ink.PRINT
    assert written_with(Ink.PRINT, value(0.4, Ink.HAND)).ink is Ink.HAND


def test_where_the_page_tells_nothing_the_strokes_decide() -> None:
    assert written_with(None, value(0.97, Ink.TYPE)).ink is Ink.TYPE
