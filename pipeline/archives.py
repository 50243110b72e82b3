"""ZIP files as deliveries: every member is handed out, or refused with a code and a sentence.

Nothing is ever unpacked to disk under a name from the archive; members are read into memory one at a
time, within limits that hold for nested archives together.
"""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MAGIC = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
MAX_RATIO = 200
"""Bitonal pages shrink a hundredfold in ZIP; a bomb shrinks a thousandfold."""
RATIO_MATTERS_FROM = 20_000_000
"""Below this size, a high ratio harms nobody: white bitmaps have it too."""

_JUNK_FOLDERS = frozenset({"__MACOSX"})
_JUNK_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})

_SENTENCES = {
    "ARCHIVE_DAMAGED": "Tệp nén bị hỏng, không mở được. Hãy nén lại từ thư mục gốc rồi nộp lại.",
    "ARCHIVE_TOO_MANY": "Tệp nén chứa quá nhiều tệp. Hãy chia thành nhiều tệp nén rồi nộp lại.",
    "ARCHIVE_TOO_DEEP": "Tệp nén lồng trong tệp nén quá nhiều lớp. Hãy giải nén rồi nộp lại thư mục.",
    "ARCHIVE_BOMB": "Tệp nén bung ra lớn bất thường nên không nhận. Hãy nộp các tệp quét chưa nén.",
    "UNSAFE_NAME": "Tên tệp trong tệp nén trỏ ra ngoài thư mục nên không nhận. Hãy đổi tên rồi nén lại.",
    "LINK_MEMBER": "Tệp nén chứa liên kết thay vì tệp thật. Hãy chép tệp thật vào rồi nén lại.",
    "ENCRYPTED": "Tệp trong tệp nén có mật khẩu. Hãy gỡ mật khẩu rồi nộp lại.",
    "TOO_LARGE": "Tệp trong tệp nén vượt quá dung lượng cho phép. Hãy chia nhỏ rồi nộp lại.",
    "MEMBER_DAMAGED": "Tệp trong tệp nén bị hỏng (sai mã kiểm tra). Hãy nén lại từ thư mục gốc.",
    "UNSUPPORTED_COMPRESSION": "Tệp nén dùng kiểu nén lạ. Hãy nén lại bằng kiểu ZIP thông thường.",
}


class ArchiveError(Exception):
    """An archive of which nothing can be taken.

    Attributes:
        code: such as ``ARCHIVE_DAMAGED``.
        message: one Vietnamese sentence.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = _SENTENCES[code]


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one delivered archive may ask for, with everything nested in it."""

    member_bytes: int = 512 * 1024**2
    total_bytes: int = 4 * 1024**3
    members: int = 20_000
    nesting: int = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive.

    Attributes:
        path: as named in the archive, NFC, ``/`` between folders; inside nested archives joined to theirs.
        data: the bytes, or None where it was refused.
        code: why it was refused, or empty.
        message: the same in one Vietnamese sentence.
    """

    path: str
    data: bytes | None
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class _Budget:
    """What is left of the limits, shared by an archive and everything nested in it."""

    limits: ArchiveLimits
    bytes_left: int = field(init=False)
    members_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.bytes_left = self.limits.total_bytes
        self.members_left = self.limits.members


def is_archive(head: bytes) -> bool:
    """Whether a file that starts with `head` (2 kB will do) is a ZIP file, and not an office document."""
    if not head.startswith((MAGIC, _EMPTY_ZIP)):
        return False
    return b"[Content_Types].xml" not in head and not head[30:].startswith(b"mimetypeapplication/")


def open_members(source: Path | bytes, limits: ArchiveLimits | None = None) -> Iterator[Member]:
    """Hand out the members one at a time, in the order of the archive's directory.

    Raises:
        ArchiveError: ``ARCHIVE_DAMAGED`` or ``ARCHIVE_TOO_MANY``; members before it may have been handed out.
    """
    yield from _members(source, "", 0, _Budget(limits or ArchiveLimits()))


def _members(source: Path | bytes, prefix: str, depth: int, budget: _Budget) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise ArchiveError("ARCHIVE_DAMAGED") from error
    with archive:
        entries = [e for e in archive.infolist() if not e.is_dir()]
        budget.members_left -= len(entries)
        if budget.members_left < 0:
            raise ArchiveError("ARCHIVE_TOO_MANY")
        for entry in entries:
            path = _name(entry)
            if not _is_junk(path):
                yield from _member(archive, entry, prefix, path, depth, budget)


def _member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, prefix: str, path: str, depth: int, budget: _Budget
) -> Iterator[Member]:
    shown = f"{prefix}{path}"
    code = _refusal(entry, path, budget)
    data = b""
    if not code:
        code, data = _read(archive, entry)
    if code:
        yield _refused(shown, code)
        return
    budget.bytes_left -= len(data)
    if not is_archive(data[:2048]):
        yield Member(shown, data)
    elif depth + 1 > budget.limits.nesting:
        yield _refused(shown, "ARCHIVE_TOO_DEEP")
    else:
        try:
            yield from _members(data, f"{shown}/", depth + 1, budget)
        except ArchiveError as error:
            yield _refused(shown, error.code)


def _refusal(entry: zipfile.ZipInfo, path: str, budget: _Budget) -> str:
    """Why not even to begin reading a member, or ""."""
    mode = entry.external_attr >> 16
    if _is_unsafe(entry.orig_filename, path):
        return "UNSAFE_NAME"
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "LINK_MEMBER"
    if entry.flag_bits & 0x1:
        return "ENCRYPTED"
    if entry.file_size > budget.limits.member_bytes:
        return "TOO_LARGE"
    dense = entry.file_size > MAX_RATIO * max(1, entry.compress_size)
    if (dense and entry.file_size > RATIO_MATTERS_FROM) or entry.file_size > budget.bytes_left:
        return "ARCHIVE_BOMB"
    return ""


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[str, bytes]:
    """A code and nothing, or "" and the bytes; never more than the size that was declared and checked."""
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except NotImplementedError:
        return "UNSUPPORTED_COMPRESSION", b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        return "MEMBER_DAMAGED", b""
    return ("MEMBER_DAMAGED", b"") if len(data) != entry.file_size else ("", data)


def _refused(path: str, code: str) -> Member:
    return Member(path, None, code, _SENTENCES[code])


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: UTF-8 where it is valid UTF-8, whether or not it was declared so."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _is_unsafe(raw: str, path: str) -> bool:
    parts = PurePosixPath(path).parts
    drive = len(path) > 1 and path[1] == ":"
    controls = any(unicodedata.category(c) == "Cc" for c in raw)
    return not parts or path.startswith("/") or ".." in parts or drive or controls


def _is_junk(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and (parts[0] in _JUNK_FOLDERS or parts[-1].lower() in _JUNK_NAMES)
