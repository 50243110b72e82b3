"""Files carried on a stick: a signed list beside them, proved before anything is taken in.

The list is ``sohoa-chuyen.json`` and its signature ``sohoa-chuyen.json.p7s``, both in the top folder and
written last, so that a stick pulled out too early carries no list.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.checks import Check, failed
from storage.errors import PackageError
from storage.packages.archive_files import is_safe
from storage.packages.archive_xml import moment

MANIFEST_NAME = "sohoa-chuyen.json"
SIGNATURE_NAME = f"{MANIFEST_NAME}.p7s"
FORMAT = "sohoa-carry/1"
MANIFEST_BYTES = 64 * 1024**2
_CHUNK = 1024**2
_PARTIAL = ".sohoa-partial"

LEFT_BY_SYSTEMS = frozenset(
    {
        *("thumbs.db", "desktop.ini", ".ds_store", "system volume information", "$recycle.bin"),
        *(".trashes", ".fseventsd", ".spotlight-v100", ".trash-1000", "lost+found", "autorun.inf"),
    }
)
"""What operating systems put on a stick unasked; neither carried nor missed."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One file.

    Attributes:
        path: below the carried folder, NFC, ``/`` between folders.
        sha256: lower case.
    """

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class CarryManifest:
    """What a stick ought to hold.

    Attributes:
        identifier: UUID; a list is taken in once.
        counter: rises with every list of an office, from 1.
        packed_at: aware, by the clock of the packing machine.
    """

    identifier: str
    office: str
    office_name: str
    counter: int
    packed_at: datetime
    packed_by: str
    files: tuple[CarriedFile, ...]

    def to_json(self) -> bytes:
        """Stable UTF-8 JSON; these bytes are signed."""
        content = {"format": FORMAT, **asdict(self), "packed_at": moment(self.packed_at)}
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


def read_manifest(data: bytes) -> CarryManifest:
    """Parse a list; check its signature first.

    Raises:
        PackageError: ``MANIFEST_UNREADABLE``, ``UNSAFE_NAME``.
    """
    try:
        content: dict[str, Any] = json.loads(data)
        if content.pop("format") != FORMAT:
            raise ValueError("unknown format")
        files = tuple(CarriedFile(**f) for f in content.pop("files"))
        packed_at = datetime.fromisoformat(content.pop("packed_at"))
        manifest = CarryManifest(files=files, packed_at=packed_at, **content)
        if str(uuid.UUID(manifest.identifier)) != manifest.identifier:
            raise ValueError("identifier")
        if manifest.counter < 1 or not manifest.office or packed_at.tzinfo is None:
            raise ValueError("counter, office or time")
        _fields_hold(files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackageError("MANIFEST_UNREADABLE", f"{MANIFEST_NAME}: {error}") from error
    for file in files:
        if not is_safe(file.path) or _is_own(file.path):
            raise PackageError("UNSAFE_NAME", file.path)
    return manifest


def carried_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and place of every file that goes along, in a stable order.

    Raises:
        PackageError: ``LINK_FOUND``, ``NAMES_COLLIDE`` (names that one kind of stick takes for the same),
            ``UNSAFE_NAME``, ``STICK_GONE``.
    """
    seen: dict[str, str] = {}
    try:
        found = sorted(_walk(folder, ""))
    except OSError as error:
        raise PackageError("STICK_GONE", f"{folder}: {error}") from error
    for name, path in found:
        if path.is_symlink():
            raise PackageError("LINK_FOUND", name)
        if not is_safe(name):
            raise PackageError("UNSAFE_NAME", name)
        if other := seen.get(name.casefold()):
            raise PackageError("NAMES_COLLIDE", f"{other}, {name}")
        seen[name.casefold()] = name
        yield name, path


def measure(path: Path, name: str) -> CarriedFile:
    """Hash one file.

    Raises:
        PackageError: ``STICK_GONE``.
    """
    digest, size = hashlib.sha256(), 0
    for block in _blocks(path, name):
        digest.update(block)
        size += len(block)
    return CarriedFile(name, digest.hexdigest(), size)


def write_list(folder: Path, manifest: bytes, signature: bytes) -> None:
    """Put signature, then list, into the folder, each whole or not at all.

    Raises:
        PackageError: ``DISK_FULL``, ``STICK_GONE``.
    """
    for name, data in ((SIGNATURE_NAME, signature), (MANIFEST_NAME, manifest)):
        _save(folder / name, iter((data,)))


def read_list(folder: Path) -> tuple[bytes, bytes]:
    """List and signature as they stand in the folder.

    Raises:
        PackageError: ``MANIFEST_MISSING``, ``SIGNATURE_MISSING``, ``MANIFEST_UNREADABLE``, ``STICK_GONE``.
    """
    found = []
    for name, code in ((MANIFEST_NAME, "MANIFEST_MISSING"), (SIGNATURE_NAME, "SIGNATURE_MISSING")):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise PackageError(code, f"{folder} holds no {name}")
        if path.stat().st_size > MANIFEST_BYTES:
            raise PackageError("MANIFEST_UNREADABLE", f"{name} is too large")
        found.append(b"".join(_blocks(path, name)))
    return found[0], found[1]


def differences(folder: Path, manifest: CarryManifest) -> tuple[Check, ...]:
    """What is missing, of another size, or not on the list; contents are not read."""
    told = {f.path: f for f in manifest.files}
    standing = dict(carried_files(folder))
    checks = [failed("files", "FILE_MISSING", name=name) for name in told if name not in standing]
    checks += [failed("files", "FILE_NOT_LISTED", name=name) for name in standing if name not in told]
    for name, path in standing.items():
        if name in told and path.stat().st_size != told[name].size:
            checks.append(failed("files", "FILE_DAMAGED", name=name))
    return tuple(checks)


def fetch(
    folder: Path, files: tuple[CarriedFile, ...], target: Path, done: Callable[[], None] = lambda: None
) -> tuple[Check, ...]:
    """Copy files and prove them on the way; what an earlier call brought whole is not read again.

    Args:
        target: folder on the local disk, or on the stick when packing.
        done: called after each file.

    Returns:
        One failed check a damaged file; the others are copied all the same.

    Raises:
        PackageError: ``STICK_GONE``, ``DISK_FULL``; call again with the same arguments to go on.
    """
    sources = dict(carried_files(folder))
    damaged = []
    for file in files:
        place = target / file.path
        if not (place.is_file() and measure(place, file.path) == file):
            if file.path not in sources:
                raise PackageError("STICK_GONE", f"{file.path} is no longer there")
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest, size = _save(place, _blocks(sources[file.path], file.path))
            if (digest, size) != (file.sha256, file.size):
                place.unlink()
                damaged.append(failed("files", "FILE_DAMAGED", name=file.path))
        done()
    return tuple(damaged)


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in folder.iterdir():
        name = unicodedata.normalize("NFC", f"{prefix}{path.name}")
        if path.name.casefold() in LEFT_BY_SYSTEMS or path.name.startswith("._") or _is_own(name):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, f"{name}/")
        else:
            yield name, path


def _is_own(name: str) -> bool:
    return name in (MANIFEST_NAME, SIGNATURE_NAME) or name.endswith(_PARTIAL)


def _fields_hold(files: tuple[CarriedFile, ...]) -> None:
    names = {f.path.casefold() for f in files}
    if not files or len(names) != len(files):
        raise ValueError("no files, or one twice")
    for file in files:
        if len(file.sha256) != 64 or set(file.sha256) - set("0123456789abcdef") or file.size < 0:
            raise ValueError(f"digest or size of {file.path}")


def _blocks(path: Path, name: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while block := stream.read(_CHUNK):
                yield block
    except OSError as error:
        raise PackageError("STICK_GONE", f"{name}: {error}") from error


def _save(place: Path, blocks: Iterator[bytes]) -> tuple[str, int]:
    """Write beside, flush, rename; digest and size of what was written."""
    partial = place.with_name(f"{place.name}{_PARTIAL}")
    digest, size = hashlib.sha256(), 0
    try:
        with partial.open("wb") as stream:
            for block in blocks:
                digest.update(block)
                size += len(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(place)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise PackageError("DISK_FULL" if full else "STICK_GONE", f"{place.name}: {error}") from error
    return digest.hexdigest(), size
