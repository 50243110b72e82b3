"""The settings of who gets in, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

RoleName = Literal["scanner", "keyer", "verifier", "registrar", "supervisor", "auditor", "administrator"]
"""Values of `pipeline.people.models.Role`, which can be imported only once Django has these settings."""


class SingleSignOnSettings(BaseModel):
    """The province's sign-in by OpenID Connect, beside passwords."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str | None = Field(
        None, description="Issuer of the province's OpenID Connect, https://...; empty = passwords only."
    )
    client_id: str = Field("", description="Client id that this desk has there.")
    client_secret_file: Path | None = Field(
        None, description="File with the client secret, readable by this user only."
    )
    ca_file: Path | None = Field(
        None, description="PEM file with the issuer's certificate authority, instead of those of the system."
    )
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="Scopes that are asked for.")
    claim: str = Field(
        "preferred_username",
        description="Claim that is an account's name here; people must not be able to change it themselves.",
    )
    title: str = Field("Đăng nhập một lần của tỉnh", description="What stands on the button.")

    @field_validator("issuer")
    @classmethod
    def _closed_line(cls, url: str | None) -> str | None:
        if url and not is_closed_line(url):
            raise ValueError("phải bắt đầu bằng https:// (http:// chỉ dùng cho máy này)")
        return url or None

    @field_validator("client_secret_file", "ca_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @model_validator(mode="after")
    def _whole(self) -> SingleSignOnSettings:
        if self.issuer and not (self.client_id and self.client_secret_file):
            raise ValueError("đã đặt issuer nhưng thiếu client_id hoặc client_secret_file")
        return self


def is_closed_line(url: str) -> bool:
    """Whether nobody on the way reads what goes to an address: HTTPS, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1"))
