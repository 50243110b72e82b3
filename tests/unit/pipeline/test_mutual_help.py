"""Offices sure to be in time are proposed as helpers of late ones, never beyond the days they can spare."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipeline.forecast import Forecast, Work, forecast
from pipeline.mutual_help import Help, proposals

TODAY = date(2026, 6, 1)  # a Monday
DEADLINE = date(2026, 6, 12)  # ten working days, today among them


def steady(per_day: int, remaining: int, deadline: date | None = DEADLINE) -> Forecast:
    done = {d: per_day for n in range(1, 60) if (d := TODAY - timedelta(days=n)).weekday() < 5}
    return forecast(Work(remaining, 0, done), TODAY, deadline)


def test_the_quick_one_takes_over_what_the_late_one_cannot_do():
    # the late one does 10 of its 130 a day; the quick one is done on the second day
    told = {"late": steady(10, 130), "quick": steady(20, 40)}
    assert proposals(told, TODAY) == (Help("quick", "late", 30, 2),)


def test_nobody_is_proposed_beyond_the_days_it_can_spare():
    told = {"late": steady(10, 1000), "quick": steady(20, 160)}
    (row,) = proposals(told, TODAY)
    assert (row.records, row.days) == (40, 2)


def test_the_largest_want_is_met_first_and_others_get_what_is_left():
    told = {"a": steady(10, 120), "b": steady(10, 160), "quick": steady(20, 80)}
    assert proposals(told, TODAY) == (Help("quick", "b", 60, 3), Help("quick", "a", 20, 1))


@pytest.mark.parametrize(
    "other",
    [steady(20, 40, None), steady(20, 200), forecast(Work(5, 0, {}), TODAY, DEADLINE)],
    ids=["no deadline", "in time, nothing to spare", "too few days"],
)
def test_who_has_nothing_sure_to_spare_is_not_asked(other):
    assert proposals({"late": steady(10, 130), "other": other}, TODAY) == ()
