"""The settings of one installation, declared once.

A value comes from, in this order: an argument in code, an environment variable ``SOHOA_...``
(``SOHOA_LIMITS__MAX_PIXELS`` for a nested one), the TOML file, the default here. The TOML file is the
one named by ``SOHOA_CONFIG``, else ``sohoa.toml`` in the data folder. An unknown key is an error in
both places, because a mistyped retention period must never pass for a default.

A server address left out means that this machine runs the server itself: see `pipeline.addresses`.
"""

from __future__ import annotations

import json
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.access_settings import RoleName, SingleSignOnSettings
from pipeline.population_settings import PopulationSettings
from pipeline.signing_settings import SigningSettings
from pipeline.webhook_settings import WebhookSettings

PREFIX = "SOHOA_"
BESIDE_SETTINGS = frozenset({"SOHOA_CONFIG", "SOHOA_CORPUS"})
"""Variables with our prefix that are no settings: where the TOML file and the test corpus stand."""


Policy = Literal["auto", "confirm", "person"]
"""What an office asks for a field: evidence decides; two sources at least; always a person."""

DoubleKeying = Literal["all", "doubtful", "none"]
"""Which fields are keyed twice: all; those that would need a person anyway; none."""


class ConfigurationError(Exception):
    """The settings cannot be used; the text names the keys and what to do, in Vietnamese."""


class Limits(BaseModel):
    """What one delivered file may cost before it is turned away at the door."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_file_bytes: int = Field(512 * 1024**2, gt=0, description="Largest delivered file, in bytes.")
    max_pixels: int = Field(
        200_000_000, gt=0, description="Most pixels of one page after decoding (an A2 sheet at 600 dpi fits)."
    )
    max_pages: int = Field(2_000, gt=0, description="Most pages of one PDF or TIFF.")
    max_archive_bytes: int = Field(
        4 * 1024**3, gt=0, description="Most bytes that one ZIP file may unpack to, all members together."
    )
    max_archive_members: int = Field(20_000, gt=0, description="Most files in one ZIP file.")
    max_archive_nesting: int = Field(2, ge=0, description="How deep ZIP files may lie inside ZIP files.")


class Settings(BaseSettings):
    """Everything that differs between a commune laptop and a province."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    data_dir: Path = Field(
        Path("data"), description="Folder of this installation: embedded servers, keys, logs, sohoa.toml."
    )

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL as postgresql://user:password@host:port/name; empty = embedded."
    )
    broker_url: SecretStr | None = Field(
        None, description="Broker as redis://... or amqp://... (RabbitMQ); empty = embedded Redis."
    )
    store_url: str | None = Field(
        None, description="S3 endpoint with Object Lock as http(s)://host:port; empty = embedded store."
    )
    store_access_key: SecretStr | None = Field(None, description="S3 access key that may write and lock.")
    store_secret_key: SecretStr | None = Field(None, description="Secret of store_access_key.")
    store_region: str = Field("us-east-1", description="S3 region name that requests are signed for.")
    store_read_access_key: SecretStr | None = Field(
        None, description="S3 access key that may only read; used for viewing. Empty = the writing key."
    )
    store_read_secret_key: SecretStr | None = Field(None, description="Secret of store_read_access_key.")
    bucket_originals: str = Field("sohoa-originals", description="Bucket of delivered files, untouched.")
    bucket_sealed: str = Field("sohoa-sealed", description="Bucket of signed, locked copies.")
    bucket_packages: str = Field("sohoa-packages", description="Bucket of hand-over packages, locked too.")
    store_encryption: Literal["none", "SSE-S3"] = Field(
        "none", description="SSE-S3 = the store encrypts each object with its own keys, where it offers that."
    )

    tsa_url: str | None = Field(
        None, description="RFC 3161 timestamp service; empty = embedded demo authority, no legal force."
    )
    signing_pkcs12: Path | None = Field(
        None, description="PKCS#12 file with the signing key; empty = demo key, no legal force."
    )
    signing_password: SecretStr | None = Field(None, description="Password of signing_pkcs12.")
    trust_roots: Path | None = Field(
        None, description="PEM file with the root certificates that signatures are checked against."
    )
    signing: SigningSettings = Field(
        default_factory=SigningSettings, description="Signatures on sealed copies."
    )
    retention_days: int = Field(
        3650,
        ge=1,
        description="Days for which a stored copy can neither be deleted nor changed by anyone, where "
        "retention_years says nothing else.",
    )
    retention_years: dict[str, Annotated[int, Field(ge=1, le=100)] | Literal["permanent"]] = Field(
        {},
        description="By class of record (form code such as KS or GCN, ORIGINAL, PACKAGE): years of the lock, "
        "or permanent. A permanent lock runs permanent_lock_years and `sohoa hold extend` renews it.",
    )
    permanent_lock_years: int = Field(
        70, ge=1, le=100, description="Years that one lock of a permanent class runs before it is renewed."
    )

    office_code: str = Field(
        "00000", description="Code of the office that works here, unless a command says."
    )
    office_name: str = Field(
        "Đơn vị chưa đặt tên", description="Name of that office when first made; changed at the desk."
    )
    deadline: date | None = Field(
        None, description="Day (YYYY-MM-DD) by which all is to be approved; forecasts tell their slack."
    )

    forms_dir: Path | None = Field(
        None, description="Folder with this office's own form files; empty = only those that Sohoa ships."
    )

    field_policies: dict[str, Policy] = Field(
        {},
        description="By official key or kind of field: auto (evidence decides), confirm (two sources at "
        "least) or person (always a person); a handwritten name is never accepted on reading alone.",
    )

    double_keying: dict[str, DoubleKeying] = Field(
        {},
        description="By form.field, field, kind of field or * for the rest: all, doubtful (what needs a "
        "person anyway) or none (default): keyed by two independently, settled by a third where they differ.",
    )

    worker_processes: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="Processes that read and seal at the same time; default: one per processor core.",
    )
    engine_cache_mb: int = Field(
        2048,
        ge=0,
        description="Megabytes kept of what engines read, so that the same pixels are not read twice; "
        "0 = nothing is kept.",
    )
    engine_cache_days: int = Field(
        30, ge=1, description="Days after which an engine's answer is forgotten, however often it is used."
    )
    lease_seconds: int = Field(
        60,
        ge=10,
        description="Seconds without a sign of life after which another worker takes a record over.",
    )
    limits: Limits = Field(default_factory=Limits, description="What one delivered file may cost.")
    population: PopulationSettings = Field(
        default_factory=PopulationSettings, description="The line to the population database (service 037)."
    )

    copies_from_store: bool = Field(
        False, description="Send browsers to store_url for sealed copies; only where they reach it."
    )
    copy_link_seconds: int = Field(
        300, ge=30, le=3600, description="Seconds for which a link to a sealed copy opens."
    )
    webhooks: WebhookSettings = Field(
        default_factory=WebhookSettings, description="Messages to other systems when something happens."
    )

    web_host: str = Field("127.0.0.1", description="Address the desk listens on.")
    web_port: int | None = Field(
        None, ge=1, le=65535, description="Port the desk listens on; empty = a free one, then remembered."
    )
    allowed_hosts: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost", "[::1]"), description="Host names under which the desk may be called."
    )
    second_factor: tuple[RoleName, ...] = Field(
        (), description="Roles whose accounts must set up a second factor (TOTP) before they work."
    )
    single_sign_on: SingleSignOnSettings = Field(
        default_factory=SingleSignOnSettings, description="The province's sign-in, beside passwords."
    )
    secret_key_file: Path | None = Field(
        None, description="File with the key that signs sessions; empty = made once in the data folder."
    )
    debug: bool = Field(False, description="Show program errors in the browser; never with real data.")

    @field_validator("data_dir", "signing_pkcs12", "trust_roots", "secret_key_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @field_validator("database_url")
    @classmethod
    def _postgresql_only(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("phải bắt đầu bằng postgresql:// (chỉ dùng PostgreSQL)")
        return url

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, url: SecretStr | None) -> SecretStr | None:
        schemes = ("redis://", "rediss://", "amqp://", "amqps://")
        if url and not url.get_secret_value().startswith(schemes):
            raise ValueError("phải bắt đầu bằng redis://, rediss://, amqp:// hoặc amqps://")
        return url

    @field_validator("store_url")
    @classmethod
    def _http_store(cls, url: str | None) -> str | None:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("phải bắt đầu bằng http:// hoặc https://")
        return url.rstrip("/") if url else url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Rank the sources: arguments, environment, TOML file; nothing else is looked at."""
        return init_settings, env_settings, _TomlFile(settings_cls, init_settings)

    def as_environment(self) -> dict[str, str]:
        """Give the variables under which a child process loads these same settings."""
        values = self.model_dump(mode="python", include=self.model_fields_set)
        environment = {f"{PREFIX}{name.upper()}": _as_variable(value) for name, value in values.items()}
        environment[f"{PREFIX}DATA_DIR"] = str(self.data_dir)
        return environment


class _TomlFile(PydanticBaseSettingsSource):
    """The TOML file; where it stands may depend on the data folder given by the stronger sources."""

    def __init__(self, settings_cls: type[BaseSettings], arguments: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._arguments = arguments

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        named = os.environ.get("SOHOA_CONFIG")
        data_dir = self._arguments().get("data_dir") or os.environ.get("SOHOA_DATA_DIR") or "data"
        path = Path(named) if named else Path(data_dir).expanduser() / "sohoa.toml"
        if not path.is_file():
            if named:
                raise ConfigurationError(f"Không có tệp cấu hình {path} (SOHOA_CONFIG trỏ tới đó).")
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"Tệp cấu hình {path} sai cú pháp TOML: {error}") from error


def load_settings(**values: Any) -> Settings:
    """Load the settings of this process.

    Args:
        values: settings given in code; they win over environment and file.

    Raises:
        ConfigurationError: a key is unknown, a value does not fit, the TOML file is missing or broken.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    stray = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX)
        and name not in BESIDE_SETTINGS
        and name not in known
        and ("__" not in name or name.split("__", 1)[0] not in known)
    )
    if stray:
        raise ConfigurationError(
            f"Biến môi trường không có trong cấu hình: {', '.join(stray)}. "
            "Xem danh sách trong docs/configuration.md, sửa tên hoặc bỏ biến đi."
        )
    try:
        return Settings(**values)
    except ValidationError as error:
        complaints = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'cấu hình'}: {_complaint(item['type'], item['msg'])}"
            for item in error.errors()
        )
        raise ConfigurationError(f"Cấu hình sai – {complaints}. Xem docs/configuration.md.") from error


def _as_variable(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, default=str)  # paths
    return "" if value is None else str(value)


def _complaint(kind: str, message: str) -> str:
    return "không có mục này trong cấu hình" if kind == "extra_forbidden" else message
