"""What every hand-over leaves behind: the package itself, locked, and the events that tell of it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from pipeline.claims import move
from pipeline.events import record_event
from pipeline.models import Record, RecordState
from pipeline.vault import Vault
from storage.keys import package_key

_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Handover:
    """Who hands what over to whom.

    Attributes:
        kind: of the package, such as ``ministry-pack``; also in the verbs of events.
        actor: account.
        office: code.
        purpose: why personal data is read, in words that the event keeps.
    """

    kind: str
    actor: str
    office: str
    purpose: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a package, by its hash and, where it was kept in the store, its place there."""

    name: str
    sha256: str
    size: int
    key: str = ""
    version_id: str = ""


def keep(files: Iterable[Path], handover: Handover, vault: Vault) -> tuple[KeptFile, ...]:
    """Store the files of a package under their hashes, locked like everything else.

    Raises:
        StoreError: the store did not take one; nothing was handed over then.
    """
    return tuple(_keep(path, handover, vault) for path in files)


def _keep(path: Path, handover: Handover, vault: Vault) -> KeptFile:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    suffix = path.suffix.removeprefix(".")
    stored = vault.keep_package(
        path,
        package_key(handover.office, handover.kind, datetime.now(UTC).year, sha256, suffix),
        sha256,
        media_type=_MEDIA[suffix],
        metadata={"kind": handover.kind, "name": path.name},
    )
    return KeptFile(path.name, sha256, stored.size, stored.key, stored.version_id)


def kept_file(
    vault: Vault, office: str, kind: str, made: datetime, name: str, sha256: str
) -> BinaryIO | None:
    """A file of a package that was kept, by what its event says; ``None`` where the store has none.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    suffix = Path(name).suffix.removeprefix(".")
    key = package_key(office, kind, made.astimezone(UTC).year, sha256, suffix)
    versions = [v for v in vault.store.versions_of(vault.packages, key) if not v.delete_marker]
    if not versions:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        vault.store.stream_to(path, vault.packages, key, versions[-1].version_id)
        return path.open("rb")  # an open file outlives its folder


def tell_delivered(handover: Handover, kept: Iterable[KeptFile], files: Mapping[str, str]) -> None:
    """Records become DELIVERED; one event for each, and one for the package.

    Args:
        handover: whose act it is.
        kept: files of the package.
        files: name of the file inside the package by record id; "" where a record has none.
    """
    hashes = {file.name: file.sha256 for file in kept}
    with transaction.atomic():
        rows = Record.objects.select_for_update(of=("self",)).select_related("office")
        for row in rows.filter(pk__in=list(files)).order_by("pk"):
            if row.state == RecordState.STORED:
                move(row, RecordState.DELIVERED)
                row.save()
            record_event(
                "record.delivered",
                actor=handover.actor,
                office=row.office.code,
                purpose=handover.purpose,
                subject=f"record:{row.pk}",
                data={"package": handover.kind, "version": row.version, "sha256": sorted(hashes.values())},
            )
        record_event(
            "package.exported",
            actor=handover.actor,
            office=handover.office,
            purpose=handover.purpose,
            data={"package": handover.kind, "records": len(files), "files": hashes},
        )


def tell_refused(handover: Handover, codes: Iterable[str], records: int) -> None:
    """An export that was refused has read personal data all the same."""
    record_event(
        "package.refused",
        actor=handover.actor,
        office=handover.office,
        purpose=handover.purpose,
        data={"package": handover.kind, "records": records, "codes": sorted(set(codes))},
    )
