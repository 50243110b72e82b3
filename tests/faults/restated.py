"""Updates that let a sealed copy say something else of itself, in its metadata alone."""

from __future__ import annotations

from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

TITLE = "Giấy khai sinh".encode()
KIND = {pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")}


def replace_metadata(old: bytes, new: bytes) -> Callable[[IncrementalPdfFileWriter], None]:
    """XMP under the same number, as well-formed as before."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        packet = writer.root["/Metadata"].data
        assert old in packet
        stream = generic.StreamObject(KIND, packet.replace(old, new))
        writer.objects[0, writer.root.raw_get("/Metadata").idnum] = stream

    return change


def metadata_elsewhere(writer: IncrementalPdfFileWriter) -> None:
    packet = writer.root["/Metadata"].data.replace(TITLE, b"Sai")
    writer.root["/Metadata"] = writer.add_object(generic.StreamObject(KIND, packet))
    writer.update_root()


def drop_metadata(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Metadata"]
    writer.update_root()


def retitle(writer: IncrementalPdfFileWriter) -> None:
    information = writer.trailer["/Info"]
    information["/Title"] = generic.pdf_string("Sai")
    writer.update_container(information)
