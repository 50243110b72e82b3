"""An archive package of one register book or one certificate's dossier, from the database and the store."""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pipeline.handover.keeping import Handover, KeptFile, keep, tell_delivered, tell_refused
from pipeline.handover.preservation import chain_of
from pipeline.models import FieldValue, Record, RecordState, SealedCopy
from pipeline.vault import Vault
from storage.checks import Check, failed
from storage.packages.archive import read_archive, write_archive
from storage.packages.archive_check import check_archive, count_signatures
from storage.packages.archive_files import remove_package
from storage.packages.archive_model import ArchivePackage, Document, Dossier, RightsStatement
from storage.packages.problems import PackageRefused, refuse
from storage.seal_manifest import sha256

KIND = "aip"
PURPOSE = "Giao nộp gói lưu trữ số"
FINISHED = (RecordState.STORED, RecordState.DELIVERED)
RIGHTS = (
    RightsStatement(
        "Luật Lưu trữ 33/2024/QH15", "preserve", "Lưu trữ vĩnh viễn", "Không xóa; sửa là lập bản mới."
    ),
    RightsStatement(
        "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15",
        "disseminate",
        "Sử dụng có điều kiện",
        "Có dữ liệu cá nhân; chỉ cung cấp cho người có quyền và ghi nhật ký mỗi lần đọc.",
    ),
)
TITLES = {
    "KS": "Sổ đăng ký khai sinh",
    "KH": "Sổ đăng ký kết hôn",
    "KT": "Sổ đăng ký khai tử",
    "CMC": "Sổ đăng ký nhận cha, mẹ, con",
    "HN": "Sổ cấp giấy xác nhận tình trạng hôn nhân",
    "GKS": "Giấy khai sinh",
    "GCN": "Hồ sơ giấy chứng nhận quyền sử dụng đất",
}
_DATES = ("ngayDangKy", "ngayCap", "ngayVaoSo")
_UNITS = ("noiDangKy", "noiCap", "coQuanCap")
_NUMBERS = ("soPhatHanh", "soQuyetDinh", "soVaoSo")
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        book: `Record.book_key`, as ``sohoa status --json`` writes it; "" where `records` are named.
        records: ids, for dossiers that are no book.
        fonds: code of the fonds (mã phông); `fonds_name` its name, "" for that of the office.
        paper_code: archive, shelf and number of the paper original.
        code: archive code of the dossier; "" makes it from office, year, kind and volume.
        papers: sheets of paper, where somebody counted them.
        backed_up: somebody knows of a second copy kept apart (chế độ dự phòng).
    """

    office: str
    fonds: str
    fonds_name: str
    paper_code: str
    actor: str
    book: str = ""
    records: tuple[str, ...] = ()
    code: str = ""
    title: str = ""
    papers: int = 0
    backed_up: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveExport:
    """What was handed over.

    Attributes:
        path: the ZIP or folder.
        kept: the ZIP in the store; nothing for a folder.
    """

    path: Path
    package: ArchivePackage
    kept: tuple[KeptFile, ...]


def export_archive(order: Order, folder: Path, vault: Vault, *, as_folder: bool = False) -> ArchiveExport:
    """Make the package, prove it from outside, read it back, keep it; the whole of it or nothing.

    Args:
        folder: where the package is put.
        as_folder: leave it as a folder instead of a ZIP, and keep no copy in the store.

    Raises:
        PackageRefused: ``BOOK_UNKNOWN``, or ``PACK_REFUSED`` with every record that is not stored yet.
        StorageError: the store does not give a sealed copy or does not take the package.
    """
    handover = Handover(KIND, order.actor, order.office, PURPOSE)
    records = _records(order)
    try:
        refuse(_unfinished(records))
        with tempfile.TemporaryDirectory(dir=folder, prefix=".sohoa-aip-") as place:
            files = Path(place)
            package, told = _gather(order, records, vault, files)
            target = folder / (package.folder if as_folder else f"{package.folder}.zip")
            made = write_archive(package, lambda d: (files / d.sha256).read_bytes(), target)
            _prove(target, made)
    except PackageRefused as refused:
        tell_refused(handover, [c.code for c in refused.problems] or [refused.code], len(records))
        raise
    try:
        kept = () if as_folder else keep((target,), handover, vault)
        tell_delivered(handover, kept, told)
    except BaseException:
        remove_package(target)
        raise
    return ArchiveExport(target, made, kept)


def _prove(target: Path, made: ArchivePackage) -> None:
    """A package that does not hold is taken back before anybody sees it."""
    try:
        refuse(check_archive(target))
        if read_archive(target) != made:
            raise PackageRefused("PACK_REFUSED", "the package does not read back as it was meant")
    except BaseException:
        remove_package(target)
        raise


def _records(order: Order) -> list[Record]:
    standing = Record.objects.filter(office__code=order.office).exclude(state=RecordState.SUPERSEDED)
    chosen = standing.filter(pk__in=order.records) if order.records else standing.filter(book_key=order.book)
    records = list(chosen.select_related("office", "scan", "book").order_by("entry", "pk"))
    if not records or (order.records and len(records) != len(set(order.records))):
        raise PackageRefused("BOOK_UNKNOWN", f"office {order.office} does not hold all that was asked for")
    return records


def _unfinished(records: Sequence[Record]) -> list[Check]:
    return [
        failed("record", "RECORD_NOT_FINISHED", record=f"{r.form} {r.entry}".strip(), state=r.state)
        for r in records
        if r.state not in FINISHED
    ]


def _gather(
    order: Order, records: Sequence[Record], vault: Vault, files: Path
) -> tuple[ArchivePackage, dict[str, str]]:
    """The package, and the name of each record's file in it; bytes lie in `files` under their hashes."""
    copies = {c.record_id: c for c in _copies(records)}
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(copies[record.pk].sha256, []).append(record)
    documents = tuple(
        _document(ordinal, group, copies[group[0].pk], vault, files)
        for ordinal, group in enumerate(groups.values(), 1)
    )
    dossier = _dossier(order, records, documents)
    events, agents = chain_of(records)
    latest = max(copy.created for copy in copies.values())
    content = [order.fonds, dossier.code, *groups]
    package = ArchivePackage(
        identifier=uuid.uuid5(uuid.NAMESPACE_OID, "\n".join([*content, latest.isoformat()])),
        fonds=order.fonds,
        fonds_name=order.fonds_name or records[0].office.name,
        organization=records[0].office.name,
        created=datetime.now(UTC),
        software_version=version("sohoa"),
        dossier=dossier,
        documents=documents,
        events=events,
        agents=agents,
        rights=RIGHTS,
    )
    names = {
        str(record.pk): f"{document.code(dossier)}.pdf"
        for document, group in zip(documents, groups.values(), strict=True)
        for record in group
    }
    return package, names


def _copies(records: Iterable[Record]) -> list[SealedCopy]:
    versions = {r.pk: r.version for r in records}
    rows = SealedCopy.objects.filter(record__in=list(versions))
    return [row for row in rows if row.version == versions[row.record_id]]


def _document(ordinal: int, group: Sequence[Record], copy: SealedCopy, vault: Vault, files: Path) -> Document:
    """One signed file; a delivery that came signed may hold several records."""
    pdf = vault.store.get(copy.bucket, copy.key, copy.version_id)
    if sha256(pdf) != copy.sha256:
        told = f"{group[0].form} {group[0].entry}".strip()
        check = failed("file", "CONTENT_CHANGED", record=told)
        raise PackageRefused("PACK_REFUSED", f"{copy.key} is not what was sealed", (check,))
    (files / copy.sha256).write_bytes(pdf)
    first = group[0]
    fields = first.current_fields()
    entry = first.entry or _first(fields, _NUMBERS)
    number, _, _ = entry.partition("/")
    plain = number if len(number) <= 11 else ""
    title = TITLES.get(first.form, first.form)
    subject = " – ".join(part for part in (f"{title} số {entry}" if entry else title, first.person) if part)
    return Document(
        ordinal=ordinal,
        subject=(subject if len(group) == 1 else f"{subject} và {len(group) - 1} trường hợp khác")[:500],
        issued=_date(fields),
        organ=(_first(fields, _UNITS) or first.office.name)[:200],
        pages=len({page for record in group for page in record.pages}),
        records=tuple(f"{r.pk}:v{r.version}" for r in group),
        sha256=copy.sha256,
        size=len(pdf),
        format_version=copy.pdfa,
        signatures=count_signatures(pdf),
        signature_level=copy.signature_level,
        signer=copy.signer,
        number=plain,
        notation=first.form if plain else entry[:30],
        keyword=TITLES.get(first.form, first.form),
    )


def _dossier(order: Order, records: Sequence[Record], documents: Sequence[Document]) -> Dossier:
    first = records[0]
    dates = sorted(d.issued for d in documents if d.issued)
    volume = _volume(first)
    year = (dates[0] if dates else "")[:4] or "0000"
    made = ".".join(part for part in (first.office.code, year, first.form, _plain(volume)) if part)
    unit = first.book.issuing_unit if first.book else _first(first.current_fields(), _UNITS)
    described = f"{TITLES.get(first.form, first.form)} {volume}".strip()
    return Dossier(
        code=order.code or made,
        title=(order.title or " – ".join(part for part in (described, unit) if part))[:1000],
        start_date=dates[0] if dates else "",
        end_date=dates[-1] if dates else "",
        documents=len(documents),
        papers=order.papers,
        pages=sum(d.pages for d in documents),
        paper_code=order.paper_code,
        risk_recovery="1" if order.backed_up else "0",
        risk_recovery_status="01" if order.backed_up else "",
        keyword=TITLES.get(first.form, first.form),
    )


def _volume(record: Record) -> str:
    if record.book is not None:
        return f"{record.book.volume}/{record.book.year}".strip("/")
    return record.book_key.split("|")[1] if record.book_key else record.entry


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", text).strip("-")


def _date(fields: Mapping[str, FieldValue]) -> str:
    value = _first(fields, _DATES)
    return value if _DATE.fullmatch(value) else ""


def _first(fields: Mapping[str, FieldValue], keys: Sequence[str]) -> str:
    return next((fields[k].value for k in keys if k in fields and fields[k].value), "")
