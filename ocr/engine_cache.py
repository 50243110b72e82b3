"""Keeps what engines answered, so that pixels that were read before need not be read again.

One SQLite file in a folder, shared by all processes of one machine. What it holds can always be made anew:
whatever is wrong with it (a full disk, a damaged file, a folder that may not be written), reading goes on
without it. The module stands outside `ocr.engines` so that who only tidies up loads no engine.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ocr.errors import EngineError

if TYPE_CHECKING:
    from ocr.delivery import Raster

_Answer = TypeVar("_Answer")

_log = logging.getLogger(__name__)

_FILE: Final = "answers.sqlite"
_LAYOUT: Final = 1
"""Of the tables; a file with another one is begun anew."""
_BUSY_SECONDS: Final = 0.5
"""Longest wait for another process that writes; then this one answer is not kept."""
_REST_SECONDS: Final = 600.0
"""After an error the cache is left alone for so long: a full disk may have been tidied by then."""
_USED_AGAIN: Final = 3600
"""Seconds between two notes that an answer is still in use; each of them is a write."""
_LOOK_EVERY: Final = 32
"""Answers kept by one process between two looks at the size."""
_FILLED: Final = 15 / 16
"""How much of the size is left filled when room is made."""
_AT_ONCE: Final = 100
"""Answers deleted in one go, so that readers who write wait for milliseconds."""
_TAG: Final = "Signature: 8a477f597d28d172789f06886806bc55\n# Made again at any time: no backup needs it.\n"
"""https://bford.info/cachedir/: tools that back up a folder pass it over."""

_TABLE: Final = """
create table answers (key blob primary key, made integer not null, used integer not null, answer blob);
create index by_making on answers (made);
create index by_use on answers (used);
"""


def answer_key(picture: Raster, *asked: str) -> bytes:
    """Digest of everything that an answer depends on.

    Args:
        picture: what the engine is shown, pixel by pixel.
        asked: engine, its version, digest of its model, and every parameter.
    """
    digest = hashlib.blake2b("\0".join((*asked, picture.dtype.str, str(picture.shape), "")).encode())
    digest.update(picture.data if picture.flags.c_contiguous else picture.tobytes())
    return digest.digest()[:24]


def kept_or_asked(
    cache: EngineCache | None,
    picture: Raster,
    asked: tuple[str, ...],
    ask: Callable[[], bytes],
    understand: Callable[[bytes], _Answer],
) -> _Answer:
    """What an engine says of a picture, by way of the same bytes whether it said them now or before.

    Args:
        cache: none: the engine is always asked.
        picture: what the engine is shown.
        asked: see `answer_key`.
        ask: lets the engine answer; what it raises is passed on and never kept.
        understand: makes sense of the answer; raises `ValueError` or `EngineError` where it cannot.
    """
    if cache is None:
        return understand(ask())
    key = answer_key(picture, *asked)
    if (kept := cache.get(key)) is not None:
        with suppress(ValueError, EngineError):
            return understand(kept)
    answer = ask()
    understood = understand(answer)
    cache.put(key, answer)
    return understood


class _Open(threading.local):
    """The file as one thread of one process has opened it."""

    connection: sqlite3.Connection | None = None
    process: int = 0
    inode: int = 0
    kept: int = 0


class EngineCache:
    """Answers of engines by the digest of what they were asked.

    May be shared by threads, inherited by a fork and pickled; each opens the file for itself. No method
    raises: an answer that cannot be had is none, one that cannot be kept is forgotten, and the first
    trouble is logged. All processes must run on one machine, as SQLite's write-ahead log asks.

    Args:
        folder: of this cache alone; made on first use, open to this user only.
        max_bytes: how large the file may grow; what was used longest ago makes room.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, max_bytes: int, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._open = _Open()
        self._rests_until = 0.0
        self._told = False

    def __reduce__(self) -> tuple[Any, ...]:
        return EngineCache, (self._folder, self._max_bytes)

    def get(self, key: bytes) -> bytes | None:
        """The answer kept under a key, if there is one."""
        answer = None
        with self._tolerant():
            connection = self._connection()
            row = connection.execute("select answer, used from answers where key = ?", (key,)).fetchone()
            if row is not None:
                answer = zlib.decompress(row[0])
                now = int(self._clock())
                if now - row[1] > _USED_AGAIN:
                    connection.execute("update answers set used = ? where key = ?", (now, key))
        return answer

    def put(self, key: bytes, answer: bytes) -> None:
        """Keep an answer; the same key always stands for the same answer."""
        with self._tolerant():
            connection = self._connection()
            now = int(self._clock())
            row = (key, now, now, zlib.compress(answer, 1))
            connection.execute("insert or replace into answers values (?, ?, ?, ?)", row)
            self._told = False
            self._open.kept += 1
            if self._open.kept % _LOOK_EVERY == 0:
                self._make_room(connection)
                if _inode(self._folder / _FILE) != self._open.inode:
                    self._close()  # somebody has deleted or replaced it

    def tidy(self, older_than: float) -> int:
        """Forget what was made more than `older_than` seconds ago, however often it was used since.

        The pages of the file are overwritten and given back to the disk.

        Returns:
            How many answers went.
        """
        gone = 0
        if not (self._folder / _FILE).exists():
            return 0
        with self._tolerant():
            connection = self._connection()
            before = int(self._clock() - older_than)
            delete = "delete from answers where rowid in (select rowid from answers where made <= ? limit ?)"
            while some := connection.execute(delete, (before, _AT_ONCE)).rowcount:
                gone += some
            self._make_room(connection)
            connection.executescript("pragma incremental_vacuum")  # `execute` would stop after one page
            connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        return gone

    def erase(self) -> None:
        """Delete the folder and all that is in it."""
        with suppress(OSError):
            self._close()
            shutil.rmtree(self._folder)

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except _Resting:
            pass
        except (sqlite3.Error, OSError, zlib.error) as error:
            if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return
            self._tell(error)
            if not isinstance(error, zlib.error):
                self._recover(damaged=_is_damage(error))

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            _log.warning("engine cache in %s: %s; reading goes on without it", self._folder, error)

    def _recover(self, *, damaged: bool) -> None:
        """Begin anew where the file is damaged; leave the cache alone for a while where that is no help."""
        try:
            inode = self._open.inode
            self._close()
            if damaged:
                with self._alone():
                    # another process may have put a new file there already
                    if _inode(self._folder / _FILE) == inode:
                        self._remove()
                return
        except (sqlite3.Error, OSError):
            pass
        self._rests_until = time.monotonic() + _REST_SECONDS

    def _connection(self) -> sqlite3.Connection:
        if time.monotonic() < self._rests_until:
            raise _Resting
        here = self._open
        if here.process != os.getpid():
            # what a parent has opened is neither used nor closed: its locks are not ours
            if here.connection is not None:
                _inherited.append(here.connection)
            here.connection, here.process = None, os.getpid()
        if here.connection is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if (mode := self._folder.stat().st_mode) & 0o077:
                self._folder.chmod(mode & 0o700)
            with self._alone():
                here.connection = self._connected()
                here.inode = _inode(self._folder / _FILE)
        return here.connection

    def _connected(self) -> sqlite3.Connection:
        for _ in range(2):
            connection = sqlite3.connect(self._folder / _FILE, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute("pragma auto_vacuum = incremental")
                if connection.execute("pragma journal_mode = wal").fetchone()[0] != "wal":
                    raise OSError("this file system lets no processes share the file")
                # the log is written to the disk before the file is: a power cut loses answers, no more
                connection.execute("pragma synchronous = normal")
                connection.execute("pragma secure_delete = on")
                connection.execute(f"pragma journal_size_limit = {16 * 2**20}")
                layout = connection.execute("pragma user_version").fetchone()[0]
                if layout == _LAYOUT:
                    return connection
                if not connection.execute("select 1 from sqlite_master").fetchone():
                    connection.executescript(f"begin;{_TABLE}pragma user_version = {_LAYOUT};commit;")
                    (self._folder / "CACHEDIR.TAG").write_text(_TAG, encoding="ascii")
                    return connection
            except (sqlite3.Error, OSError) as error:
                connection.close()
                if not _is_damage(error):
                    raise
                self._tell(error)
            else:
                connection.close()
            self._remove()
        raise OSError(f"{self._folder / _FILE} cannot be begun anew")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from opening or replacing the file meanwhile."""
        with (self._folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _remove(self) -> None:
        # the log first: one that outlived its file would be taken for that of the next
        for ending in ("-wal", "-shm", ""):
            (self._folder / (_FILE + ending)).unlink(missing_ok=True)

    def _close(self) -> None:
        here = self._open
        if here.connection is not None and here.process == os.getpid():
            here.connection.close()
        here.connection, here.inode = None, 0

    def _make_room(self, connection: sqlite3.Connection) -> None:
        if _used_bytes(connection) <= self._max_bytes:
            return
        delete = "delete from answers where rowid in (select rowid from answers order by used limit ?)"
        while _used_bytes(connection) > self._max_bytes * _FILLED:
            if not connection.execute(delete, (_AT_ONCE,)).rowcount:
                return


class _Resting(Exception):  # noqa: N818 - no error, only the way out
    pass


_inherited: list[sqlite3.Connection] = []


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(error: Exception) -> bool:
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def model_digest(model: Path) -> str:
    """Digest of a model file; read once per process, and again when it was changed.

    Raises:
        EngineError: the file cannot be read.
    """
    try:
        told = model.stat()
        return _file_digest(model, told.st_size, told.st_mtime_ns)
    except OSError as error:
        raise EngineError(f"cannot read the model {model.name}: {error}; install Sohoa again") from error


@lru_cache(maxsize=8)
def _file_digest(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()[:32]
