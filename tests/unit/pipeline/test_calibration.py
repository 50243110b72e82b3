"""A confidence says how often such readings are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.elements import FieldReading, FieldStatus, Ink
from pipeline.calibration import (
    SHIPPED,
    Calibration,
    calibrated,
    features_of,
    fit_steps,
    fit_weights,
    least_accepted,
    load_calibration,
    score_of,
)
from pipeline.cli.calibrate import Sample, fitted, held_out
from pipeline.evaluation.reliability import expected_error, reliability, reliability_svg

READING = FieldReading(
    key="nksNgaySinh",
    kind="date",
    written="02/10/1994",
    value="1994-10-02",
    confidence=0.9,
    status=FieldStatus.READ,
    ink=Ink.HAND,
    page=1,
    box=(0, 0, 10, 10),
    source="net+second",
    signals={
        "share": 0.99, "letters": 0.98, "plain": 1.0, "printed": 0.0, "claim": 0.0, "second": 1.0,
        "price": 0.5, "lines": 1.0, "passed": 1.0,
    },
)  # fmt: skip


def drawn(n: int, seed: int = 5) -> list[Sample]:
    """Readings that are right as often as their share says."""
    rng = np.random.default_rng(seed)
    samples = []
    for k in range(n):
        share = float(rng.uniform(0.05, 0.999))
        signals = {**READING.signals, "share": share, "letters": share}
        samples.append(
            Sample(f"item-{k % 40}", "KS", replace(READING, signals=signals), rng.random() < share)
        )
    return samples


def test_fitted_probabilities_are_near_the_truth_on_fields_not_seen():
    samples = drawn(3000)
    _, probabilities = fitted(samples, "drawn")
    rows = reliability(probabilities, [s.right for s in samples])
    assert expected_error(rows) < 0.04


def test_more_share_never_means_less_confidence():
    calibration, _ = fitted(drawn(1500), "drawn")
    shares = [0.05, 0.2, 0.5, 0.8, 0.95, 0.999]
    got = [
        calibrated(replace(READING, signals={**READING.signals, "share": s, "letters": s}), calibration)
        for s in shares
    ]
    assert got == sorted(got)


@given(st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1, max_size=60))
def test_the_curve_rises_and_stays_between_0_and_1(points: list[tuple[float, bool]]):
    steps = fit_steps([x for x, _ in points], [y for _, y in points])
    ys = [y for _, y in steps]
    assert ys == sorted(ys)
    assert all(0 <= y <= 1 for y in ys)


def test_logistic_regression_finds_the_feature_that_matters():
    rows = [{"bias": 1.0, "good": float(k % 2), "noise": float(k % 3 == 0)} for k in range(200)]
    weights = fit_weights(rows, [k % 2 == 1 for k in range(200)])
    assert weights["good"] > 2
    assert abs(weights["noise"]) < 0.5
    assert score_of(weights, rows[1]) > 0 > score_of(weights, rows[0])


def test_acceptance_begins_where_the_promise_is_kept():
    probabilities = np.array([0.99, 0.98, 0.97, 0.6])
    assert least_accepted(probabilities, np.array([True, True, True, False]), 0.995) == 0.97
    assert least_accepted(probabilities, np.array([False, True, True, True]), 0.995) > 1


def test_what_ships_can_be_loaded_and_knows_every_feature():
    calibration = load_calibration()
    assert isinstance(calibration, Calibration), f"{SHIPPED.name} is missing"
    assert set(features_of(READING)) <= set(calibration.curves["line"].weights)
    assert calibrated(READING, calibration) > calibrated(
        replace(READING, signals={**READING.signals, "share": 0.3, "letters": 0.4, "second": 0.5}),
        calibration,
    )


def test_the_plot_is_a_drawing_with_a_point_per_row():
    rows = reliability([0.1, 0.5, 0.99, 0.995], [False, True, True, True])
    assert reliability_svg(rows).count("<circle") == len(rows) == 3


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_the_ends_of_the_scale_have_a_row(confidence: float):
    (row,) = reliability([confidence], [True])
    assert row.n == 1


def test_what_would_be_accepted_is_told_with_what_of_it_is_right():
    samples = [
        Sample("a", "KS", READING, True),
        Sample("b", "KS", READING, False),
        Sample("c", "KS", READING, True),
    ]
    fitted_on = Calibration(curves={}, accept_from={"machine": 0.95, "hand": 0.95})
    assert held_out(samples, [0.99, 0.96, 0.5], fitted_on) == {"hand": {"n": 3, "accepted": 2, "right": 1}}
