"""Acceptance sampling: how many of a book's values a person has to inspect, and what that proves.

A plan promises: of a lot whose share of wrong values is above the limit, at least `confidence` are
rejected. Drawing is without replacement, so the plan rests on the hypergeometric distribution and is
exact for small books. It is indexed by limiting quality for one lot at a time, as ISO 2859-2 is; the tables
of ISO 2859-1 (TCVN 7790-1), indexed by AQL for a running series of lots, answer another question.
"""

from __future__ import annotations

import enum
import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

_STEPS = 80
"""Halvings of an interval that begins with length 1: far below the last printed digit."""


class Verdict(enum.StrEnum):
    """What the inspection says of the lot."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to inspect.

    Attributes:
        lot: values in the book.
        size: of the sample.
        allowed: wrong values in the sample up to which the lot is accepted.
        limit: share of wrong values that is not to be exceeded.
        confidence: probability, at least, with which a lot above the limit is rejected.
    """

    lot: int
    size: int
    allowed: int
    limit: Fraction
    confidence: Fraction


@dataclass(frozen=True, slots=True)
class Estimate:
    """Share of wrong values in the lot, with the exact interval of Clopper and Pearson.

    Drawing without replacement makes the truth even less likely to lie outside.
    """

    checked: int
    wrong: int
    share: float
    low: float
    high: float
    confidence: float


class ImpossiblePlan(ValueError):  # noqa: N818 - says what it is
    """No sample of this lot can prove that; the text says why, in Vietnamese."""


def plan(lot: int, limit: str, confidence: str, allowed: int = 0) -> Plan:
    """The smallest sample that proves the limit.

    Args:
        lot: values in the book, at least 1.
        limit: share of wrong values not to be exceeded, as a decimal such as ``0.005``.
        confidence: such as ``0.95``.
        allowed: wrong values in the sample that still accept; more of them cost a larger sample and
            reject a good lot less often.

    Raises:
        ImpossiblePlan: the lot is empty, a share is not between 0 and 1, or even inspecting everything
            could not reject a lot above the limit, because that takes more than `allowed` wrong values.
    """
    most, sure = Fraction(limit), Fraction(confidence)
    if lot < 1:
        raise ImpossiblePlan("Quyển này chưa có trường nào để lấy mẫu.")
    if not (0 <= most < 1 and 0 < sure < 1) or allowed < 0:
        raise ImpossiblePlan("Tỷ lệ lỗi và độ tin cậy phải nằm giữa 0 và 1; số lỗi cho phép không âm.")
    too_many = math.floor(lot * most) + 1
    if allowed >= too_many:
        raise ImpossiblePlan(
            f"Với {lot} trường, quá ngưỡng nghĩa là từ {too_many} lỗi; "
            f"không thể cho phép {allowed} lỗi trong mẫu."
        )

    def proves(size: int) -> bool:
        return acceptance_probability(lot, too_many, size, allowed) <= 1 - sure

    low = high = allowed + 1
    while high < lot and not proves(high):
        low, high = high + 1, min(2 * high, lot)
    while low < high:
        middle = (low + high) // 2
        if proves(middle):
            high = middle
        else:
            low = middle + 1
    return Plan(lot, low, allowed, most, sure)


def acceptance_probability(lot: int, wrong: int, size: int, allowed: int) -> Fraction:
    """Probability that a lot with `wrong` wrong values is accepted; hypergeometric, exact."""
    ways = sum(
        math.comb(wrong, k) * math.comb(lot - wrong, size - k)
        for k in range(min(allowed, wrong, size) + 1)
        if size - k <= lot - wrong
    )
    return Fraction(ways, math.comb(lot, size))


def drawn(names: Iterable[str], size: int, seed: str) -> list[str]:
    """A sample that anybody can draw again: the names with the smallest SHA-256 of ``seed|name``.

    Args:
        names: lasting and unique, of everything in the lot, in any order.
    """
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}|{name}".encode()).digest())[:size]


def estimate(checked: int, wrong: int, confidence: float = 0.95) -> Estimate:
    """Share of wrong values among those `checked`, with a two-sided interval."""
    tail = (1 - confidence) / 2
    share = wrong / checked if checked else 0.0
    low = (
        0.0 if wrong == 0 else _share_where(lambda p: 1 - _at_most(wrong - 1, checked, p), tail, rising=True)
    )
    high = (
        1.0 if wrong == checked else _share_where(lambda p: _at_most(wrong, checked, p), tail, rising=False)
    )
    return Estimate(checked, wrong, share, low, high, confidence)


def verdict(size: int, allowed: int, right: int, wrong: int) -> Verdict:
    """Rejected as soon as too many are wrong; accepted once all are inspected."""
    if wrong > allowed:
        return Verdict.REJECTED
    return Verdict.ACCEPTED if right + wrong >= size else Verdict.PENDING


def _at_most(k: int, n: int, p: float) -> float:
    """Binomial probability of at most `k` of `n`."""
    if p <= 0.0:
        return 1.0
    if p >= 1.0:
        return float(k >= n)
    terms: Sequence[float] = [
        math.lgamma(n + 1)
        - math.lgamma(i + 1)
        - math.lgamma(n - i + 1)
        + i * math.log(p)
        + (n - i) * math.log1p(-p)
        for i in range(k + 1)
    ]
    return min(1.0, math.fsum(math.exp(t) for t in terms))


def _share_where(probability: Callable[[float], float], tail: float, *, rising: bool) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if (probability(middle) < tail) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
