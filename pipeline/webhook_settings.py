"""The settings of messages to other systems."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator


class WebhookSettings(BaseModel):
    """Whom this installation may call when something happens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    allowed_hosts: tuple[str, ...] = Field(
        (), description="Hosts, host:port where it is not 443, that may be called; empty = nobody is."
    )
    ca_file: Path | None = Field(
        None,
        description="PEM file with the receivers' certificate authority, instead of those of the system.",
    )
    timeout_seconds: float = Field(10.0, gt=0, le=30, description="Longest wait for a receiver's answer.")

    @field_validator("allowed_hosts")
    @classmethod
    def _lower(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.lower() for host in hosts)

    @field_validator("ca_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()
