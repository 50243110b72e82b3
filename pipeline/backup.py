"""A second copy of everything the store holds, and the way back from it.

A backup is a folder: contents once each by their SHA-256, a small database that says which version of which
object has which content, the chain of events line by line, and the certificates that signatures are checked
against. A run adds what is new. Nothing in it needs this program to be read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from pipeline.events import GENESIS, event_hash
from pipeline.models import Event
from storage.errors import ObjectConflict, ObjectMissing, StoreRefused
from storage.keys import PROBE, original_sha256
from storage.objects import ObjectState, ObjectStore
from storage.s3 import VersionRow

TRUST = "trust.pem"
_SHORTEST_LOCK = timedelta(days=1)
"""For versions whose lock has run out: the store takes no end that lies in the past."""
_TABLE = """
create table if not exists versions (
    bucket text, key text, version_id text, delete_marker integer, sha256 text, size integer,
    modified text, state text, primary key (bucket, key, version_id)
)
"""
_EVENT_FIELDS = ("actor", "office", "purpose", "verb", "subject", "data", "previous", "hash")


@dataclass(slots=True)
class Report:
    """What a run did.

    Attributes:
        counts: by what was done.
        problems: code and key of what could not be copied or is not what it should be.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup folder."""

    folder: Path

    def content(self, sha256: str) -> Path:
        """Where the bytes with this digest stand."""
        return self.folder / "objects" / sha256[:2] / sha256

    @contextmanager
    def listing(self) -> Iterator[sqlite3.Connection]:
        """The database of versions; committed when the block ends well."""
        with closing(sqlite3.connect(self.folder / "versions.sqlite")) as connection, connection:
            connection.execute(_TABLE)
            yield connection

    @property
    def events(self) -> Path:
        """One event a line, in the order of the chain."""
        return self.folder / "events.jsonl"

    def write(self, store: ObjectStore, buckets: tuple[str, ...], *, trust: Path | None) -> Report:
        """Add what the folder does not hold yet.

        Raises:
            StoreUnavailable: run it again; what was copied stays.
            OSError: the folder is full or gone; likewise.
        """
        report = Report()
        self.folder.mkdir(parents=True, exist_ok=True)
        for bucket in buckets:
            self._copy_bucket(store, bucket, report)
        self._write_events(report)
        if trust is not None:
            shutil.copyfile(trust, self.folder / TRUST)
        os.sync()
        return report

    def check(self) -> Report:
        """Read every content again and compare its digest."""
        report = Report()
        with self.listing() as listing:
            for (sha256,) in listing.execute("select distinct sha256 from versions where sha256 != ''"):
                try:
                    with self.content(sha256).open("rb") as stream:
                        found = hashlib.file_digest(stream, "sha256").hexdigest()
                except FileNotFoundError:
                    report.problems.append(("CONTENT_MISSING", sha256))
                    continue
                report.counts["contents"] += 1
                if found != sha256:
                    report.problems.append(("CONTENT_CHANGED", sha256))
        return report

    def _copy_bucket(self, store: ObjectStore, bucket: str, report: Report) -> None:
        with self.listing() as listing:
            for row in store.list_versions(bucket):
                if row.key.startswith(PROBE):
                    continue
                report.counts["versions"] += 1
                known = listing.execute(
                    "select sha256 from versions where bucket = ? and key = ? and version_id = ?",
                    (bucket, row.key, row.version_id),
                ).fetchone()
                if known and (row.delete_marker or self.content(known[0]).is_file()):
                    continue
                self._copy(store, bucket, row, listing, report)
                if report.counts["copied"] % 500 == 0:
                    listing.commit()

    def _copy(
        self,
        store: ObjectStore,
        bucket: str,
        row: VersionRow,
        listing: sqlite3.Connection,
        report: Report,
    ) -> None:
        digest, state = "", ""
        if not row.delete_marker:
            try:
                found = store.state(bucket, row.key, row.version_id)
                digest = self._fetch(store, bucket, row)
            except ObjectMissing:
                report.problems.append(("VERSION_MISSING", row.key))
                return
            if digest != (original_sha256(row.key) or found.metadata.get("sha256", digest)):
                report.problems.append(("CONTENT_CHANGED", row.key))
            state = _state_json(found)
            report.counts["bytes"] += row.size
        listing.execute(
            "insert or replace into versions values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bucket,
                row.key,
                row.version_id,
                row.delete_marker,
                digest,
                row.size,
                row.modified.astimezone(UTC).isoformat(),
                state,
            ),
        )
        report.counts["copied"] += 1

    def _fetch(self, store: ObjectStore, bucket: str, row: VersionRow) -> str:
        arriving = self.folder / "objects" / "arriving"
        arriving.parent.mkdir(exist_ok=True)
        digest = store.stream_to(arriving, bucket, row.key, row.version_id)
        place = self.content(digest)
        place.parent.mkdir(exist_ok=True)
        arriving.replace(place)
        return digest

    def _write_events(self, report: Report) -> None:
        """Append the links that are new; a chain that no longer holds the last one kept is a problem."""
        head, number = GENESIS, 0
        for told in self.read_events():
            head, number = told["hash"], number + 1
        after = 0
        if number:
            last = Event.objects.filter(hash=head).first()
            if last is None:
                report.problems.append(("EVENT_CHAIN_DIFFERS", head))
                return
            after = last.pk
        with self.events.open("a", encoding="utf-8") as stream:
            for event in Event.objects.filter(pk__gt=after).order_by("pk").iterator():
                told = {name: getattr(event, name) for name in _EVENT_FIELDS}
                at = event.at.astimezone(UTC).isoformat()
                stream.write(json.dumps({"at": at, **told}, ensure_ascii=False) + "\n")
                report.counts["events"] += 1

    def read_events(self) -> Iterator[dict[str, Any]]:
        """The kept links, oldest first."""
        if self.events.is_file():
            with self.events.open(encoding="utf-8") as stream:
                for line in stream:
                    yield json.loads(line)

    def restore(self, store: ObjectStore) -> Report:
        """Put every record back under its key, locked as it was; what is there already is adopted.

        Only the first version of a key is a record. Later versions and delete markers were incidents; they
        stay in the backup and are not made again.

        Raises:
            StoreUnavailable: run it again; what was put stays.
        """
        report = Report()
        soonest = datetime.now(UTC) + _SHORTEST_LOCK
        with self.listing() as listing:
            rows = listing.execute(
                "select bucket, key, version_id, sha256, state, "
                "row_number() over (partition by bucket, key order by modified) from versions "
                "where not delete_marker"
            )
            for bucket, key, version_id, sha256, state, place in rows:
                if place > 1:
                    report.counts["left_out"] += 1
                    continue
                self._put(store, (bucket, key, version_id, sha256), json.loads(state), soonest, report)
        return report

    def _put(
        self,
        store: ObjectStore,
        kept: tuple[str, str, str, str],
        state: dict[str, Any],
        soonest: datetime,
        report: Report,
    ) -> None:
        bucket, key, version_id, sha256 = kept
        until = datetime.fromisoformat(state["retain_until"]) if state["retain_until"] else soonest
        try:
            stored = store.put_once(
                bucket,
                key,
                self.content(sha256),
                sha256=sha256,
                content_type=state["content_type"],
                retain_until=max(until, soonest),
                metadata={**state["metadata"], "restored-from": version_id},
            )
        except (ObjectConflict, StoreRefused, FileNotFoundError) as error:
            report.problems.append((getattr(error, "code", "CONTENT_MISSING"), key))
            return
        if state["legal_hold"]:
            store.set_legal_hold(bucket, key, stored.version_id, on=True)
        report.counts["restored"] += 1

    def restore_events(self) -> Report:
        """Put the chain into an empty table of events; another chain is left alone and reported."""
        report = Report()
        with transaction.atomic():
            if Event.objects.exists():
                first = next(self.read_events(), None)
                if first and not Event.objects.filter(hash=first["hash"]).exists():
                    report.problems.append(("EVENT_CHAIN_DIFFERS", first["hash"]))
                return report
            previous, links = GENESIS, []
            for told in self.read_events():
                link = Event(**{**told, "at": datetime.fromisoformat(told["at"])})
                if link.previous != previous or event_hash(link) != link.hash:
                    report.problems.append(("EVENT_CHAIN_BROKEN", link.hash))
                    return report
                links.append(link)
                previous = link.hash
            Event.objects.bulk_create(links, batch_size=2000)
            report.counts["events"] = len(links)
        return report


def _state_json(state: ObjectState) -> str:
    told = asdict(state)
    told["retain_until"] = state.retain_until.isoformat() if state.retain_until else ""
    return json.dumps(told, ensure_ascii=False, default=dict)
