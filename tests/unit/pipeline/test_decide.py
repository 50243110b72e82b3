"""A record goes on without a person only when nothing asks for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.decide import decide
from tests.unit.pipeline.test_policies import PRINTED

SURE = {"nksHoTen": replace(PRINTED, key="nksHoTen", accepted=True)}


def test_a_record_that_nothing_speaks_against_is_accepted():
    decision = decide(SURE, ["warns"], ["MATCH", "NOT_CHECKED"])
    assert (decision.state, decision.reasons) == ("ACCEPTED", ())


@pytest.mark.parametrize("severity", ["blocks_approval", "blocks_import"])
def test_an_open_blocking_finding_brings_it_to_the_desk(severity: str):
    assert decide(SURE, ["warns", severity], []).reasons == ("BLOCKING_FINDING",)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ("MISMATCH", "REGISTER_DIFFERS"),
        ("NOT_FOUND", "REGISTER_DIFFERS"),
        ("AMBIGUOUS", "REGISTER_DIFFERS"),
        ("SOURCE_DOWN", "REGISTER_WAITS"),
    ],
)
def test_a_register_that_does_not_confirm_brings_it_to_the_desk(verdict: str, reason: str):
    decision = decide(SURE, [], ["MATCH", verdict])
    assert (decision.state, decision.reasons) == ("TO_REVIEW", (reason,))


def test_one_field_that_is_not_sure_brings_it_to_the_desk():
    fields = SURE | {"nksNgaySinh": replace(PRINTED, key="nksNgaySinh", accepted=False)}
    assert decide(fields, [], []).reasons == ("UNSURE_FIELD",)


def test_a_record_without_any_field_is_never_accepted():
    assert decide({}, [], []).state == "TO_REVIEW"


def test_an_unread_page_comes_first_among_the_reasons():
    decision = decide({}, ["blocks_import"], ["NOT_FOUND"], unread_pages=True)
    assert decision.reasons == ("UNREAD_PAGE", "BLOCKING_FINDING", "REGISTER_DIFFERS", "UNSURE_FIELD")
