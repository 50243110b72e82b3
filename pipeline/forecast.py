"""When the work of an office will be done, with an interval, from what its past working days were like.

A working day is Monday to Friday; what was done on a weekend counts for the Friday before it. Holidays are
not known: those that passed are days without work in the history, those to come are not left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

MIN_DAYS = 10
"""Working days without which nothing is foretold: two weeks, each weekday twice."""
WINDOW_DAYS = 60
"""Past working days that count; older ones tell of another team or another kind of book."""
INTERVAL = 0.9
_HORIZON = 2610
"""Working days in ten years; what lasts longer has no date."""
_DRAWS = 1000
_CHUNK = 261
_SEED = 20_160_101


@dataclass(frozen=True, slots=True)
class Work:
    """What an office has before it and what it did.

    Attributes:
        waiting: records that stand here and nobody approved yet.
        missing: entries that the books ought to hold and no record shows yet.
        done: records approved, by local day; days without work need not be named.
    """

    waiting: int
    missing: int
    done: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the remaining records will be approved.

    Attributes:
        outcome: ``DONE``, ``TOO_FEW_DAYS``, ``NO_WORK`` (none in the window), ``TOO_LONG`` (over ten years)
            or ``FORETOLD``; dates are given only with the last.
        days: working days of the history that counted.
        per_day: records approved on a mean working day of those.
        earliest, latest: 90% of the simulated futures end between them; latest is None beyond ten years.
        slack: calendar days from `finish` to the deadline, negative when it comes too late.
        sure_slack: the same from `latest`.
    """

    outcome: str
    waiting: int
    missing: int
    days: int
    per_day: float | None = None
    earliest: date | None = None
    finish: date | None = None
    latest: date | None = None
    deadline: date | None = None
    slack: int | None = None
    sure_slack: int | None = None

    @property
    def remaining(self) -> int:
        """Records still to be approved."""
        return self.waiting + self.missing

    def json(self) -> dict[str, Any]:
        """All of it for programs, dates as ISO text."""
        told = {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(self).items()}
        return told | {"remaining": self.remaining}


def forecast(work: Work, today: date, deadline: date | None = None) -> Forecast:
    """Foretell from the working days before today; today itself is not over and does not count.

    Each simulated future first draws the history anew, one day fewer than it has (so that few days give a
    wide interval), then its own days from that. The same work gives the same answer.
    """
    history = _history(work.done, today)
    told = Forecast("DONE", work.waiting, work.missing, len(history), deadline=deadline)
    if told.remaining <= 0:
        return told
    if len(history) < MIN_DAYS:
        return _with(told, outcome="TOO_FEW_DAYS")
    if not history.any():
        return _with(told, outcome="NO_WORK")
    told = _with(told, per_day=round(float(history.mean()), 2))
    needed = _days_needed(history, told.remaining)
    ends = np.quantile(needed, [(1 - INTERVAL) / 2, 0.5, (1 + INTERVAL) / 2], method="higher")
    early, middle, late = (_working_day(today, int(n)) if n <= _HORIZON else None for n in ends)
    if middle is None:
        return _with(told, outcome="TOO_LONG")
    return _with(
        told,
        outcome="FORETOLD",
        earliest=early,
        finish=middle,
        latest=late,
        slack=(deadline - middle).days if deadline else None,
        sure_slack=(deadline - late).days if deadline and late else None,
    )


def _with(told: Forecast, **values: Any) -> Forecast:
    return Forecast(**(asdict(told) | values))


def _history(done: Mapping[date, int], today: date) -> npt.NDArray[np.int64]:
    """Records of each working day from the first with work to yesterday, no more than the window."""
    by_day: dict[date, int] = {}
    for day, number in done.items():
        weekday = day - timedelta(days=max(0, day.weekday() - 4))
        if day < today and number:
            by_day[weekday] = by_day.get(weekday, 0) + number
    if not by_day:
        return np.zeros(0, dtype=np.int64)
    first = min(by_day)
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    return np.array([by_day.get(d, 0) for d in days if d.weekday() < 5][-WINDOW_DAYS:], dtype=np.int64)


def _days_needed(history: npt.NDArray[np.int64], remaining: int) -> npt.NDArray[np.int64]:
    """Working days until the remaining records are done, one number per simulated future."""
    random = np.random.default_rng(_SEED)
    resampled = random.choice(history, (_DRAWS, len(history) - 1))
    needed = np.full(_DRAWS, _HORIZON + 1)
    left = np.full(_DRAWS, remaining)
    for start in range(0, _HORIZON, _CHUNK):
        (open_,) = np.nonzero(left > 0)
        if not len(open_):
            break
        picked = random.integers(0, len(history) - 1, (len(open_), _CHUNK))
        total = np.take_along_axis(resampled[open_], picked, axis=1).cumsum(axis=1)
        reached = total >= left[open_, None]
        ended = reached[:, -1]
        needed[open_[ended]] = start + 1 + reached[ended].argmax(axis=1)
        left[open_] -= total[:, -1]
    return np.minimum(needed, _HORIZON + 1)


def _working_day(today: date, number: int) -> date:
    """The number-th working day from today on, today being the first where it is one."""
    return date.fromisoformat(str(np.busday_offset(today.isoformat(), number - 1, roll="forward")))
