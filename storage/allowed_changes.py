"""What may be appended to a signed copy: further signatures, timestamps and their validation data."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata.model import NS, ExpandedName
from pyhanko.pdf_utils.metadata.xmp_xml import XmpXmlProcessingError, parse_xmp
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FieldComparisonContext,
    FormUpdate,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules_api import ReferenceUpdate

_TOUCHED_BY_SIGNERS = frozenset(
    ExpandedName(NS[prefix], name)
    for prefix, name in (("xmp", "ModifyDate"), ("xmp", "MetadataDate"), ("pdf", "Producer"))
)
"""What some programs write anew when they add a signature; every other statement has to stay."""
_INFO_TOUCHED_BY_SIGNERS = frozenset({"/ModDate", "/Producer"})


class _SameStatements(MetadataUpdateRule):
    """XMP may be written anew, but has to say the same; pyHanko's own rule accepts any well-formed XMP."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        if _statements(old) != _statements(new):
            raise SuspiciousModification("the XMP metadata say something else")
        return super().apply(old, new)


class _SameInformation(DocInfoRule):
    """The same for the document information dictionary."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        if _information(old) != _information(new):
            raise SuspiciousModification("the document information says something else")
        return super().apply(old, new)


class _SignedFields(SigFieldCreationRule):
    """A signature field comes with its signature; pyHanko's own rule lets empty ones be added."""

    def apply(self, context: FieldComparisonContext) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        for name, field in context.field_specs.items():
            added = field.new_field_ref if field.old_field_ref is None else None
            if added and "/V" not in context.new(added):
                raise SuspiciousModification(f"the empty field {name} was added")
        return super().apply(context)


def _statements(revision: HistoricalResolver) -> dict[ExpandedName, list[Any]]:
    if "/Metadata" not in revision.root:
        return {}
    # by reference, since its name would leave a kind of stream in the reader that its history cannot copy
    reference = revision.root.get_value_as_reference("/Metadata")
    packet = revision(reference).read_data(DecodePurpose.XMP_METADATA)
    try:
        said: dict[ExpandedName, list[Any]] = {}
        for description in parse_xmp(io.BytesIO(packet)):
            for name, value in description:
                said.setdefault(name, []).append(value)
    except XmpXmlProcessingError as error:
        raise SuspiciousModification(f"the XMP metadata cannot be read: {error}") from error
    return {name: values for name, values in said.items() if name not in _TOUCHED_BY_SIGNERS}


def _information(revision: HistoricalResolver) -> dict[str, Any]:
    reference = revision.trailer_view.get_value_as_reference("/Info", optional=True)
    entries = revision(reference) if reference else {}
    return {name: entries[name] for name in entries if name not in _INFO_TOUCHED_BY_SIGNERS}


_CATALOG = CatalogModificationRule(  # type: ignore[no-untyped-call]
    ignored_keys={"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"}
)
_METADATA = _SameStatements()  # type: ignore[no-untyped-call]
_FIELDS = _SignedFields()  # type: ignore[no-untyped-call]

APPENDED = StandardDiffPolicy(
    global_rules=[
        _CATALOG,
        _SameInformation().as_qualified(ModificationLevel.LTA_UPDATES),
        _METADATA.as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule(field_rules=[_FIELDS, SigFieldModificationRule()]),
)
"""pyHanko's default policy, but nobody who appends may restate what the document says of itself or fill in
any field other than a signature."""

_REVISION_END = re.compile(
    rb"(?:\s*endobj|(?:\s*trailer)?\s*<<.*?>>)?\s*startxref\s+(\d+)\s+%%EOF(?:\r\n|\r|\n)?", re.DOTALL
)
_NEXT = re.compile(rb"\Z|\s*\d+ \d+ obj\b|\s*xref\b")


def has_stray_bytes(pdf: bytes, reader: PdfFileReader, since: int) -> bool:
    """Whether bytes lie behind the end of a revision, from number `since` on, that belong to no other."""
    for revision in range(since, reader.xrefs.total_revisions):
        table = reader.xrefs.get_xref_container_info(revision)
        end = _REVISION_END.match(pdf, table.end_location)
        if end is None or int(end[1]) != table.declared_startxref or not _NEXT.match(pdf, end.end()):
            return True
    return False
