"""Copies go to an officer's desk and come back signed, many at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from pipeline.external_signing import NothingToSign, hand_out, record_named, refusal, take_back
from pipeline.stages.seal import SealTools
from storage.errors import SigningError, StorageError

MOST_COPIES = 200
"""In one ZIP; a round is what one person signs at one sitting."""
MOST_BYTES = 200 * 1024**2
"""Of one signed copy."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of one signed file.

    Attributes:
        signer: common name; "" where the file was refused.
        code: of the refusal.
        message: in Vietnamese, what to do next.
    """

    name: str
    signer: str = ""
    code: str = ""
    message: str = ""


def pack(records: Iterable[UUID], tools: SealTools, path: Path, *, digests: bool, actor: str) -> int:
    """Write ``<record>.pdf`` for each record into a ZIP; those that wait no more are left out.

    Args:
        records: of offices for which the caller checked that the actor may sign.
        tools: of the stage seal.
        path: of the ZIP to write.
        digests: add ``<record>.sha256`` for software that signs digests.
        actor: account.

    Returns:
        How many copies.

    Raises:
        StorageError: a copy cannot be made or kept now.
    """
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for record in records:
            try:
                out = hand_out(record, tools, actor=actor)
            except NothingToSign:
                continue
            archive.writestr(f"{record}.pdf", out.document)
            if digests:
                archive.writestr(f"{record}.sha256", out.digest.digest.hex() + "\n")
            count += 1
    return count


def take_in(
    name: str, file: BinaryIO, allowed: Collection[UUID], tools: SealTools, *, actor: str
) -> Iterator[Returned]:
    """Take back one signed file, or a ZIP of them; each by itself.

    Args:
        name: as the browser tells it.
        file: its content.
        allowed: records that this person may sign; others do not exist.
        tools: of the stage seal.
        actor: account.
    """
    if not name.lower().endswith(".zip"):
        yield _returned(name, file.read(MOST_BYTES + 1), allowed, tools, actor)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if _is_signature(m)]
            if not members:
                yield Returned(name, code="NOTHING_SIGNED", message="Tệp ZIP không có tệp .pdf hay .p7s nào.")
            for member in members[:MOST_COPIES]:
                with archive.open(member) as stream:
                    content = stream.read(MOST_BYTES + 1)
                yield _returned(member.filename, content, allowed, tools, actor)
            for member in members[MOST_COPIES:]:
                told = f"Mỗi lần chỉ nhận {MOST_COPIES} tệp; hãy nộp tệp này ở lần sau."
                yield Returned(member.filename, code="TOO_MANY_FILES", message=told)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        yield Returned(name, code="ZIP_UNREADABLE", message="Tệp ZIP bị hỏng hoặc có mật khẩu; hãy nén lại.")


def _is_signature(member: zipfile.ZipInfo) -> bool:
    hidden = "__MACOSX" in member.filename or member.filename.rpartition("/")[2].startswith(".")
    return not hidden and member.filename.lower().endswith((".pdf", ".p7s", ".p7m", ".cms"))


def _returned(name: str, content: bytes, allowed: Collection[UUID], tools: SealTools, actor: str) -> Returned:
    if len(content) > MOST_BYTES:
        return Returned(name, code="FILE_TOO_LARGE", message="Tệp lớn hơn 200 MB.")
    try:
        record = record_named(name)
    except ValueError:
        return Returned(
            name, code="NAME_UNKNOWN", message="Tên tệp phải bắt đầu bằng mã hồ sơ, như khi tải về."
        )
    if record not in allowed:
        return Returned(name, code="NOTHING_TO_SIGN", message="Hồ sơ này không chờ chữ ký nào.")
    try:
        return Returned(name, signer=take_back(record, content, tools, actor=actor).signer)
    except NothingToSign as error:
        return Returned(name, code="NOTHING_TO_SIGN", message=str(error))
    except SigningError as error:
        told = refusal(error)
        return Returned(name, code=told.code, message=told.message)
    except StorageError as error:
        return Returned(name, code=error.code, message="Chưa lưu được bản đã ký; hãy nộp lại sau ít phút.")
