"""Other systems are let in by tokens that an administrator made, and may no more than those say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from pipeline.machines.models import ApiToken
from pipeline.machines.once import KEPT, KeyReused, StillWorking, once
from pipeline.models import Event, Office
from pipeline.people.access import Act, acts_of, offices_for
from pipeline.people.tokens import TokenRefused, make_token, seconds_to_wait, token_of, withdraw_token
from tests.stages.commands import run_here
from tests.stages.holdings import make_office

pytestmark = pytest.mark.django_db


def token_for(*acts: Act, office: Office | None = None, name: str = "một cửa") -> tuple[ApiToken, str]:
    return make_token(
        name, scopes=acts, office=office or make_office(), expires=timezone.now() + timedelta(days=1), by="an"
    )


def test_only_a_hash_of_the_token_is_kept_and_both_its_birth_and_end_are_in_the_log():
    row, text = token_for(Act.SEARCH)
    assert token_of(text) == row
    assert text.startswith(row.prefix)
    assert text not in str(ApiToken.objects.values().get())
    withdraw_token(row, by="an")
    withdraw_token(row, by="an")
    assert token_of(text) is None
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == [
        "token.made",
        "token.withdrawn",
    ]


def test_a_token_may_what_its_scopes_say_in_its_office_and_below():
    province = make_office("51")
    commune = Office.objects.create(code="23942", name="xã Ia Rong", parent=province)
    make_office("24000")
    row, _ = token_for(Act.SEARCH, office=province)
    assert acts_of(row) == {Act.SEARCH}
    assert set(offices_for(row, Act.SEARCH)) == {province, commune}
    assert not offices_for(row, Act.RECEIVE).exists()


def test_an_expired_token_may_nothing():
    row, text = token_for(Act.SEARCH)
    row.expires = timezone.now() - timedelta(seconds=1)
    row.save()
    assert token_of(text) is None
    assert acts_of(row) == frozenset()


@pytest.mark.parametrize(
    "acts", [(), (Act.APPROVE,), (Act.PEOPLE,), (Act.KEY,), (Act.HAND_OVER,), (Act.AUDIT, Act.SEARCH)]
)
def test_no_token_does_what_stays_with_people_or_watches_over_its_own_work(acts):
    with pytest.raises(TokenRefused):
        token_for(*acts)


def test_a_name_is_given_once_and_an_end_is_asked_for():
    token_for(Act.SEARCH)
    with pytest.raises(TokenRefused):
        token_for(Act.SEARCH)
    with pytest.raises(TokenRefused):
        make_token("b", scopes=[Act.SEARCH], office=make_office(), expires=timezone.now(), by="an")


def test_who_calls_too_often_has_to_wait_for_the_next_minute(monkeypatch):
    row, _ = token_for(Act.SEARCH)
    ApiToken.objects.filter(pk=row.pk).update(per_minute=2)
    row.refresh_from_db()
    now = timezone.now().replace(second=17, microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert [seconds_to_wait(row) for _ in range(4)] == [0, 0, 43, 43]
    now += timedelta(seconds=42)
    assert seconds_to_wait(row) == 1
    now += timedelta(seconds=1)
    assert [seconds_to_wait(row) for _ in range(3)] == [0, 0, 60]


def test_a_repeated_call_gets_the_first_answer_and_does_nothing_anew():
    row, _ = token_for(Act.RECEIVE)
    done: list[int] = []

    def work() -> tuple[int, dict[str, int]]:
        done.append(1)
        return 201, {"n": len(done)}

    assert once(row, "k", "a", work) == once(row, "k", "a", work) == (201, {"n": 1})
    with pytest.raises(KeyReused):
        once(row, "k", "b", work)
    row.answers.update(at=timezone.now() - KEPT - timedelta(seconds=1))
    assert once(row, "k", "b", work) == (201, {"n": 2})


def test_a_call_that_failed_may_be_repeated_and_one_that_still_runs_may_not():
    row, _ = token_for(Act.RECEIVE)

    def fail() -> tuple[int, dict[str, int]]:
        with pytest.raises(StillWorking):
            once(row, "k", "a", fail)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - only that it comes through
        once(row, "k", "a", fail)
    assert once(row, "k", "a", lambda: (201, {})) == (201, {})


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_the_command_makes_lists_and_withdraws_tokens(servers):
    make_office("23942")
    code, made = run_here(
        servers, "account", "token", "add", "mc", "--scope", "search", "--office", "23942", "--json"
    )
    assert code == 0
    assert token_of(made["token"]) is not None
    code, told = run_here(servers, "account", "token", "withdraw", "mc")
    assert (code, token_of(made["token"])) == (0, None)
    code, told = run_here(servers, "account", "token", "add", "x", "--scope", "approve", "--office", "23942")
    assert code != 0
    assert "Không cấp cho máy" in told["said"]
