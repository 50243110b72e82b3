"""The files of an archive package, in a folder or in one ZIP, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from storage.errors import PackageError
from storage.packages.mets import Listed
from storage.packages.problems import ZIP_FAULTS

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The same in every ZIP, so that equal packages have equal bytes."""
MEMBER_BYTES = 2 * 1024**3
MEMBERS = 200_000

INFLATED_BYTES, INFLATED_TIMES = 256 * 1024**2, 50
"""A ZIP that unpacks to more than both is no package: scans do not pack at all, XML packs to a twentieth."""

_MEDIA = {".xml": "application/xml", ".xsd": "application/octet-stream", ".pdf": "application/pdf"}


class PackageFiles(Protocol):
    """What stands in a package.

    Attributes:
        folder: name of the package's folder.
        odd: names that cannot be files of a package: links, unsafe or doubled names.
    """

    folder: str
    odd: tuple[str, ...]

    def names(self) -> tuple[str, ...]:
        """Paths below the package's folder, sorted."""

    def read(self, name: str) -> bytes:
        """Bytes of one file.

        Raises:
            PackageError: ``FILE_MISSING``, ``FILE_UNREADABLE``.
        """


class PackageSink(Protocol):
    """Where a package is written to."""

    def put(self, name: str, data: bytes) -> Listed:
        """Write one file; returns what a METS says of it, with `name` as path."""


@contextmanager
def open_package(path: Path) -> Iterator[PackageFiles]:
    """Open a package folder or a ZIP that holds one.

    Raises:
        PackageError: ``PACKAGE_UNREADABLE``.
    """
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_FAULTS as error:
        raise PackageError("PACKAGE_UNREADABLE", f"{path.name}: {error}") from error
    with archive:
        yield _Zip(archive)


@contextmanager
def new_package(target: Path, folder: str) -> Iterator[PackageSink]:
    """Write below a hidden name beside `target`; the name is given when the block ends well.

    Args:
        target: ends in ``.zip`` for a ZIP that holds `folder`, else the package's folder itself.

    Raises:
        PackageError: ``TARGET_EXISTS``.
    """
    if target.exists():
        raise PackageError("TARGET_EXISTS", f"{target} exists; packages are never written over")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".sohoa-") as hidden:
        partial = Path(hidden) / "package"
        if target.suffix == ".zip":
            with zipfile.ZipFile(partial, "w") as archive:
                yield _ZipSink(archive, folder)
        else:
            partial.mkdir(mode=0o700)
            yield _FolderSink(partial)
        partial.rename(target)
    _flush(target.parent)


def listed(name: str, data: bytes) -> Listed:
    """Name, kind, digest and size of a file."""
    media = _MEDIA.get(PurePosixPath(name).suffix.lower(), "text/plain")
    return Listed(name, media, hashlib.sha256(data).hexdigest(), len(data))


def is_safe(name: str) -> bool:
    """Whether a path stays inside its package on every system."""
    parts = name.split("/")
    return all(
        part not in ("", ".", "..") and "\\" not in part and ":" not in part and part == part.strip()
        for part in parts
    ) and not any(unicodedata.category(c) == "Cc" for c in name)


def swells(entries: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether files of a ZIP would fill memory and disk out of proportion to it."""
    packed = unpacked = 0
    for entry in entries:
        packed, unpacked = packed + entry.compress_size, unpacked + entry.file_size
    return unpacked > max(INFLATED_BYTES, INFLATED_TIMES * packed)


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Bytes of one file of a ZIP, never more than it names.

    Raises:
        PackageError: ``FILE_UNREADABLE``.
    """
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except ZIP_FAULTS as error:
        raise PackageError("FILE_UNREADABLE", f"{entry.filename}: {error}") from error
    if len(data) != entry.file_size:
        raise PackageError("FILE_UNREADABLE", f"{entry.filename}: {len(data)} bytes of {entry.file_size}")
    return data


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.folder = path.name
        files, odd = [], []
        for found in sorted(path.rglob("*")):
            name = found.relative_to(path).as_posix()
            if found.is_symlink() or not (found.is_dir() or found.is_file()):
                odd.append(name)
            elif found.is_file():
                files.append(name)
        self._names = tuple(files)
        self.odd = tuple(odd)

    def names(self) -> tuple[str, ...]:
        return self._names

    def read(self, name: str) -> bytes:
        if name not in self._names:
            raise PackageError("FILE_MISSING", name)
        try:
            return (self._path / name).read_bytes()
        except OSError as error:
            raise PackageError("FILE_UNREADABLE", f"{name}: {error}") from error


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        entries = [e for e in archive.infolist() if not e.is_dir()]
        if swells(entries):
            raise PackageError("PACKAGE_TOO_LARGE", "the ZIP unpacks to more than any package")
        folders = {e.filename.split("/")[0] for e in entries}
        if len(folders) != 1 or len(entries) > MEMBERS:
            raise PackageError("PACKAGE_UNREADABLE", "the ZIP does not hold exactly one package folder")
        (self.folder,) = folders
        self._entries: dict[str, zipfile.ZipInfo] = {}
        odd = []
        for entry in entries:
            name = entry.filename.partition("/")[2]
            link = entry.external_attr >> 28 == 0xA
            if not is_safe(name) or name in self._entries or link or entry.file_size > MEMBER_BYTES:
                odd.append(entry.filename)
            else:
                self._entries[name] = entry
        self.odd = tuple(odd)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._entries))

    def read(self, name: str) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise PackageError("FILE_MISSING", name)
        return read_entry(self._archive, entry)


class _FolderSink:
    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, name: str, data: bytes) -> Listed:
        place = self._path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        return listed(name, data)


class _ZipSink:
    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        self._archive = archive
        self._folder = folder

    def put(self, name: str, data: bytes) -> Listed:
        entry = zipfile.ZipInfo(f"{self._folder}/{name}", ZIP_TIME)
        entry.external_attr = 0o100600 << 16
        # signed PDFs hold images that are compressed already
        entry.compress_type = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
        self._archive.writestr(entry, data)
        return listed(name, data)


def remove_package(target: Path) -> None:
    """Take back a package that turned out not to hold."""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
