"""The settings of the line to the population database."""

from __future__ import annotations

import pytest

from pipeline.configuration import ConfigurationError, load_settings

LINE = {
    "endpoint": "https://trucnoi.example/037",
    "secret_file": "/run/bi-mat.toml",
    "officer": "064080000001",
    "account": "lan",
    "unit": "H26.3",
    "procedure": "1.001193",
    "user": "sohoa",
    "client": "VN/X/1",
}


def test_without_an_endpoint_nothing_is_asked_and_nothing_more_is_needed():
    assert load_settings().population.endpoint is None


def test_a_whole_line_reaches_child_processes_unchanged(monkeypatch):
    settings = load_settings(population=LINE)
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings().population == settings.population


def test_one_part_can_be_set_by_a_variable_of_its_own(monkeypatch):
    monkeypatch.setenv("SOHOA_POPULATION__DAILY_QUOTA", "7")
    assert load_settings().population.daily_quota == 7


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"endpoint": "http://trucnoi.example/037"}, "https://"),
        ({"officer": ""}, "thiếu officer"),
        ({"client": ""}, "thiếu client"),
        ({"client": "VN/Xã"}, "không dấu"),
        ({"file_exchange": True}, "chỉ chọn một"),
        ({"endpont": "https://x"}, "không có mục này"),
    ],
)
def test_half_a_line_is_told_before_anything_is_sent(changes, told: str):
    with pytest.raises(ConfigurationError, match=told):
        load_settings(population=LINE | changes)


def test_a_gateway_with_tokens_needs_no_user_to_sign_for():
    given = LINE | {"user": "", "client": "", "token_url": "https://trucnoi.example/token"}
    assert load_settings(population=given).population.token_url
