"""XML of archive packages: built with one spelling, read without trust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib import resources
from itertools import islice
from pathlib import Path

from lxml import etree

from storage.errors import PackageError
from storage.packages.archive_model import VIETNAM
from storage.text_layer import clean

METS = "http://www.loc.gov/METS/"
CSIP = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
XLINK = "http://www.w3.org/1999/xlink"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREMIS = "http://www.loc.gov/premis/v3"

SCHEMAS = ("ead.xsd", "ead_doc.xsd", "mets.xsd", "premis.xsd", "csip.xsd", "xlink.xsd")


def add(
    parent: etree._Element, tag: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Append an element; characters that XML cannot carry are left out.

    Args:
        tag: in Clark notation, ``{namespace}name``, as are the names of `attributes`.
    """
    element = etree.SubElement(parent, tag, {k: clean(v) for k, v in (attributes or {}).items()})
    if text:
        element.text = clean(text)
    return element


def dump(root: etree._Element) -> bytes:
    """UTF-8 with a declaration, indented."""
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def parse(data: bytes, name: str) -> etree._Element:
    """Root element; document types, and with them entities, are refused.

    Raises:
        PackageError: ``XML_UNREADABLE``.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PackageError("XML_UNREADABLE", f"{name}: {error}") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise PackageError("XML_UNREADABLE", f"{name} declares a document type")
    return root


def complaints(root: etree._Element, schema: str) -> str:
    """What the product's own schema finds wrong, or ""; a package's schemas are never trusted."""
    checker = _schema(schema)
    if checker.validate(root):
        return ""
    return "; ".join(f"line {e.line}: {e.message}" for e in islice(checker.error_log, 3))  # type: ignore[call-overload]


def schema_bytes(name: str) -> bytes:
    """A schema that goes into every package."""
    return resources.files("storage.packages").joinpath("schemas", name).read_bytes()


def text_of(element: etree._Element, path: str, namespaces: Mapping[str, str] | None = None) -> str:
    """Text at `path`, or ""."""
    return element.findtext(path, default="", namespaces=dict(namespaces or {})) or ""


def moment(at: datetime) -> str:
    """ISO 8601 with ``+07:00``.

    Raises:
        PackageError: ``TIME_WITHOUT_ZONE``.
    """
    if at.tzinfo is None:
        raise PackageError("TIME_WITHOUT_ZONE", "a time in a package carries no time zone")
    return at.astimezone(VIETNAM).isoformat()


@lru_cache(maxsize=len(SCHEMAS))
def _schema(name: str) -> etree.XMLSchema:
    with resources.as_file(resources.files("storage.packages").joinpath("schemas")) as folder:
        return etree.XMLSchema(etree.parse(str(Path(folder) / name)))
