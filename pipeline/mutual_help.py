"""Which office could work for which: those sure to end before the deadline for those that will be late."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Help:
    """A proposal, for a person to decide.

    Attributes:
        giver, taker: codes of offices.
        records: that the taker will not have approved by the deadline and the giver could take over.
        days: working days that these take the whole giver, at its own speed.
    """

    giver: str
    taker: str
    records: int
    days: int


def proposals(foretold: Mapping[str, Forecast], today: date) -> tuple[Help, ...]:
    """Match spare working days to records that come too late, the largest want first.

    An office has spare days from the latest end of its forecast to the deadline, so that helping makes it
    late in one of twenty futures at most. What it can take over in them is counted at its own speed.

    Args:
        foretold: forecasts by the code of the office.
    """
    want = {code: _want(told, today) for code, told in foretold.items()}
    spare = {code: _spare_days(told) for code, told in foretold.items()}
    found = []
    for taker in sorted((c for c in want if want[c]), key=lambda c: (-want[c], c)):
        for giver in sorted((c for c in spare if spare[c]), key=lambda c: (-_room(foretold[c], spare[c]), c)):
            records = min(want[taker], _room(foretold[giver], spare[giver]))
            if records:
                days = math.ceil(records / _speed(foretold[giver]))
                found.append(Help(giver, taker, records, days))
                want[taker] -= records
                spare[giver] -= days
    return tuple(found)


def _want(told: Forecast, today: date) -> int:
    """Records that stay undone at the deadline, at the mean speed so far."""
    if told.deadline is None or not told.per_day or (told.slack is not None and told.slack >= 0):
        return 0
    days = max(0, _working_days(today, told.deadline))
    return max(0, math.ceil(told.remaining - told.per_day * days))


def _spare_days(told: Forecast) -> int:
    if told.deadline is None or told.latest is None or not told.per_day:
        return 0
    return max(0, _working_days(told.latest + timedelta(days=1), told.deadline))


def _room(told: Forecast, days: int) -> int:
    return math.floor(_speed(told) * days)


def _speed(told: Forecast) -> float:
    assert told.per_day
    return told.per_day


def _working_days(first: date, last: date) -> int:
    return int(np.busday_count(first.isoformat(), (last + timedelta(days=1)).isoformat()))
