"""Examines an archive package from outside, with the product's own schemas and nothing remembered."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from storage.checks import Check, failed, passed
from storage.errors import PackageError
from storage.packages.archive import (
    EAD_NAME,
    METS_NAME,
    PREMIS_NAME,
    REP,
    REP_PREMIS_NAME,
    document_bytes,
    read_package,
)
from storage.packages.archive_files import PackageFiles, open_package
from storage.packages.archive_model import ArchivePackage, Document
from storage.packages.archive_xml import complaints, parse
from storage.packages.mets import REPRESENTATION, Mets, read_mets, unresolved
from storage.packages.premis import dangling, read_premis


def check_archive(path: Path) -> tuple[Check, ...]:
    """Every proof about a package; see `storage.checks.overall`.

    Subjects: ``package``, ``schema``, ``files``, ``structure``, ``description``, ``preservation``, ``pdf``.
    """
    try:
        with open_package(path) as files:
            return tuple(_checks(files))
    except PackageError as error:
        return (failed("package", error.code, error=error.message),)


def count_signatures(pdf: bytes) -> int:
    """Digital signatures of a PDF, document timestamps not counted; 0 for what is not a PDF."""
    try:
        return len(PdfFileReader(io.BytesIO(pdf), strict=False).embedded_regular_signatures)
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 0


def _checks(files: PackageFiles) -> Iterator[Check]:
    for name in files.odd:
        yield failed("package", "UNSAFE_NAME", name=name)
    missing = [n for n in (METS_NAME, EAD_NAME, PREMIS_NAME, REP + METS_NAME) if n not in files.names()]
    if missing:
        for name in missing:
            yield failed("files", "FILE_MISSING", name=name)
        return
    invalid = tuple(_schema_checks(files))
    yield from invalid
    if any(check.code != "OK" for check in invalid):
        return
    lost = [
        failed("structure", "REFERENCE_DANGLING", name=name, reference=reference)
        for name in (METS_NAME, REP + METS_NAME)
        for reference in unresolved(files.read(name), name)
    ]
    if lost:
        yield from lost
        return
    root = read_mets(files.read(METS_NAME), METS_NAME)
    representation = read_mets(files.read(REP + METS_NAME), REP + METS_NAME)
    yield from _file_checks(files, root, representation)
    yield from _structure_checks(files, root, representation)
    try:
        package = read_package(files)
    except PackageError as error:
        yield failed("structure", error.code, error=error.message)
        return
    yield from _description_checks(package, representation)
    yield from _preservation_checks(files, package)
    yield from _pdf_checks(files, package)


def _schema_checks(files: PackageFiles) -> Iterator[Check]:
    for name in files.names():
        schema = _schema_of(name)
        if schema is None:
            continue
        try:
            wrong = complaints(parse(files.read(name), name), schema)
        except PackageError as error:
            yield failed("schema", error.code, name=name, error=error.message)
            continue
        yield (
            failed("schema", "SCHEMA_NOT_MET", name=name, error=wrong)
            if wrong
            else passed("schema", name=name)
        )


def _schema_of(name: str) -> str | None:
    last = name.rpartition("/")[2]
    if last == "METS.xml":
        return "mets.xsd"
    if last.startswith("PREMIS"):
        return "premis.xsd"
    if last.startswith("EAD_doc_"):
        return "ead_doc.xsd"
    return "ead.xsd" if last == "EAD.xml" else None


def _file_checks(files: PackageFiles, root: Mets, representation: Mets) -> Iterator[Check]:
    told = [(f.path, f) for f in root.files] + [(REP + f.path, f) for f in representation.files]
    standing = set(files.names())
    for name, number in Counter(path for path, _ in told).items():
        if number > 1:
            yield failed("files", "LISTED_TWICE", name=name)
    for path, file in told:
        if path not in standing:
            yield failed("files", "FILE_MISSING", name=path)
            continue
        try:
            data = files.read(path)
        except PackageError as error:
            yield failed("files", error.code, name=path, error=error.message)
            continue
        if hashlib.sha256(data).hexdigest() != file.sha256:
            yield failed("files", "FILE_CHANGED", name=path)
        elif len(data) != file.size:
            yield failed("files", "SIZE_DIFFERS", name=path)
    for name in sorted(standing - {path for path, _ in told} - {METS_NAME}):
        yield failed("files", "FILE_NOT_LISTED", name=name)
    yield passed("files", "COUNTED", files=str(len(told)))


def _structure_checks(files: PackageFiles, root: Mets, representation: Mets) -> Iterator[Check]:
    if files.folder != root.objid.replace(":", "_"):
        yield failed("structure", "FOLDER_NAME_DIFFERS", folder=files.folder, objid=root.objid)
    if not root.objid.startswith(f"urn:{root.fonds}:uuid:"):
        yield failed("structure", "FONDS_DIFFERS", objid=root.objid, fonds=root.fonds)
    groups = dict(root.groups)
    pointed = [f.path for f in groups.get(REPRESENTATION, ())]
    if pointed != [REP + METS_NAME]:
        yield failed("structure", "REPRESENTATION_NOT_POINTED_AT", found=", ".join(pointed))
    if "Schemas" not in groups:
        yield failed("structure", "SCHEMAS_NOT_LISTED")
    if representation.objid != "rep1" or representation.record != root.record:
        yield failed("structure", "REPRESENTATION_DIFFERS", objid=representation.objid)
    data = {f.path for f in dict(representation.groups).get("Data", ())}
    linked = [path for path, _ in representation.links]
    for path in sorted(data - set(linked)):
        yield failed("structure", "DOCUMENT_NOT_DESCRIBED", name=path)
    for path in sorted(set(linked) - data):
        yield failed("structure", "REFERENCE_DANGLING", name=path)
    for path, number in Counter(linked).items():
        if number > 1:
            yield failed("structure", "DESCRIBED_TWICE", name=path)
    unused = {f.path for f in representation.descriptive} - {d for _, d in representation.links}
    for path in sorted(unused):
        yield failed("structure", "DESCRIPTION_OF_NOTHING", name=path)
    yield passed("structure", "COUNTED", documents=str(len(data)))


def _description_checks(package: ArchivePackage, representation: Mets) -> Iterator[Check]:
    dossier = package.dossier
    if dossier.code != representation.record:
        yield failed("description", "DOSSIER_CODE_DIFFERS", ead=dossier.code, mets=representation.record)
    if dossier.documents != len(package.documents):
        yield failed(
            "description",
            "COUNT_DIFFERS",
            told=str(dossier.documents),
            found=str(len(package.documents)),
        )
    if dossier.pages != sum(d.pages for d in package.documents):
        yield failed("description", "PAGES_DIFFER", told=str(dossier.pages))
    if dossier.confidence_level != "01" and not dossier.paper_code:
        yield failed("description", "PAPER_CODE_MISSING")
    if dossier.risk_recovery == "1" and not dossier.risk_recovery_status:
        yield failed("description", "RISK_RECOVERY_STATUS_MISSING")
    for (path, _), document in zip(representation.links, package.documents, strict=True):
        if path != f"data/{document.code(dossier)}.pdf":
            yield failed("description", "DOCUMENT_CODE_DIFFERS", name=path, expected=document.code(dossier))


def _preservation_checks(files: PackageFiles, package: ArchivePackage) -> Iterator[Check]:
    for name in (PREMIS_NAME, REP + REP_PREMIS_NAME):
        premis = read_premis(files.read(name), name)
        records = {r for f in premis.files for r in f.records}
        for reference in dangling(premis, records):
            yield failed("preservation", "REFERENCE_DANGLING", name=name, reference=reference)
    told = [r for d in package.documents for r in d.records]
    if len(set(told)) != len(told):
        yield failed("preservation", "RECORD_TWICE")
    silent = sorted(set(told) - {r for e in package.events for r in e.records})
    for record in silent:
        yield failed("preservation", "NO_EVENTS", record=record)


def _pdf_checks(files: PackageFiles, package: ArchivePackage) -> Iterator[Check]:
    for document in package.documents:
        try:
            pdf = document_bytes(files, package, document)
        except PackageError as error:
            yield failed("pdf", error.code, name=document.code(package.dossier))
            continue
        yield _pdf_check(pdf, document, document.code(package.dossier))


def _pdf_check(pdf: bytes, document: Document, code: str) -> Check:
    if (hashlib.sha256(pdf).hexdigest(), len(pdf)) != (document.sha256, document.size):
        return failed("pdf", "PREMIS_DIGEST_DIFFERS", name=code)
    found = count_signatures(pdf)
    if found == 0:
        return failed("pdf", "NOT_SIGNED", name=code)
    if found != document.signatures:
        return failed("pdf", "SIGNATURES_DIFFER", name=code, told=str(document.signatures), found=str(found))
    return passed("pdf", name=code, signatures=str(found))
