"""The client is built from the settings, with secrets that only its user can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.configuration import ConfigurationError
from pipeline.population_line import caller_of, service_of
from pipeline.population_settings import PopulationSettings
from tests.unit.population_service.people import QUESTION, VY
from validators.errors import PopulationServiceError
from validators.population.simulator import Access, Simulator


def settings(endpoint: str, secrets: Path, **changes: object) -> PopulationSettings:
    given = {
        "endpoint": endpoint,
        "secret_file": secrets,
        "user": "sohoa",
        "client": Access().client,
        "officer": "064080000001",
        "account": "lan",
        "unit": "H26.3",
        "procedure": "1.001193",
        "attempts": 1,
        "calls_per_second": 1000,
    }
    return PopulationSettings(**(given | changes))


@pytest.fixture
def secrets(tmp_path) -> Path:
    path = tmp_path / "bi-mat.toml"
    path.write_text('secret = "mo-phong"\napi_key = "mo-phong"\n')
    path.chmod(0o600)
    return path


def ask(line: PopulationSettings, used: int = 0):
    service = service_of(line, processes=1, used_today=lambda: used)
    assert service is not None
    return service.confirm(QUESTION, caller_of(line), lambda call: None)


def test_without_an_endpoint_there_is_no_client():
    assert service_of(PopulationSettings(), processes=1, used_today=lambda: 0) is None


@pytest.mark.parametrize("variant", ["soap", "json"])
def test_the_settings_give_a_client_that_is_let_in(secrets, variant):
    with Simulator([VY]) as simulator:
        assert ask(settings(simulator.url, secrets, variant=variant))[0].name == "NGUYỄN PHƯƠNG VY"


def test_a_gateway_is_spoken_to_with_its_token_and_the_officers_hash(secrets):
    secrets.write_text('lgsp_access_token = "bW8="\nauth_key_name = "khoa"\nauth_key = "mở"\n')
    with Simulator([VY], Access(lgsp_access_token="bW8=")) as simulator:
        line = settings(simulator.url, secrets, token_url=simulator.token_url, user="", client="")
        assert ask(line)[0].name == "NGUYỄN PHƯƠNG VY"


def test_a_signed_address_of_its_own_is_what_the_signature_covers(secrets):
    with Simulator([VY]) as simulator:
        other = simulator.url.replace("/037", "/khac")
        with pytest.raises(PopulationServiceError, match="REFUSED"):
            ask(settings(simulator.url, secrets, signed_url=other))


def test_calls_of_other_processes_count_for_the_quota(secrets):
    with Simulator([VY]) as simulator:
        with pytest.raises(PopulationServiceError, match="QUOTA_EXCEEDED"):
            ask(settings(simulator.url, secrets, daily_quota=7), used=7)
        assert simulator.calls == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("secret =", "Không đọc được"),
        ('secret = "x"', "thiếu api_key"),
        ('secret = "x"\napi_key = "khóa"', "không dấu"),
        ('secret = "rat-bi-mat"\nkhac = 1', "mục lạ"),
    ],
)
def test_a_file_with_secrets_that_cannot_be_used_is_told_without_quoting_it(secrets, text: str, told: str):
    secrets.write_text(text)
    with pytest.raises(ConfigurationError, match=told) as error:
        ask(settings("https://127.0.0.1:9/037", secrets))
    assert "rat-bi-mat" not in str(error.value)


def test_a_file_with_secrets_that_others_can_read_is_refused(secrets):
    secrets.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        ask(settings("https://127.0.0.1:9/037", secrets))


def test_an_authority_file_that_holds_no_certificate_is_told(secrets, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text("không phải chứng thư")
    with pytest.raises(ConfigurationError, match="ca_file"):
        ask(settings("https://127.0.0.1:9/037", secrets, ca_file=ca))
