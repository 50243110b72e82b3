"""Folders, accounts, ports and passwords of the embedded servers."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
SYSTEM_STATE = Path("/var/lib/sohoa")
"""Where servers that may not run as root keep their data if root's data folder is closed to them."""


@dataclass(frozen=True)
class Account:
    """The unprivileged system user a server runs as."""

    name: str
    uid: int
    gid: int


def service_account(*names: str) -> Account | None:
    """Choose the first existing system user, or None when this process is not root anyway."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return None


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may enter."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def data_folder(data_dir: Path) -> Path:
    """Make the data folder; passable, yet not listable, for the servers' accounts when root owns it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if data_dir.stat().st_uid == os.geteuid():
        data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return data_dir


def server_folder(data_dir: Path, name: str, account: Account | None) -> Path:
    """Make the private folder of one server, owned by the account it runs as.

    Root's home is closed to other users, so a data folder inside it cannot hold the files of a server that
    must not run as root: these then stand under `SYSTEM_STATE`, and the data folder holds a link.
    """
    folder = data_dir / name
    if account and not folder.is_symlink() and not folder.exists() and not _passable(data_dir, account):
        tag = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
        SYSTEM_STATE.mkdir(parents=True, exist_ok=True)
        SYSTEM_STATE.chmod(0o711)
        home = SYSTEM_STATE / tag
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        (home / name).mkdir(exist_ok=True)
        folder.symlink_to(home / name)
    folder = folder.resolve()
    private_folder(folder)
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder


def give_to(path: Path, account: Account | None) -> None:
    """Hand one file to the server's account."""
    if account:
        os.chown(path, account.uid, account.gid)


def write_private(path: Path, text: str) -> None:
    """Write a text file that only its owner may read, whole or not at all."""
    write_private_bytes(path, text.encode("utf-8"))


def write_private_bytes(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


class Secrets:
    """Passwords made once for this data folder, kept in ``secrets.json`` of mode 600."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "secrets.json"
        self._values: dict[str, str] = {}
        if self._path.is_file():
            self._values = json.loads(self._path.read_text(encoding="utf-8"))

    def get(self, name: str) -> str | None:
        """Give a password if it has been made, else None."""
        return self._values.get(name)

    def ensure(self, names: Iterable[str]) -> None:
        """Make the passwords that are not there yet, before anything asks for them."""
        missing = [name for name in names if name not in self._values]
        if missing:
            self._values.update({name: secrets.token_hex(24) for name in missing})
            write_private(self._path, json.dumps(self._values, indent=2) + "\n")

    def __getitem__(self, name: str) -> str:
        return self._values[name]


class Ports:
    """Loopback ports, free when first asked for, remembered as long as they stay free."""

    def __init__(self, run: Path) -> None:
        self._path = run / "ports.json"
        self._ports: dict[str, int] = {}
        if self._path.is_file():
            self._ports = json.loads(self._path.read_text(encoding="utf-8"))

    def settle(self, names: Iterable[str]) -> None:
        """Make sure each name has a port that can be listened on now."""
        wanted = list(names)
        kept = {
            name: self._ports[name] for name in wanted if name in self._ports and is_free(self._ports[name])
        }
        taken = set(self._ports.values())
        missing = [name for name in wanted if name not in kept]
        self._ports.update(zip(missing, free_ports(len(missing), besides=taken), strict=True))
        write_private(self._path, json.dumps(self._ports, indent=2, sort_keys=True) + "\n")

    def __getitem__(self, name: str) -> int:
        return self._ports[name]


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_ports(count: int, besides: set[int]) -> list[int]:
    """Find ports nobody listens on, below the range that outgoing connections are given."""
    found: list[int] = []
    while len(found) < count:
        port = 10_000 + secrets.randbelow(22_000)
        if port not in besides and port not in found and is_free(port):
            found.append(port)
    return found


def _passable(folder: Path, account: Account) -> bool:
    for step in (folder, *folder.parents):
        entry = step.stat()
        if entry.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif entry.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not entry.st_mode & needed:
            return False
    return True
