"""XML from outside: no entities, no document types, no network, and never more than it may cost."""

from __future__ import annotations

from lxml import etree

from validators.errors import PopulationServiceError

MAX_BYTES = 1 << 20
"""An answer about one person takes 4 KB."""
MAX_DEPTH = 12
MAX_ELEMENTS = 5_000


def parsed(data: bytes) -> etree._Element:
    """Root element of a UTF-8 document.

    Raises:
        PopulationServiceError: TOO_LARGE, WRONG_ENCODING, UNSAFE_XML (a document type, whatever it would
            declare), MALFORMED_XML, TOO_DEEP.
    """
    if len(data) > MAX_BYTES:
        raise PopulationServiceError("TOO_LARGE", f"more than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PopulationServiceError("WRONG_ENCODING", "not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PopulationServiceError("UNSAFE_XML", "declares a document type or entities")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise PopulationServiceError("MALFORMED_XML", f"line {error.lineno}") from error
    if (root.getroottree().docinfo.encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
        raise PopulationServiceError("WRONG_ENCODING", "declares another encoding than UTF-8")
    _bounded(root)
    return root


def _bounded(root: etree._Element) -> None:
    depth, seen = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        seen += event == "start"
        if depth > MAX_DEPTH or seen > MAX_ELEMENTS:
            raise PopulationServiceError(
                "TOO_DEEP", f"deeper than {MAX_DEPTH} or over {MAX_ELEMENTS} elements"
            )
