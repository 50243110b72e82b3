"""Stored objects that cannot be quietly changed: one store over the S3 API."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import urllib3
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from storage.errors import NotLocked, ObjectConflict, ObjectMissing, StoreRefused, StoreUnavailable
from storage.keys import PROBE
from storage.s3 import (
    SINGLE_PUT_LIMIT,
    ConditionalMinio,
    KeyTaken,
    VersionRow,
    locked_put_headers,
    typed_errors,
    version_or_fail,
    whole_second,
)
from storage.stored import ObjectState, StoreAddress, StoredObject

__all__ = ["ObjectState", "ObjectStore", "StoreAddress", "StoredObject"]

CHUNK = 1024 * 1024
PROBE_LOCK = timedelta(minutes=2)
"""Longer than clocks of two servers differ; the probe object can go after it."""


class ObjectStore:
    """Versioned, locked objects behind one S3 endpoint.

    Threads may share one store; processes may not.
    """

    def __init__(self, address: StoreAddress) -> None:
        self.address = address
        parts = urlsplit(address.url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise StoreRefused("ADDRESS_MALFORMED", f"{address.url!r} is not http(s)://host:port")
        self._client = ConditionalMinio(
            parts.netloc,
            access_key=address.access_key,
            secret_key=address.secret_key,
            secure=parts.scheme == "https",
            region=address.region,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=min(10.0, address.timeout_s), read=address.timeout_s),
                maxsize=16,
                retries=urllib3.Retry(3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
            ),
        )

    # Buckets

    def ensure_bucket(self, bucket: str) -> None:
        """Create a bucket with object lock unless it is there.

        Raises:
            StoreRefused: it is not there and may not be created; the store's administrator has to.
        """
        with typed_errors(f"bucket {bucket}"):
            if self._client.bucket_exists(bucket):
                return
            try:
                self._client.make_bucket(bucket, object_lock=True)
            except S3Error as error:
                if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise

    def assert_locks(self, bucket: str) -> None:
        """Prove that what is locked here cannot be deleted, by trying.

        Raises:
            NotLocked: ``VERSIONING_OFF``, ``OBJECT_LOCK_OFF`` or ``LOCK_NOT_ENFORCED``.
            ObjectMissing: no such bucket.
        """
        with typed_errors(f"bucket {bucket}"):
            try:
                if self._client.get_bucket_versioning(bucket).status != "Enabled":
                    raise NotLocked("VERSIONING_OFF", f"bucket {bucket} keeps no versions")
                self._client.get_object_lock_config(bucket)
            except S3Error as error:
                if error.code == "NoSuchBucket":
                    raise
                # An account that may only write cannot ask; the attempt below tells it all the same.
                if error.code != "AccessDenied":
                    raise NotLocked("OBJECT_LOCK_OFF", f"bucket {bucket} has no object lock") from error
        self._assert_lock_enforced(bucket)

    def _assert_lock_enforced(self, bucket: str) -> None:
        content = uuid.uuid4().hex.encode()
        key = f"{PROBE}{content.decode()}"
        try:
            probe = self.put_once(
                bucket,
                key,
                content,
                sha256=hashlib.sha256(content).hexdigest(),
                content_type="text/plain",
                retain_until=datetime.now(UTC) + PROBE_LOCK,
            )
        except StoreRefused as error:
            raise NotLocked("OBJECT_LOCK_OFF", f"bucket {bucket} takes no locked object: {error}") from error
        try:
            with typed_errors(f"{bucket}/{key}"):
                self._client.remove_object(bucket, key, version_id=probe.version_id)
        except StoreRefused:
            if self.get(bucket, key, probe.version_id) == content:
                self._sweep_probes(bucket)
                return
        raise NotLocked("LOCK_NOT_ENFORCED", f"bucket {bucket} let a locked object be deleted")

    def _sweep_probes(self, bucket: str) -> None:
        """Remove probes whose lock has run out, where this account may delete at all."""
        for version in list(self.list_versions(bucket, PROBE)):
            try:
                with typed_errors(f"{bucket}/{version.key}"):
                    self._client.remove_object(bucket, version.key, version_id=version.version_id)
            except (StoreRefused, ObjectMissing):
                continue

    # Writing

    def put_once(
        self,
        bucket: str,
        key: str,
        content: bytes | Path,
        *,
        sha256: str,
        content_type: str,
        retain_until: datetime,
        metadata: Mapping[str, str] | None = None,
    ) -> StoredObject:
        """Create a locked object, or find that the same one is already there, and read it back.

        Calling it again with the same content is harmless: the first version is adopted, its lock
        prolonged where it would end earlier.

        Args:
            bucket: with object lock.
            key: see ``storage.keys``.
            content: bytes, or a file of any size.
            sha256: of the content as the caller computed it when it was received or made.
            content_type: media type.
            retain_until: aware; end of the COMPLIANCE lock, which nobody can shorten.
            metadata: values may hold any text; they travel percent-encoded.

        Raises:
            ObjectConflict: the key holds other bytes.
            NotLocked: the version was written but is not locked as asked.
            StoreRefused: ``CONTENT_DIFFERS`` where the content or what came back does not match `sha256`.
            StoreUnavailable: try again.
            ObjectMissing: no such bucket.
        """
        what = f"{bucket}/{key}"
        if retain_until.tzinfo is None:
            raise StoreRefused("TIME_WITHOUT_ZONE", f"{what}: the end of the lock carries no time zone")
        until = whole_second(retain_until)
        with _opened(content) as stream:
            size, digest = _measure(stream)
            if digest != sha256:
                raise StoreRefused("CONTENT_DIFFERS", f"{what}: content has SHA-256 {digest}, not {sha256}")
            if size > SINGLE_PUT_LIMIT and self.versions_of(bucket, key):
                # A large file would travel whole before the store says that the key is taken.
                return self._adopt(bucket, key, sha256, until)
            headers = locked_put_headers(content_type, until, {**(metadata or {}), "sha256": sha256})
            if self.address.encrypt:
                headers["x-amz-server-side-encryption"] = "AES256"
            stream.seek(0)
            try:
                with typed_errors(what):
                    version = self._client.create(bucket, key, stream, size, headers)
            except KeyTaken:
                return self._adopt(bucket, key, sha256, until)
        stored = StoredObject(bucket, key, version_or_fail(version, what), sha256, size, until)
        self._read_back(stored)
        return stored

    def _adopt(self, bucket: str, key: str, sha256: str, until: datetime) -> StoredObject:
        versions = [v for v in self.versions_of(bucket, key) if not v.delete_marker]
        if not versions:
            # Taken a moment ago by a write that is not listed yet, or an empty name under a delete marker.
            raise StoreUnavailable("STORE_BUSY", f"{bucket}/{key}: is taken and cannot be listed")
        first = versions[-1]
        digest = self._digest(bucket, key, first.version_id)
        state = self.state(bucket, key, first.version_id)
        existing = StoredObject(bucket, key, first.version_id, digest, state.size, state.retain_until)
        if digest != sha256:
            raise ObjectConflict("OBJECT_CONFLICT", f"{bucket}/{key}: holds {digest}, not {sha256}", existing)
        if state.lock_mode != COMPLIANCE or state.retain_until is None or state.retain_until < until:
            self._prolong(bucket, key, first.version_id, until)
        stored = StoredObject(
            bucket, key, first.version_id, sha256, state.size, max(until, state.retain_until or until)
        )
        self._assert_locked(stored)
        return stored

    def prolong(self, stored: StoredObject, until: datetime) -> bool:
        """Let a lock end at `until` where it would end earlier; false where it already lasts.

        Raises:
            NotLocked: the store did not do as asked.
        """
        until = whole_second(until)
        state = self.state(stored.bucket, stored.key, stored.version_id)
        if state.lock_mode == COMPLIANCE and state.retain_until and state.retain_until >= until:
            return False
        self._prolong(stored.bucket, stored.key, stored.version_id, until)
        self._assert_locked(replace(stored, retain_until=until))
        return True

    def _prolong(self, bucket: str, key: str, version_id: str, until: datetime) -> None:
        with typed_errors(f"{bucket}/{key}"):
            self._client.set_object_retention(
                bucket, key, Retention(COMPLIANCE, until), version_id=version_id
            )

    def _read_back(self, stored: StoredObject) -> None:
        digest = self._digest(stored.bucket, stored.key, stored.version_id)
        if digest != stored.sha256:
            raise StoreRefused(
                "CONTENT_DIFFERS", f"{stored.bucket}/{stored.key}: came back as {digest}, not {stored.sha256}"
            )
        self._assert_locked(stored)

    def _assert_locked(self, stored: StoredObject) -> None:
        state = self.state(stored.bucket, stored.key, stored.version_id)
        wanted = stored.retain_until
        if (
            state.lock_mode != COMPLIANCE
            or state.retain_until is None
            or (wanted is not None and state.retain_until < wanted)
        ):
            raise NotLocked(
                "VERSION_NOT_LOCKED",
                f"{stored.bucket}/{stored.key} {stored.version_id}: lock is {state.lock_mode or 'none'} "
                f"until {state.retain_until}, wanted COMPLIANCE until {wanted}",
            )

    # Reading

    def get(self, bucket: str, key: str, version_id: str) -> bytes:
        """Content of one version, unproved.

        Raises:
            ObjectMissing: no such version.
            StoreUnavailable: try again.
        """
        return b"".join(self._chunks(bucket, key, version_id))

    def stream_to(self, path: Path, bucket: str, key: str, version_id: str) -> str:
        """Write one version to a file, whole or not at all.

        Returns:
            SHA-256 of what was written.
        """
        partial = path.with_name(path.name + ".partial")
        digest = hashlib.sha256()
        try:
            with partial.open("wb") as stream:
                for chunk in self._chunks(bucket, key, version_id):
                    digest.update(chunk)
                    stream.write(chunk)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return digest.hexdigest()

    def digest(self, bucket: str, key: str, version_id: str) -> str:
        """SHA-256 of one version, computed here from all its bytes."""
        return self._digest(bucket, key, version_id)

    def _digest(self, bucket: str, key: str, version_id: str) -> str:
        digest = hashlib.sha256()
        for chunk in self._chunks(bucket, key, version_id):
            digest.update(chunk)
        return digest.hexdigest()

    def _chunks(self, bucket: str, key: str, version_id: str) -> Iterator[bytes]:
        with typed_errors(f"{bucket}/{key} {version_id}"):
            response = self._client.get_object(bucket, key, version_id=version_id)
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def state(self, bucket: str, key: str, version_id: str) -> ObjectState:
        """What the store says about one version.

        Raises:
            ObjectMissing: no such version, or it is a delete marker.
        """
        with typed_errors(f"{bucket}/{key} {version_id}"):
            try:
                found = self._client.stat_object(bucket, key, version_id=version_id)
            except S3Error as error:
                if error.code == "MethodNotAllowed":
                    raise ObjectMissing(
                        "OBJECT_MISSING", f"{bucket}/{key} {version_id}: is a delete marker"
                    ) from error
                raise
        headers = {name.lower(): value for name, value in (found.metadata or {}).items()}
        prefix = "x-amz-meta-"
        until = headers.get("x-amz-object-lock-retain-until-date")
        return ObjectState(
            found.size or 0,
            found.content_type or "",
            {n.removeprefix(prefix): unquote(v) for n, v in headers.items() if n.startswith(prefix)},
            headers.get("x-amz-object-lock-mode", ""),
            datetime.fromisoformat(until) if until else None,
            headers.get("x-amz-object-lock-legal-hold", "") == "ON",
        )

    def list_versions(self, bucket: str, prefix: str = "", *, after: str = "") -> Iterator[VersionRow]:
        """All versions and delete markers below a prefix, by key, the newest of each key first.

        Args:
            bucket: any.
            prefix: of the keys.
            after: only keys that stand later in code point order than this one.
        """
        with typed_errors(f"bucket {bucket}"):
            yield from self._client.version_rows(bucket, prefix, after)

    def versions_of(self, bucket: str, key: str) -> tuple[VersionRow, ...]:
        """Versions and delete markers of one key, newest first; empty where there is none."""
        return tuple(v for v in self.list_versions(bucket, key) if v.key == key)

    # Holds and links

    def set_legal_hold(self, bucket: str, key: str, version_id: str, on: bool) -> None:
        """Keep a version whatever its lock says, until the hold is lifted by the same call."""
        with typed_errors(f"{bucket}/{key} {version_id}"):
            if on:
                self._client.enable_object_legal_hold(bucket, key, version_id=version_id)
            else:
                self._client.disable_object_legal_hold(bucket, key, version_id=version_id)

    def link(self, bucket: str, key: str, version_id: str, *, valid: timedelta) -> str:
        """Address from which a browser can fetch one version until `valid` has passed."""
        with typed_errors(f"{bucket}/{key} {version_id}"):
            return self._client.presigned_get_object(bucket, key, expires=valid, version_id=version_id)


def _opened(content: bytes | Path) -> AbstractContextManager[BinaryIO]:
    return content.open("rb") if isinstance(content, Path) else nullcontext(io.BytesIO(content))


def _measure(stream: BinaryIO) -> tuple[int, str]:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return stream.tell(), digest.hexdigest()
