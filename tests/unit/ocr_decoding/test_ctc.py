"""What a recogniser saw is counted rightly, whatever way the letters lie along the line."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.decoding.beam import letter_spans
from ocr.engines.ctc import ctc_log_probabilities
from ocr.labels import fold
from tests.unit.ocr_decoding.frames import frames, saying


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(c for c, _ in itertools.groupby(path) if c)


@given(st.lists(st.integers(1, 3), max_size=3), st.integers(2, 5), st.integers(0, 10_000))
def test_the_score_of_a_text_is_the_sum_over_all_ways_to_write_it(columns: list[int], steps: int, seed: int):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(4), size=steps)
    every_way = sum(
        math.prod(probabilities[t, c] for t, c in enumerate(path))
        for path in itertools.product(range(4), repeat=steps)
        if collapsed(path) == tuple(columns)
    )
    got = math.exp(ctc_log_probabilities(np.log(probabilities).astype(np.float32), [columns, [1]])[0])
    assert got == pytest.approx(every_way, rel=1e-4, abs=1e-9)


def test_doubled_letters_need_a_blank_between_them():
    assert frames([{"o": 0.9}, {"": 0.9}, {"o": 0.9}]).greedy()[0] == "oo"
    assert frames([{"o": 0.9}, {"o": 0.9}]).greedy()[0] == "o"


def test_steps_that_are_surely_blank_are_skipped_without_changing_what_is_said():
    line = saying("thu thủy")
    assert len(line.telling()) < len(line.scores)
    assert line.greedy()[0] == "thu thủy"


def test_an_eye_without_accents_sees_the_same_base_letters():
    folded = saying("Thế Đô").folded()
    assert folded.greedy()[0] == "the do"
    assert folded.score("the do") > folded.score("tha do")


@pytest.mark.parametrize(("letter", "base"), [("Ế", "e"), ("đ", "d"), ("Đ", "d"), ("ư", "u"), ("7", "7")])
def test_letters_fold_to_their_base(letter: str, base: str):
    assert fold(letter) == base


def test_each_letter_is_found_where_it_was_seen():
    assert letter_spans(saying("tên"), "tên") == [(1, 2), (3, 4), (5, 6)]


def test_a_letter_the_recogniser_does_not_know_stands_beside_its_neighbours():
    spans = letter_spans(saying("tên"), "t€ên")
    assert len(spans) == 4
    assert all(a <= b for a, b in spans)
