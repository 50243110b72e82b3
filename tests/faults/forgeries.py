"""Ways to change a sealed copy, each as a function of the material that a forger would hold."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from storage.seal_manifest import MANIFEST_NAME, RECORD_NAME, SCHEMA_NAME
from storage.signing.keys import SigningKey
from storage.signing.pades import sign_pades
from tests.faults.restated import TITLE, drop_metadata, metadata_elsewhere, replace_metadata, retitle

WHY = {"tsa": None, "reason": "Số hóa", "location": "", "name": "Cán bộ"}


@dataclass(frozen=True)
class Desk:
    """What lies on the forger's desk.

    Attributes:
        unsigned: the file before it was signed.
        copy: the sealed copy, B-LTA.
        other: a sealed copy of another record, as good as `copy`.
        stranger: a key whose certificate no trusted root issued.
        restamp: adds an archive timestamp of the trusted authority, which anybody can get.
    """

    unsigned: bytes
    copy: bytes
    other: bytes
    stranger: SigningKey
    restamp: Callable[[bytes], bytes]


Forgery = Callable[[Desk], bytes]


def flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def in_stream(pick: Callable[[pikepdf.Pdf], Any]) -> Forgery:
    """One bit in the middle of a stream as it stands in the file."""

    def forge(desk: Desk) -> bytes:
        with pikepdf.open(io.BytesIO(desk.copy)) as document:
            raw = pick(document).read_raw_bytes()
        return flipped(desk.copy, desk.copy.index(raw) + len(raw) // 2)

    return forge


def attached(name: str) -> Callable[[pikepdf.Pdf], Any]:
    return lambda document: document.attachments[name].get_file().obj


def in_hex(pick: Callable[[PdfFileReader], bytes]) -> Forgery:
    """One digit in the middle of a part of a signature."""

    def forge(desk: Desk) -> bytes:
        digits = pick(PdfFileReader(io.BytesIO(desk.copy))).hex().encode()
        at = desk.copy.lower().index(digits) + len(digits) // 2
        digit = b"1" if desk.copy[at : at + 1] == b"0" else b"0"
        return desk.copy[:at] + digit + desk.copy[at + 1 :]

    return forge


def signature_value(reader: PdfFileReader) -> bytes:
    value: bytes = reader.embedded_regular_signatures[0].signer_info["signature"].native
    return value


def certificate_bag(reader: PdfFileReader) -> bytes:
    bag: bytes = reader.embedded_regular_signatures[0].signed_data["certificates"].dump()
    return bag


def timestamp_token(reader: PdfFileReader) -> bytes:
    (attribute,) = [
        a
        for a in reader.embedded_regular_signatures[0].signer_info["unsigned_attrs"]
        if a["type"].native == "signature_time_stamp_token"
    ]
    token: bytes = attribute["values"][0]["content"]["signer_infos"][0]["signature"].native
    return token


def archive_value(reader: PdfFileReader) -> bytes:
    value: bytes = reader.embedded_timestamp_signatures[0].signer_info["signature"].native
    return value


class ForgersWriter(IncrementalPdfFileWriter):
    """Leaves the metadata and their dates as the forger wants them."""

    def _update_meta(self) -> None:
        pass


def update(change: Callable[[IncrementalPdfFileWriter], None]) -> Forgery:
    """Appended as a further revision: the signed bytes stay as they are."""

    def forge(desk: Desk) -> bytes:
        writer = ForgersWriter(io.BytesIO(desk.copy))
        change(writer)
        writer.write(output := io.BytesIO())
        return output.getvalue()

    return forge


def rewrite(change: Callable[[pikepdf.Pdf], None], **how: Any) -> Forgery:
    def forge(desk: Desk) -> bytes:
        with pikepdf.open(io.BytesIO(desk.copy)) as document:
            change(document)
            document.save(output := io.BytesIO(), **how)
        return output.getvalue()

    return forge


def first_page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def turn(writer: IncrementalPdfFileWriter) -> None:
    page = first_page(writer)
    page["/Rotate"] = generic.NumberObject(90)
    writer.update_container(page)


def paint(content: bytes) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        drawn = writer.add_object(generic.StreamObject(stream_data=content))
        before = page.raw_get("/Contents")
        before = list(before) if isinstance(before, generic.ArrayObject) else [before]
        page["/Contents"] = generic.ArrayObject([*before, drawn])
        writer.update_container(page)

    return change


def add_page(after: int | None) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        contents = writer.add_object(generic.StreamObject(stream_data=b""))
        writer.insert_page(PageObject(contents=contents, media_box=(0, 0, 100, 100)), after=after)

    return change


def drop_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject(list(pages["/Kids"])[:-1])
    pages["/Count"] = generic.NumberObject(len(pages["/Kids"]))
    writer.update_container(pages)


def dictionary(**entries: Any) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def annotate(writer: IncrementalPdfFileWriter) -> None:
    note = dictionary(
        Type=pdf_name("/Annot"),
        Subtype=pdf_name("/FreeText"),
        Rect=generic.ArrayObject([generic.NumberObject(n) for n in (10, 10, 200, 60)]),
        Contents=generic.pdf_string("Đã sửa"),
        DA=generic.pdf_string("/Helv 12 Tf"),
    )
    page = first_page(writer)
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(note)])
    writer.update_container(page)


def add_field(writer: IncrementalPdfFileWriter) -> None:
    field = dictionary(FT=pdf_name("/Tx"), T=generic.pdf_string("Them"), V=generic.pdf_string("Sai"))
    form = writer.root["/AcroForm"]
    form["/Fields"] = generic.ArrayObject([*form["/Fields"], writer.add_object(field)])
    writer.update_container(form)


def open_action(writer: IncrementalPdfFileWriter) -> None:
    action = dictionary(S=pdf_name("/JavaScript"), JS=generic.pdf_string("app.alert('x')"))
    writer.root["/OpenAction"] = writer.add_object(action)
    writer.update_root()


def drop_intent(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/OutputIntents"]
    writer.update_root()


def replace_font(writer: IncrementalPdfFileWriter) -> None:
    fonts = first_page(writer)["/Resources"]["/Font"]
    font = dictionary(Type=pdf_name("/Font"), Subtype=pdf_name("/Type1"), BaseFont=pdf_name("/Courier"))
    fonts["/Text"] = writer.add_object(font)
    writer.update_container(fonts)


def _names(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Names"]["/EmbeddedFiles"]["/Names"]


def _attach(writer: IncrementalPdfFileWriter, name: str, content: bytes) -> None:
    names = _names(writer)
    (at,) = [i for i in range(0, len(names), 2) if str(names[i]) == name]
    files = names[at + 1]["/EF"]
    for kind in list(files):
        files[kind] = writer.add_object(generic.StreamObject(stream_data=content))
    writer.update_container(files)


def replace_record(writer: IncrementalPdfFileWriter) -> None:
    _attach(writer, RECORD_NAME, b'{"nksHoTen": "Sai"}')


def drop_attachment(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Names"]
    del writer.root["/AF"]
    writer.update_root()


def add_attachment(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"{}"))
    spec = dictionary(Type=pdf_name("/Filespec"), F=generic.pdf_string("z.json"), EF=dictionary(F=stream))
    names = _names(writer)
    names.extend([generic.pdf_string("z.json"), writer.add_object(spec)])
    writer.update_container(names)


def mark_as_tagged(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/MarkInfo"] = dictionary(Marked=generic.BooleanObject(True))
    writer.update_root()


def add_signature_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Them"))


def sign_in_another_way(writer: IncrementalPdfFileWriter) -> None:
    """As programs did twenty years ago, which no validator reads any more."""
    append_signature_field(writer, SigFieldSpec("Them"))
    kind = dictionary(Type=pdf_name("/Sig"), SubFilter=pdf_name("/adbe.x509.rsa_sha1"))
    writer.root["/AcroForm"]["/Fields"][-1]["/V"] = writer.add_object(kind)


def restamped(forge: Forgery) -> Forgery:
    """Covered afterwards by a further archive timestamp, so that only what came before it is wrong."""
    return lambda desk: desk.restamp(forge(desk))


def swap_record(desk: Desk) -> bytes:
    """Record and manifest of another copy, which agree with each other."""
    with pikepdf.open(io.BytesIO(desk.other)) as other:
        parts = {n: attached(n)(other).read_bytes() for n in (RECORD_NAME, MANIFEST_NAME)}

    def change(writer: IncrementalPdfFileWriter) -> None:
        for name, content in parts.items():
            _attach(writer, name, content)

    return update(change)(desk)


def strip_signature(document: pikepdf.Pdf) -> None:
    del document.Root.AcroForm
    for page in document.pages:
        if "/Annots" in page.obj:
            del page.obj.Annots


def hole(pdf: bytes) -> tuple[int, int]:
    """Where the digits of the first signature begin and end, unused room included."""
    start = pdf.index(b"/Contents <") + 11
    return start, pdf.index(b">", start)


def cut_back_to_the_signature(desk: Desk) -> bytes:
    """A good B-T copy: nothing in the file tells that more followed."""
    (signature,) = PdfFileReader(io.BytesIO(desk.copy)).embedded_regular_signatures
    _, _, start, length = (int(n) for n in signature.byte_range)
    return desk.copy[: start + length]


def paste_signature(desk: Desk) -> bytes:
    (start, end), (first, last) = hole(desk.copy), hole(desk.other)
    digits = desk.other[first:last].rstrip(b"0").ljust(end - start, b"0")
    return desk.copy[:start] + digits[: end - start] + desk.copy[end:]


def fill_hole(desk: Desk) -> bytes:
    _, end = hole(desk.copy)
    return desk.copy[: end - 8] + b"deadbeef" + desk.copy[end:]


def change_byte_range(desk: Desk) -> bytes:
    start = desk.copy.index(b"/ByteRange")
    end = desk.copy.index(b"]", start) + 1
    numbers = [int(n) for n in desk.copy[start:end].split(b"[")[1].rstrip(b"]").split()]
    numbers[3] -= 40
    shorter = b"/ByteRange [" + b" ".join(b"%d" % n for n in numbers) + b"]"
    return desk.copy[:start] + shorter.ljust(end - start) + desk.copy[end:]


def sign_by_stranger(document: bytes, desk: Desk, field: str) -> bytes:
    return sign_pades(document, desk.stranger, field_name=field, **WHY)


FORGERIES: dict[str, Forgery] = {
    "byte of the image": in_stream(lambda d: d.pages[0].obj.Resources.XObject.Scan),
    "byte of the text layer": in_stream(lambda d: d.pages[0].obj.Contents),
    "byte of the record": in_stream(attached(RECORD_NAME)),
    "byte of the schema": in_stream(attached(SCHEMA_NAME)),
    "byte of the manifest": in_stream(attached(MANIFEST_NAME)),
    "byte of the XMP": in_stream(lambda d: d.Root.Metadata),
    "byte of the signature": in_hex(signature_value),
    "byte of the certificates": in_hex(certificate_bag),
    "byte of the timestamp": in_hex(timestamp_token),
    "byte of the archive timestamp": in_hex(archive_value),
    "byte of the validation data": in_stream(lambda d: d.Root.DSS.Certs[0]),
    "page turned": update(turn),
    "content painted over": update(paint(b"1 g 0 0 200 200 re f")),
    "mark painted over": update(paint(b"1 g 0 700 600 200 re f")),
    "page added": update(add_page(None)),
    "page inserted as second": update(add_page(0)),
    "page removed": update(drop_page),
    "annotation": update(annotate),
    "form field": update(add_field),
    "script at opening": update(open_action),
    "output intent removed": update(drop_intent),
    "font replaced": update(replace_font),
    "record replaced": update(replace_record),
    "attachments removed": update(drop_attachment),
    "attachment added": update(add_attachment),
    "another record's parts": swap_record,
    "metadata replaced": update(replace_metadata(TITLE, b"Sai")),
    "metadata replaced under another number": update(metadata_elsewhere),
    "metadata removed": update(drop_metadata),
    "archive metadata replaced": update(replace_metadata(b"TL-51", b"TL-52")),
    "retitled": update(retitle),
    "marked as tagged": update(mark_as_tagged),
    "empty signature field": update(add_signature_field),
    "signature of an unknown kind": update(sign_in_another_way),
    "page turned, restamped": restamped(update(turn)),
    "metadata replaced, restamped": restamped(update(replace_metadata(TITLE, b"Sai"))),
    "metadata replaced under another number, restamped": restamped(update(metadata_elsewhere)),
    "metadata removed, restamped": restamped(update(drop_metadata)),
    "archive metadata replaced, restamped": restamped(update(replace_metadata(b"TL-51", b"TL-52"))),
    "retitled, restamped": restamped(update(retitle)),
    "marked as tagged, restamped": restamped(update(mark_as_tagged)),
    "bytes behind the end": lambda d: d.copy + b"\n% more\n",
    "a blank behind the end": lambda d: d.copy + b" ",
    "bytes behind the end, restamped": restamped(lambda d: d.copy + b"\n% more\n"),
    "saved anew": rewrite(lambda d: None),
    "saved anew in a line": rewrite(lambda d: None, linearize=True),
    "signature stripped": rewrite(strip_signature),
    "cut back to the unsigned file": lambda d: d.copy[: len(d.unsigned)],
    "another document's signature": paste_signature,
    "a stranger's signature on top": lambda d: sign_by_stranger(d.copy, d, "Khac"),
    "a stranger's signature instead": lambda d: sign_by_stranger(d.unsigned, d, "ChuKySo"),
    "byte range changed": change_byte_range,
    "bytes in the hole": fill_hole,
    "cut off": lambda d: d.copy[:-400],
    "cut in half": lambda d: d.copy[: len(d.copy) // 2],
}
