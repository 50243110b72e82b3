"""A folder that a scanner writes into: what has come to rest is received and put aside, never deleted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import structlog

from pipeline.receive import COMPANIONS, Receipt, Reception

RECEIVED, REFUSED = "da-nhan", "khong-nhan-duoc"
"""Folders inside the watched one for what was kept, and for what nothing was kept of."""
_UNFINISHED = frozenset({".tmp", ".part", ".partial", ".crdownload"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    size: int
    modified: int
    since: float


@dataclass(slots=True)
class WatchedFolder:
    """What is seen of a folder from one look to the next.

    Attributes:
        quiet_seconds: how long a file has to keep its size and date until it counts as written.
    """

    folder: Path
    quiet_seconds: float
    _seen: dict[Path, _Look] = field(default_factory=dict)
    _stuck: set[tuple[Path, int, int]] = field(default_factory=set)

    def at_rest(self, now: float) -> list[Path]:
        """Files that have stopped growing, in the order of their names.

        Args:
            now: seconds of a clock that never goes back.
        """
        looks = {}
        for path in self._files():
            try:
                told = path.stat()
            except OSError:
                continue  # gone, or not readable yet
            before = self._seen.get(path)
            same = before is not None and (before.size, before.modified) == (told.st_size, told.st_mtime_ns)
            looks[path] = before if before and same else _Look(told.st_size, told.st_mtime_ns, now)
        self._seen = looks
        return sorted(
            path
            for path, look in looks.items()
            if now - look.since >= self.quiet_seconds and (path, look.size, look.modified) not in self._stuck
        )

    @property
    def is_waiting(self) -> bool:
        """Whether files lie there that may still be taken."""
        return any((p, look.size, look.modified) not in self._stuck for p, look in self._seen.items())

    def take(self, paths: list[Path], reception: Reception, today: date) -> Iterator[Receipt]:
        """Receive files, and move each aside once all of it is acknowledged.

        A kill in between leaves the file where it is: it is taken again, told as a repeat, and moved then.
        """
        for path in paths:
            look = self._seen[path]
            name = path.relative_to(self.folder).as_posix()
            receipts = list(reception.take(path, name))
            yield from receipts
            kept = all(r.scan for r in receipts) if receipts else False
            try:
                told = path.stat()
                if (told.st_size, told.st_mtime_ns) != (look.size, look.modified):
                    continue  # written again meanwhile: another file now
                self._put_aside(path, RECEIVED if kept else REFUSED, today)
            except OSError as error:
                _log.warning("file cannot be moved", error=str(error))
                self._stuck.add((path, look.size, look.modified))

    def _files(self) -> Iterator[Path]:
        ours = {self.folder / RECEIVED, self.folder / REFUSED}
        for root, folders, names in os.walk(self.folder):
            folders[:] = [f for f in folders if Path(root, f) not in ours and not f.startswith(".")]
            for name in names:
                path = Path(root, name)
                passed = name.startswith((".", "~")) or path.suffix.lower() in COMPANIONS | _UNFINISHED
                if not passed and not path.is_symlink():
                    yield path

    def _put_aside(self, path: Path, into: str, today: date) -> None:
        target = self.folder / into / today.isoformat() / path.relative_to(self.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        free, number = target, 1
        while free.exists():
            number += 1
            free = target.with_name(f"{target.stem} ({number}){target.suffix}")
        shutil.move(path, free)
