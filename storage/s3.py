"""The S3 client, with conditional writes that minio-py does not offer publicly."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO
from urllib.parse import quote, unquote_plus
from xml.etree import ElementTree

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.datatypes import Part
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from minio.time import to_iso8601utc
from minio.xml import Element, SubElement, getbytes

from storage.errors import ObjectMissing, StoreError, StoreRefused, StoreUnavailable

SINGLE_PUT_LIMIT = 32 * 1024 * 1024
PART_SIZE = 16 * 1024 * 1024
PARALLEL_PARTS = 2

_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "ResourceNotFound"})
_BUSY = frozenset(
    {
        "InternalError",
        "SlowDown",
        "ServiceUnavailable",
        "RequestTimeout",
        "OperationAborted",
        "XMinioServerNotInitialized",
    }
)
_FULL = frozenset({"InsufficientStorage", "InsufficientCapacity", "QuotaExceeded", "XMinioStorageFull"})
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One row of a version listing."""

    key: str
    version_id: str
    latest: bool
    delete_marker: bool
    size: int
    modified: datetime


class KeyTaken(Exception):  # noqa: N818 -- an answer, not a failure
    """The key of a create-only write exists."""


class ConditionalMinio(Minio):
    """Minio client that can create an object without ever replacing one.

    minio-py drops ``If-None-Match`` from `put_object`. This class stands on four of its protected methods;
    ``tests/conformance`` fails when an upgrade changes one of them.
    """

    def create(
        self, bucket: str, key: str, stream: BinaryIO, size: int, headers: dict[str, str]
    ) -> str | None:
        """Write an object unless its key exists.

        Args:
            bucket: with versioning.
            key: of the object.
            stream: `size` bytes from its current position.
            size: in bytes.
            headers: content type, metadata and lock of the new object.

        Returns:
            Version id, or ``None`` from a store without versions.

        Raises:
            KeyTaken: nothing was written.
        """
        try:
            if size <= SINGLE_PUT_LIMIT:
                return self._create_whole(bucket, key, stream.read(size), headers)
            return self._create_in_parts(bucket, key, stream, size, headers)
        except S3Error as error:
            if error.code in _TAKEN:
                raise KeyTaken(key) from error
            raise

    def version_rows(self, bucket: str, prefix: str, after: str = "") -> Iterator[VersionRow]:
        """Versions and delete markers below `prefix`, by key, the newest of each key first.

        minio-py gives all markers of a listing after all versions and fails on times that are not in UTC.
        """
        marker = {"key-marker": after} if after else {}
        while True:
            query = {"versions": "", "prefix": prefix, "max-keys": "1000", "encoding-type": "url", **marker}
            response = self._execute("GET", bucket, query_params=dict(query))
            answer = ElementTree.fromstring(response.data)  # noqa: S314 -- the store has our password
            encoded = _child(answer, "EncodingType") == "url"
            rows = [_version_row(e, encoded) for e in answer if _tag(e) in {"Version", "DeleteMarker"}]
            # The latest flag decides before the clock does: times have whole seconds in some stores.
            rows.sort(key=lambda row: (row.modified, row.latest), reverse=True)
            rows.sort(key=lambda row: row.key)
            yield from rows
            if _child(answer, "IsTruncated") != "true":
                return
            following = _child(answer, "NextKeyMarker")
            marker = {"key-marker": unquote_plus(following) if encoded else following}
            if version := _child(answer, "NextVersionIdMarker"):
                marker["version-id-marker"] = version

    def _create_whole(self, bucket: str, key: str, body: bytes, headers: dict[str, str]) -> str | None:
        checked = {
            **headers,
            "If-None-Match": "*",
            "Content-MD5": _md5(body),
            "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
        }
        return self._put_object(bucket, key, body, headers=dict(checked)).version_id

    def _create_in_parts(
        self, bucket: str, key: str, stream: BinaryIO, size: int, headers: dict[str, str]
    ) -> str | None:
        upload = self._create_multipart_upload(bucket, key, dict(headers))
        try:
            parts = self._upload_parts(bucket, key, stream, size, upload)
            return self._complete_unless_taken(bucket, key, upload, parts)
        except BaseException:
            self._abort_multipart_upload(bucket, key, upload)
            raise

    def _upload_parts(self, bucket: str, key: str, stream: BinaryIO, size: int, upload: str) -> list[Part]:
        def send(number: int, body: bytes) -> Part:
            etag = self._upload_part(bucket, key, body, {"Content-MD5": _md5(body)}, upload, number)
            return Part(number, etag)

        parts: list[Part] = []
        count = -(-size // PART_SIZE)
        with ThreadPoolExecutor(PARALLEL_PARTS) as pool:
            # A round at a time: memory holds no more than the parts under way.
            for first in range(1, count + 1, PARALLEL_PARTS):
                numbers = range(first, min(first + PARALLEL_PARTS, count + 1))
                bodies = [stream.read(min(PART_SIZE, size - (n - 1) * PART_SIZE)) for n in numbers]
                parts += pool.map(send, numbers, bodies)
        return parts

    def _complete_unless_taken(self, bucket: str, key: str, upload: str, parts: list[Part]) -> str | None:
        element = Element("CompleteMultipartUpload")
        for part in parts:
            tag = SubElement(element, "Part")
            SubElement(tag, "PartNumber", str(part.part_number))
            SubElement(tag, "ETag", f'"{part.etag}"')
        body = getbytes(element)
        response = self._execute(
            "POST",
            bucket,
            key,
            body=body,
            headers={"Content-Type": "application/xml", "Content-MD5": _md5(body), "If-None-Match": "*"},
            query_params={"uploadId": upload},
        )
        version: str | None = response.headers.get("x-amz-version-id")
        return version


def _version_row(element: ElementTree.Element, encoded: bool) -> VersionRow:
    key = _child(element, "Key")
    return VersionRow(
        unquote_plus(key) if encoded else key,
        _child(element, "VersionId"),
        _child(element, "IsLatest") == "true",
        _tag(element) == "DeleteMarker",
        int(_child(element, "Size") or 0),
        datetime.fromisoformat(_child(element, "LastModified")),
    )


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: ElementTree.Element, tag: str) -> str:
    return next((child.text or "" for child in element if _tag(child) == tag), "")


@contextmanager
def typed_errors(what: str) -> Iterator[None]:
    """Turn what the client raises into the errors of `storage.errors`."""
    try:
        yield
    except S3Error as error:
        raise _typed(error, what) from error
    except ServerError as error:
        raise StoreUnavailable("STORE_FAILED", f"{what}: {error}") from error
    except InvalidResponseError as error:
        raise StoreUnavailable("STORE_ANSWER_MALFORMED", f"{what}: {error}") from error
    except urllib3.exceptions.MaxRetryError as error:
        # it answers and cannot do it, again and again: a full disk looks like this on several servers
        failing = isinstance(error.reason, urllib3.exceptions.ResponseError)
        code = "STORE_FAILS" if failing else "STORE_UNREACHABLE"
        raise StoreUnavailable(code, f"{what}: {error}{'; is its disk full?' if failing else ''}") from error
    except (urllib3.exceptions.HTTPError, MinioException, ConnectionError, TimeoutError) as error:
        raise StoreUnavailable("STORE_UNREACHABLE", f"{what}: {error}") from error
    except ValueError as error:
        raise StoreRefused("REQUEST_MALFORMED", f"{what}: {error}") from error


def _typed(error: S3Error, what: str) -> StoreError:
    text = f"{what}: {error.code}: {error.message}"
    kinds: list[tuple[frozenset[str], Callable[[str, str], StoreError], str]] = [
        (_MISSING, ObjectMissing, "OBJECT_MISSING"),
        (_BUSY, StoreUnavailable, "STORE_BUSY"),
        (_FULL, StoreUnavailable, "STORE_FULL"),
    ]
    for codes, kind, code in kinds:
        if error.code in codes:
            return kind(code, text)
    return StoreRefused("STORE_REFUSED", text)


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def version_or_fail(version: str | None, what: str) -> str:
    """The version id of a write, which a bucket without versions does not give."""
    if not version or version == "null":
        raise StoreRefused("NO_VERSION", f"{what}: the bucket keeps no versions")
    return version


def whole_second(moment: datetime) -> datetime:
    """Stores keep whole seconds; a lock must not end before it was asked to."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole if moment.microsecond == 0 else whole + timedelta(seconds=1)


def locked_put_headers(content_type: str, until: datetime, metadata: Mapping[str, str]) -> dict[str, str]:
    """Headers of a put that is locked from its first moment; metadata values are percent-encoded."""
    headers = {
        f"x-amz-meta-{name.lower()}": quote(value, safe=" /:+-_.,;=") for name, value in metadata.items()
    }
    headers["Content-Type"] = content_type
    headers["x-amz-object-lock-mode"] = COMPLIANCE
    headers["x-amz-object-lock-retain-until-date"] = to_iso8601utc(until) or ""
    return headers
