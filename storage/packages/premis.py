"""PREMIS 3 of an archive package: its files, the acts on them, who acted, and by what right."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from storage.errors import PackageError
from storage.packages.archive_model import Agent, Document, PreservationEvent, RightsStatement
from storage.packages.archive_xml import PREMIS, XSI, add, dump, moment, parse, text_of

_P = f"{{{PREMIS}}}"
_NS = {"p": PREMIS}
_TYPE = f"{{{XSI}}}type"


@dataclass(frozen=True, slots=True)
class PreservedFile:
    """What PREMIS says about one file; the rest of `Document` stands in its description.

    Attributes:
        code: archive code of the document, unique in the archive.
        name: of the file.
    """

    code: str
    name: str
    records: tuple[str, ...]
    sha256: str
    size: int
    format_version: str
    signatures: int
    signature_level: str
    signer: str


@dataclass(frozen=True, slots=True)
class Premis:
    """All that one PREMIS file says.

    Attributes:
        entity: identifier of the package or representation that the files make up.
    """

    entity: str
    files: tuple[PreservedFile, ...]
    events: tuple[PreservationEvent, ...]
    agents: tuple[Agent, ...]
    rights: tuple[RightsStatement, ...]


def preserved(document: Document, code: str, name: str) -> PreservedFile:
    """The PREMIS side of a document."""
    return PreservedFile(
        code,
        name,
        document.records,
        document.sha256,
        document.size,
        document.format_version,
        document.signatures,
        document.signature_level,
        document.signer,
    )


def premis_xml(premis: Premis) -> bytes:
    """Build a PREMIS file."""
    root = etree.Element(f"{_P}premis", nsmap={"premis": PREMIS, "xsi": XSI})
    root.set("version", "3.0")
    entity = add(root, f"{_P}object", None, {_TYPE: "premis:intellectualEntity"})
    _identify(entity, "object", "urn", premis.entity)
    for file in premis.files:
        _file(root, file)
    for event in premis.events:
        _event(root, event)
    for agent in premis.agents:
        place = add(root, f"{_P}agent")
        _identify(place, "agent", "local", agent.identifier)
        add(place, f"{_P}agentName", agent.name)
        add(place, f"{_P}agentType", agent.kind)
        if agent.version:
            add(place, f"{_P}agentVersion", agent.version)
    if premis.rights:
        place = add(root, f"{_P}rights")
        for number, statement in enumerate(premis.rights, 1):
            _rights(place, statement, number, premis.entity)
    return dump(root)


def read_premis(data: bytes, name: str) -> Premis:
    """What `premis_xml` wrote.

    Raises:
        PackageError: ``XML_UNREADABLE``, ``VALUE_UNREADABLE``.
    """
    root = parse(data, name)
    try:
        entity, *files = root.findall("p:object", _NS)
        return Premis(
            _identity(entity, "object")[1],
            tuple(_read_file(f) for f in files),
            tuple(_read_event(e) for e in root.iterfind("p:event", _NS)),
            tuple(_read_agent(a) for a in root.iterfind("p:agent", _NS)),
            tuple(_read_rights(s) for s in root.iterfind("p:rights/p:rightsStatement", _NS)),
        )
    except (ValueError, KeyError) as error:
        raise PackageError("VALUE_UNREADABLE", f"{name}: {type(error).__name__} {error}") from error


def _identify(place: etree._Element, what: str, kind: str, value: str) -> None:
    identifier = add(place, f"{_P}{what}Identifier")
    add(identifier, f"{_P}{what}IdentifierType", kind)
    add(identifier, f"{_P}{what}IdentifierValue", value)


def _identity(place: etree._Element, what: str) -> tuple[str, str]:
    path = f"p:{what}Identifier/p:{what}Identifier"
    return text_of(place, f"{path}Type", _NS), text_of(place, f"{path}Value", _NS)


def _link(place: etree._Element, what: str, kind: str, value: str, role: str) -> None:
    linking = add(place, f"{_P}linking{what}Identifier")
    add(linking, f"{_P}linking{what}IdentifierType", kind)
    add(linking, f"{_P}linking{what}IdentifierValue", value)
    add(linking, f"{_P}linking{what}Role", role)


def _file(root: etree._Element, file: PreservedFile) -> None:
    place = add(root, f"{_P}object", None, {_TYPE: "premis:file"})
    _identify(place, "object", "Doc", file.code)
    for record in file.records:
        _identify(place, "object", "record", record)
    properties = {
        "signatures": str(file.signatures),
        "signatureLevel": file.signature_level,
        "signer": file.signer,
    }
    for name, value in properties.items():
        listed = add(place, f"{_P}significantProperties")
        add(listed, f"{_P}significantPropertiesType", name)
        add(listed, f"{_P}significantPropertiesValue", value)
    characteristics = add(place, f"{_P}objectCharacteristics")
    add(characteristics, f"{_P}compositionLevel", "0")
    fixity = add(characteristics, f"{_P}fixity")
    add(fixity, f"{_P}messageDigestAlgorithm", "SHA-256")
    add(fixity, f"{_P}messageDigest", file.sha256)
    add(characteristics, f"{_P}size", str(file.size))
    designation = add(add(characteristics, f"{_P}format"), f"{_P}formatDesignation")
    add(designation, f"{_P}formatName", "application/pdf")
    if file.format_version:
        add(designation, f"{_P}formatVersion", file.format_version)
    add(place, f"{_P}originalName", file.name)


def _read_file(place: etree._Element) -> PreservedFile:
    identifiers = [
        (
            text_of(i, "p:objectIdentifierType", _NS),
            text_of(i, "p:objectIdentifierValue", _NS),
        )
        for i in place.iterfind("p:objectIdentifier", _NS)
    ]
    properties = {
        text_of(p, "p:significantPropertiesType", _NS): text_of(p, "p:significantPropertiesValue", _NS)
        for p in place.iterfind("p:significantProperties", _NS)
    }
    found = "p:objectCharacteristics/p:"
    return PreservedFile(
        code=next(value for kind, value in identifiers if kind == "Doc"),
        name=text_of(place, "p:originalName", _NS),
        records=tuple(value for kind, value in identifiers if kind == "record"),
        sha256=text_of(place, f"{found}fixity/p:messageDigest", _NS).lower(),
        size=int(text_of(place, f"{found}size", _NS)),
        format_version=text_of(place, f"{found}format/p:formatDesignation/p:formatVersion", _NS),
        signatures=int(properties["signatures"]),
        signature_level=properties["signatureLevel"],
        signer=properties["signer"],
    )


def _event(root: etree._Element, event: PreservationEvent) -> None:
    place = add(root, f"{_P}event")
    _identify(place, "event", "local", event.identifier)
    add(place, f"{_P}eventType", event.kind)
    add(place, f"{_P}eventDateTime", moment(event.at))
    add(add(place, f"{_P}eventDetailInformation"), f"{_P}eventDetail", event.detail)
    if event.outcome:
        result = add(place, f"{_P}eventOutcomeInformation")
        add(result, f"{_P}eventOutcome", event.outcome)
        if event.note:
            add(add(result, f"{_P}eventOutcomeDetail"), f"{_P}eventOutcomeDetailNote", event.note)
    _link(place, "Agent", "local", event.agent, event.role)
    for record in event.records:
        _link(place, "Object", "record", record, "outcome")


def _read_event(place: etree._Element) -> PreservationEvent:
    agent = "p:linkingAgentIdentifier/p:linkingAgent"
    outcome = "p:eventOutcomeInformation/p:eventOutcome"
    return PreservationEvent(
        identifier=_identity(place, "event")[1],
        kind=text_of(place, "p:eventType", _NS),
        at=datetime.fromisoformat(text_of(place, "p:eventDateTime", _NS)),
        detail=text_of(place, "p:eventDetailInformation/p:eventDetail", _NS),
        outcome=text_of(place, outcome, _NS),
        note=text_of(place, f"{outcome}Detail/p:eventOutcomeDetailNote", _NS),
        agent=text_of(place, f"{agent}IdentifierValue", _NS),
        role=text_of(place, f"{agent}Role", _NS),
        records=tuple(
            text_of(o, "p:linkingObjectIdentifierValue", _NS)
            for o in place.iterfind("p:linkingObjectIdentifier", _NS)
        ),
    )


def _read_agent(place: etree._Element) -> Agent:
    return Agent(
        _identity(place, "agent")[1],
        text_of(place, "p:agentType", _NS),
        text_of(place, "p:agentName", _NS),
        text_of(place, "p:agentVersion", _NS),
    )


def _rights(place: etree._Element, statement: RightsStatement, number: int, entity: str) -> None:
    granted = add(place, f"{_P}rightsStatement")
    _identify(granted, "rightsStatement", "local", f"rights-{number}")
    add(granted, f"{_P}rightsBasis", "statute")
    statute = add(granted, f"{_P}statuteInformation")
    add(statute, f"{_P}statuteJurisdiction", "vn")
    add(statute, f"{_P}statuteCitation", statement.citation)
    grant = add(granted, f"{_P}rightsGranted")
    add(grant, f"{_P}act", statement.act)
    add(grant, f"{_P}restriction", statement.restriction)
    add(grant, f"{_P}rightsGrantedNote", statement.note)
    linking = add(granted, f"{_P}linkingObjectIdentifier")
    add(linking, f"{_P}linkingObjectIdentifierType", "urn")
    add(linking, f"{_P}linkingObjectIdentifierValue", entity)


def _read_rights(place: etree._Element) -> RightsStatement:
    return RightsStatement(
        text_of(place, "p:statuteInformation/p:statuteCitation", _NS),
        text_of(place, "p:rightsGranted/p:act", _NS),
        text_of(place, "p:rightsGranted/p:restriction", _NS),
        text_of(place, "p:rightsGranted/p:rightsGrantedNote", _NS),
    )


def dangling(premis: Premis, known: Container[str]) -> tuple[str, ...]:
    """References of events that lead nowhere: agents that are not described, records not in `known`."""
    agents = {a.identifier for a in premis.agents}
    lost = [f"agent {e.agent}" for e in premis.events if e.agent not in agents]
    lost += [f"record {r}" for e in premis.events for r in e.records if r not in known]
    return tuple(dict.fromkeys(lost))
