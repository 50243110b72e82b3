"""The settings of the line to the population database (service 037)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class PopulationSettings(BaseModel):
    """Whom this installation may ask, as whom, and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str | None = Field(
        None, description="Address of service 037 as https://...; empty = the service is not asked."
    )
    file_exchange: bool = Field(
        False,
        description="Without the line: questions go out and answers come in as files.",
    )
    variant: Literal["soap", "json"] = Field(
        "soap", description="Form of the messages: soap, or json with camelCase names."
    )
    signed_url: str | None = Field(
        None, description="Address that goes into the signature, where it is not the endpoint itself."
    )
    token_url: str | None = Field(
        None, description="Token address of a provincial gateway (LGSP); empty = signed directly."
    )
    user: str = Field("", description="User name that the signature is made for.")
    client: str = Field("", description="X-Road-Client of this installation on the national platform.")
    secret_file: Path | None = Field(
        None,
        description="TOML file readable by this user only, with secret and api_key, or lgsp_access_token, "
        "and where wanted auth_key_name and auth_key.",
    )
    ca_file: Path | None = Field(
        None, description="PEM file with the service's certificate authority, beside those of the system."
    )
    officer: str = Field("", description="MaCanBo: number or account of the officer who answers for it.")
    account: str = Field("", description="TaiKhoan of that officer.")
    phone: str = Field("0", description="SoDienThoai of that officer.")
    unit: str = Field("", description="MaDonVi of this office.")
    procedure: str = Field("", description="MaDVC: code of the procedure that questions are asked for.")
    purpose: str = Field(
        "Số hóa sổ hộ tịch: xác nhận nhân thân",
        description="Purpose that stands in the log of every question.",
    )
    timeout_seconds: float = Field(20.0, gt=0, le=120, description="Longest wait for one answer.")
    attempts: int = Field(3, ge=1, le=10, description="Attempts at once, under the same request id.")
    calls_per_second: float = Field(
        2.0, gt=0, description="Most calls a second from this installation, all processes together."
    )
    daily_quota: int = Field(5_000, ge=1, description="Most calls a day from this installation.")
    give_up_after: int = Field(
        48,
        ge=1,
        description="Failed rounds, at most an hour apart, after which a question waits for a person.",
    )

    @field_validator("endpoint", "signed_url", "token_url")
    @classmethod
    def _closed_line(cls, url: str | None) -> str | None:
        if not url:
            return None
        # Every command reads these settings; few installations have the line that the package is for.
        from validators.population.service import checked_address

        try:
            return checked_address(url)
        except ValueError as error:
            raise ValueError("phải bắt đầu bằng https:// (http:// chỉ dùng cho máy này)") from error

    @field_validator("secret_file", "ca_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @field_validator("user", "client")
    @classmethod
    def _fits_a_header(cls, text: str) -> str:
        if not text.isascii() or not text.isprintable():
            raise ValueError("chỉ gồm chữ không dấu, số và dấu thông thường")
        return text

    @model_validator(mode="after")
    def _whole(self) -> PopulationSettings:
        if not self.endpoint:
            return self
        needed = ["secret_file", "officer", "account", "unit", "procedure"]
        needed += [] if self.token_url else ["user", "client"]
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"đã đặt endpoint nhưng thiếu {', '.join(missing)}")
        if self.file_exchange:
            raise ValueError("chỉ chọn một: endpoint hoặc file_exchange")
        return self


class PopulationSecrets(BaseModel):
    """What `PopulationSettings.secret_file` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: SecretStr = SecretStr("")
    api_key: SecretStr = SecretStr("")
    lgsp_access_token: SecretStr = SecretStr("")
    auth_key_name: str = ""
    auth_key: SecretStr = SecretStr("")
