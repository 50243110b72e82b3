"""From what readers claim to how often such claims are right.

Readers are over-sure in their own ways. A logistic model over a field's signals puts fields in order, an
isotonic curve over that order gives the share of right ones, both fitted on corpora with truth and, as they
gather, on officers' corrections (`sohoa calibrate`). The figures stand in ``calibration.json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from ocr.elements import FieldReading, Ink

SHIPPED: Final = Path(__file__).parent / "calibration.json"
_KINDS: Final = {
    "digits": frozenset(
        "date id_number entry_number book_number page_number number area registry_number serial time".split()
    ),
    "words": frozenset("date_words area_words".split()),
    "closed": frozenset(
        "sex ethnicity nationality id_type relation title registration_type recognition_type "
        "death_notice_type land_purpose land_form".split()
    ),
    "name": frozenset({"name"}),
    "place": frozenset("place issuing_unit agency".split()),
}
_RIDGE: Final = 1.0
_STEPS: Final = 60
_EDGE: Final = 1e-3
LINE: Final = "line"
"""Read by line recognisers."""
PAGE: Final = "page"
"""Read by the page reading alone."""


class Curve(BaseModel):
    """One fitted model.

    Attributes:
        weights: by name of feature.
        steps: rising pairs of score and share of right fields; between them the line is straight.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: Mapping[str, float]
    steps: tuple[tuple[float, float], ...]

    def probability(self, features: Mapping[str, float]) -> float:
        """Share of right fields among those with such features, 0 to 1."""
        score = score_of(self.weights, features)
        xs = [x for x, _ in self.steps]
        ys = [y for _, y in self.steps]
        return float(np.interp(score, xs, ys))


class Calibration(BaseModel):
    """Fitted models by how a field was read, and from where on fields count as right without a person.

    Attributes:
        curves: by `LINE` and `PAGE`.
        accept_from: by ``machine`` (print and typewriter) and ``hand``.
        fitted_on: what the figures rest on, for the record.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    curves: Mapping[str, Curve]
    accept_from: Mapping[str, float]
    fitted_on: str = ""


def way_of(reading: FieldReading) -> str:
    """Which model a field belongs to."""
    return LINE if "share" in reading.signals else PAGE


def features_of(reading: FieldReading) -> dict[str, float]:
    """What a model sees of a field, each about 0 to 1 or a small number."""
    signals = reading.signals
    features = {
        "bias": 1.0,
        "passed": signals.get("passed", 0.0),
        "hand": float(reading.ink is Ink.HAND),
        "type": float(reading.ink is Ink.TYPE),
        "colon": float(":" in reading.written),
        "length": math.log1p(len(reading.written)) / 4,
        "agree": float(signals.get("agree", 0.0) > 0.5),
        "differ": float(signals.get("agree", 1.0) < 0.5),
        "twin": float("twin" in signals),
    }
    for name, kinds in _KINDS.items():
        features[f"is_{name}"] = float(reading.kind in kinds)
    if "share" in signals:
        features |= {
            "share": _logit(signals["share"]) / 7,
            "letters": _logit(signals["letters"]) / 7,
            "plain": signals["plain"],
            "same_plain": float(signals["plain"] > 0.999),
            "printed": signals["printed"] * signals["claim"],
            "same_print": float(signals["printed"] > 0.999),
            "second": signals["second"],
            "same_second": float(signals["second"] > 0.999),
            "price": signals["price"],
            "lines": signals.get("lines", 1.0) - 1,
        }
    else:
        features["claim"] = _logit(signals.get("claim", reading.confidence)) / 7
    return features


def calibrated(reading: FieldReading, calibration: Calibration) -> float:
    """Probability that a field is right."""
    curve = calibration.curves.get(way_of(reading))
    return reading.confidence if curve is None else round(curve.probability(features_of(reading)), 4)


def score_of(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The logistic model's score; 0 is even odds."""
    return sum(weights.get(name, 0.0) * value for name, value in features.items())


def fit_weights(rows: Sequence[Mapping[str, float]], right: Sequence[bool]) -> dict[str, float]:
    """Logistic regression with a ridge, by Newton's method."""
    names = sorted({name for row in rows for name in row})
    x = np.array([[row.get(name, 0.0) for name in names] for row in rows], np.float64)
    y = np.array(right, np.float64)
    w = np.zeros(len(names))
    ridge = _RIDGE * np.eye(len(names))
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - y) + ridge @ w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return {name: round(float(value), 5) for name, value in zip(names, w, strict=True)}


def fit_steps(scores: Sequence[float], right: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """Isotonic curve by pooling adjacent violators; one made-up right and wrong field keep it off 0 and 1."""
    order = np.argsort(scores, kind="stable")
    blocks: list[list[float]] = []
    for i in order:
        blocks.append([float(scores[i]), float(scores[i]), float(right[i]), 1.0])
        while len(blocks) > 1 and blocks[-2][2] / blocks[-2][3] >= blocks[-1][2] / blocks[-1][3]:
            _, last, good, count = blocks.pop()
            blocks[-1][1] = last
            blocks[-1][2] += good
            blocks[-1][3] += count
    steps: list[tuple[float, float]] = []
    for first, last, good, count in blocks:
        share = (good + 0.5) / (count + 1) if good in (0.0, count) else good / count
        level = max(share, steps[-1][1] if steps else 0.0)
        steps.append((round(first, 4), round(level, 4)))
        if last > first:
            steps.append((round(last, 4), round(level, 4)))
    return tuple(steps) or ((0.0, 0.5),)


def least_accepted(
    probabilities: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], precision: float
) -> float:
    """The lowest probability from which on at least `precision` of the fields are right; above 1 for none."""
    order = np.argsort(-probabilities, kind="stable")
    good = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(good >= precision)
    if not len(enough):
        return 1.01
    return float(probabilities[order[enough[-1]]])


def _logit(share: float) -> float:
    kept = min(max(share, _EDGE), 1 - _EDGE)
    return math.log(kept / (1 - kept))


@lru_cache(maxsize=4)
def load_calibration(path: Path = SHIPPED) -> Calibration | None:
    """The fitted models; ``None`` where none were fitted yet."""
    if not path.exists():
        return None
    return Calibration.model_validate(json.loads(path.read_text(encoding="utf-8")))
