"""The settings of signatures on sealed copies."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class AllowedSignerSettings(BaseModel):
    """One signer whose token may sign outside; what is left out stays open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field("", description="Common name of the authority that issued the certificate.")
    serial: str = Field("", description="Serial number of the certificate, hexadecimal.")
    subject: str = Field("", description="Common name of the officer or agency.")

    @model_validator(mode="after")
    def _says_something(self) -> AllowedSignerSettings:
        if not (self.issuer or self.serial or self.subject):
            raise ValueError("phải nêu ít nhất một trong issuer, serial, subject")
        return self


class SigningSettings(BaseModel):
    """Where the key lies, how long signatures are to be proved, and whose signatures count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["B-B", "B-T", "B-LT", "B-LTA"] = Field(
        "B-LTA", description="PAdES level of sealed copies; only B-LTA can be proved for decades offline."
    )
    source: Literal["pkcs12", "pkcs11", "csc", "external"] = Field(
        "pkcs12",
        description="Where the key lies: pkcs12 (signing_pkcs12), pkcs11 (a token), csc (a remote service), "
        "external (an officer signs each copy outside and hands it back: sohoa sign).",
    )
    pkcs11_module: Path | None = Field(None, description="PKCS#11 library of the token's maker.")
    pkcs11_token: str = Field("", description="Label of the token.")
    pkcs11_key: str = Field("", description="Label of key and certificate on the token.")
    csc_url: str | None = Field(None, description="Remote signing service: the part before /csc/.")
    csc_version: Literal["v1", "v2"] = Field("v1", description="Version of its interface.")
    csc_credential: str = Field("", description="Id of the credential there.")
    csc_token_file: Path | None = Field(None, description="File with the access token of the account there.")
    pin_file: Path | None = Field(
        None, description="File with the PIN of the token or credential, readable by this user only."
    )
    chain_file: Path | None = Field(
        None, description="PEM file with the certificates above the signer's, where the token lacks them."
    )
    agency_pkcs12: Path | None = Field(
        None, description="PKCS#12 file with the agency's seal, put on after the first signature."
    )
    agency_password_file: Path | None = Field(None, description="File with the password of agency_pkcs12.")
    allowed_signers: tuple[AllowedSignerSettings, ...] = Field(
        (), description="Who may sign outside; empty = every certificate under trust_roots."
    )
    warn_days: int = Field(
        30, ge=0, description="Days before its end from which a signing certificate is a finding."
    )

    @field_validator(
        "pkcs11_module", "csc_token_file", "pin_file", "chain_file", "agency_pkcs12", "agency_password_file"
    )
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().resolve()

    @model_validator(mode="after")
    def _whole(self) -> SigningSettings:
        needed = {
            "pkcs11": ("pkcs11_module", "pkcs11_token", "pkcs11_key", "pin_file"),
            "csc": ("csc_url", "csc_credential", "csc_token_file"),
        }.get(self.source, ())
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"source = {self.source} nhưng thiếu {', '.join(missing)}")
        return self
