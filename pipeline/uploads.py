"""Files that come in pieces over a line that breaks: create, ask where it stands, append, finish.

An upload is named after what the browser can say again after a reload: path, size and date of the file.
So the same file, chosen again, goes on where it stopped, and is never sent twice. Its pieces grow one file
in the data folder; what a delivery has acknowledged is in the store and in the database, never only here.
All web processes of an installation must see the same folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.archives import is_archive
from pipeline.receive import COMPANIONS, Receipt, ReceiveLimits, Reception

CHUNK_BYTES = 1024 * 1024
"""Eight seconds on a line of 1 Mbit/s: what is lost when the line breaks."""
MOST_CHUNK_BYTES = 2 * CHUNK_BYTES
KEPT_SECONDS = 7 * 24 * 3600.0
"""An upload that nobody has gone on with for a week is abandoned."""
_ROOM_LEFT = 1024**3
_SENTENCES = {
    "COMPANION": "Bỏ qua: đây không phải tệp quét.",
    "NO_ROOM": "Máy chủ không còn chỗ cho tệp này. Hãy báo người quản trị dọn ổ đĩa rồi gửi tiếp.",
    "UNKNOWN": "Máy chủ không còn phần đã gửi của tệp này. Hãy chọn lại tệp để gửi từ đầu.",
    "BUSY": "Máy chủ đang ghi tệp này. Hãy đợi một lát.",
    "OFFSET": "Phần gửi lên không nối tiếp phần đã có.",
    "DAMAGED": "Phần gửi lên bị hỏng trên đường truyền; máy sẽ gửi lại.",
    "INCOMPLETE": "Tệp chưa gửi hết.",
    "DIFFERS": "Tệp nhận được khác tệp đã gửi; máy sẽ gửi lại từ đầu.",
}


class UploadRefused(Exception):  # noqa: N818 - says what happened
    """A step of an upload was not taken.

    Attributes:
        code: one of ``COMPANION``, ``NO_ROOM``, ``UNKNOWN``, ``BUSY``, ``OFFSET``, ``DAMAGED``,
            ``INCOMPLETE``, ``DIFFERS``.
        offset: how many bytes stand, where the sender has to go on from there.
    """

    def __init__(self, code: str, offset: int = 0) -> None:
        super().__init__(code, offset)
        self.code = code
        self.offset = offset
        self.message = _SENTENCES[code]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way.

    Attributes:
        name: path inside the delivery, as the sender calls it, NFC; never a path on this machine.
        modified: date of the sender's file in milliseconds; tells a changed file from the first one.
        offset: bytes that stand.
        receipts: the answers, once the file was taken in.
    """

    id: str
    name: str
    size: int
    modified: int
    offset: int = 0
    receipts: tuple[Receipt, ...] | None = None


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of one delivery.

    Attributes:
        folder: of this delivery alone.
    """

    folder: Path

    def create(self, name: str, size: int, modified: int) -> Upload:
        """Begin an upload, or find the one that was begun.

        Raises:
            UploadRefused: ``COMPANION`` for what lies beside scans in a folder; ``NO_ROOM``.
        """
        written = "".join(c for c in name.replace("\\", "/") if unicodedata.category(c) not in ("Cc", "Cs"))
        name = unicodedata.normalize("NFC", written)[-1000:]
        path = PurePosixPath(name)
        if len(path.parts) > 1 and (path.name.startswith(".") or path.suffix.lower() in COMPANIONS):
            raise UploadRefused("COMPANION")
        said = f"{name}\n{size}\n{modified}"
        upload = Upload(hashlib.sha256(said.encode()).hexdigest()[:32], name, size, modified)
        self.folder.mkdir(parents=True, exist_ok=True)
        with suppress(UploadRefused):
            return self.find(upload.id)
        if shutil.disk_usage(self.folder).free < size + _ROOM_LEFT:
            raise UploadRefused("NO_ROOM")
        self._part(upload.id).touch()
        self._write(upload)
        return upload

    def find(self, pk: str) -> Upload:
        """Where an upload stands.

        Raises:
            UploadRefused: ``UNKNOWN``.
        """
        try:
            told = json.loads(self._told(pk).read_text("utf-8"))
            receipts = told.pop("receipts")
            if receipts is not None:
                return Upload(**told, receipts=tuple(Receipt(**r) for r in receipts), offset=told["size"])
            return Upload(**told, offset=self._part(pk).stat().st_size)
        except (FileNotFoundError, ValueError) as error:
            raise UploadRefused("UNKNOWN") from error

    def unfinished(self) -> list[Upload]:
        """Uploads that wait for their sender, by name."""
        found = []
        for part in self.folder.glob("*.part"):
            with suppress(UploadRefused):
                found.append(self.find(part.stem))
        return sorted((u for u in found if u.receipts is None), key=lambda u: u.name)

    def append(self, pk: str, offset: int, data: bytes, checksum: str) -> int:
        """Put one piece behind what stands; the new offset.

        Args:
            checksum: ``sha256`` or ``crc32`` (what a page without a secure connection can compute) and the
                digest in hexadecimal, parted by a blank.

        Raises:
            UploadRefused: ``OFFSET`` with the right one; ``DAMAGED``; ``BUSY``; ``NO_ROOM``; ``UNKNOWN``.
        """
        upload = self.find(pk)
        if upload.receipts is not None:
            return upload.size
        with self._held(pk) as stream:
            stands = stream.seek(0, os.SEEK_END)
            if offset != stands or stands + len(data) > upload.size or len(data) > MOST_CHUNK_BYTES:
                raise UploadRefused("OFFSET", stands)
            if not _proves(checksum, data):
                raise UploadRefused("DAMAGED", stands)
            try:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            except OSError as error:
                stream.truncate(stands)
                raise UploadRefused("NO_ROOM", stands) from error
            return stands + len(data)

    def is_refusable(self, pk: str, limits: ReceiveLimits) -> bool:
        """Whether a file can be told too large from its beginning, before the line is busy with the rest."""
        upload = self.find(pk)
        if upload.receipts is not None or upload.size <= limits.scan.bytes:
            return False
        if upload.size > limits.archive.total_bytes:
            return True
        if not upload.offset:
            return False
        with self._part(pk).open("rb") as stream:
            return not is_archive(stream.read(2048))

    def finish(self, pk: str, reception: Reception, sha256: str = "") -> Upload:
        """Take a whole upload in; asked again after a lost answer, it gives the same receipts.

        Args:
            sha256: of the whole file, where its sender knows it.

        Raises:
            UploadRefused: ``INCOMPLETE`` with the offset; ``DIFFERS``; ``BUSY``; ``UNKNOWN``.
            StoreError: the store did not take it; what was sent stays here for the next try.
        """
        upload = self.find(pk)
        if upload.receipts is not None:
            return upload
        if self.is_refusable(pk, reception.limits):
            receipts = (reception.refuse(upload.name, "TOO_LARGE", size=upload.size),)
        else:
            with self._held(pk) as stream:
                stands = stream.seek(0, os.SEEK_END)
                if stands != upload.size:
                    raise UploadRefused("INCOMPLETE", stands)
                stream.seek(0)
                if sha256 and hashlib.file_digest(stream, "sha256").hexdigest() != sha256.lower():
                    stream.truncate(0)
                    raise UploadRefused("DIFFERS")
                receipts = tuple(reception.take(self._part(pk), upload.name))
        done = Upload(pk, upload.name, upload.size, upload.modified, upload.size, receipts)
        self._write(done)
        self._part(pk).unlink(missing_ok=True)
        return done

    def _write(self, upload: Upload) -> None:
        told = asdict(upload)
        del told["offset"]
        fresh = self._told(upload.id).with_suffix(".new")
        fresh.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        fresh.replace(self._told(upload.id))

    @contextmanager
    def _held(self, pk: str) -> Iterator[BinaryIO]:
        """The file that grows, for one writer at a time; the system lets go of it when a process dies."""
        try:
            stream = self._part(pk).open("r+b")
        except FileNotFoundError as error:
            raise UploadRefused("UNKNOWN") from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadRefused("BUSY") from error
            yield stream

    def _part(self, pk: str) -> Path:
        return self.folder / f"{pk}.part"

    def _told(self, pk: str) -> Path:
        return self.folder / f"{pk}.json"


def uploads_of(data_dir: Path, batch: object) -> Uploads:
    """The uploads of one delivery, in the data folder of an installation."""
    return Uploads(data_dir / "uploads" / str(batch))


def forget_abandoned(data_dir: Path, *, older_than: float = KEPT_SECONDS) -> int:
    """Delete uploads that nobody has gone on with, and the memory of finished ones; how many files went.

    Nothing acknowledged is touched: that lies in the store.
    """
    gone = 0
    for folder in (data_dir / "uploads").glob("*"):
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                part = path.with_suffix(".part")
                if time.time() - (part if part.exists() else path).stat().st_mtime > older_than:
                    path.unlink()
                    gone += 1
        with suppress(OSError):
            folder.rmdir()  # only where it is empty
    return gone


def _proves(checksum: str, data: bytes) -> bool:
    kind, _, digest = checksum.strip().lower().partition(" ")
    if kind == "sha256":
        return hashlib.sha256(data).hexdigest() == digest
    return kind == "crc32" and f"{zlib.crc32(data):08x}" == digest
