"""``EAD.xml`` and ``EAD_doc``: the descriptions of a dossier and of each document.

Eighteen and nineteen elements under ``simpledc``, in the order of annex I; readers may not rely on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from storage.errors import PackageError
from storage.packages.archive_model import Document, Dossier
from storage.packages.archive_xml import add, dump, parse, text_of

_DOSSIER = {
    "arcFileCode": "code",
    "title": "title",
    "maintenance": "maintenance",
    "mode": "mode",
    "language": "language",
    "startDate": "start_date",
    "endDate": "end_date",
    "keyword": "keyword",
    "totalDoc": "documents",
    "numberOfPaper": "papers",
    "numberOfPage": "pages",
    "format": "format",
    "inforSign": "information_sign",
    "confidenceLevel": "confidence_level",
    "paperFileCode": "paper_code",
    "riskRecovery": "risk_recovery",
    "riskRecoveryStatus": "risk_recovery_status",
    "description": "description",
}
_DOCUMENT = {
    "mode": "mode",
    "language": "language",
    "keyword": "keyword",
    "numberOfPage": "pages",
    "format": "format",
    "inforSign": "information_sign",
    "confidenceLevel": "confidence_level",
    "description": "description",
    "docOrdinal": "ordinal",
    "typeName": "type_name",
    "codeNumber": "number",
    "codeNotation": "notation",
    "issuedDate": "issued",
    "organName": "organ",
    "subject": "subject",
    "autograph": "autograph",
    "process": "process",
}
_DOCUMENT_ORDER = (
    *("arcFileCode", "mode", "language", "keyword", "numberOfPage", "format", "inforSign"),
    *("confidenceLevel", "description", "docCode", "docOrdinal", "typeName", "codeNumber"),
    *("codeNotation", "issuedDate", "organName", "subject", "autograph", "process"),
)
_DATES = frozenset({"startDate", "endDate", "issuedDate"})
_NUMBERS = frozenset({"totalDoc", "numberOfPaper", "numberOfPage", "docOrdinal"})
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class DocumentDescription:
    """What an ``EAD_doc`` says.

    Attributes:
        values: of `Document` by attribute name.
    """

    dossier_code: str
    code: str
    values: dict[str, str | int]


def dossier_xml(dossier: Dossier) -> bytes:
    """``EAD.xml``."""
    root = etree.Element("simpledc")
    for tag, name in _DOSSIER.items():
        add(root, tag, _written(tag, getattr(dossier, name)))
    return dump(root)


def document_xml(document: Document, dossier: Dossier) -> bytes:
    """``EAD_doc`` of one document."""
    given = {"arcFileCode": dossier.code, "docCode": document.code(dossier)}
    root = etree.Element("simpledc")
    for tag in _DOCUMENT_ORDER:
        add(root, tag, given.get(tag) or _written(tag, getattr(document, _DOCUMENT.get(tag, ""), "")))
    return dump(root)


def read_dossier(data: bytes, name: str) -> Dossier:
    """What `dossier_xml` wrote.

    Raises:
        PackageError: ``XML_UNREADABLE``, ``VALUE_UNREADABLE``.
    """
    root = parse(data, name)
    values = {attribute: _read(tag, text_of(root, tag), name) for tag, attribute in _DOSSIER.items()}
    return Dossier(**values)  # type: ignore[arg-type]


def read_document(data: bytes, name: str) -> DocumentDescription:
    """What `document_xml` wrote.

    Raises:
        PackageError: ``XML_UNREADABLE``, ``VALUE_UNREADABLE``.
    """
    root = parse(data, name)
    values = {attribute: _read(tag, text_of(root, tag), name) for tag, attribute in _DOCUMENT.items()}
    return DocumentDescription(text_of(root, "arcFileCode"), text_of(root, "docCode"), values)


def _written(tag: str, value: str | int) -> str:
    if tag not in _DATES or not value:
        return str(value)
    match = _ISO.fullmatch(str(value))
    if match is None:
        raise PackageError("DATE_UNREADABLE", f"{tag}: {value!r} is no ISO date")
    return "/".join(part for part in reversed(match.groups()) if part)


def _read(tag: str, text: str, name: str) -> str | int:
    if tag in _DATES:
        return "-".join(reversed(text.split("/"))) if text else ""
    if tag not in _NUMBERS:
        return text
    if not text.isascii() or not text.isdigit():
        raise PackageError("VALUE_UNREADABLE", f"{name}: {tag} is {text!r}, not a number")
    return int(text)
