"""A private SeaweedFS on loopback for tests."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from storage.errors import StoreError
from storage.objects import ObjectStore, StoreAddress

START_SECONDS = 30.0
_LISTENERS = ("master", "volume", "filer", "s3", "admin")


def find_weed() -> Path | None:
    """The server beside this interpreter or on the path."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.is_file() else shutil.which("weed")
    return Path(found) if found else None


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on; all are held at once so that none comes twice."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


@dataclass
class Seaweed:
    """A running server.

    Attributes:
        admin: account that may make buckets.
        writer: account that may write and lock in the two buckets of `admin`, and nothing else.
        reader: account that may only read there.
    """

    process: subprocess.Popen[bytes]
    admin: StoreAddress
    writer: StoreAddress
    reader: StoreAddress

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_seaweed(folder: Path) -> Seaweed:
    """Start a server over `folder` and wait until it answers S3 requests."""
    weed = find_weed()
    assert weed is not None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    ports = free_ports(2 * len(_LISTENERS))
    port = dict(zip(_LISTENERS, ports[: len(_LISTENERS)], strict=True))
    admin = StoreAddress(f"http://127.0.0.1:{port['s3']}", "test-admin", "test-admin-secret")
    writer = replace(admin, access_key="test-writer", secret_key="test-writer-secret")
    reader = replace(admin, access_key="test-reader", secret_key="test-reader-secret")
    (folder / "s3.json").write_text(json.dumps(_identities(admin, writer, reader)))
    command = [str(weed), "mini", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-s3.config={folder / 's3.json'}", "-master.telemetry=false", "-disableHttp=true"]
    command += ["-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false", "-admin.ui=false"]
    command += ["-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += [f"-filer.localSocket={folder / 'filer.sock'}", f"-s3.localSocket={folder / 's3.sock'}"]
    for listener, grpc in zip(_LISTENERS, ports[len(_LISTENERS) :], strict=True):
        command += [f"-{listener}.port={port[listener]}", f"-{listener}.port.grpc={grpc}"]
    with (folder / "log.txt").open("wb") as log:
        # Outside UTC this server lists versions with local times, as it would on an office's machine.
        zone = {**os.environ, "TZ": "Asia/Ho_Chi_Minh"}
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=zone)
    server = Seaweed(process, admin, writer, reader)
    try:
        _wait_until_ready(server, folder / "log.txt")
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_ready(server: Seaweed, log: Path) -> None:
    """Both buckets stand and hold a locked object; an open port alone does not mean that writes work."""
    store = ObjectStore(replace(server.admin, timeout_s=5))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            for bucket in (server.admin.originals_bucket, server.admin.sealed_bucket):
                store.ensure_bucket(bucket)
                store.assert_locks(bucket)
            return
        except StoreError as error:
            if not error.retryable or server.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"server does not start: {error}\n{log.read_text()[-3000:]}") from error
            time.sleep(0.1)


def _identities(admin: StoreAddress, writer: StoreAddress, reader: StoreAddress) -> dict[str, object]:
    buckets = (admin.originals_bucket, admin.sealed_bucket)
    reading = ["Read", "List", "GetObjectRetention", "GetObjectLegalHold"]
    writing = [*reading, "Tagging", "Write", "PutObjectRetention", "PutObjectLegalHold"]
    actions = {
        admin: ["Admin", "Read", "List", "Tagging", "Write"],
        writer: [f"{action}:{bucket}" for bucket in buckets for action in writing],
        reader: [f"{action}:{bucket}" for bucket in buckets for action in reading],
    }
    return {
        "identities": [
            {
                "name": account.access_key,
                "credentials": [{"accessKey": account.access_key, "secretKey": account.secret_key}],
                "actions": allowed,
            }
            for account, allowed in actions.items()
        ]
    }
