"""Measure the embedded store; see ``bench_store``.

*Stored* counts an object when it is written, synced, locked, read back by version id and its lock is seen.
*Proved* is what ``sohoa verify`` does with an original: versions, lock, all bytes against the digest.
*Kills* ends the server by SIGKILL while eight threads write, and looks for every acknowledged object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.configuration import load_settings
from pipeline.embedded import Embedded
from storage.checks import Outcome
from storage.errors import StoreError
from storage.keys import original_key
from storage.objects import ObjectStore, StoreAddress, StoredObject
from storage.verify import verify_bucket

LOCK = timedelta(hours=1)


def put(store: ObjectStore, bucket: str, size: int) -> StoredObject:
    content = os.urandom(size)
    digest = hashlib.sha256(content).hexdigest()
    return store.put_once(
        bucket,
        original_key(digest),
        content,
        sha256=digest,
        content_type="image/jpeg",
        retain_until=datetime.now(UTC) + LOCK,
    )


def stored(store: ObjectStore, bucket: str, size: int, objects: int, threads: int) -> dict[str, Any]:
    start = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: put(store, bucket, size), range(objects)))
    seconds = time.monotonic() - start
    return {
        "threads": threads,
        "objects": objects,
        "per_second": round(objects / seconds, 1),
        "mb_per_second": round(objects * size / seconds / 1e6, 1),
    }


def proved(store: ObjectStore, bucket: str) -> dict[str, Any]:
    start = time.monotonic()
    reports = list(verify_bucket(store, bucket, None))
    seconds = time.monotonic() - start
    failed = sum(report.outcome is Outcome.FAILED for report in reports)
    return {"objects": len(reports), "failed": failed, "per_second": round(len(reports) / seconds, 1)}


def killed(embedded: Embedded, store: ObjectStore, bucket: str, size: int, kills: int) -> dict[str, Any]:
    """Kill the server again and again; every object whose put returned has to be there, whole and locked."""
    impatient = ObjectStore(replace(store.address, timeout_s=5))
    acknowledged: list[StoredObject] = []
    refused = 0
    stop = threading.Event()

    def write() -> Iterator[None]:
        nonlocal refused
        while not stop.is_set():
            try:
                acknowledged.append(put(impatient, bucket, size))
            except StoreError:
                refused += 1
                time.sleep(0.1)
        yield

    writers = [threading.Thread(target=lambda: list(write())) for _ in range(8)]
    for writer in writers:
        writer.start()
    for _ in range(kills):
        before = len(acknowledged)
        deadline = time.monotonic() + 60
        while len(acknowledged) < before + 20 and time.monotonic() < deadline:
            time.sleep(0.05)
        with suppress(ProcessLookupError, KeyError):
            os.kill(embedded.pids["store"], signal.SIGKILL)
        time.sleep(0.5)
    time.sleep(8)
    stop.set()
    for writer in writers:
        writer.join()
    lost = 0
    for one in acknowledged:
        try:
            state = store.state(one.bucket, one.key, one.version_id)
            whole = store.digest(one.bucket, one.key, one.version_id) == one.sha256
            lost += not (whole and state.lock_mode == "COMPLIANCE")
        except StoreError:
            lost += 1
    return {"kills": kills, "acknowledged": len(acknowledged), "refused": refused, "lost": lost}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=300)
    parser.add_argument("--bytes", type=int, default=200_000)
    parser.add_argument("--threads", default="1,8")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        settings = load_settings(data_dir=Path(folder) / "data", retention_days=1)
        embedded = Embedded(settings, ["store"], migrate=False)
        with embedded as endpoints:
            assert endpoints.store
            account, bucket = endpoints.store, settings.bucket_originals
            store = ObjectStore(StoreAddress(account.url, account.access_key, account.secret_key))
            counts = [int(n) for n in given.threads.split(",")]
            result = {
                "bytes": given.bytes,
                "stored": [stored(store, bucket, given.bytes, given.objects, n) for n in counts],
                "proved": proved(store, bucket),
                "kills": killed(embedded, store, bucket, given.bytes, given.kills),
            }
    if given.json:
        print(json.dumps(result, indent=1))
        return
    for row in result["stored"]:
        print(f"{row['threads']} threads: {row['per_second']} objects/s, {row['mb_per_second']} MB/s")
    print(f"proved: {result['proved']['per_second']} objects/s")
    print(f"kills: {result['kills']}")


if __name__ == "__main__":
    main()
