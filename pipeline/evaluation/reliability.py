"""How often fields of a claimed confidence are right: table and plot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0001)
_SIDE: Final = 360
_MARGIN: Final = 48


class ReliabilityRow(NamedTuple):
    """Fields whose claimed confidence lies between two edges.

    Attributes:
        n: how many.
        claimed: their mean confidence, 0 to 1.
        right: share that is right.
    """

    least: float
    most: float
    n: int
    claimed: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[ReliabilityRow]:
    """Rows for the ranges of `EDGES` that hold any field."""
    rows = []
    for least, most in pairwise(EDGES):
        inside = [(c, r) for c, r in zip(confidences, right, strict=True) if least <= c < most]
        if inside:
            claimed = sum(c for c, _ in inside) / len(inside)
            good = sum(r for _, r in inside) / len(inside)
            rows.append(ReliabilityRow(least, min(most, 1.0), len(inside), round(claimed, 4), round(good, 4)))
    return rows


def expected_error(rows: Sequence[ReliabilityRow]) -> float:
    """Mean distance of claim and truth over all fields (expected calibration error)."""
    whole = sum(row.n for row in rows)
    return round(sum(row.n * abs(row.claimed - row.right) for row in rows) / whole, 4) if whole else 0.0


def reliability_svg(rows: Sequence[ReliabilityRow]) -> str:
    """A drawing of the table: claimed across, right upwards, the diagonal is honesty."""

    def x(share: float) -> float:
        return round(_MARGIN + share * _SIDE, 1)

    def y(share: float) -> float:
        return round(_MARGIN / 2 + (1 - share) * _SIDE, 1)

    most = max((row.n for row in rows), default=1)
    dots = "".join(
        f'<circle cx="{x(row.claimed)}" cy="{y(row.right)}" r="{3 + 9 * (row.n / most) ** 0.5:.1f}" '
        f'fill="#0070c0" fill-opacity="0.6"><title>{row.n} trường</title></circle>'
        for row in rows
    )
    ticks = "".join(
        f'<text x="{x(t)}" y="{y(0) + 18}" text-anchor="middle">{t:.1f}</text>'
        f'<text x="{x(0) - 8}" y="{y(t) + 4}" text-anchor="end">{t:.1f}</text>'
        for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    line = " ".join(f"{x(row.claimed)},{y(row.right)}" for row in rows)
    size = _SIDE + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" '
        f'font-size="12"><rect width="{size}" height="{size}" fill="white"/>'
        f'<path d="M{x(0)} {y(1)}V{y(0)}H{x(1)}" fill="none" stroke="black"/>'
        f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#999" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#0070c0"/>{dots}{ticks}'
        f'<text x="{x(0.5)}" y="{y(0) + 38}" text-anchor="middle">độ tin cậy</text>'
        f'<text transform="translate(14 {y(0.5)}) rotate(-90)" text-anchor="middle">tỷ lệ đúng</text></svg>\n'
    )
