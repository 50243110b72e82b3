"""The door: files come in, are kept, told apart, and acknowledged.

A file is acknowledged only when its bytes lie locked in the store and its row is committed, in this
order. A kill between the two leaves an object without a row: the same file, handed in again, finds
that object under its hash and goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from ocr.errors import ScanError
from ocr.scans import ScanLimits, open_scan
from pipeline import outbox
from pipeline.archives import ArchiveError, ArchiveLimits, is_archive, open_members
from pipeline.book_metadata import told_book
from pipeline.claims import Claim, claim, database_now, finishing, heartbeat, move
from pipeline.events import record_event
from pipeline.models import Batch, BatchState, Delivery, Office, Scan, ScanState
from pipeline.stages.attempts import new_owner
from pipeline.stages.runs import OK, StageInput, note
from pipeline.vault import Vault

COMPANIONS = frozenset(
    {".json", ".csv", ".txt", ".md", ".xml", ".xlsx", ".xls", ".ini", ".db", ".log", ".html", ".sha256"}
)
"""Files that lie beside scans in delivered folders. Found in a folder they are counted and passed over;
named on purpose they are answered like any other file."""

_RECEIVE_LEASE_SECONDS = 60.0
_SENTENCES = {
    "": "Đã nhận.",
    "DUPLICATE": "Tệp này đã được nộp trước đó; hệ thống dùng bản đã có và không xử lý lại.",
    "ALREADY_SIGNED": "Tệp PDF đã có chữ ký số: được giữ nguyên vẹn, chỉ đọc nội dung, không ký lại.",
    "TOO_LARGE": "Tệp vượt quá dung lượng cho phép. Hãy chia tệp thành nhiều phần rồi nộp lại.",
    "UNREACHABLE": "Không đọc được tệp này từ ổ đĩa. Hãy kiểm tra ổ đĩa hoặc quyền truy cập rồi nộp lại.",
    "MISSING": "Không có tệp hoặc thư mục này. Hãy kiểm tra lại đường dẫn.",
    "LINK": "Đây là liên kết, không phải tệp thật. Hãy nộp tệp thật.",
    "ARCHIVE_INCOMPLETE": "Một số tệp trong tệp nén không nhận được; tệp nén được giữ nguyên để đối chiếu.",
}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReceiveLimits:
    """What the door lets in."""

    scan: ScanLimits = field(default_factory=ScanLimits)
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer for one file.

    Attributes:
        path: as given; members of archives as ``archive.zip/member``.
        scan: id of the kept scan; of a repeat, that of the first one; None where nothing was kept.
        code: empty where the file goes its way; ``ALREADY_SIGNED`` goes its way too.
        message: one Vietnamese sentence.
    """

    path: str
    sha256: str
    scan: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Received:
    """Everything one call took in."""

    batch: str
    receipts: tuple[Receipt, ...]
    passed_over: int


@dataclass(slots=True)
class Reception:
    """An open batch that files are put into; see `open_reception`."""

    batch: Batch
    office: Office
    actor: str
    vault: Vault
    limits: ReceiveLimits
    passed_over: int = 0

    def take(self, path: Path, name: str = "") -> Iterator[Receipt]:
        """Take a file, an archive, or a folder with everything below it, in a stable order.

        Args:
            name: of a single file or archive, where it is not to be told by its path.
        """
        if path.is_symlink():
            yield self.refuse(str(path), "LINK")
        elif path.is_dir():
            yield from self._folder(path)
        elif path.exists():
            yield from self._file(path, name or str(path))
        else:
            yield self.refuse(name or str(path), "MISSING")

    def take_bytes(self, data: bytes, name: str) -> Iterator[Receipt]:
        """Take an uploaded file."""
        if len(data) > self.limits.scan.bytes and not is_archive(data[:2048]):
            yield self.refuse(name, "TOO_LARGE", size=len(data))
        elif is_archive(data[:2048]):
            yield from self._archive(data, name)
        else:
            yield self._scan(data, name)

    def _folder(self, folder: Path) -> Iterator[Receipt]:
        for path in sorted(folder.iterdir(), key=lambda p: p.name):
            if path.is_symlink():
                yield self.refuse(str(path), "LINK")
            elif path.is_dir():
                yield from self._folder(path)
            elif path.name.startswith(".") or path.suffix.lower() in COMPANIONS:
                self.passed_over += 1
            else:
                yield from self._file(path, str(path))

    def _file(self, path: Path, name: str) -> Iterator[Receipt]:
        try:
            size = path.stat().st_size
            with path.open("rb") as stream:
                head = stream.read(2048)
            if is_archive(head):
                yield from self._archive(path, name)
                return
            if size > self.limits.scan.bytes:
                yield self.refuse(name, "TOO_LARGE", size=size)
                return
            data = path.read_bytes()
        except OSError as error:
            _log.warning("file cannot be read", error=str(error))
            yield self.refuse(name, "UNREACHABLE")
            return
        yield self._scan(data, name)

    def _archive(self, source: Path | bytes, name: str) -> Iterator[Receipt]:
        refused = 0
        try:
            for member in open_members(source, self.limits.archive):
                inside = f"{name}/{member.path}"
                if member.data is None:
                    refused += 1
                    yield self.refuse(inside, member.code, message=member.message)
                elif Path(member.path).suffix.lower() in COMPANIONS:
                    self.passed_over += 1
                elif len(member.data) > self.limits.scan.bytes:
                    refused += 1
                    yield self.refuse(inside, "TOO_LARGE", size=len(member.data))
                else:
                    yield self._scan(member.data, inside)
        except ArchiveError as error:
            yield self._keep_archive(source, name, error.code, error.message)
            return
        if refused:
            yield self._keep_archive(source, name, "ARCHIVE_INCOMPLETE", _SENTENCES["ARCHIVE_INCOMPLETE"])

    def _keep_archive(self, source: Path | bytes, name: str, code: str, message: str) -> Receipt:
        """Keep an archive itself when not all of it could be taken, so that nothing is lost with it."""
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > self.limits.scan.bytes:
            return self.refuse(name, code, size=size, message=message)
        data = source if isinstance(source, bytes) else source.read_bytes()
        return self._kept(data, name, "application/zip", 0, False, code, message)

    def _scan(self, data: bytes, name: str) -> Receipt:
        """Keep one file and say what it is."""
        if not data:
            return self.refuse(name, "EMPTY_FILE", message=_told(data, self.limits.scan)[1])
        try:
            with open_scan(data, self.limits.scan, at_door=True) as scan:
                code = "ALREADY_SIGNED" if scan.signed else ""
                return self._kept(
                    data, name, scan.media_type, scan.page_count, scan.signed, code, _SENTENCES[code]
                )
        except ScanError as error:
            return self._kept(data, name, "", 0, False, error.code, error.message)

    def _kept(
        self, data: bytes, name: str, media_type: str, pages: int, signed: bool, code: str, message: str
    ) -> Receipt:
        sha256 = hashlib.sha256(data).hexdigest()
        first = Scan.objects.filter(office=self.office, sha256=sha256).first()
        if first is not None:
            return self._repeat(first, name, len(data))
        told = {"office": self.office.code, "office-name": self.office.name[:80], "name": name[-120:]}
        kept = self.vault.keep_original(
            data,
            sha256,
            media_type or "application/octet-stream",
            metadata={**told, "actor": self.actor[:60], **told_book(self.batch.book)},
        )
        readable = code in ("", "ALREADY_SIGNED")
        try:
            with transaction.atomic():
                scan = Scan.objects.create(
                    office=self.office,
                    batch=self.batch,
                    sha256=sha256,
                    name=name[-1000:],
                    size=len(data),
                    media_type=media_type,
                    page_count=pages,
                    signed=signed,
                    bucket=kept.bucket,
                    key=kept.key,
                    version_id=kept.version_id,
                    state=ScanState.RECEIVED if readable else ScanState.QUARANTINED,
                    state_since=timezone.now(),
                    error_code=code,
                    error_message=message if code else "",
                )
                given = StageInput("receive", "1", {"file": sha256})
                note(scan, given, OK, output=kept.version_id, detail={"code": code, "bytes": len(data)})
                receipt = self._delivered(scan, name, len(data), code, message)
                if readable:
                    outbox.post("sohoa.read_scan", scan.pk)
                record_event(
                    "scan.received",
                    actor=self.actor,
                    office=self.office.code,
                    subject=f"scan:{scan.pk}",
                    data={"sha256": sha256, "code": code},
                )
        except IntegrityError:
            # the same file was handed in twice at the same moment; the other one won
            return self._repeat(Scan.objects.get(office=self.office, sha256=sha256), name, len(data))
        return receipt

    def _repeat(self, first: Scan, name: str, size: int) -> Receipt:
        with transaction.atomic():
            return self._delivered(first, name, size, "DUPLICATE", _SENTENCES["DUPLICATE"])

    def refuse(self, name: str, code: str, *, size: int = 0, message: str = "") -> Receipt:
        """Answer for a file of which nothing is kept."""
        message = message or _SENTENCES[code]
        Delivery.objects.create(batch=self.batch, path=name[-1000:], size=size, code=code, message=message)
        return Receipt(name, "", None, code, message)

    def _delivered(self, scan: Scan, name: str, size: int, code: str, message: str) -> Receipt:
        Delivery.objects.create(
            batch=self.batch,
            scan=scan,
            path=name[-1000:],
            sha256=scan.sha256,
            size=size,
            code=code,
            message=message,
        )
        return Receipt(name, scan.sha256, str(scan.pk), code, message)


@contextmanager
def open_reception(
    office: Office,
    *,
    actor: str,
    vault: Vault,
    name: str = "",
    limits: ReceiveLimits | None = None,
    register_sha256: str = "",
    plans_sha256: str = "",
) -> Iterator[Reception]:
    """Open a batch, take files into it, and close it; if the receiver dies, the sweeper closes it.

    Book rules run once a closed batch is read to the end.
    """
    owner = new_owner()
    now = database_now()
    batch = Batch.objects.create(
        office=office,
        name=name[:200],
        actor=actor,
        register_sha256=register_sha256,
        plans_sha256=plans_sha256,
        state=BatchState.RECEIVING,
        state_since=now,
    )
    held: Claim[Batch] | None = claim(
        Batch, [BatchState.RECEIVING], owner, _RECEIVE_LEASE_SECONDS, pk=batch.pk
    )
    assert held is not None
    with heartbeat(held):
        try:
            yield Reception(batch, office, actor, vault, limits or ReceiveLimits())
        finally:
            with finishing(held) as row:
                move(row, BatchState.RECEIVED)
                outbox.post("sohoa.check_batch", row.pk)


def receive(
    paths: Iterable[Path],
    office: Office,
    *,
    actor: str,
    vault: Vault,
    name: str = "",
    limits: ReceiveLimits | None = None,
    register_sha256: str = "",
    plans_sha256: str = "",
) -> Received:
    """Take in files, folders and ZIP files as one batch; every file gets a receipt."""
    with open_reception(
        office,
        actor=actor,
        vault=vault,
        name=name,
        limits=limits,
        register_sha256=register_sha256,
        plans_sha256=plans_sha256,
    ) as reception:
        receipts = tuple(receipt for path in paths for receipt in reception.take(path))
    return Received(str(reception.batch.pk), receipts, reception.passed_over)


def _told(data: bytes, limits: ScanLimits) -> tuple[str, str]:
    """Code and sentence with which `ocr` turns a file away."""
    try:
        with open_scan(data, limits, at_door=True):
            return "", ""
    except ScanError as error:
        return error.code, error.message
