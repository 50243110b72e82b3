"""The simulated service runs as a command, for demonstrations and acceptance."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import asdict

import httpx
import pytest

from pipeline.population_line import caller_of, service_of
from pipeline.population_settings import PopulationSettings
from tests.unit.population_service.people import QUESTION, VY
from validators.errors import PopulationServiceError

COMMAND = [sys.executable, "-c", "from pipeline.cli import main; main()", "register", "simulator", "--json"]


@pytest.fixture
def started(tmp_path):
    running: list[subprocess.Popen[str]] = []

    def start(*options: str) -> dict[str, object]:
        people = tmp_path / "nguoi-gia.csv"
        with people.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, list(asdict(VY)))
            lines.writeheader()
            lines.writerow(asdict(VY))
        process = subprocess.Popen(
            [*COMMAND, "--register", str(people), *options], stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout
        return json.loads(process.stdout.readline())

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def confirm(told: dict[str, object], tmp_path):
    secrets = tmp_path / "bi-mat.toml"
    secrets.write_text(f'secret = "{told["secret"]}"\napi_key = "{told["api_key"]}"\n')
    secrets.chmod(0o600)
    line = PopulationSettings(
        endpoint=told["endpoint"],
        secret_file=secrets,
        user=told["user"],
        client=told["client"],
        officer="1",
        account="lan",
        unit="H26.3",
        procedure="1.001193",
        attempts=1,
    )
    service = service_of(line, processes=1, used_today=lambda: 0)
    assert service
    return service.confirm(QUESTION, caller_of(line), lambda call: None)


def test_what_the_command_prints_is_all_that_a_client_needs(started, tmp_path):
    told = started()
    assert (told["mo_phong"], told["people"]) == (True, 1)
    assert confirm(told, tmp_path)[0].personal_number == VY.soDinhDanh
    page = httpx.get(str(told["endpoint"]))
    assert page.text.startswith("MÔ PHỎNG")
    assert page.headers["X-Sohoa-Simulator"] == "MO PHONG"


def test_faults_are_chosen_on_the_command_line(started, tmp_path):
    with pytest.raises(PopulationServiceError, match="UNSAFE_XML"):
        confirm(started("--fault", "bomb"), tmp_path)


def test_a_file_that_is_no_extract_is_refused_with_its_code(tmp_path):
    people = tmp_path / "khac.csv"
    people.write_text("hoTen,ngaySinh\nNguyễn Phương Vy,2008-05-20\n", "utf-8")
    done = subprocess.run([*COMMAND, "--register", str(people)], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "REGISTER_COLUMNS_MISSING" in done.stderr + done.stdout
