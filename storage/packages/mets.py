"""METS of an archive package: which files there are, with their hashes, and how they belong together.

CSIP profile as annex I of Circular 05/2025/TT-BNV narrows it: ``uuid-`` identifiers everywhere but on files
(``ID-``), SHA-256 in capitals, times with ``+07:00``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from lxml import etree

from storage.errors import PackageError
from storage.packages.archive_xml import CSIP, METS, XLINK, XSI, add, dump, moment, parse, text_of

PROFILE = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"
REPRESENTATION = "Representations/rep1"
_M = f"{{{METS}}}"
_HREF = f"{{{XLINK}}}href"
_NS = {"m": METS}


@dataclass(frozen=True, slots=True)
class Listed:
    """One file that a METS speaks of.

    Attributes:
        path: from the folder of the METS, ``/`` between folders.
        sha256: lower case.
    """

    path: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Mets:
    """All that one ``METS.xml`` says.

    Attributes:
        objid: of the package, or ``rep1``.
        record: archive code of the dossier.
        software: version of what made the package; empty in a representation.
        organization: who hands over.
        descriptive: EAD files.
        preservation: PREMIS files.
        groups: files by use: ``Data``, ``Schemas``, ``Documentation``, `REPRESENTATION`.
        links: path of a document and path of its description.
    """

    objid: str
    label: str
    created: datetime
    fonds: str
    record: str
    software: str
    organization: str
    descriptive: tuple[Listed, ...]
    preservation: tuple[Listed, ...]
    groups: tuple[tuple[str, tuple[Listed, ...]], ...]
    links: tuple[tuple[str, str], ...] = ()

    @property
    def files(self) -> tuple[Listed, ...]:
        """Every file, descriptions first."""
        return (*self.descriptive, *self.preservation, *(f for _, group in self.groups for f in group))


def mets_xml(mets: Mets, *, package: uuid.UUID, schemas: str) -> bytes:
    """Build a ``METS.xml``.

    Args:
        package: identifiers inside are made from it, so that equal packages have equal bytes.
        schemas: path of the package's schema folder as seen from the file.
    """
    writer = _Writer(mets, package)
    return dump(writer.root(schemas))


def read_mets(data: bytes, name: str) -> Mets:
    """What `mets_xml` wrote.

    Raises:
        PackageError: ``XML_UNREADABLE``, ``VALUE_UNREADABLE``, ``REFERENCE_DANGLING``.
    """
    root = parse(data, name)
    try:
        return _read(root)
    except (KeyError, ValueError, AttributeError) as error:
        raise PackageError("VALUE_UNREADABLE", f"{name}: {type(error).__name__} {error}") from error


@dataclass(frozen=True, slots=True)
class _Writer:
    mets: Mets
    package: uuid.UUID

    def root(self, schemas: str) -> etree._Element:
        mets = self.mets
        root = etree.Element(
            f"{_M}mets",
            nsmap={
                None: METS,  # type: ignore[dict-item]
                "csip": CSIP,
                "xlink": XLINK,
                "xsi": XSI,
            },
        )
        for name, value in (
            ("OBJID", mets.objid),
            ("LABEL", mets.label),
            ("TYPE", "Mixed"),
            ("PROFILE", PROFILE),
            (f"{{{CSIP}}}CONTENTINFORMATIONTYPE", "MIXED"),
            (f"{{{XSI}}}schemaLocation", f"{METS} {schemas}/mets.xsd"),
        ):
            root.set(name, value)
        self._header(root)
        for file in mets.descriptive:
            self._reference(add(root, f"{_M}dmdSec", None, self._section(file)), file, "DC", "1.0.0")
        section = add(root, f"{_M}amdSec", None, {"ID": self._id("amdSec")})
        for file in mets.preservation:
            place = add(section, f"{_M}digiprovMD", None, self._section(file))
            self._reference(place, file, "PREMIS", "3.0")
        self._files(add(root, f"{_M}fileSec", None, {"ID": self._id("fileSec")}))
        self._structure(root)
        return root

    def _header(self, root: etree._Element) -> None:
        mets = self.mets
        created = moment(mets.created)
        header = add(
            root,
            f"{_M}metsHdr",
            None,
            {
                "CREATEDATE": created,
                "LASTMODDATE": created,
                "RECORDSTATUS": "NEW",
                f"{{{CSIP}}}OAISPACKAGETYPE": "AIP",
            },
        )
        if mets.software:
            agent = {"ROLE": "CREATOR", "TYPE": "OTHER", "OTHERTYPE": "SOFTWARE"}
            self._agent(header, agent, "Sohoa", ("SOFTWARE VERSION", mets.software))
        self._agent(
            header,
            {"ROLE": "CREATOR", "TYPE": "ORGANIZATION"},
            mets.organization,
            ("IDENTIFICATIONCODE", mets.fonds),
        )
        add(header, f"{_M}altRecordID", mets.record, {"TYPE": "SUBMISSIONAGREEMENT"})

    def _agent(
        self, header: etree._Element, attributes: dict[str, str], name: str, note: tuple[str, str]
    ) -> None:
        agent = add(header, f"{_M}agent", None, attributes)
        add(agent, f"{_M}name", name)
        add(agent, f"{_M}note", note[1], {f"{{{CSIP}}}NOTETYPE": note[0]})

    def _section(self, file: Listed) -> dict[str, str]:
        made = {"ID": self._id(file.path)}
        return made | {"CREATED": moment(self.mets.created), "STATUS": "CURRENT"} if _is_ead(file) else made

    def _reference(self, place: etree._Element, file: Listed, kind: str, version: str) -> None:
        attributes = {
            "LOCTYPE": "URL",
            "MDTYPE": kind,
            "MDTYPEVERSION": version,
            f"{{{XLINK}}}type": "simple",
            _HREF: quote(file.path),
        }
        add(place, f"{_M}mdRef", None, attributes | self._fixity(file))

    def _files(self, section: etree._Element) -> None:
        for use, files in self.mets.groups:
            group = add(section, f"{_M}fileGrp", None, {"USE": use, "ID": self._id(use)})
            for file in files:
                attributes = {"ID": self._file_id(file.path)} | self._fixity(file)
                place = add(group, f"{_M}file", None, attributes)
                location = {"LOCTYPE": "URL", f"{{{XLINK}}}type": "simple", _HREF: quote(file.path)}
                add(place, f"{_M}FLocat", None, location)

    def _structure(self, root: etree._Element) -> None:
        mets = self.mets
        tree = add(
            root,
            f"{_M}structMap",
            None,
            {"ID": self._id("structMap"), "LABEL": "CSIP", "TYPE": "PHYSICAL"},
        )
        top = add(tree, f"{_M}div", None, self._div("top", mets.objid) | {"TYPE": "NORMALIZED"})
        described = {"ADMID": " ".join(self._id(f.path) for f in mets.preservation)}
        if not mets.links:
            described["DMDID"] = " ".join(self._id(f.path) for f in mets.descriptive)
        add(top, f"{_M}div", None, self._div("Metadata") | described)
        for use, files in mets.groups:
            place = add(top, f"{_M}div", None, self._div(use))
            if use == REPRESENTATION:
                pointer = {
                    "LOCTYPE": "URL",
                    f"{{{XLINK}}}type": "simple",
                    _HREF: quote(files[0].path),
                    f"{{{XLINK}}}title": self._id(use),
                }
                add(place, f"{_M}mptr", None, pointer)
                continue
            for file in files:
                add(place, f"{_M}fptr", None, {"FILEID": self._file_id(file.path)})
        if mets.links:
            linked = add(top, f"{_M}div", None, self._div("MetadataLink"))
            for path, description in mets.links:
                attributes = self._div(f"link {path}", "MetadataLink/File") | {"DMDID": self._id(description)}
                place = add(linked, f"{_M}div", None, attributes)
                add(place, f"{_M}fptr", None, {"FILEID": self._file_id(path)})

    def _div(self, key: str, label: str = "") -> dict[str, str]:
        return {"ID": self._id(f"div {key}"), "LABEL": label or key}

    def _fixity(self, file: Listed) -> dict[str, str]:
        return {
            "MIMETYPE": file.media_type,
            "SIZE": str(file.size),
            "CREATED": moment(self.mets.created),
            "CHECKSUM": file.sha256.upper(),
            "CHECKSUMTYPE": "SHA-256",
        }

    def _id(self, key: str) -> str:
        return f"uuid-{self._uuid(key)}"

    def _file_id(self, path: str) -> str:
        return f"ID-{self._uuid(path)}"

    def _uuid(self, key: str) -> str:
        return str(uuid.uuid5(self.package, f"{self.mets.objid} {key}")).upper()


def _is_ead(file: Listed) -> bool:
    return "/descriptive/" in file.path


def _read(root: etree._Element) -> Mets:
    header = root.find("m:metsHdr", _NS)
    assert header is not None
    agents = {a.get("TYPE"): a for a in header.findall("m:agent", _NS)}
    sections = {s.get("ID"): s for s in root.iterfind("m:dmdSec", _NS)}
    files = {f.get("ID"): f for f in root.iterfind(".//m:file", _NS)}
    links = []
    for place in root.iterfind(".//m:div[@LABEL='MetadataLink/File']", _NS):
        pointer = place.find("m:fptr", _NS)
        assert pointer is not None
        links.append((_href(files[pointer.get("FILEID")]), _listed(sections[place.get("DMDID")][0]).path))
    return Mets(
        objid=_of(root, "OBJID"),
        label=_of(root, "LABEL"),
        created=datetime.fromisoformat(_of(header, "CREATEDATE")),
        fonds=text_of(agents["ORGANIZATION"], "m:note", _NS),
        record=text_of(header, "m:altRecordID", _NS),
        software=text_of(agents["OTHER"], "m:note", _NS) if "OTHER" in agents else "",
        organization=text_of(agents["ORGANIZATION"], "m:name", _NS),
        descriptive=tuple(_listed(r) for r in root.iterfind("m:dmdSec/m:mdRef", _NS)),
        preservation=tuple(_listed(r) for r in root.iterfind("m:amdSec/m:digiprovMD/m:mdRef", _NS)),
        groups=tuple(
            (_of(group, "USE"), tuple(_listed(f) for f in group.iterfind("m:file", _NS)))
            for group in root.iterfind("m:fileSec/m:fileGrp", _NS)
        ),
        links=tuple(links),
    )


def _listed(element: etree._Element) -> Listed:
    return Listed(
        _href(element), _of(element, "MIMETYPE"), _of(element, "CHECKSUM").lower(), int(_of(element, "SIZE"))
    )


def _href(element: etree._Element) -> str:
    place = element if element.get(_HREF) is not None else element.find("m:FLocat", _NS)
    assert place is not None
    return unquote(_of(place, _HREF))


def _of(element: etree._Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise ValueError(f"{etree.QName(element).localname} lacks {name}")
    return value


def unresolved(data: bytes, name: str) -> tuple[str, ...]:
    """Identifiers that a METS refers to and that nothing in it bears; schemas do not find these.

    Raises:
        PackageError: ``XML_UNREADABLE``.
    """
    root = parse(data, name)
    borne = {element.get("ID") for element in root.iter()}
    wanted = [
        token
        for element in root.iter()
        for attribute in ("FILEID", "DMDID", "ADMID")
        for token in (element.get(attribute) or "").split()
    ]
    return tuple(dict.fromkeys(token for token in wanted if token not in borne))
