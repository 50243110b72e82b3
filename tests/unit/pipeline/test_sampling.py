"""A sample proves what its plan promises, and anybody can draw it again."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sampling import (
    ImpossiblePlan,
    Verdict,
    acceptance_probability,
    drawn,
    estimate,
    plan,
    verdict,
)


@given(lot=st.integers(20, 400), percent=st.integers(1, 20), allowed=st.integers(0, 2))
def test_the_sample_is_the_smallest_that_rejects_a_lot_just_above_the_limit(lot, percent, allowed):
    too_many = math.floor(lot * Fraction(percent, 100)) + 1
    if allowed >= too_many:
        with pytest.raises(ImpossiblePlan):
            plan(lot, f"0.{percent:02}", "0.95", allowed)
        return
    size = plan(lot, f"0.{percent:02}", "0.95", allowed).size
    assert acceptance_probability(lot, too_many, size, allowed) <= Fraction(1, 20)
    if size > allowed + 1:
        assert acceptance_probability(lot, too_many, size - 1, allowed) > Fraction(1, 20)


def test_a_plan_known_from_hand_calculation_comes_out():
    found = plan(100, "0.099", "0.95")
    chance = [math.comb(90, n) / math.comb(100, n) for n in range(101)]
    assert found.size == next(n for n, p in enumerate(chance) if p <= 0.05)


def test_allowing_errors_costs_a_larger_sample():
    sizes = [plan(5000, "0.01", "0.95", allowed).size for allowed in range(4)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 4


def test_a_small_book_may_have_to_be_inspected_whole():
    assert plan(12, "0.005", "0.95").size == 12


@pytest.mark.parametrize(
    ("lot", "limit", "confidence"), [(0, "0.01", "0.95"), (10, "1.5", "0.95"), (10, "0.1", "1")]
)
def test_what_no_sample_can_prove_is_said(lot, limit, confidence):
    with pytest.raises(ImpossiblePlan):
        plan(lot, limit, confidence)


def test_a_million_values_are_planned_at_once():
    assert plan(1_000_000, "0.005", "0.95", 2).size < 1300


def test_the_same_seed_draws_the_same_sample_whatever_the_order_of_the_lot():
    names = [f"a/{n}/nksHoTen" for n in range(500)]
    assert drawn(names, 20, "hat") == drawn(reversed(names), 20, "hat")
    assert drawn(names, 20, "hat") != drawn(names, 20, "khac")
    assert drawn(names, 20, "hat")[:10] == drawn(names, 10, "hat")


def test_every_value_is_drawn_about_equally_often():
    names = [str(n) for n in range(10)]
    counts = dict.fromkeys(names, 0)
    for seed in range(2000):
        for name in drawn(names, 3, str(seed)):
            counts[name] += 1
    assert all(500 < n < 700 for n in counts.values()), counts


@pytest.mark.parametrize(
    ("checked", "wrong", "low", "high"),
    [
        # closed forms: (alpha/2)^(1/n) at the ends; 10 of 100 stands in textbooks
        (600, 0, 0.0, 1 - 0.025 ** (1 / 600)),
        (10, 10, 0.025 ** (1 / 10), 1.0),
        (100, 10, 0.04900, 0.17622),
    ],
)
def test_the_interval_is_that_of_clopper_and_pearson(checked, wrong, low, high):
    found = estimate(checked, wrong)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))


@given(n=st.integers(1, 300), data=st.data())
def test_the_interval_always_holds_the_share_itself(n, data):
    wrong = data.draw(st.integers(0, n))
    found = estimate(n, wrong)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_too_many_errors_reject_at_once_and_acceptance_waits_for_the_last_item():
    assert verdict(10, 1, 3, 2) is Verdict.REJECTED
    assert verdict(10, 1, 8, 1) is Verdict.PENDING
    assert verdict(10, 1, 9, 1) is Verdict.ACCEPTED
