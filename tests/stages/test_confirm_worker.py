"""A real worker asks the population service, and asks again after an outage, told by its own sweeper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.claims import database_now
from pipeline.confirmations import current_verdicts
from pipeline.models import Event, Record, RegisterCall, RegisterCheck, RegisterQuery
from tests.stages.test_confirm import checked, line, simulator  # noqa: F401 - fixtures
from tests.stages.workers import START_SECONDS, SWEEP_SECONDS, celery_worker, wait_for
from validators.population.simulator import Fault

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture
def worker(servers, line, broker, tmp_path):  # noqa: F811
    """A Celery worker of one process for the queue of checks; what it says is in the file."""
    settings = servers.settings.model_copy(update={"population": line})
    environment = replace(servers, settings=settings).environment()
    with celery_worker("sohoa.check", environment, tmp_path / "worker.log") as said:
        yield said


def test_a_question_met_by_an_outage_is_asked_again_by_the_worker_until_it_is_answered(
    checked,  # noqa: F811
    simulator,  # noqa: F811
    worker,
):
    simulator.standing = frozenset({Fault.ERROR_500})
    record = checked()
    queries = RegisterQuery.objects.all()

    assert wait_for(lambda: queries.filter(outages=1).exists(), START_SECONDS), worker.read_text()
    query = queries.get()
    assert (query.state, query.error_code, query.lease_owner) == ("OPEN", "SERVER_ERROR", "")
    assert query.not_before > database_now(), "it rests before it is asked again"
    assert current_verdicts(record) == {"nks": "SOURCE_DOWN"}

    simulator.standing = frozenset()
    rested = database_now() - timedelta(minutes=2)
    queries.update(not_before=rested, state_since=rested, hinted_at=None)
    assert wait_for(lambda: queries.filter(state="ANSWERED").exists(), SWEEP_SECONDS), worker.read_text()
    query = queries.get()
    assert (query.outages, query.lease_owner) == (0, "")
    assert [c.outcome for c in RegisterCall.objects.order_by("id")] == ["SERVER_ERROR", "FOUND"]
    checks = RegisterCheck.objects.order_by("id")
    assert [(c.verdict, c.request_id) for c in checks] == [
        ("SOURCE_DOWN", query.request_id),
        ("MATCH", query.request_id),
    ]
    assert current_verdicts(record) == {"nks": "MATCH"}
    assert Record.objects.get().error_code != "REGISTER_WAITS"
    assert Event.objects.get(verb="register.read").data["source"] == "service:037"
