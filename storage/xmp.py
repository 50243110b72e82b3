"""Descriptive metadata of a sealed copy, as XMP and in the document information dictionary."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

from pikepdf import Dictionary, Object, Pdf, String

from storage.errors import SealError
from storage.text_layer import clean

PRODUCER = "Sohoa"

CONFORMANCE_B = b"<pdfaid:conformance>B</pdfaid:conformance>"
CONFORMANCE_U = b"<pdfaid:conformance>U</pdfaid:conformance>"


@dataclass(frozen=True, slots=True)
class SealMetadata:
    """What an archive needs to find the copy again.

    Attributes:
        title: of the document, as in the register of documents.
        identifier: of the record in its archive, unique and lasting.
        creator: name of the office.
        created: aware. The only time in the file: give the same value on a retry to get the same bytes.
        description: one or two sentences, or empty.
        language: BCP 47.
        extra: further archive metadata by official element name (Circular 05/2025/TT-BNV); kept in
            ``seal.json`` inside the copy.
    """

    title: str
    identifier: str
    creator: str
    created: datetime
    description: str = ""
    keywords: tuple[str, ...] = ()
    language: str = "vi-VN"
    extra: Mapping[str, str] = field(default_factory=dict)


def xmp_packet(metadata: SealMetadata) -> bytes:
    """XMP packet that declares PDF/A-3, conformance B.

    Raises:
        SealError: ``TIME_WITHOUT_ZONE``.
    """
    time = _iso(metadata.created)
    keywords = [_text(k) for k in metadata.keywords if k.strip()]
    parts = [
        _alternative("dc:title", metadata.title),
        _alternative("dc:description", metadata.description),
        _list("dc:creator", "rdf:Seq", [_text(metadata.creator)]),
        _list("dc:language", "rdf:Bag", [metadata.language]),
        _list("dc:subject", "rdf:Bag", keywords),
        _simple("dc:identifier", metadata.identifier),
        _simple("dc:format", "application/pdf"),
        _simple("xmp:CreatorTool", PRODUCER),
        _simple("xmp:CreateDate", time),
        _simple("xmp:ModifyDate", time),
        _simple("xmp:MetadataDate", time),
        _simple("pdf:Producer", PRODUCER),
        _simple("pdf:Keywords", ", ".join(metadata.keywords)),
        _simple("pdfaid:part", "3"),
        CONFORMANCE_B.decode("ascii"),
    ]
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n'
        + "\n".join(part for part in parts if part)
        + '\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()


def information_dictionary(pdf: Pdf, metadata: SealMetadata) -> Object:
    """The same statements for readers that know no XMP."""
    time = pdf_date(metadata.created)
    entries = {
        "/Title": metadata.title,
        "/Author": metadata.creator,
        "/Subject": metadata.description,
        "/Keywords": ", ".join(metadata.keywords),
        "/Creator": PRODUCER,
        "/Producer": PRODUCER,
        "/CreationDate": time,
        "/ModDate": time,
    }
    return pdf.make_indirect(Dictionary({k: String(_text(v)) for k, v in entries.items() if _text(v)}))


def pdf_date(moment: datetime) -> str:
    """A PDF date string such as ``D:20261122094500+07'00'``."""
    offset = moment.strftime("%z")
    return f"{moment:D:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"


def _iso(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise SealError("TIME_WITHOUT_ZONE", "the creation time of the copy carries no time zone")
    return moment.isoformat(timespec="seconds")


def _text(value: str) -> str:
    return unicodedata.normalize("NFC", clean(value.replace("\n", " ").replace("\t", " "))).strip()


def _simple(name: str, value: str) -> str:
    text = escape(_text(value))
    return f"<{name}>{text}</{name}>" if text else ""


def _alternative(name: str, value: str) -> str:
    text = escape(_text(value))
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{name}>' if text else ""


def _list(name: str, container: str, values: list[str]) -> str:
    items = "".join(f"<rdf:li>{escape(v)}</rdf:li>" for v in values if v)
    return f"<{name}><{container}>{items}</{container}></{name}>" if items else ""
