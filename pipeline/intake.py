"""What taking in files needs from outside: the store and the limits at the door.

Apart from `pipeline.equipment`, so that handing in files loads neither readers nor signing.
"""

from __future__ import annotations

from datetime import timedelta

from ocr.scans import ScanLimits
from pipeline.addresses import ServicesNotRunning
from pipeline.archives import ArchiveLimits
from pipeline.configuration import Settings
from pipeline.endpoints import Endpoints
from pipeline.endpoints import StoreAddress as Account
from pipeline.receive import ReceiveLimits
from pipeline.vault import Vault
from storage.objects import ObjectStore, StoreAddress


def open_vault(settings: Settings, endpoints: Endpoints) -> Vault:
    """The buckets of one installation.

    Raises:
        ServicesNotRunning: the object store has no address.
    """
    if endpoints.store is None:
        raise ServicesNotRunning("Chưa có kho lưu trữ. Hãy gõ: sohoa up")
    cache = settings.data_dir / "cache" / "originals"
    cache.mkdir(parents=True, exist_ok=True)
    return Vault(
        _store(settings, endpoints.store),
        settings.bucket_originals,
        settings.bucket_sealed,
        settings.bucket_packages,
        timedelta(days=settings.retention_days),
        cache,
        retention_of={
            name: timedelta(days=366 * (settings.permanent_lock_years if years == "permanent" else years))
            for name, years in settings.retention_years.items()
        },
    )


def reading_store(settings: Settings, endpoints: Endpoints) -> ObjectStore:
    """The same store through the account that may only read.

    Raises:
        ServicesNotRunning: the object store has no address.
    """
    account = endpoints.store_reader or endpoints.store
    if account is None:
        raise ServicesNotRunning("Chưa có kho lưu trữ. Hãy gõ: sohoa up")
    return _store(settings, account)


def _store(settings: Settings, account: Account) -> ObjectStore:
    return ObjectStore(
        StoreAddress(
            url=account.url,
            access_key=account.access_key,
            secret_key=account.secret_key,
            region=account.region,
            originals_bucket=settings.bucket_originals,
            sealed_bucket=settings.bucket_sealed,
            encrypt=settings.store_encryption == "SSE-S3",
        )
    )


def scan_limits(settings: Settings) -> ScanLimits:
    """Limits at the door, in the words of `ocr`."""
    limits = settings.limits
    return ScanLimits(bytes=limits.max_file_bytes, pixels=limits.max_pixels, pages=limits.max_pages)


def receive_limits(settings: Settings) -> ReceiveLimits:
    """Limits at the door, archives included."""
    limits = settings.limits
    archive = ArchiveLimits(
        member_bytes=limits.max_file_bytes,
        total_bytes=limits.max_archive_bytes,
        members=limits.max_archive_members,
        nesting=limits.max_archive_nesting,
    )
    return ReceiveLimits(scan_limits(settings), archive)
