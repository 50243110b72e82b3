"""What an archive package says: a dossier, its documents, and how they came to be.

Element names and lengths follow annex I of Circular 05/2025/TT-BNV (``AIP_hoso``) as implementers read it;
digitised dossiers are handed over in that form. Codes: `Dossier.maintenance` 01 permanent; `mode` 01 open,
02 on conditions, 03 secret; `language` 01 Vietnamese; `confidence_level` 01 born digital, 02 digitised,
03 mixed; `risk_recovery_status` 01 backed up, 02 not yet.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Dossier:
    """The file unit: a register book or the dossier of a certificate.

    Attributes:
        code: archive code of the file; letters, digits, ``.``, ``-``, ``_``, since it names files.
        start_date, end_date: ISO, possibly partial, or empty.
        pages: delivered pages of all documents.
        papers: sheets of paper; 0 where nobody counted them.
        paper_code: archive, shelf and number of the paper original; required for digitised files.
    """

    code: str
    title: str
    start_date: str
    end_date: str
    documents: int
    papers: int
    pages: int
    paper_code: str
    maintenance: str = "01"
    mode: str = "02"
    language: str = "01"
    keyword: str = ""
    format: str = ""
    information_sign: str = ""
    confidence_level: str = "02"
    risk_recovery: str = "0"
    risk_recovery_status: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One signed PDF with its description.

    Attributes:
        ordinal: in the dossier, from 1.
        issued: ISO, possibly partial, or empty.
        records: identifiers of what it holds, ``<uuid>:v<version>``, at least one.
        sha256: of the file, lower case.
        format_version: such as ``PDF/A-3u``; empty where the file came signed and was never made here.
        signatures: digital signatures in the file.
        signature_level: such as ``B-LTA``, or ``AS_DELIVERED``.
    """

    ordinal: int
    subject: str
    issued: str
    organ: str
    pages: int
    records: tuple[str, ...]
    sha256: str
    size: int
    format_version: str
    signatures: int
    signature_level: str
    signer: str
    number: str = ""
    notation: str = ""
    type_name: str = "32"
    mode: str = "02"
    language: str = "01"
    keyword: str = ""
    format: str = ""
    information_sign: str = ""
    confidence_level: str = "02"
    description: str = ""
    autograph: str = ""
    process: str = ""

    def code(self, dossier: Dossier) -> str:
        """Archive code of the document: the dossier's with seven digits after it."""
        return f"{dossier.code}.{self.ordinal:07d}"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who or what did something.

    Attributes:
        kind: ``person``, ``software`` or ``organization``.
    """

    identifier: str
    kind: str
    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class PreservationEvent:
    """One act on documents.

    Attributes:
        kind: of the Library of Congress's vocabulary; digitising is ``transfer`` by annex I.
        at: aware.
        detail: what it is called here, with versions and hashes.
        outcome: ``OK``, ``PARTIAL``, ``FAILED``, ``SKIPPED``, or empty for what people did.
        role: of the agent: ``authorizer``, ``implementer`` or ``executing program``.
        records: identifiers of `Document.records` that it is about.
    """

    identifier: str
    kind: str
    at: datetime
    detail: str
    outcome: str
    note: str
    agent: str
    role: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightsStatement:
    """By which statute the documents are kept, and who may use them."""

    citation: str
    act: str
    restriction: str
    note: str


@dataclass(frozen=True, slots=True)
class ArchivePackage:
    """Everything of a package but the bytes of its documents.

    Attributes:
        identifier: of the package; the same content gives the same package only with the same one.
        fonds: code of the fonds (mã phông).
        created: aware, kept in Vietnam's time.
    """

    identifier: uuid.UUID
    fonds: str
    fonds_name: str
    organization: str
    created: datetime
    software_version: str
    dossier: Dossier
    documents: tuple[Document, ...]
    events: tuple[PreservationEvent, ...]
    agents: tuple[Agent, ...]
    rights: tuple[RightsStatement, ...]

    @property
    def objid(self) -> str:
        """``urn:<mã phông>:uuid:<uuid>``."""
        return f"urn:{self.fonds}:uuid:{str(self.identifier).upper()}"

    @property
    def folder(self) -> str:
        """Name of the package's folder."""
        return self.objid.replace(":", "_")
