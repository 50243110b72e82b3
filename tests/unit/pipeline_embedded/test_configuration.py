"""What an administrator may rely on when writing settings."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from pipeline.addresses import ServicesNotRunning, merged, resolve
from pipeline.configuration import ConfigurationError, load_settings
from pipeline.embedded import lock
from pipeline.embedded.errors import AlreadyRunning
from pipeline.embedded.places import Ports, Secrets, is_free
from pipeline.endpoints import Endpoints, StoreAddress

OUTSIDE = {
    "database_url": "postgresql://u:p@db.example/sohoa",
    "broker_url": "amqp://u:p@mq.example//",
    "store_url": "https://s3.example:9000/",
    "store_access_key": "writer",
    "store_secret_key": "w-secret",
    "tsa_url": "http://tsa.example/",
    "signing_pkcs12": "/etc/sohoa/seal.p12",
    "signing_password": "p12",
    "trust_roots": "/etc/sohoa/roots.pem",
}


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOHOA_DATA_DIR", raising=False)


def test_defaults_work_in_the_current_folder(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.data_dir == tmp_path / "data"
    assert settings.retention_days == 3650
    assert settings.worker_processes >= 1
    assert not settings.data_dir.exists()


def test_the_toml_file_of_the_data_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sohoa.toml").write_text(
        'office_name = "UBND xã Mỹ Hiệp"\n[limits]\nmax_pages = 7\n'
    )
    settings = load_settings()
    assert settings.office_name == "UBND xã Mỹ Hiệp"
    assert settings.limits.max_pages == 7


def test_environment_beats_file_and_argument_beats_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other.toml"
    file.write_text("retention_days = 1\nlease_seconds = 11\nweb_port = 8001\n")
    monkeypatch.setenv("SOHOA_CONFIG", str(file))
    monkeypatch.setenv("SOHOA_LEASE_SECONDS", "22")
    monkeypatch.setenv("SOHOA_WEB_PORT", "8002")
    settings = load_settings(web_port=8003)
    assert (settings.retention_days, settings.lease_seconds, settings.web_port) == (1, 22, 8003)


def test_a_mistyped_key_in_the_file_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sohoa.toml"
    file.write_text("retention_day = 1\n")
    monkeypatch.setenv("SOHOA_CONFIG", str(file))
    with pytest.raises(ConfigurationError, match="retention_day: không có mục này"):
        load_settings()


@pytest.mark.parametrize("name", ["SOHOA_RETENTION", "SOHOA_LIMITS__MAX_PAGE"])
def test_a_mistyped_variable_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigurationError, match=r"docs/configuration\.md"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "sqlite:///x.db"),
        ("broker_url", "filesystem://"),
        ("store_url", "file:///srv"),
        ("retention_days", 0),
        ("web_port", 70000),
    ],
)
def test_values_that_would_lose_records_are_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load_settings(**{name: value})


def test_a_broken_or_missing_file_is_told_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOHOA_CONFIG", str(tmp_path / "no.toml"))
    with pytest.raises(ConfigurationError, match=r"no\.toml"):
        load_settings()
    (tmp_path / "no.toml").write_text("a = = 1")
    with pytest.raises(ConfigurationError, match="TOML"):
        load_settings()


def test_addresses_in_the_settings_need_no_running_instance() -> None:
    endpoints = resolve(load_settings(**OUTSIDE))
    assert endpoints.database_url == OUTSIDE["database_url"]
    assert endpoints.store == StoreAddress("https://s3.example:9000", "writer", "w-secret")
    assert endpoints.store.secure
    assert endpoints.store.host == "s3.example:9000"
    assert endpoints.store_reader == endpoints.store
    assert endpoints.signing_password == "p12"


def test_a_store_without_its_keys_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="store_access_key"):
        resolve(load_settings(store_url="https://s3.example"))


def test_a_signing_key_without_roots_is_refused_before_a_record_waits_for_ever() -> None:
    with pytest.raises(ConfigurationError, match="trust_roots"):
        resolve(load_settings(**OUTSIDE | {"trust_roots": None}))


def test_without_addresses_and_without_instance_the_next_command_is_told() -> None:
    with pytest.raises(ServicesNotRunning, match="sohoa up"):
        resolve(load_settings())


def test_addresses_left_by_a_dead_instance_are_not_believed() -> None:
    settings = load_settings()
    run = settings.data_dir / "run"
    run.mkdir(parents=True)
    note = {"endpoints": Endpoints(database_url="postgresql://gone").to_json()}
    (run / "endpoints.json").write_text(json.dumps(note))
    with pytest.raises(ServicesNotRunning):
        resolve(settings)
    with lock.acquire(settings.data_dir):
        assert resolve(settings).database_url == "postgresql://gone"


def test_passwords_do_not_show_when_settings_or_addresses_are_printed() -> None:
    settings = load_settings(**OUTSIDE)
    shown = repr(settings) + repr(resolve(settings))
    assert "w-secret" not in shown
    assert "u:p@" not in shown


def test_the_demo_password_is_never_tried_on_a_real_key() -> None:
    real = Endpoints(signing_pkcs12=Path("/real.p12"))
    demo = Endpoints(signing_pkcs12=Path("/demo.p12"), signing_password="demo")
    assert merged(real, demo).signing_password is None


def test_a_child_process_loads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(**OUTSIDE, limits={"max_pages": 3}, allowed_hosts=("desk.example",), debug=True)
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_endpoints_survive_the_file_between_processes() -> None:
    endpoints = Endpoints(
        database_url="postgresql://x", store=StoreAddress("http://a:1", "k", "s"), trust_roots=Path("/t.pem")
    )
    assert Endpoints.from_json(json.loads(json.dumps(endpoints.to_json()))) == endpoints


def test_a_data_folder_has_one_holder_at_a_time(tmp_path: Path) -> None:
    assert not lock.is_running(tmp_path)
    with lock.acquire(tmp_path):
        assert lock.is_running(tmp_path)
        with pytest.raises(AlreadyRunning, match=r"đang chạy.*Already running"):
            lock.acquire(tmp_path)
    assert not lock.is_running(tmp_path)


def test_passwords_are_made_once_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    Secrets(tmp_path).ensure(["a", "b"])
    first = Secrets(tmp_path)
    Secrets(tmp_path).ensure(["b", "c"])
    again = Secrets(tmp_path)
    assert again["a"] == first["a"]
    assert again["b"] == first["b"]
    assert len({again["a"], again["b"], again["c"]}) == 3
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_ports_are_remembered_unless_somebody_took_them(tmp_path: Path) -> None:
    import socket

    ports = Ports(tmp_path)
    ports.settle(["x", "y"])
    again = Ports(tmp_path)
    again.settle(["x", "y"])
    assert (again["x"], again["y"]) == (ports["x"], ports["y"])
    with socket.create_server(("127.0.0.1", ports["x"])):
        assert not is_free(ports["x"])
        moved = Ports(tmp_path)
        moved.settle(["x", "y"])
    assert moved["x"] != ports["x"]
    assert moved["y"] == ports["y"]
