"""The embedded store counts as ready only when it gives back what it holds."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from minio.error import S3Error

from pipeline.configuration import load_settings
from pipeline.embedded import Embedded, ServiceMissing
from storage.objects import ObjectStore, StoreAddress
from tests.servers.fixtures import server_folder

pytestmark = pytest.mark.servers


def test_after_a_restart_everything_kept_is_read_at_once_and_no_account_deletes() -> None:
    content, digest = b"scan", hashlib.sha256(b"scan").hexdigest()
    with server_folder() as folder:
        settings = load_settings(data_dir=folder / "data")
        kept = None
        for _ in range(3):
            try:
                with Embedded(settings, ["store"], migrate=False) as endpoints:
                    assert endpoints.store
                    account = endpoints.store
                    store = ObjectStore(StoreAddress(account.url, account.access_key, account.secret_key))
                    if kept is None:
                        until = datetime.now(UTC) + timedelta(minutes=5)
                        kept = store.put_once(
                            settings.bucket_packages,
                            "packages/a",
                            content,
                            sha256=digest,
                            content_type="text/plain",
                            retain_until=until,
                        )
                    assert store.get(kept.bucket, kept.key, kept.version_id) == content
                    with pytest.raises(S3Error):
                        store._client.remove_object(kept.bucket, kept.key)
                    assert [v.delete_marker for v in store.versions_of(kept.bucket, kept.key)] == [False]
            except ServiceMissing as missing:
                pytest.skip(str(missing))
