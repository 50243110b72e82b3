"""Archive packages (``AIP_hoso``): written from a description and signed PDFs, and read back.

::

    urn_<mã phông>_uuid_<uuid>/
      METS.xml
      metadata/descriptive/EAD.xml
      metadata/preservation/PREMIS.xml
      representations/rep1/METS.xml
      representations/rep1/metadata/descriptive/EAD_doc_<mã tài liệu>.xml
      representations/rep1/metadata/preservation/PREMIS_rep1.xml
      representations/rep1/data/<mã tài liệu>.pdf
      schemas/   documentation/
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from storage.errors import PackageError
from storage.packages.archive_ead import document_xml, dossier_xml, read_document, read_dossier
from storage.packages.archive_files import PackageFiles, PackageSink, new_package, open_package
from storage.packages.archive_model import Agent, ArchivePackage, Document, PreservationEvent
from storage.packages.archive_xml import SCHEMAS, schema_bytes
from storage.packages.mets import REPRESENTATION, Listed, Mets, mets_xml, read_mets
from storage.packages.premis import Premis, PreservedFile, premis_xml, preserved, read_premis

METS_NAME = "METS.xml"
EAD_NAME = "metadata/descriptive/EAD.xml"
PREMIS_NAME = "metadata/preservation/PREMIS.xml"
REP = "representations/rep1/"
REP_PREMIS_NAME = "metadata/preservation/PREMIS_rep1.xml"
GUIDE_NAME = "documentation/huong-dan.txt"
CREATION = "information package creation"

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,91}")
_FONDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")
_GUIDE = """Gói lưu trữ số (AIP_hoso) do phần mềm Sohoa {version} lập.

Mã phông: {fonds}
Hồ sơ: {code} – {title}
Số tài liệu: {documents}

METS.xml liệt kê mọi tệp của gói kèm mã băm SHA-256; metadata/ mô tả hồ sơ (EAD) và quá trình bảo quản
(PREMIS); representations/rep1/data/ chứa các tệp PDF đã ký số, giữ nguyên từng byte như bản lưu khóa.
Thư mục schemas/ là các lược đồ mà tệp XML trong gói tuân theo.
"""


def write_archive(
    package: ArchivePackage, content: Callable[[Document], bytes], target: Path
) -> ArchivePackage:
    """Write a package; nothing stands at `target` unless all of it does.

    Args:
        content: bytes of a document, asked for once each, in order.
        target: folder named `ArchivePackage.folder`, or a file ending in ``.zip``.

    Returns:
        What was written: `package` with its own making as first event.

    Raises:
        PackageError: ``CODE_MALFORMED``, ``CONTENT_DIFFERS``, ``NOTHING_TO_PACK``, ``TARGET_EXISTS``,
            ``FOLDER_NAME_DIFFERS``, ``TIME_WITHOUT_ZONE``, ``DATE_UNREADABLE``.
    """
    if not _CODE.fullmatch(package.dossier.code) or not _FONDS.fullmatch(package.fonds):
        raise PackageError("CODE_MALFORMED", f"{package.fonds!r}, {package.dossier.code!r}")
    if not package.documents:
        raise PackageError("NOTHING_TO_PACK", f"{package.dossier.code} holds no document")
    if target.suffix != ".zip" and target.name != package.folder:
        raise PackageError("FOLDER_NAME_DIFFERS", f"the folder has to be named {package.folder}")
    package = _with_creation(package)
    with new_package(target, package.folder) as sink:
        representation = _write_representation(package, content, sink)
        schemas = tuple(sink.put(f"schemas/{name}", schema_bytes(name)) for name in SCHEMAS)
        guide = _GUIDE.format(
            version=package.software_version,
            fonds=package.fonds,
            code=package.dossier.code,
            title=package.dossier.title,
            documents=len(package.documents),
        )
        own = (e for e in package.events if e.kind == CREATION)
        record = Premis(package.objid, (), tuple(own), _agents(package, creation=True), package.rights)
        mets = Mets(
            package.objid,
            package.dossier.title,
            package.created,
            package.fonds,
            package.dossier.code,
            package.software_version,
            package.organization,
            (sink.put(EAD_NAME, dossier_xml(package.dossier)),),
            (sink.put(PREMIS_NAME, premis_xml(record)),),
            (
                ("Schemas", schemas),
                ("Documentation", (sink.put(GUIDE_NAME, guide.encode()),)),
                (REPRESENTATION, (representation,)),
            ),
        )
        sink.put(METS_NAME, mets_xml(mets, package=package.identifier, schemas="schemas"))
    return package


def read_archive(path: Path) -> ArchivePackage:
    """Read a package back; see `storage.packages.archive_check` for whether it may be believed.

    Raises:
        PackageError: what is there is not a package that `write_archive` wrote.
    """
    with open_package(path) as files:
        return read_package(files)


def read_package(files: PackageFiles) -> ArchivePackage:
    """See `read_archive`."""
    root = read_mets(files.read(METS_NAME), METS_NAME)
    representation = read_mets(files.read(REP + METS_NAME), REP + METS_NAME)
    dossier = read_dossier(files.read(EAD_NAME), EAD_NAME)
    made = read_premis(files.read(PREMIS_NAME), PREMIS_NAME)
    chain = read_premis(files.read(REP + REP_PREMIS_NAME), REP + REP_PREMIS_NAME)
    descriptions = [read_document(files.read(REP + path), path) for _, path in representation.links]
    preserved_files = {f.code: f for f in chain.files}
    documents = []
    for description in descriptions:
        kept = preserved_files.get(description.code)
        if kept is None:
            raise PackageError("REFERENCE_DANGLING", f"PREMIS does not know {description.code}")
        documents.append(_document(description.values, kept))
    try:
        identifier = uuid.UUID(root.objid.rpartition(":")[2])
    except ValueError as error:
        raise PackageError("OBJID_MALFORMED", root.objid) from error
    return ArchivePackage(
        identifier=identifier,
        fonds=root.fonds,
        fonds_name=_fonds_name(made),
        organization=root.organization,
        created=root.created,
        software_version=root.software,
        dossier=dossier,
        documents=tuple(documents),
        events=(*made.events, *chain.events),
        agents=tuple(dict.fromkeys((*made.agents, *chain.agents))),
        rights=made.rights,
    )


def document_bytes(files: PackageFiles, package: ArchivePackage, document: Document) -> bytes:
    """The signed PDF of a document."""
    return files.read(f"{REP}data/{document.code(package.dossier)}.pdf")


def _write_representation(
    package: ArchivePackage, content: Callable[[Document], bytes], sink: PackageSink
) -> Listed:
    data, descriptions, links, kept = [], [], [], []
    for document in package.documents:
        code = document.code(package.dossier)
        pdf = content(document)
        if (hashlib.sha256(pdf).hexdigest(), len(pdf)) != (document.sha256, document.size):
            raise PackageError("CONTENT_DIFFERS", f"{code} is not the file that was described")
        name, description = f"data/{code}.pdf", f"metadata/descriptive/EAD_doc_{code}.xml"
        data.append(_inside(sink.put(REP + name, pdf)))
        descriptions.append(_inside(sink.put(REP + description, document_xml(document, package.dossier))))
        links.append((name, description))
        kept.append(preserved(document, code, f"{code}.pdf"))
    chain = tuple(e for e in package.events if e.kind != CREATION)
    record = Premis("rep1", tuple(kept), chain, _agents(package, creation=False), ())
    mets = Mets(
        "rep1",
        package.dossier.title,
        package.created,
        package.fonds,
        package.dossier.code,
        "",
        package.organization,
        tuple(descriptions),
        (_inside(sink.put(REP + REP_PREMIS_NAME, premis_xml(record))),),
        (("Data", tuple(data)),),
        tuple(links),
    )
    return sink.put(REP + METS_NAME, mets_xml(mets, package=package.identifier, schemas="../../schemas"))


def _inside(file: Listed) -> Listed:
    return replace(file, path=file.path.removeprefix(REP))


def _with_creation(package: ArchivePackage) -> ArchivePackage:
    """The package with its own making told first, by this software and for the holder of the fonds."""
    if any(e.kind == CREATION for e in package.events):
        return package
    software = Agent("sohoa", "software", "Sohoa", package.software_version)
    holder = Agent(f"fonds-{package.fonds}", "organization", package.fonds_name)
    made = PreservationEvent(
        f"package-{package.identifier}",
        CREATION,
        package.created,
        f"{len(package.documents)} documents of {package.dossier.code}",
        "OK",
        "",
        software.identifier,
        "executing program",
        (),
    )
    agents = tuple(dict.fromkeys((software, holder, *package.agents)))
    return replace(package, events=(made, *package.events), agents=agents)


def _agents(package: ArchivePackage, *, creation: bool) -> tuple[Agent, ...]:
    """Agents of the one PREMIS or the other; the fonds stands with the package."""
    acting = {e.agent for e in package.events if (e.kind == CREATION) == creation}
    if creation:
        acting.add(f"fonds-{package.fonds}")
    return tuple(a for a in package.agents if a.identifier in acting)


def _fonds_name(made: Premis) -> str:
    return next((a.name for a in made.agents if a.identifier.startswith("fonds-")), "")


def _document(values: dict[str, str | int], kept: PreservedFile) -> Document:
    return Document(
        records=kept.records,
        sha256=kept.sha256,
        size=kept.size,
        format_version=kept.format_version,
        signatures=kept.signatures,
        signature_level=kept.signature_level,
        signer=kept.signer,
        **values,  # type: ignore[arg-type]
    )
