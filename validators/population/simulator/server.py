"""A simulated service 037 on a real socket, for tests, demonstrations and acceptance.

It answers from a register CSV of invented people, checks signature, element order and request ids as the
real service does, and misbehaves on demand. Everything it says is marked MÔ PHỎNG.
"""

from __future__ import annotations

import secrets
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from validators.population.extract import ExtractReport, rows_of_csv
from validators.population.row import RegisterRow
from validators.population.service.hardened_xml import MAX_BYTES
from validators.population.service.signing import basic
from validators.population.simulator.answers import Answers, json_fault, soap_fault
from validators.population.simulator.faults import Fault, Reply, spoiled

MARK = "MO PHONG"
_CLOCK_SKEW_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask; the values are those of the caller's settings, invented ones.

    Attributes:
        lgsp_access_token: when given, the simulator is a provincial gateway and wants its headers.
        quota: questions answered in all.
    """

    user: str = "sohoa"
    secret: str = "mo-phong"  # noqa: S105 - opens nothing but a simulator
    client: str = "VN/MOPHONG/0000/sohoa"
    api_key: str = "mo-phong"
    lgsp_access_token: str = ""
    quota: int | None = None


class Simulator:
    """Serves until left; use as a context manager.

    Args:
        rows: the people it knows, see `rows_from_csv`.
        tls: certificate and key in PEM files; None serves plain HTTP.
        slow_seconds: what SLOW means.
    """

    def __init__(
        self,
        rows: Iterable[RegisterRow],
        access: Access | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: tuple[Path, Path] | None = None,
        slow_seconds: float = 5.0,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.access = access or Access()
        self.standing: frozenset[Fault] = frozenset()
        self.calls: list[str] = []
        self.next: deque[Fault | None] = deque()
        self._answers = Answers(tuple(rows))
        self._slow, self._wall_ms = slow_seconds, wall_ms
        self._lock = threading.Lock()
        self._bearer = secrets.token_hex(16)
        self._stop = threading.Event()
        self._server = _QuietServer((host, port), _handler(self))
        scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, tls))
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            scheme = "https"
        self.url = f"{scheme}://{host}:{self._server.server_address[1]}/037"
        self.token_url = self.url.replace("/037", "/token")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail_next(self, *faults: Fault | None) -> None:
        """Misbehave in the coming calls, one each; None behaves."""
        self.next.extend(faults)

    def reply(self, path: str, headers: dict[str, str], body: bytes) -> Reply | None:
        """What to send; None hangs up."""
        if path == "/token":
            return self._token(headers)
        if path != "/037":
            return Reply(404, MARK.encode())
        as_json = headers.get("content-type", "").startswith("application/json")
        fault = json_fault if as_json else soap_fault
        with self._lock:
            self.calls.append(path)
            number = len(self.calls)
            faults = self.standing | ({self.next.popleft()} - {None} if self.next else set())
        if not self._may_ask(headers):
            return Reply(401, MARK.encode())
        if Fault.SLOW in faults:
            self._stop.wait(self._slow)
        if Fault.HANG_UP in faults:
            return None
        if Fault.QUOTA in faults or (self.access.quota is not None and number > self.access.quota):
            return fault("QUOTA_EXCEEDED", "vượt hạn mức (quota) trong ngày")
        with self._lock:
            reply = self._answers.json(body) if as_json else self._answers.soap(body)
        for one in sorted(f for f in faults if f is not None):
            reply = spoiled(one, reply)
        return reply

    def _may_ask(self, headers: dict[str, str]) -> bool:
        if self.access.lgsp_access_token:
            return (
                headers.get("authorization") == f"Bearer {self._bearer}"
                and headers.get("lgspaccesstoken") == self.access.lgsp_access_token
            )
        stamp = headers.get("timestamp", "")
        fresh = stamp.isdigit() and abs(int(stamp) - self._wall_ms()) <= _CLOCK_SKEW_MS
        wanted = basic(self.url, self.access.user, stamp, self.access.secret)
        return (
            fresh
            and secrets.compare_digest(headers.get("authorization", ""), wanted)
            and headers.get("x-road-client") == self.access.client
            and headers.get("apikey") == self.access.api_key
            and "soapaction" in headers
        )

    def _token(self, headers: dict[str, str]) -> Reply:
        if headers.get("lgspaccesstoken") != self.access.lgsp_access_token:
            return Reply(401, MARK.encode())
        self._bearer = secrets.token_hex(16)
        return Reply(200, f'{{"access_token": "{self._bearer}", "expires_in": 3600}}'.encode())


def rows_from_csv(path: Path) -> list[RegisterRow]:
    """People from a register extract of invented people; broken rows are left out.

    Raises:
        RegisterExtractError: it is no register extract, see `rows_of_csv`.
        OSError: the file cannot be read.
    """
    return [row for _, row in rows_of_csv(path, ExtractReport())]


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is no news."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "SohoaSimulator"
        timeout = 30

        def do_GET(self) -> None:
            self._send(Reply(200, "MÔ PHỎNG dịch vụ 037 – không phải cơ sở dữ liệu dân cư.".encode()))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MAX_BYTES:
                self.close_connection = True
                self._send(Reply(413, MARK.encode()))
                return
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = simulator.reply(self.path, headers, body)
            if reply is None:
                self.close_connection = True
                return
            self._send(reply)

        def log_message(self, format: str, *args: object) -> None:
            """Questions hold personal data; nothing is logged."""

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            kind = "application/json" if reply.body.startswith(b"{") else "text/xml"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("X-Sohoa-Simulator", MARK)
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])
            if reply.cut:
                self.close_connection = True

    return Handler
