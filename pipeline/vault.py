"""The buckets as the pipeline uses them: originals, sealed copies and packages, each stored once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.models import Scan
from storage.errors import ObjectMissing, StoreRefused
from storage.keys import original_key
from storage.objects import ObjectStore, StoredObject

INPUTS = "inputs/"
ORIGINAL, PACKAGE = "ORIGINAL", "PACKAGE"
"""Retention classes of what is no sealed record; those are classed by the code of their form."""
_INPUT_LOCK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Vault:
    """What is kept, and for how long nobody can delete it.

    Attributes:
        retention: of classes that `retention_of` does not name.
        retention_of: by class of record.
        cache: folder for originals that were just read; a book of eighty records is fetched once.
        cache_bytes: how much the folder may hold.
    """

    store: ObjectStore
    originals: str
    sealed: str
    packages: str
    retention: timedelta
    cache: Path
    retention_of: Mapping[str, timedelta] = field(default_factory=dict)
    cache_bytes: int = 2 * 1024**3

    def keep_original(
        self, data: bytes, sha256: str, media_type: str, *, metadata: Mapping[str, str] | None = None
    ) -> StoredObject:
        """Store a delivered file under its hash, locked; equal bytes are stored once, whoever brings them.

        Args:
            metadata: what an index rebuilt from the store has to know; of the first delivery.
        """
        return self.store.put_once(
            self.originals,
            original_key(sha256),
            data,
            sha256=sha256,
            content_type=media_type,
            retain_until=self.until(ORIGINAL),
            metadata=metadata,
        )

    def keep_input(self, data: bytes, sha256: str, media_type: str) -> None:
        """Store a register extract or book plans for the workers; locked for a day only."""
        self.store.put_once(
            self.originals,
            f"{INPUTS}{sha256}",
            data,
            sha256=sha256,
            content_type=media_type,
            retain_until=datetime.now(UTC) + _INPUT_LOCK,
        )

    def input(self, sha256: str) -> bytes:
        """What `keep_input` stored, proved by its hash."""
        versions = [
            v for v in self.store.versions_of(self.originals, f"{INPUTS}{sha256}") if not v.delete_marker
        ]
        if not versions:
            raise ObjectMissing("OBJECT_MISSING", f"no input {sha256}")
        path = self.cache / sha256
        if not path.exists():
            self._fetch(path, versions[-1].key, versions[-1].version_id, sha256)
        return path.read_bytes()

    @contextmanager
    def original(self, scan: Scan) -> Iterator[Path]:
        """The delivered file on the local disk, proved by its hash.

        Raises:
            StoreRefused: what the store holds is not what was delivered.
        """
        path = self.cache / scan.sha256
        if not path.exists():
            self._make_room(scan.size)
            self._fetch(path, scan.key, scan.version_id, scan.sha256)
        # a link of our own keeps the bytes while others make room
        with tempfile.TemporaryDirectory(dir=self.cache) as folder:
            mine = Path(folder) / "original"
            try:
                mine.hardlink_to(path)
            except FileNotFoundError:
                self._fetch(mine, scan.key, scan.version_id, scan.sha256)
            yield mine

    def find_sealed(self, key: str) -> StoredObject | None:
        """The first version of a sealed copy, if an earlier attempt got as far as storing it."""
        versions = [v for v in self.store.versions_of(self.sealed, key) if not v.delete_marker]
        if not versions:
            return None
        first = versions[-1]
        state = self.store.state(self.sealed, key, first.version_id)
        digest = self.store.digest(self.sealed, key, first.version_id)
        return StoredObject(self.sealed, key, first.version_id, digest, state.size, state.retain_until)

    def keep_sealed(
        self,
        data: bytes,
        key: str,
        sha256: str,
        *,
        retention_class: str,
        metadata: Mapping[str, str],
        media_type: str = "application/pdf",
    ) -> StoredObject:
        """Store a sealed copy, locked.

        Args:
            retention_class: code of the record's form.

        Raises:
            ObjectConflict: another attempt was faster; its copy counts.
        """
        return self.store.put_once(
            self.sealed,
            key,
            data,
            sha256=sha256,
            content_type=media_type,
            retain_until=self.until(retention_class),
            metadata={**metadata, "retention-class": retention_class},
        )

    def keep_package(
        self, data: bytes | Path, key: str, sha256: str, *, media_type: str, metadata: Mapping[str, str]
    ) -> StoredObject:
        """Store a hand-over package, locked; see `storage.keys.package_key`."""
        return self.store.put_once(
            self.packages,
            key,
            data,
            sha256=sha256,
            content_type=media_type,
            retain_until=self.until(PACKAGE),
            metadata=metadata,
        )

    def _fetch(self, path: Path, key: str, version_id: str, sha256: str) -> None:
        with tempfile.TemporaryDirectory(dir=self.cache) as folder:
            fresh = Path(folder) / "fetched"
            digest = self.store.stream_to(fresh, self.originals, key, version_id)
            if digest != sha256:
                raise StoreRefused("CONTENT_DIFFERS", f"{key} came back as {digest}")
            fresh.replace(path)

    def _make_room(self, size: int) -> None:
        """Drop the files that were used longest ago until `size` more bytes fit."""
        files = [(p.stat().st_atime, p.stat().st_size, p) for p in self.cache.iterdir() if p.is_file()]
        held = sum(s for _, s, _ in files)
        for _, length, path in sorted(files):
            if held + size <= self.cache_bytes:
                return
            path.unlink(missing_ok=True)
            held -= length

    def until(self, retention_class: str) -> datetime:
        """End of a lock of this class that begins now."""
        return datetime.now(UTC) + self.retention_of.get(retention_class, self.retention)
