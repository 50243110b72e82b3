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

ARCHIVE_NAMESPACE = "urn:sohoa:archive:1#"
ARCHIVE_PREFIX = "luutru"

ARCHIVE_ELEMENTS = {
    "arcFileCode": "Mã hồ sơ",
    "docCode": "Mã tài liệu",
    "docDate": "Ngày, tháng, năm của tài liệu",
    "maintenance": "Thời hạn lưu trữ",
    "mode": "Mức độ tiếp cận",
    "language": "Ngôn ngữ",
    "startDate": "Thời gian bắt đầu",
    "endDate": "Thời gian kết thúc",
    "totalDoc": "Tổng số tài liệu trong hồ sơ",
    "numberOfPaper": "Số lượng tờ",
    "numberOfPage": "Số lượng trang",
    "format": "Tình trạng vật lý",
    "inforSign": "Ký hiệu thông tin",
    "confidenceLevel": "Mức độ tin cậy",
    "paperFileCode": "Mã hồ sơ gốc giấy",
    "riskRecovery": "Chế độ dự phòng",
    "riskRecoveryStatus": "Tình trạng dự phòng",
}
"""Elements of files and documents in Circular 05/2025/TT-BNV that XMP's own schemas have no place for, under
the names that archive packages use; title, keywords and description stand in Dublin Core."""


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
        extra: further metadata by element name; kept in ``seal.json`` inside the copy, and in XMP where the
            name stands in `ARCHIVE_ELEMENTS`.
    """

    title: str
    identifier: str
    creator: str
    created: datetime
    description: str = ""
    keywords: tuple[str, ...] = ()
    language: str = "vi"
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class XmpPacket:
    """One packet as pikepdf's validator knows it and as it stands in the file, of equal length.

    pikepdf validates level B and knows no extension schema. Level U asks beyond B only that every character
    has a Unicode value, which the fonts give by construction; the archive elements take the place of blanks.
    """

    checked: bytes
    declared: bytes


def xmp_packet(metadata: SealMetadata, part: int) -> XmpPacket:
    """XMP packet for PDF/A of one part, level U.

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
        _simple("pdfaid:part", str(part)),
    ]
    archive = _archive_elements(metadata)
    return XmpPacket(
        _packet(parts, "B", " " * len(archive.encode())).encode(), _packet(parts, "U", archive).encode()
    )


def _packet(parts: list[str], conformance: str, rest: str) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n'
        + "\n".join(part for part in parts if part)
        + f"\n{_simple('pdfaid:conformance', conformance)}\n</rdf:Description>\n{rest}"
        + '</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )


def _archive_elements(metadata: SealMetadata) -> str:
    """Archive elements and the extension schema that ISO 19005-3, 6.6.2.3 asks for beside them."""
    given = {k: v for k, v in sorted(metadata.extra.items()) if k in ARCHIVE_ELEMENTS and _text(v)}
    if not given:
        return ""
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        + _simple("pdfaProperty:name", key)
        + _simple("pdfaProperty:valueType", "Text")
        + _simple("pdfaProperty:category", "external")
        + _simple("pdfaProperty:description", ARCHIVE_ELEMENTS[key])
        + "</rdf:li>"
        for key in given
    )
    return (
        '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
        ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"'
        f' xmlns:{ARCHIVE_PREFIX}="{ARCHIVE_NAMESPACE}">\n'
        + "\n".join(_simple(f"{ARCHIVE_PREFIX}:{key}", value) for key, value in given.items())
        + '\n<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
        + _simple("pdfaSchema:schema", "Siêu dữ liệu lưu trữ theo Thông tư 05/2025/TT-BNV")
        + _simple("pdfaSchema:namespaceURI", ARCHIVE_NAMESPACE)
        + _simple("pdfaSchema:prefix", ARCHIVE_PREFIX)
        + f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>"
        + "</rdf:li></rdf:Bag></pdfaExtension:schemas>\n</rdf:Description>\n"
    )


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
